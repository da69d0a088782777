//! What one check found. Knows no check.

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Nothing to do.
    Ok,
    /// A run may succeed, and may be slower or less safe.
    Warn,
    /// A run would end by this.
    Fail(Blame),
    /// Not checked.
    Skip,
}

/// What a run would end by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// What was typed or configured.
    Setup,
    /// The account.
    Account,
    /// The connection to the service, or the service.
    Outage,
    /// This machine.
    Local,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked; a stable word.
    pub check: &'static str,
    /// How it came out.
    pub grade: Grade,
    /// What was found. Holds no secret.
    pub says: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    /// Nothing to do.
    pub fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Grade::Ok, says, None)
    }

    /// A run may be slower or less safe.
    pub fn warn(check: &'static str, says: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(check, Grade::Warn, says, Some(hint.into()))
    }

    /// A run would end by it. `says` may already say what to do.
    pub fn fail(check: &'static str, blame: Blame, says: impl Into<String>) -> Self {
        Self::new(check, Grade::Fail(blame), says, None)
    }

    /// Not checked, since `ground` is missing.
    #[must_use]
    pub fn skip(check: &'static str, ground: &str) -> Self {
        Self::new(check, Grade::Skip, format!("needs {ground}"), None)
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hinting(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Whether a run would end by it.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self.grade, Grade::Fail(_))
    }

    fn new(
        check: &'static str,
        grade: Grade,
        says: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        Self {
            check,
            grade,
            says: says.into(),
            hint,
        }
    }
}
