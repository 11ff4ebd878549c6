//! `tonl audit verify`: is an audit log as it was written?
//!
//! The answer is data and goes to standard output, whether it is yes or no; only what keeps the command
//! from an answer is an error.

use crate::args::audit::{AuditArgs, AuditCommand, VerifyArgs};
use crate::audit_key::{self, KeyError};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::hint;
use crate::output::Output;
use crate::render::Voice;
use crate::render::figures::counted;
use serde_json::{Value, json};
use std::path::Path;
use tonl_telemetry::audit::{AuditKey, Verified, VerifyError, verify_from};

/// Looks into an audit log.
///
/// # Errors
/// The log or its key cannot be read, or the key is too short.
pub(super) fn run(args: &AuditArgs, voice: Voice) -> Result<Exit> {
    match &args.command {
        AuditCommand::Verify(args) => verify(args, voice),
    }
}

fn verify(args: &VerifyArgs, voice: Voice) -> Result<Exit> {
    let key = args.key_file.as_deref();
    let key = key.map(|file| self::key(file, voice)).transpose()?;
    let answer = match verify_from(&args.file, key.as_ref(), args.from) {
        Err(VerifyError::Unreadable { file, source }) => {
            return Err(hint::unreadable(&file, &source));
        }
        answer => answer,
    };
    let text = match (&answer, args.json) {
        (Ok(verified), false) => sound(&args.file, verified),
        (Err(error), false) => format!("not sound: {error}\n"),
        (answer, true) => format!("{:#}\n", value(&args.file, answer)),
    };
    Output::stdout().write_whole(text.as_bytes())?;
    if let Ok(verified) = &answer
        && verified.remarks > 0
    {
        let lines = counted(verified.remarks, "line");
        voice.warn(format_args!(
            "the log tells of trouble with itself in {lines}: look for events that begin with audit_"
        ));
    }
    Ok(if answer.is_ok() {
        Exit::Success
    } else {
        Exit::Negative
    })
}

fn key(file: &Path, voice: Voice) -> Result<AuditKey> {
    let read = audit_key::read(file).map_err(|error| match error {
        KeyError::Unreadable(error) => hint::unreadable(file, &error),
        error => Failure::configuration(format_args!("{}: {error}", file.display())),
    })?;
    if let Some(warning) = read.warning {
        voice.warn(warning);
    }
    Ok(read.key)
}

fn sound(file: &Path, verified: &Verified) -> String {
    let lines = counted(verified.lines, "line");
    let files = counted(verified.files as u64, "file");
    let times = match (&verified.first_time, &verified.last_time) {
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    format!(
        "sound: {}: {lines} in {files}{times}\nlast line: number {}, hash {}\n",
        file.display(),
        verified.last_seq,
        verified.last_hash
    )
}

fn value(file: &Path, answer: &Result<Verified, VerifyError>) -> Value {
    let file = file.display().to_string();
    match answer {
        Ok(verified) => json!({
            "file": file,
            "sound": true,
            "files": verified.files,
            "lines": verified.lines,
            "firstSeq": verified.first_seq,
            "lastSeq": verified.last_seq,
            "firstTime": verified.first_time,
            "lastTime": verified.last_time,
            "lastHash": verified.last_hash,
            "remarks": verified.remarks,
        }),
        Err(error) => {
            let (place, line) = match error {
                VerifyError::Line { file, line, .. } => (Some(file), Some(line)),
                VerifyError::NoHead { file }
                | VerifyError::Head { file }
                | VerifyError::Truncated { file, .. } => (Some(file), None),
                _ => (None, None),
            };
            json!({
                "file": file,
                "sound": false,
                "error": error.to_string(),
                "where": place.map(|place| place.display().to_string()),
                "line": line,
            })
        }
    }
}
