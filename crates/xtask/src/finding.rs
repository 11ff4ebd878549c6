//! One thing that is wrong in the repository, and what to do about it.

use std::fmt;

/// A finding prints as `path:line: what is wrong (hint: what to do)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    line: Option<usize>,
    problem: String,
    hint: Option<String>,
}

impl Finding {
    /// A finding about a whole file, or about the thing called `path`.
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: None,
            problem: problem.into(),
            hint: None,
        }
    }

    /// The same finding at a one-based line.
    pub(crate) fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same finding with advice.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.problem)?;
        if let Some(hint) = &self.hint {
            write!(f, " (hint: {hint})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_its_place_its_problem_and_its_remedy() {
        let finding = Finding::new("docs/a.md", "dead link")
            .at_line(3)
            .with_hint("remove it");
        assert_eq!(
            finding.to_string(),
            "docs/a.md:3: dead link (hint: remove it)"
        );
    }
}
