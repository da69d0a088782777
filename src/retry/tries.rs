//! How often one file has met each kind of trouble.

use std::mem::Discriminant;

use crate::api::{Fault, SendFault};
use crate::body::BodyFault;

/// A kind of trouble; each is counted for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(Of);

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

/// Counts of troubles by kind, for one file in one run.
#[derive(Debug, Clone, Default)]
pub struct Tries(Vec<(Kind, u32)>);

impl Tries {
    /// Counts one more and gives how many there were of this kind.
    pub fn count(&mut self, kind: impl Into<Kind>) -> u32 {
        let kind = kind.into();
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == kind) {
            *count += 1;
            return *count;
        }
        self.0.push((kind, 1));
        1
    }
}
