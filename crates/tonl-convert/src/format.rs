//! The formats, their names and extensions, and how a text shows which one it is.

mod detect;

use crate::compression::Compression;
use crate::error::{Error, Result};
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A text format that can be read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JSON, one value.
    Json,
    /// JSON values, one a line.
    Ndjson,
    /// YAML 1.2.
    Yaml,
    /// Values separated by commas, with a header.
    Csv,
    /// Values separated by TABs, with a header.
    Tsv,
    /// TONL.
    Tonl,
    /// TOON 4.0.
    Toon,
}

impl Format {
    /// The names, in the order of the variants.
    pub const NAMES: &'static [&'static str] =
        &["json", "ndjson", "yaml", "csv", "tsv", "tonl", "toon"];

    /// Every format, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Json,
        Self::Ndjson,
        Self::Yaml,
        Self::Csv,
        Self::Tsv,
        Self::Tonl,
        Self::Toon,
    ];

    /// The name, as it is written on a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Yaml => "yaml",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Tonl => "tonl",
            Self::Toon => "toon",
        }
    }

    /// The extensions of its files, without a dot, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["json"],
            Self::Ndjson => &["ndjson", "jsonl"],
            Self::Yaml => &["yaml", "yml"],
            Self::Csv => &["csv"],
            Self::Tsv => &["tsv"],
            Self::Tonl => &["tonl"],
            Self::Toon => &["toon"],
        }
    }

    /// The format that a path's extension names, one of a compression (`.gz`, `.zst`) left aside;
    /// letter case does not matter.
    pub fn from_path(path: &Path) -> Option<Self> {
        let path = Compression::strip_extension(path);
        let extension = path.extension().and_then(OsStr::to_str)?;
        Self::from_extension(&extension.to_ascii_lowercase())
    }

    /// The format that the first bytes of a text show, for example [`crate::Input::head`]'s.
    ///
    /// A text that could be several things is taken as the narrower one: JSON before YAML, and so
    /// on. Plain words are no format, and TOON is never recognised: what it begins with is TONL or YAML
    /// as well.
    ///
    /// # Errors
    /// [`crate::ErrorKind::UnknownFormat`] if they show none; the hint says how to name one.
    pub fn from_content(head: &[u8]) -> Result<Self> {
        detect::detect(head).ok_or_else(|| {
            let what = if head.iter().all(u8::is_ascii_whitespace) {
                "the format of an empty text cannot be recognised"
            } else {
                "the format cannot be recognised from the content"
            };
            Error::unknown_format(what).with_hint("name the format, for example with --from csv")
        })
    }

    fn from_extension(extension: &str) -> Option<Self> {
        let has = |format: &&Self| format.extensions().contains(&extension);
        Self::ALL.iter().find(has).copied()
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Takes a name or an extension, in any letter case.
    fn from_str(text: &str) -> Result<Self> {
        Self::from_extension(&text.to_ascii_lowercase())
            .ok_or_else(|| Error::unknown_format(format!("unknown format {text:?}")))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn names_and_extensions_are_understood() {
        for (format, name) in Format::ALL.iter().zip(Format::NAMES) {
            assert_eq!(format.to_string(), *name);
            assert_eq!(name.parse::<Format>().unwrap(), *format);
            for extension in format.extensions() {
                let upper = extension.to_ascii_uppercase();
                assert_eq!(upper.parse::<Format>().unwrap(), *format);
                for path in [
                    format!("d.x/a.{extension}"),
                    format!("a.{extension}.gz"),
                    format!("a.{upper}.zst"),
                ] {
                    assert_eq!(Format::from_path(Path::new(&path)), Some(*format), "{path}");
                }
            }
        }
        for path in ["a", "a.gz", "a.txt", "json", ".json", "a.json/b"] {
            assert_eq!(Format::from_path(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownFormat);
        let text = error.to_string();
        assert_eq!(
            text,
            "unknown format \"xml\"; supported: json, ndjson, yaml, csv, tsv, tonl, toon"
        );
        let error = Format::from_content(b" \n").unwrap_err();
        assert!(error.to_string().contains("empty text"), "{error}");
        assert!(error.hint().is_some());
    }
}
