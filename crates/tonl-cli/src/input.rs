//! Opening what a command reads, and saying well what is wrong with it.

use crate::failure::{Failure, Result};
use crate::hint;
use crate::render::excerpt;
use crate::sources;
use std::io::{self, ErrorKind};
use std::path::Path;
use tonl_convert::{Compression, Error, Format, Input};

/// What standard input is called in messages.
pub(crate) const STANDARD_INPUT: &str = "standard input";

/// An input that can be read several times; `-` is standard input, read to its end now.
pub(crate) fn open(path: &Path) -> Result<Input> {
    if sources::is_dash(path) {
        let input = Input::from_reader(STANDARD_INPUT, io::stdin().lock());
        return input.map_err(|error| failed(&error, path));
    }
    if path.is_dir() {
        return Err(hint::directory(path));
    }
    Input::from_path(path).map_err(|error| failed(&error, path))
}

/// The format of an input: what its name says, or its content.
pub(crate) fn format(input: &Input, path: &Path) -> Result<Format> {
    input.format().map_err(|error| failed(&error, path))
}

/// What failed about the input at `path`, with the line it is about and advice.
pub(crate) fn failed(error: &Error, path: &Path) -> Failure {
    if let Some(missing) = error.io_error().filter(|e| e.kind() == ErrorKind::NotFound) {
        return hint::unreadable(path, missing);
    }
    let failure = Failure::new(lowered(error)).with_excerpt(excerpt_of(error, path));
    let remedy = || match error.io_error() {
        Some(cause) => hint::system_remedy(cause),
        None => hint::remedy(error.content()?.code(), path),
    };
    match error.hint().or_else(remedy) {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// The error's words, those of the system in our style.
fn lowered(error: &Error) -> String {
    match error.io_error() {
        Some(cause) => {
            let words = error.to_string();
            let prefix = words.strip_suffix(&cause.to_string()).unwrap_or(&words);
            format!("{prefix}{}", crate::failure::reason(cause))
        }
        None => error.to_string(),
    }
}

fn excerpt_of(error: &Error, path: &Path) -> Option<String> {
    if error.hides_input() {
        return None;
    }
    let position = error.content()?.position()?;
    let plain = Compression::from_path(path) == Compression::None;
    plain.then(|| excerpt::of_file(path, position)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_below_a_temporary_file_has_a_remedy() {
        let error = Error::io(
            "keep the input in a temporary file",
            ErrorKind::StorageFull.into(),
        );
        let failure = failed(&error.named(STANDARD_INPUT), Path::new("-"));
        assert_eq!(failure.hints(), [hint::TEMPORARY]);
    }
}
