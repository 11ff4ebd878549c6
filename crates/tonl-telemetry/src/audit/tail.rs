//! What a log ends with: read when it is opened, changed by nobody.

use super::chain::{BEGINNING, Head, Sealer};
use super::error::{AuditError, Damage, VerifyError};
use super::line::{Link, Place};
use super::verify::head_of;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Where the last line is looked for, in bytes; every line is shorter.
pub(crate) const LONGEST_LINE: u64 = 64 * 1024;

/// What a log ends with.
#[derive(Debug)]
pub(crate) struct Tail {
    /// The last line in the chain, all files together.
    pub(crate) link: Link,
    /// Bytes of whole lines in the file.
    pub(crate) whole: u64,
    /// Bytes behind the last line break.
    pub(crate) torn: Vec<u8>,
    /// Lines that the head does not know, because the process ended before it wrote the head.
    pub(crate) beyond_head: u64,
    /// When the first line of the file was written.
    pub(crate) began: Option<SystemTime>,
}

impl Tail {
    /// Reads the end of the log and compares it with the head.
    ///
    /// # Errors
    /// [`AuditError::Broken`] if they do not fit together, other kinds if they cannot be read.
    pub(crate) fn read(path: &Path, sealer: &Sealer) -> Result<Self, AuditError> {
        let unreadable = |file: &Path, source| AuditError::Io {
            action: "read",
            file: file.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
        let (line, whole, torn) = last_line(&mut file).map_err(|error| unreadable(path, error))?;
        let began = first_time(&mut file).map_err(|error| unreadable(path, error))?;
        let (holder, line) = match line {
            Some(line) => (path.to_owned(), Some(line)),
            None => last_of_rotated(path).map_err(|error| unreadable(path, error))?,
        };
        let mut tail = Self {
            link: Link {
                seq: 0,
                hash: BEGINNING.to_owned(),
            },
            whole,
            torn,
            beyond_head: 0,
            began,
        };
        if let Some(line) = line {
            let place = Place::read(&line).ok_or_else(|| {
                AuditError::Broken(VerifyError::Line {
                    file: holder.clone(),
                    line: 0,
                    damage: Damage::NotALine,
                })
            })?;
            tail.link = Link {
                seq: place.seq,
                hash: sealer.line(&line),
            };
        }
        tail.compare(path, &holder, sealer)
            .map_err(AuditError::Broken)?;
        Ok(tail)
    }

    fn compare(&mut self, path: &Path, holder: &Path, sealer: &Sealer) -> Result<(), VerifyError> {
        let head_file = head_of(path);
        let Some(head) = read_head(&head_file)? else {
            return match self.link.seq {
                0 => Ok(()),
                _ => Err(VerifyError::NoHead { file: head_file }),
            };
        };
        if !sealer.vouches_for(&head) {
            return Err(VerifyError::Head { file: head_file });
        }
        if head.seq > self.link.seq {
            return Err(VerifyError::Truncated {
                file: holder.to_owned(),
                expected: head.seq,
                found: self.link.seq,
            });
        }
        if head.seq < self.link.seq {
            self.beyond_head = self.link.seq - head.seq;
            return follow(path, &head, sealer);
        }
        if head.hash == self.link.hash {
            return Ok(());
        }
        let line = count_lines(holder)?;
        Err(VerifyError::Line {
            file: holder.to_owned(),
            line,
            damage: Damage::Changed,
        })
    }
}

/// The head of a log, if there is one.
pub(crate) fn read_head(file: &Path) -> Result<Option<Head>, VerifyError> {
    match std::fs::read(file) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(head) => Ok(Some(head)),
            Err(_) => Err(VerifyError::Head {
                file: file.to_owned(),
            }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(VerifyError::Unreadable {
            file: file.to_owned(),
            source,
        }),
    }
}

/// The files that were set aside, oldest first: `<log>.<time>.<number of their last line>`.
pub(crate) fn rotated(path: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let other = entry?.file_name();
        let seq = other.to_str().and_then(|other| {
            let (time, seq) = other
                .strip_prefix(name)?
                .strip_prefix('.')?
                .split_once('.')?;
            let is_time = time.len() == 16 && time.ends_with('Z');
            is_time.then(|| seq.parse::<u64>().ok()).flatten()
        });
        if let Some(seq) = seq {
            files.push((seq, path.with_file_name(other)));
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

/// The lines behind the one that the head knows must follow it; rotation waits for the head, so that
/// they are all in the current file.
fn follow(path: &Path, head: &Head, sealer: &Sealer) -> Result<(), VerifyError> {
    let unreadable = |source| VerifyError::Unreadable {
        file: path.to_owned(),
        source,
    };
    let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut link = Link {
        seq: head.seq,
        hash: head.hash.clone(),
    };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(unreadable)?;
        if line.pop() != Some(b'\n') {
            break;
        }
        let wrong = |damage| VerifyError::Line {
            file: path.to_owned(),
            line: number,
            damage,
        };
        let place = Place::read(&line).ok_or_else(|| wrong(Damage::NotALine))?;
        let hash = sealer.line(&line);
        if place.seq == head.seq && hash != head.hash {
            return Err(wrong(Damage::Changed));
        }
        if place.seq <= head.seq {
            continue;
        }
        if place.seq != link.seq + 1 {
            return Err(wrong(Damage::Number {
                expected: link.seq + 1,
                found: place.seq,
            }));
        }
        if place.prev != link.hash {
            return Err(wrong(Damage::Unlinked));
        }
        link = Link {
            seq: place.seq,
            hash,
        };
    }
    Ok(())
}

/// The last whole line, the bytes of whole lines, and what stands behind them.
fn last_line(file: &mut File) -> io::Result<(Option<Vec<u8>>, u64, Vec<u8>)> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(2 * LONGEST_LINE)))?;
    let mut end = Vec::new();
    file.take(2 * LONGEST_LINE).read_to_end(&mut end)?;
    let Some(at) = end.iter().rposition(|byte| *byte == b'\n') else {
        return Ok((None, length - end.len() as u64, end));
    };
    let torn = end.split_off(at + 1);
    end.pop();
    let start = end
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    Ok((Some(end.split_off(start)), length - torn.len() as u64, torn))
}

fn first_time(file: &mut File) -> io::Result<Option<SystemTime>> {
    file.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    BufReader::new(file.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
    Ok(Place::read(&line).and_then(|place| place.time()))
}

fn last_of_rotated(path: &Path) -> io::Result<(PathBuf, Option<Vec<u8>>)> {
    match rotated(path)?.pop() {
        Some(newest) => {
            let (line, ..) = last_line(&mut File::open(&newest)?)?;
            Ok((newest, line))
        }
        None => Ok((path.to_owned(), None)),
    }
}

fn count_lines(file: &Path) -> Result<u64, VerifyError> {
    let unreadable = |source| VerifyError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let reader = BufReader::new(File::open(file).map_err(unreadable)?);
    let mut lines = 0;
    for line in reader.split(b'\n') {
        line.map_err(unreadable)?;
        lines += 1;
    }
    Ok(lines)
}
