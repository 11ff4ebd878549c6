//! Whether an audit log is as it was written.

use super::chain::{AuditKey, BEGINNING, Head, Sealer};
use super::error::{Damage, VerifyError};
use super::file::beside;
use super::line::{Link, Place};
use super::tail::{LONGEST_LINE, read_head, rotated};
use super::{GAP, RECOVERED, REMOVED, REPLACED, TORN};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Attempts on a log that is written while it is read.
const ATTEMPTS: usize = 5;

/// What a sound log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// How many files it is in.
    pub files: usize,
    /// How many lines it has.
    pub lines: u64,
    /// The number of the first line.
    pub first_seq: u64,
    /// The number of the last line; 0 if there is none.
    pub last_seq: u64,
    /// When the first line was written (ISO 8601); none if there is no line.
    pub first_time: Option<String>,
    /// When the last line was written.
    pub last_time: Option<String>,
    /// The hash of the last line, as 64 hexadecimal digits: whoever notes it elsewhere can later tell
    /// whether the log and its head were both replaced.
    pub last_hash: String,
    /// Lines that tell of trouble with the log itself: gaps, torn lines, missing files.
    pub remarks: u64,
}

/// Checks the whole log at `path`, from its first line through all files that were set aside. If the
/// oldest files were removed because they were too many, the log that is left says so and is checked
/// from its own first line on.
///
/// A log that is being written is read again if it grew in between.
///
/// # Errors
/// The first thing that is wrong, with its file and line; [`VerifyError::Unreadable`] if nothing can
/// be said.
pub fn verify(path: &Path, key: Option<&AuditKey>) -> Result<Verified, VerifyError> {
    verify_from(path, key, 1)
}

/// Like [`verify`], for a log whose lines before the number `first` (one-based) were moved to an
/// archive on purpose.
///
/// # Errors
/// As [`verify`].
pub fn verify_from(
    path: &Path,
    key: Option<&AuditKey>,
    first: u64,
) -> Result<Verified, VerifyError> {
    let sealer = Sealer::new(key.cloned());
    let mut attempt = 1;
    loop {
        let head = read_head(&head_of(path))?;
        let result = Check::new(&sealer, first).run(path, head.as_ref());
        let unchanged = read_head(&head_of(path)).is_ok_and(|now| now == head);
        if result.is_ok() || unchanged || attempt == ATTEMPTS {
            return result;
        }
        attempt += 1;
    }
}

/// The head's file.
pub(crate) fn head_of(path: &Path) -> PathBuf {
    beside(path, "head")
}

/// The state of a check: the chain as far as it was followed.
struct Check<'k> {
    sealer: &'k Sealer,
    first: u64,
    /// The last line that was read.
    link: Option<Link>,
    /// Where that line is.
    place: (PathBuf, u64),
    /// The first line, if lines before it are missing that a later line has to account for.
    unaccounted: Option<(u64, PathBuf)>,
    verified: Verified,
}

impl<'k> Check<'k> {
    fn new(sealer: &'k Sealer, first: u64) -> Self {
        let verified = Verified {
            files: 0,
            lines: 0,
            first_seq: first,
            last_seq: 0,
            first_time: None,
            last_time: None,
            last_hash: BEGINNING.to_owned(),
            remarks: 0,
        };
        Self {
            sealer,
            first,
            link: None,
            place: (PathBuf::new(), 0),
            unaccounted: None,
            verified,
        }
    }

    fn run(mut self, path: &Path, head: Option<&Head>) -> Result<Verified, VerifyError> {
        if head.is_some_and(|head| !self.sealer.vouches_for(head)) {
            return Err(VerifyError::Head {
                file: head_of(path),
            });
        }
        for (file, open) in open_all(path)? {
            self.file(&file, open, head)?;
        }
        self.end(path, head)
    }

    fn file(&mut self, file: &Path, open: File, head: Option<&Head>) -> Result<(), VerifyError> {
        let unreadable = |source| VerifyError::Unreadable {
            file: file.to_owned(),
            source,
        };
        self.verified.files += 1;
        let mut reader = BufReader::new(open);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let mut limited = (&mut reader).take(LONGEST_LINE);
            let read = limited.read_until(b'\n', &mut line).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            let wrong = |damage| VerifyError::Line {
                file: file.to_owned(),
                line: number,
                damage,
            };
            if line.pop() != Some(b'\n') {
                let long = read as u64 == LONGEST_LINE;
                return Err(wrong(if long { Damage::NotALine } else { Damage::Torn }));
            }
            let place = Place::read(&line).ok_or_else(|| wrong(Damage::NotALine))?;
            self.follow(&place, file, number)?;
            let hash = self.sealer.line(&line);
            if let Some(head) = head {
                if place.seq > head.seq {
                    return Err(wrong(Damage::BeyondHead));
                }
                if place.seq == head.seq && hash != head.hash {
                    return Err(wrong(Damage::Changed));
                }
            }
            self.link = Some(Link {
                seq: place.seq,
                hash,
            });
            self.place = (file.to_owned(), number);
            self.count(place);
        }
        Ok(())
    }

    /// Whether the line is the one that follows the last.
    fn follow(&mut self, place: &Place, file: &Path, line: u64) -> Result<(), VerifyError> {
        let wrong = |damage| VerifyError::Line {
            file: file.to_owned(),
            line,
            damage,
        };
        let Some(last) = &self.link else {
            if self.first == 1 && place.seq > 1 {
                self.unaccounted = Some((place.seq, file.to_owned()));
                return Ok(());
            }
            if place.seq != self.first {
                return Err(wrong(Damage::Number {
                    expected: self.first,
                    found: place.seq,
                }));
            }
            return if self.first == 1 && place.prev != BEGINNING {
                Err(wrong(Damage::Unlinked))
            } else {
                Ok(())
            };
        };
        if place.seq != last.seq + 1 {
            return Err(wrong(Damage::Number {
                expected: last.seq + 1,
                found: place.seq,
            }));
        }
        if place.prev == last.hash {
            return Ok(());
        }
        let (file, line) = self.place.clone();
        Err(VerifyError::Line {
            file,
            line,
            damage: Damage::Changed,
        })
    }

    fn count(&mut self, place: Place) {
        let says_so = place.event == REMOVED;
        if says_so && self.unaccounted.as_ref().map(|(seq, _)| *seq) == place.from {
            self.unaccounted = None;
        }
        let verified = &mut self.verified;
        if verified.lines == 0 {
            verified.first_seq = place.seq;
        }
        verified.lines += 1;
        verified.last_seq = place.seq;
        verified.remarks += u64::from(matches!(
            place.event.as_str(),
            GAP | TORN | RECOVERED | REPLACED
        ));
        if verified.first_time.is_none() {
            verified.first_time = Some(place.timestamp.clone());
        }
        verified.last_time = Some(place.timestamp);
    }

    fn end(mut self, path: &Path, head: Option<&Head>) -> Result<Verified, VerifyError> {
        let Some(head) = head else {
            return Err(VerifyError::NoHead {
                file: head_of(path),
            });
        };
        if self.verified.last_seq != head.seq {
            let file = if self.verified.lines > 0 {
                self.place.0
            } else {
                path.to_owned()
            };
            return Err(VerifyError::Truncated {
                file,
                expected: head.seq,
                found: self.verified.last_seq,
            });
        }
        if let Some((found, file)) = self.unaccounted {
            let expected = self.first;
            return Err(VerifyError::Line {
                file,
                line: 1,
                damage: Damage::Number { expected, found },
            });
        }
        if let Some(link) = self.link {
            self.verified.last_hash = link.hash;
        }
        Ok(self.verified)
    }
}

/// All files of the log, oldest first, opened at once, so that a rotation does not lose one.
fn open_all(path: &Path) -> Result<Vec<(PathBuf, File)>, VerifyError> {
    let unreadable = |file: &Path, source| VerifyError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for file in rotated(path).map_err(|error| unreadable(path, error))? {
        let open = File::open(&file).map_err(|error| unreadable(&file, error))?;
        files.push((file, open));
    }
    match File::open(path) {
        Ok(open) => files.push((path.to_owned(), open)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !files.is_empty() => {}
        Err(error) => return Err(unreadable(path, error)),
    }
    Ok(files)
}
