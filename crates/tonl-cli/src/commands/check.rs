//! `tonl check`: is a file valid, and does it survive the round trip?
//!
//! The source is converted to JSON once; then to each profile of TONL, and from there to JSON again. Both
//! JSON texts must be the same bytes: numbers keep their text and keys their order, so there is nothing
//! to interpret. Newline-delimited JSON goes through the stream writer as well. The texts are kept in
//! temporary files, so a large source needs no more memory than a conversion.

use crate::args::check::CheckArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::hint;
use crate::input;
use crate::output::Output;
use crate::render::Voice;
use crate::render::figures::{counted, grouped};
use crate::sources;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;
use tonl::Profile;
use tonl_convert::{Error, ErrorKind, Format, Input, Invalid, Job, StreamJob};

const PROFILES: [Profile; 3] = [Profile::Compact, Profile::Flat, Profile::Classic];

/// Checks every file and says what was found.
///
/// # Errors
/// A command line that names nothing.
pub(super) fn run(args: &CheckArgs, voice: Voice) -> Result<Exit> {
    let mut worst = Exit::Success;
    let mut lines = Vec::new();
    let sources = sources::expand(&args.files)?;
    if !args.json {
        voice.say(row(&HEADINGS));
    }
    let mut sound = 0;
    for source in &sources {
        let finding = Check { args }.file(&source.path);
        if args.json {
            lines.push(format!("{}\n", finding.value(&source.path)));
        } else {
            finding.tell(&source.path, voice);
        }
        sound += u64::from(finding.exit() == Exit::Success);
        worst = worse(worst, finding.exit());
    }
    if args.json {
        Output::stdout().write_whole(lines.concat().as_bytes())?;
    } else if let [_, _, ..] = sources.as_slice() {
        let files = counted(sources.len() as u64, "file");
        voice.say(format_args!("{} of {files} sound", grouped(sound)));
    }
    Ok(worst)
}

const HEADINGS: [&str; 4] = ["result", "format", "records", "file"];

/// A line of the table for people. The file is last: its name may be long.
fn row([result, format, records, file]: &[&str; 4]) -> String {
    format!("{result:9}  {format:6}  {records:>11}  {file}")
}

fn worse(left: Exit, right: Exit) -> Exit {
    if left as u8 >= right as u8 {
        left
    } else {
        right
    }
}

/// What is known about one file.
enum Finding {
    /// Valid, and the same after every round trip.
    Sound {
        format: Format,
        records: Option<u64>,
    },
    /// Not valid.
    Invalid(Failure),
    /// Valid, but not the same after a round trip: a fault of this program.
    Changed { way: String },
    /// It could not be read, or the temporary files could not be written.
    Unknown(Failure),
}

impl Finding {
    fn exit(&self) -> Exit {
        match self {
            Self::Sound { .. } => Exit::Success,
            Self::Invalid(_) | Self::Changed { .. } => Exit::Negative,
            Self::Unknown(_) => Exit::Error,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Sound { .. } => "sound",
            Self::Invalid(_) => "not valid",
            Self::Changed { .. } => "changed",
            Self::Unknown(_) => "unknown",
        }
    }

    fn tell(&self, path: &Path, voice: Voice) {
        let path = path.display();
        let (format, records) = match self {
            Self::Sound { format, records } => (format.as_str(), records.map(grouped)),
            Self::Invalid(_) | Self::Changed { .. } | Self::Unknown(_) => ("-", None),
        };
        let records = records.unwrap_or_else(|| "-".to_owned());
        voice.say(row(&[self.word(), format, &records, &path.to_string()]));
        match self {
            Self::Sound { .. } => {}
            Self::Invalid(failure) | Self::Unknown(failure) => voice.fail(failure),
            Self::Changed { way } => {
                let message = format!("{path}: comes back changed through {way}");
                voice.fail(
                    &Failure::new(message).with_hint("this is a fault of tonl, please report it"),
                );
            }
        }
    }

    fn value(&self, path: &Path) -> Value {
        let file = path.display().to_string();
        match self {
            Self::Sound { format, records } => json!({
                "file": file, "valid": true, "round_trip": true,
                "format": format.as_str(), "records": records,
            }),
            Self::Invalid(failure) => json!({
                "file": file, "valid": false, "round_trip": false, "error": failure.message(),
            }),
            Self::Changed { way } => json!({
                "file": file, "valid": true, "round_trip": false,
                "error": format!("comes back changed through {way}"),
            }),
            Self::Unknown(failure) => json!({ "file": file, "error": failure.message() }),
        }
    }
}

/// Whether an error is about reaching the content, not about the content.
fn says_nothing_of_content(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Io | ErrorKind::UnknownFormat | ErrorKind::Directory
    )
}

/// Stops a check early.
enum Stop {
    Source(Error),
    Changed { way: String },
    Temporary(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Temporary(error)
    }
}

impl From<Error> for Stop {
    /// A full disk is met by what is kept, not by what is read.
    fn from(error: Error) -> Self {
        match error.io_error().map(io::Error::kind) {
            Some(io::ErrorKind::StorageFull) => Self::Temporary(io::ErrorKind::StorageFull.into()),
            _ => Self::Source(error),
        }
    }
}

struct Check<'a> {
    args: &'a CheckArgs,
}

impl Check<'_> {
    fn file(&self, path: &Path) -> Finding {
        let opened = input::open(path);
        let input = match opened {
            Ok(input) => input,
            Err(failure) => return Finding::Unknown(failure),
        };
        let format = self
            .args
            .from
            .map_or_else(|| input.format(), |name| Ok(name.into()));
        let checked = format
            .map_err(Stop::Source)
            .and_then(|format| self.round_trips(&input, format));
        match checked {
            Ok((format, records)) => Finding::Sound { format, records },
            Err(Stop::Source(error)) if says_nothing_of_content(&error) => {
                Finding::Unknown(input::failed(&error, path))
            }
            Err(Stop::Source(error)) => Finding::Invalid(input::failed(&error, path)),
            Err(Stop::Changed { way }) => Finding::Changed { way },
            Err(Stop::Temporary(error)) => {
                let what = Path::new("a temporary file");
                Finding::Unknown(Failure::io("write", what, &error).with_hint(hint::TEMPORARY))
            }
        }
    }

    fn round_trips(&self, input: &Input, from: Format) -> Result<(Format, Option<u64>), Stop> {
        let source = self.kept(input, from, Format::Json, Profile::Compact)?;
        for profile in PROFILES {
            let tonl = self.kept(input, from, Format::Tonl, profile)?;
            let back = self.kept(&tonl.input()?, Format::Tonl, Format::Json, profile)?;
            same(&source, &back, || format!("the profile {profile}"))?;
            if from == Format::Ndjson {
                let tonl = self.streamed(input, profile)?;
                let back = self.kept(&tonl.input()?, Format::Tonl, Format::Json, profile)?;
                same(&source, &back, || {
                    format!("a stream in the profile {profile}")
                })?;
            }
        }
        Ok((from, source.records))
    }

    fn kept(
        &self,
        input: &Input,
        from: Format,
        to: Format,
        profile: Profile,
    ) -> Result<Kept, Stop> {
        let limits = self.args.limits.limits();
        let mut job = Job::new(from, to);
        job.read.tonl = self.args.reading.options(limits);
        job.write.profile = profile;
        job.write.limits = limits;
        Kept::write(|out| tonl_convert::convert(input, out, &job).map(|report| report.records))
    }

    fn streamed(&self, input: &Input, profile: Profile) -> Result<Kept, Stop> {
        let mut job = StreamJob::default();
        job.write.profile = profile;
        job.write.limits = self.args.limits.limits();
        job.invalid = Invalid::Fail;
        Kept::write(|out| {
            let report = tonl_convert::stream(input.open()?, out, &job)?;
            Ok(report.records)
        })
    }
}

/// A text in a temporary file.
struct Kept {
    file: NamedTempFile,
    records: Option<u64>,
}

impl Kept {
    fn write(
        make: impl FnOnce(&mut dyn Write) -> tonl_convert::Result<Option<u64>>,
    ) -> Result<Self, Stop> {
        let file = NamedTempFile::new()?;
        let mut writer = BufWriter::new(file.as_file());
        let records = make(&mut writer).map_err(Stop::from)?;
        writer.flush()?;
        drop(writer);
        Ok(Self { file, records })
    }

    fn input(&self) -> Result<Input, Stop> {
        Input::from_path(self.file.path()).map_err(Stop::Source)
    }
}

fn same(left: &Kept, right: &Kept, way: impl FnOnce() -> String) -> Result<(), Stop> {
    let open = |kept: &Kept| File::open(kept.file.path()).map(BufReader::new);
    if equal(open(left)?, open(right)?)? {
        return Ok(());
    }
    Err(Stop::Changed { way: way() })
}

fn equal(mut left: impl BufRead, mut right: impl BufRead) -> io::Result<bool> {
    loop {
        let (ours, theirs) = (left.fill_buf()?, right.fill_buf()?);
        let len = ours.len().min(theirs.len());
        if ours.get(..len) != theirs.get(..len) {
            return Ok(false);
        }
        if len == 0 {
            return Ok(ours.is_empty() && theirs.is_empty());
        }
        left.consume(len);
        right.consume(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_nothing_of_the_source() {
        for (kind, is_temporary) in [
            (io::ErrorKind::StorageFull, true),
            (io::ErrorKind::PermissionDenied, false),
        ] {
            let stop = Stop::from(Error::io("write", kind.into()));
            assert_eq!(matches!(stop, Stop::Temporary(_)), is_temporary);
        }
    }

    #[test]
    fn texts_are_equal_only_if_every_byte_is() {
        for (left, right, same) in [
            ("", "", true),
            ("abc", "abc", true),
            ("abc", "abd", false),
            ("abc", "ab", false),
            ("ab", "abc", false),
        ] {
            assert_eq!(equal(left.as_bytes(), right.as_bytes()).unwrap(), same);
        }
    }
}
