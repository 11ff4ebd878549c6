//! `tonl fmt`: TONL in, TONL out, in one profile.

use crate::args::fmt::FmtArgs;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input;
use crate::interrupt::Unfinished;
use crate::output::{Output, Overwrite};
use crate::render::Voice;
use crate::sources;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use tonl::Label;
use tonl_convert::{Compression, Format, Input, Job};

/// Formats every file: to standard output, in place, or only to compare.
///
/// # Errors
/// The first file that cannot be read or written.
pub(super) fn run(args: &FmtArgs, voice: Voice) -> Result<Exit> {
    let unfinished = Unfinished::watched();
    let mut exit = Exit::Success;
    for source in sources::expand(&args.files)? {
        let path = source.path.as_path();
        if (args.write || args.check) && source.is_standard_input() {
            let message = "standard input has no file to compare with or to replace";
            return Err(Failure::configuration(message));
        }
        let input = input::open(path)?;
        let job = job(args, &input, path)?;
        if !(args.write || args.check) {
            write(Output::stdout(), &input, &job, path)?;
        } else if differs(&input, &job, path)? {
            if args.check {
                voice.say(format_args!("{} would change", path.display()));
                exit = Exit::Negative;
            } else {
                let output = Output::replacing(path, Overwrite::Replace, &unfinished)?;
                write(output, &input, &job, path)?;
                voice.say(format_args!("{} is written again", path.display()));
            }
        }
    }
    Ok(exit)
}

fn job(args: &FmtArgs, input: &Input, path: &Path) -> Result<Job> {
    let limits = args.limits.limits();
    let head = input.head().map_err(|error| input::failed(&error, path))?;
    let mut job = Job::new(Format::Tonl, Format::Tonl);
    job.read.tonl = args.reading.options(limits);
    job.write.limits = limits;
    job.write.profile = args.profile.into();
    job.write.types = args.types.into();
    job.write.label = label(&head);
    Ok(job)
}

/// The label of the root entry, or the usual one where there is none to be found.
fn label(head: &[u8]) -> Label {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let root = text
        .split(|byte| *byte == b'\n')
        .find(|line| line.first() != Some(&b'#'));
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let name: Vec<u8> = root
        .unwrap_or_default()
        .iter()
        .copied()
        .take_while(is_part)
        .collect();
    String::from_utf8(name)
        .ok()
        .and_then(|name| Label::new(&name).ok())
        .unwrap_or_default()
}

fn write(mut output: Output, input: &Input, job: &Job, path: &Path) -> Result<()> {
    let compression = Compression::from_path(path);
    let written = output.compressed(compression, |writer| {
        tonl_convert::convert(input, writer, job)
    });
    output.finish(written.map_err(|error| input::failed(&error, path)))?;
    Ok(())
}

/// Whether the file is not yet what it would be written as.
fn differs(input: &Input, job: &Job, path: &Path) -> Result<bool> {
    let current = input.open().map_err(|error| input::failed(&error, path))?;
    let mut comparison = Comparison {
        current: BufReader::new(current),
        same: true,
    };
    tonl_convert::convert(input, &mut comparison, job)
        .map_err(|error| input::failed(&error, path))?;
    Ok(!comparison.is_same_to_the_end())
}

/// Takes a text and compares it with another one while it comes.
struct Comparison<R> {
    current: BufReader<R>,
    same: bool,
}

impl<R: Read> Comparison<R> {
    fn is_same_to_the_end(&mut self) -> bool {
        let mut rest = [0; 1];
        self.same && matches!(self.current.read(&mut rest), Ok(0))
    }
}

impl<R: Read> Write for Comparison<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.same {
            let mut current = vec![0; bytes.len()];
            self.same = self.current.read_exact(&mut current).is_ok() && current == bytes;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_is_found_behind_comments() {
        for (text, name) in [
            ("app-logs[2]{a}:\n", "app-logs"),
            ("# a comment\n#another\n2024: {}\n", "2024"),
            ("\u{feff}x: 1\n", "x"),
            ("", "data"),
            ("\"q\": 1\n", "data"),
        ] {
            assert_eq!(label(text.as_bytes()).as_str(), name, "{text}");
        }
    }

    #[test]
    fn a_comparison_sees_every_difference() {
        for (current, written, same) in [
            ("abc", "abc", true),
            ("abc", "ab", false),
            ("ab", "abc", false),
            ("abd", "abc", false),
        ] {
            let mut comparison = Comparison {
                current: BufReader::new(current.as_bytes()),
                same: true,
            };
            comparison.write_all(written.as_bytes()).unwrap();
            assert_eq!(comparison.is_same_to_the_end(), same, "{current} {written}");
        }
    }
}
