//! What is wrong with settings: all of it at once, each with where, what was expected and found.

use super::layers::Origin;
use super::table::Setting;
use crate::failure::Failure;
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(String);

impl Problem {
    /// A sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A value of another kind than the setting's. A secret is not shown.
    pub(crate) fn value(setting: &Setting, text: &str, origin: &Origin) -> Self {
        let found = if setting.is_secret() {
            "something else".to_owned()
        } else {
            format!("{text:?}")
        };
        // Right in its kind, it can only be a zero where there must be more.
        let least = if setting.kind.accepts(text) {
            ", more than 0"
        } else {
            ""
        };
        Self::of(
            setting,
            origin,
            &format!("expected {}{least}, found {found}", setting.kind.expected()),
        )
    }

    /// A setting that is set to nothing and must not be.
    pub(crate) fn empty(setting: &Setting, origin: &Origin) -> Self {
        Self::of(
            setting,
            origin,
            "it is set but empty: give it a value or remove it",
        )
    }

    /// A variable that is not text.
    pub(crate) fn encoding(setting: &Setting) -> Self {
        Self::of(setting, &Origin::Variable, "expected text in UTF-8")
    }

    /// A sentence about a setting.
    pub(crate) fn of(setting: &Setting, origin: &Origin, sentence: &str) -> Self {
        Self(format!("{} ({origin}): {sentence}", setting.name()))
    }
}

/// Everything that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes one more.
    pub(crate) fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Notes an error, if it is one.
    pub(crate) fn take<T, E: fmt::Display>(
        &mut self,
        setting: &Setting,
        origin: &Origin,
        result: Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(Problem::of(setting, origin, &error.to_string()));
                None
            }
        }
    }

    /// How many things are wrong.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The failure with exit code 64.
    ///
    /// # Errors
    /// If anything is wrong.
    pub(crate) fn into_result(self) -> crate::failure::Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        Err(Failure::configuration(self))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [Problem(only)] = self.0.as_slice() {
            return f.write_str(only);
        }
        write!(f, "{} settings are not valid", self.0.len())?;
        for Problem(sentence) in &self.0 {
            write!(f, "\n  {sentence}")?;
        }
        Ok(())
    }
}
