//! How often one file has met each kind of fault. Knows neither the file nor the clock.

use std::mem::Discriminant;

use super::policy::{Pause, RetryPolicy};
use super::rule::{RetryRule, rule};
use crate::api::{Fault, SendFault};
use crate::body::BodyFault;

/// A kind of fault; each is counted for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind(Of);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Call(Discriminant<Fault>),
    Send(Discriminant<SendFault>),
    Body(Discriminant<BodyFault>),
}

impl From<&Fault> for Kind {
    fn from(fault: &Fault) -> Self {
        Self(Of::Call(std::mem::discriminant(fault)))
    }
}

impl From<&SendFault> for Kind {
    fn from(fault: &SendFault) -> Self {
        Self(Of::Send(std::mem::discriminant(fault)))
    }
}

impl From<&BodyFault> for Kind {
    fn from(fault: &BodyFault) -> Self {
        Self(Of::Body(std::mem::discriminant(fault)))
    }
}

/// Counts of faults by kind, for one file in one run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tries(Vec<(Kind, u32)>);

impl Tries {
    /// Counts one more. Returns how many there were of this kind.
    pub(crate) fn count(&mut self, kind: impl Into<Kind>) -> u32 {
        let kind = kind.into();
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == kind) {
            *count += 1;
            return *count;
        }
        self.0.push((kind, 1));
        1
    }

    /// Counts a fault of the table. Returns the pause before another try under `policy`.
    pub(crate) fn retry(
        &mut self,
        fault: &Fault,
        policy: &RetryPolicy,
    ) -> Result<Pause, RetryRule> {
        let rule = rule(fault);
        let attempt = self.count(fault);
        if attempt >= policy.tries(rule.tries) {
            return Err(rule);
        }
        Ok(Pause {
            attempt,
            at_least: rule.gap,
        })
    }
}
