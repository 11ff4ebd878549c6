//! The options that say what is hidden.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;
use tonl_privacy::{Detector, FieldPath};

/// What is hidden in records, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Privacy")]
pub(crate) struct PolicyArgs {
    /// Hide these fields as [REDACTED]: paths such as email, user.email, items[].card or **.ssn,
    /// with commas between them
    #[arg(long, value_name = "FIELDS", value_parser = fields)]
    pub(crate) anonymize: Vec<Fields>,

    /// Mask instead: alice@example.com becomes a***@example.com. Alone it turns --anonymize and
    /// --detect into masks; with fields (--mask=email,ssn) it masks these and no others
    #[arg(
        long, value_name = "FIELDS", value_parser = fields,
        num_args = 0..=1, require_equals = true
    )]
    #[expect(clippy::option_option, reason = "absent, alone, or with fields")]
    pub(crate) mask: Option<Option<Fields>>,

    /// Hide what stands in this policy file (TOML)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,

    /// Hide what these detectors find inside texts, with commas between them
    #[arg(
        long, value_name = "NAMES", value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Detector::NAMES)
            .try_map(|name| name.parse::<Detector>())
    )]
    pub(crate) detect: Vec<Detector>,
}

/// Field paths of one option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<FieldPath>);

/// Reads paths with commas between them.
fn fields(text: &str) -> Result<Fields, String> {
    match FieldPath::list(text) {
        Ok(paths) => Ok(Fields(paths)),
        Err(error) => Err(match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_between_paths_and_may_be_quoted() {
        let Fields(paths) = fields("email, user.email,\"a,b\".c,").unwrap();
        let texts: Vec<&str> = paths.iter().map(FieldPath::as_str).collect();
        assert_eq!(texts, ["email", "user.email", "\"a,b\".c"]);
        assert_eq!(fields(""), Ok(Fields(Vec::new())));
        let message = fields("a..b").unwrap_err();
        assert!(message.contains("character 3"), "{message}");
    }
}
