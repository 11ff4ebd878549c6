//! The formats by name.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use tonl_convert::Format;

/// A format as it is written after `--from` and `--to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// TONL
    Tonl,
    /// JSON
    Json,
    /// Newline-delimited JSON
    #[value(alias = "jsonl")]
    Ndjson,
    /// YAML 1.2
    #[value(alias = "yml")]
    Yaml,
    /// Comma-separated values with a header line
    Csv,
    /// TAB-separated values with a header line
    Tsv,
    /// TOON 4.0
    Toon,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Tonl => Self::Tonl,
            FormatName::Json => Self::Json,
            FormatName::Ndjson => Self::Ndjson,
            FormatName::Yaml => Self::Yaml,
            FormatName::Csv => Self::Csv,
            FormatName::Tsv => Self::Tsv,
            FormatName::Toon => Self::Toon,
        }
    }
}

/// What is written after `--to`: a format, or the form that costs a model the fewest tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetName {
    Auto,
    Format(FormatName),
}

impl TargetName {
    /// The format that it names.
    pub(crate) fn format(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Format(name) => Some(name.into()),
        }
    }
}

impl ValueEnum for TargetName {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Auto,
            Self::Format(FormatName::Tonl),
            Self::Format(FormatName::Json),
            Self::Format(FormatName::Ndjson),
            Self::Format(FormatName::Yaml),
            Self::Format(FormatName::Csv),
            Self::Format(FormatName::Tsv),
            Self::Format(FormatName::Toon),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Auto => Some(
                PossibleValue::new("auto").help("The form with the fewest tokens, JSON included"),
            ),
            Self::Format(name) => name.to_possible_value(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_a_target() {
        for name in FormatName::value_variants() {
            let target = TargetName::Format(*name);
            assert!(TargetName::value_variants().contains(&target), "{name:?}");
        }
    }
}
