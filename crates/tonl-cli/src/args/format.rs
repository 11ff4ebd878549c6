//! The formats by name.

use clap::ValueEnum;
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
