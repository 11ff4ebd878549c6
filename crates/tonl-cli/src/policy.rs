//! What is hidden: the options and the policy file as one policy, and what is said of its hits.
//!
//! Everything that is wrong here is a bad configuration. The key for hashing is fetched from where
//! the policy file says and never shown.

use crate::args::policy::{Fields, PolicyArgs};
use crate::env;
use crate::failure::{Failure, Result, reason};
use crate::render::Voice;
use crate::render::figures::{counted, grouped};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use tonl_privacy::{
    Error, FieldPath, Findings, HashKey, Hits, KeySource, Mode, Origin, Policy, PolicyBuilder,
    PolicyFile,
};

/// The policy that the options ask for; nothing if they hide nothing.
///
/// # Errors
/// A policy file or key that cannot be read or is not valid, and options without effect.
pub(crate) fn policy(args: &PolicyArgs) -> Result<Option<Policy>> {
    let file = args.policy.as_deref().map(read).transpose()?;
    let own = matches!(args.mask, Some(None)).then_some(Mode::Mask);
    let mut builder = Policy::builder();
    for fields in &args.anonymize {
        builder = listed(builder, fields, own.unwrap_or_default(), "--anonymize")?;
    }
    if let Some(Some(fields)) = &args.mask {
        builder = listed(builder, fields, Mode::Mask, "--mask")?;
    }
    let usual = file.as_ref().map(PolicyFile::mode);
    let mode = own.or(usual).unwrap_or_default();
    for detector in &args.detect {
        builder = builder.detector(*detector, mode);
    }
    if builder.is_empty() && args.mask.is_some() {
        return Err(Failure::configuration("--mask alone hides nothing")
            .with_hint("name the fields: --mask=email,ssn, or --anonymize email,ssn --mask"));
    }
    if let Some(file) = file {
        builder = with_file(builder, file)?;
    }
    if builder.is_empty() {
        return Ok(None);
    }
    builder.build().map(Some).map_err(|error| bad(&error, None))
}

/// The rules of a policy file, to which others may be added.
///
/// # Errors
/// As [`policy`].
pub(crate) fn of_file(path: &Path) -> Result<PolicyBuilder> {
    let builder = with_file(Policy::builder(), read(path)?)?;
    let built = builder.clone().build();
    built.map_err(|error| bad(&error, Some(path)))?;
    Ok(builder)
}

/// Adds the fields of an option. A list without a field is refused: often it is a variable that is
/// not set, and everything would be written in clear.
fn listed(
    builder: PolicyBuilder,
    Fields(paths): &Fields,
    mode: Mode,
    option: &str,
) -> Result<PolicyBuilder> {
    if paths.is_empty() {
        return Err(
            Failure::configuration(format_args!("{option} names no field"))
                .with_hint("name at least one, or leave the option out; is a variable not set?"),
        );
    }
    let add = |builder: PolicyBuilder, path: &FieldPath| builder.rule(path.clone(), mode);
    Ok(paths.iter().fold(builder, add))
}

/// Refuses an output that is probably meant as the fields of `--mask`, which take a `=`: the fields
/// would be written in clear, into a file of their name.
///
/// # Errors
/// `--mask` stands alone and the output is a bare word.
pub(crate) fn refuse_stray_fields(args: &PolicyArgs, paths: &[PathBuf]) -> Result<()> {
    let (Some(None), [_, output]) = (&args.mask, paths) else {
        return Ok(());
    };
    let name = output.to_string_lossy();
    let is_word = !name.is_empty() && name != "-" && !name.contains(['.', '/', '\\']);
    if !is_word {
        return Ok(());
    }
    let name = shown(&name);
    let message = format_args!("{name} is taken as the output file, not as a field of --mask");
    Err(Failure::configuration(message).with_hint(format!(
        "write --mask={name} to mask this field, or ./{name} for the file"
    )))
}

fn with_file(mut builder: PolicyBuilder, file: PolicyFile) -> Result<PolicyBuilder> {
    if let Some(source) = file.key_source() {
        builder = builder.key(key(source)?);
    }
    let builder = builder.then(file.into_builder());
    if builder.is_empty() {
        return Err(Failure::configuration("the policy hides nothing")
            .with_hint("give it rules, detectors or presets; see docs/privacy.md"));
    }
    Ok(builder)
}

fn read(path: &Path) -> Result<PolicyFile> {
    let mut text = String::new();
    let most = PolicyFile::MAX_BYTES as u64 + 1;
    let opened = std::fs::File::open(path);
    opened
        .and_then(|file| file.take(most).read_to_string(&mut text))
        .map_err(|error| {
            let (name, reason) = (path.display(), reason(&error));
            Failure::configuration(format_args!("cannot read the policy {name}: {reason}"))
        })?;
    PolicyFile::parse(&text).map_err(|error| bad(&error, Some(path)))
}

/// Fetches the key. No error quotes what the policy says of its place: that may be the key itself.
fn key(source: &KeySource) -> Result<HashKey> {
    let (place, bytes) = match source {
        KeySource::Env(name) => {
            let value = env::variable(name).filter(|value| !value.is_empty());
            let value = value.ok_or_else(|| {
                Failure::configuration("hash_key.env: the variable of this name holds no hash key")
                    .with_hint("set it to a key, for example one made by: openssl rand -hex 32")
            })?;
            ("hash_key.env", value.into_encoded_bytes())
        }
        KeySource::File(path) => {
            let bytes = std::fs::read(path).map_err(|error| {
                let reason = reason(&error);
                Failure::configuration(format_args!("hash_key.file: cannot read it: {reason}"))
            })?;
            ("hash_key.file", bytes)
        }
        _ => {
            return Err(Failure::configuration(
                "this place of a hash key is not known",
            ));
        }
    };
    let mut bytes = bytes;
    bytes.truncate(bytes.trim_ascii_end().len());
    HashKey::new(bytes).map_err(|error| {
        let failure = Failure::configuration(format_args!("{place}: {error}"));
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    })
}

fn bad(error: &Error, path: Option<&Path>) -> Failure {
    let failure = match path {
        Some(path) => Failure::configuration(format_args!("{}: {error}", path.display())),
        None => Failure::configuration(error),
    };
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// Says how many values were hidden by what, and which rules hit nothing: they may be misspelled.
pub(crate) fn tell(findings: &Findings, voice: Voice) {
    let told: Vec<String> = findings
        .hits()
        .filter(|hits| hits.count > 0)
        .map(|hits| {
            let count = grouped(hits.count);
            format!(
                "{} {count} ({})",
                shown(&hits.origin.to_string()),
                hits.mode
            )
        })
        .collect();
    let colon = if told.is_empty() { "" } else { ": " };
    voice.say(format_args!(
        "hidden: {}{colon}{}",
        counted(findings.count(), "value"),
        told.join(", ")
    ));
    let mut rest = "";
    for hits in findings.hits() {
        match &hits.origin {
            Origin::Path(path) if hits.count == 0 => {
                voice.warn(format_args!("nothing is at {}{rest}", shown(path.as_str())));
            }
            Origin::Path(_) => rest = " that no earlier rule hides",
            _ => {}
        }
    }
}

/// The findings for machines.
pub(crate) fn value(findings: &Findings) -> Value {
    findings.hits().map(hits_value).collect()
}

/// The hits of one rule or detector for machines.
pub(crate) fn hits_value(hits: &Hits) -> Value {
    let (kind, name) = match &hits.origin {
        Origin::Path(path) => ("path", path.to_string()),
        Origin::Preset(preset, field) => ("preset", format!("{preset}: {field}")),
        Origin::Detector(detector) => ("detector", detector.to_string()),
        _ => ("rule", hits.origin.to_string()),
    };
    json!({
        kind: name,
        "mode": hits.mode.as_str(),
        "hits": hits.count,
        "first_record": hits.first_record,
    })
}

/// A text from the policy or the data without characters that steer a terminal.
pub(crate) fn shown(text: &str) -> String {
    let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(visible).collect()
}
