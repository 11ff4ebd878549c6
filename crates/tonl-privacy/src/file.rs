//! The policy file: TOML, read into a [`PolicyBuilder`].
//!
//! ```toml
//! mode = "mask"
//! presets = ["gdpr"]
//! detectors = ["card", "api-key"]
//! hash_key = { env = "TONL_HASH_KEY" }
//!
//! [[rules]]
//! path = "user.email"
//! mode = "hash"
//! ```
//!
//! Names are checked before values, so that a slip is answered with the nearest name. No error
//! quotes a value of `hash_key`: somebody may have written the key itself there.

use crate::detect::Detector;
use crate::error::{Error, ErrorKind, Result, unknown_name};
use crate::mode::Mode;
use crate::path::FieldPath;
use crate::policy::{Policy, PolicyBuilder};
use crate::preset::Preset;
use serde::Deserialize;
use std::path::PathBuf;
use toml::{Table, Value};

/// A policy file that was read. The key for hashing is only named in it; whoever reads files and
/// the environment fetches it and hands it to [`PolicyBuilder::key`].
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// How rules and detectors hide that name no mode of their own.
    mode: Mode,
    builder: PolicyBuilder,
    key_source: Option<KeySource>,
}

/// Where the key for hashing is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// In this environment variable.
    Env(String),
    /// In this file; white space at its end is no part of the key.
    File(PathBuf),
}

#[derive(Deserialize)]
#[serde(expecting = "a policy")]
struct RawPolicy {
    mode: Option<String>,
    preset: Option<String>,
    #[serde(default)]
    presets: Vec<String>,
    #[serde(default)]
    detectors: Vec<String>,
    #[serde(default)]
    rules: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(expecting = "a rule such as { path = \"email\" }")]
struct RawRule {
    path: String,
    mode: Option<String>,
}

const SETTINGS: &[&str] = &[
    "mode",
    "preset",
    "presets",
    "detectors",
    "hash_key",
    "rules",
];

impl PolicyFile {
    /// The longest file, in bytes.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Reads the text of a policy file.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`] with the one-based line, [`ErrorKind::UnknownName`] with the nearest
    /// name, [`ErrorKind::Path`].
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > Self::MAX_BYTES {
            let expected = format!("a policy of at most {} bytes", Self::MAX_BYTES);
            return Err(Error::new(
                ErrorKind::TooComplex,
                expected,
                format!("{} bytes", text.len()),
            ));
        }
        let table: Table = toml::from_str(text).map_err(|error| syntax(text, &error))?;
        check_names(&table)?;
        let key_source = table.get("hash_key").map(key_source).transpose()?;
        // From the text, because the table knows no lines.
        let raw: RawPolicy = toml::from_str(text).map_err(|error| kind(text, &error))?;
        Self::from_raw(&raw, key_source)
    }

    fn from_raw(raw: &RawPolicy, key_source: Option<KeySource>) -> Result<Self> {
        let mode = match &raw.mode {
            Some(name) => name.parse().map_err(|error: Error| error.at("mode"))?,
            None => Mode::default(),
        };
        let mut builder = Policy::builder();
        for (at, rule) in raw.rules.iter().enumerate() {
            let place = |error: Error| error.at(format_args!("rule {}", at + 1));
            let path: FieldPath = rule.path.parse().map_err(place)?;
            let own = rule.mode.as_deref().map(str::parse).transpose();
            builder = builder.rule(path, own.map_err(place)?.unwrap_or(mode));
        }
        for name in &raw.detectors {
            let detector: Detector = name.parse().map_err(|error: Error| error.at("detectors"))?;
            builder = builder.detector(detector, mode);
        }
        for name in raw.preset.iter().chain(&raw.presets) {
            let preset: Preset = name.parse().map_err(|error: Error| error.at("presets"))?;
            builder = builder.preset(preset, mode);
        }
        Ok(Self {
            mode,
            builder,
            key_source,
        })
    }

    /// How rules and detectors hide that name no mode of their own.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Where the key for hashing is, if the file says so.
    pub fn key_source(&self) -> Option<&KeySource> {
        self.key_source.as_ref()
    }

    /// The policy to build on; only the key is missing.
    pub fn into_builder(self) -> PolicyBuilder {
        self.builder
    }
}

fn check_names(table: &Table) -> Result<()> {
    for name in table.keys() {
        if !SETTINGS.contains(&name.as_str()) {
            return Err(unknown_name("a setting", SETTINGS, name));
        }
    }
    let rules = table.get("rules").and_then(Value::as_array);
    for (at, rule) in rules.into_iter().flatten().enumerate() {
        let names = rule.as_table().into_iter().flat_map(Table::keys);
        for name in names {
            if !["path", "mode"].contains(&name.as_str()) {
                let error = unknown_name("a setting of a rule", &["path", "mode"], name);
                return Err(error.at(format_args!("rule {}", at + 1)));
            }
        }
    }
    Ok(())
}

fn key_source(value: &Value) -> Result<KeySource> {
    let wrong = || {
        let error = Error::new(
            ErrorKind::Syntax,
            "{ env = \"NAME\" } or { file = \"PATH\" }",
            "something else",
        );
        error
            .at("hash_key")
            .with_hint("the key itself does not belong into the policy file")
    };
    let table = value.as_table().ok_or_else(wrong)?;
    if let Some(name) = table
        .keys()
        .find(|key| !["env", "file"].contains(&key.as_str()))
    {
        return Err(unknown_name("a place", &["env", "file"], name).at("hash_key"));
    }
    let text = |name| table.get(name).and_then(Value::as_str);
    match (table.len(), text("env"), text("file")) {
        (1, Some(name), None) => Ok(KeySource::Env(name.to_owned())),
        (1, None, Some(path)) => Ok(KeySource::File(path.into())),
        _ => Err(wrong()),
    }
}

/// A text that is no TOML. The words may quote a character, never a value.
fn syntax(text: &str, error: &toml::de::Error) -> Error {
    Error::new(ErrorKind::Syntax, "TOML", "a text that is not")
        .at(line(text, error))
        .with_hint(first_line(error.message()))
}

/// The one-based line of an error.
fn line(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let ends = text.bytes().take(start).filter(|byte| *byte == b'\n');
    format!("line {}", 1 + ends.count())
}

/// A value of another kind than its setting takes. There is no secret among these settings.
fn kind(text: &str, error: &toml::de::Error) -> Error {
    Error::new(
        ErrorKind::Syntax,
        "a value of the setting's kind",
        first_line(error.message()),
    )
    .at(line(text, error))
    .with_hint("see docs/privacy.md for an example")
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Error {
        PolicyFile::parse(text).unwrap_err()
    }

    #[test]
    fn a_whole_file_is_read() {
        let file = PolicyFile::parse(
            "mode = \"mask\"\npreset = \"gdpr\"\ndetectors = [\"card\", \"api-key\"]\n\
             hash_key = { env = \"KEY\" }\n[[rules]]\npath = \"user.email\"\nmode = \"hash\"\n\
             [[rules]]\npath = \"ssn\"\n",
        )
        .unwrap();
        assert_eq!(file.mode(), Mode::Mask);
        assert_eq!(file.key_source(), Some(&KeySource::Env("KEY".into())));
        let key = crate::HashKey::new(vec![1; 16]).unwrap();
        let policy = file.into_builder().key(key).build().unwrap();
        let told: Vec<String> = policy
            .findings()
            .hits()
            .map(|hits| format!("{} {}", hits.origin, hits.mode))
            .collect();
        assert_eq!(told[..2], ["user.email hash", "ssn mask"]);
        assert_eq!(told[2..4], ["detector card mask", "detector api-key mask"]);
    }

    #[test]
    fn unknown_names_are_answered_with_the_nearest() {
        for (text, place, hint) in [
            ("mod = \"mask\"", None, "did you mean mode?"),
            ("detector = []", None, "did you mean detectors?"),
            (
                "[[rules]]\npath = \"a\"\nmdoe = \"mask\"",
                Some("rule 1"),
                "did you mean mode?",
            ),
            (
                "[[rules]]\npath = \"a\"\nmode = \"msak\"",
                Some("rule 1"),
                "did you mean mask?",
            ),
            ("mode = \"redcat\"", Some("mode"), "did you mean redact?"),
            (
                "detectors = [\"emial\"]",
                Some("detectors"),
                "did you mean email?",
            ),
            (
                "presets = [\"hippa-safe-harbor\"]",
                Some("presets"),
                "did you mean hipaa-safe-harbor?",
            ),
            (
                "hash_key = { fiel = \"x\" }",
                Some("hash_key"),
                "did you mean file?",
            ),
        ] {
            let error = fault(text);
            assert_eq!(error.kind(), ErrorKind::UnknownName, "{error}");
            assert_eq!(
                (error.place(), error.hint()),
                (place, Some(hint)),
                "{error}"
            );
        }
    }

    #[test]
    fn faults_say_where_they_are() {
        let error = fault("mode = \"mask\"\nrules = [\n");
        assert_eq!(error.kind(), ErrorKind::Syntax);
        assert!(error.place().unwrap().starts_with("line "), "{error}");
        let error = fault("[[rules]]\npath = \"a\"\n[[rules]]\npath = \"a..b\"\n");
        assert_eq!(error.kind(), ErrorKind::Path);
        assert!(
            error.to_string().starts_with("rule 2: character 3"),
            "{error}"
        );
        assert_eq!(fault("mode = 3").kind(), ErrorKind::Syntax);
        assert_eq!(
            fault("[[rules]]\nmode = \"mask\"").kind(),
            ErrorKind::Syntax
        );
        assert_eq!(fault("rules = 1").kind(), ErrorKind::Syntax);
        let told = fault("mode = \"mask\"\nrules = [3]\n").to_string();
        assert!(
            told.starts_with("line 2: ") && !told.contains("Raw"),
            "{told}"
        );
    }

    #[test]
    fn a_key_in_the_file_is_refused_without_being_printed() {
        for text in [
            "hash_key = \"hunter2hunter2hunter2\"",
            "hash_key = [\"hunter2hunter2hunter2\"]",
            "hash_key = { env = [\"hunter2hunter2hunter2\"] }",
            "hash_key = { env = \"A\", file = \"hunter2hunter2hunter2\" }",
        ] {
            let error = fault(text);
            let told = format!("{error} {error:?} {:?}", error.hint());
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
