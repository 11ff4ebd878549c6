//! The first pass over records: looks at each value once, checks it completely, and counts.

use super::stats::{Budget, ColumnStats, IntegerWidth, RecordStats};
use crate::error::Code;
use crate::options::Profile;
use crate::scan::literal::{self, Traits};
use crate::scan::number::{self, Form};
use crate::scan::quote::{self, Column, Place};
use crate::scan::{Fault, skip_space};
use crate::write::{Length, Scribe, member, word};

/// How deep groups and tuple columns nest; deeper objects and arrays stay flow values.
const MAX_NESTED_COLUMNS: usize = 8;

/// A value that was looked at: the byte behind it and its characters as flow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) end: usize,
    pub(crate) flow: u64,
}

/// Looks at records and counts what they hold.
#[derive(Debug)]
pub(crate) struct Surveyor {
    scribe: Scribe,
    budget: Budget,
    wishes: Wishes,
    /// The keys of the records that are open, innermost last.
    path: Vec<u32>,
}

/// What the profile can use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes {
    /// How deep columns may nest.
    pub(crate) nested_columns: usize,
    /// Whether dates are told from other strings.
    pub(crate) dates: bool,
}

impl Wishes {
    /// What a profile can use.
    pub(crate) fn of(profile: Profile) -> Self {
        Self {
            nested_columns: if profile == Profile::Compact {
                MAX_NESTED_COLUMNS
            } else {
                0
            },
            dates: profile == Profile::Classic,
        }
    }
}

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
struct At {
    byte: usize,
    /// The containers around it.
    depth: usize,
    /// The groups and tuple columns around it.
    nested: usize,
    in_tuple: bool,
}

impl Surveyor {
    pub(crate) fn new(depth: usize, wishes: Wishes) -> Self {
        Self {
            scribe: Scribe::new(depth),
            budget: Budget::new(),
            wishes,
            path: Vec::new(),
        }
    }

    /// Looks at the record at byte `byte`, within `depth` containers.
    ///
    /// # Errors
    /// The first fault of the value.
    pub(crate) fn record(
        &mut self,
        stats: &mut RecordStats,
        text: &[u8],
        byte: usize,
        depth: usize,
    ) -> Result<Seen, Fault> {
        let at = At {
            byte,
            depth,
            nested: 0,
            in_tuple: false,
        };
        self.item(stats, text, at)
            .inspect_err(|_| self.path.clear())
    }

    fn flow(&mut self, text: &[u8], at: At) -> Result<Seen, Fault> {
        let mut length = Length::default();
        let end = self.scribe.flow(text, at.byte, at.depth, &mut length)?;
        Ok(Seen {
            end,
            flow: length.0,
        })
    }

    #[inline]
    fn item(&mut self, stats: &mut RecordStats, text: &[u8], at: At) -> Result<Seen, Fault> {
        let seen = if text.get(at.byte) == Some(&b'{') {
            let base = self.path.len();
            let counted = self.members(stats, text, at, base)?;
            let keys = self.path.get(base..).unwrap_or_default();
            if let Some(Seen { flow, .. }) = counted
                && !keys.is_empty()
            {
                stats.count(keys, flow, &mut self.budget);
            }
            let is_empty = counted.is_some() && keys.is_empty();
            stats.empty += u64::from(is_empty);
            stats.objects += u64::from(!is_empty);
            self.path.truncate(base);
            match counted {
                Some(seen) => seen,
                None => self.flow(text, at)?,
            }
        } else {
            stats.others += 1;
            self.flow(text, at)?
        };
        stats.flow += seen.flow;
        Ok(seen)
    }

    /// Looks at an object's members; `None` if a key is too many to be counted.
    fn members(
        &mut self,
        stats: &mut RecordStats,
        text: &[u8],
        at: At,
        base: usize,
    ) -> Result<Option<Seen>, Fault> {
        self.scribe.check_depth(at.byte, at.depth)?;
        stats.begun += 1;
        let number = stats.begun;
        let mut key_at = skip_space(text, at.byte + 1);
        if text.get(key_at) == Some(&b'}') {
            return Ok(Some(Seen {
                end: key_at + 1,
                flow: 2,
            }));
        }
        let mut flow = 1;
        loop {
            let predicted = self.path.len() - base;
            let Some((key, value_at)) = self.key(stats, text, key_at, predicted)? else {
                return Ok(None);
            };
            let Some(found) = stats.keys.get_mut(key as usize) else {
                return Ok(None);
            };
            if found.seen_in == number {
                let expected = "each key once in an object";
                return Err(Fault::new(key_at + 1, Code::DuplicateKey, expected));
            }
            found.seen_in = number;
            self.path.push(key);
            flow += found.size + 2;
            let value = At {
                byte: value_at,
                depth: at.depth + 1,
                ..at
            };
            let seen = self.value(&mut found.column, text, value)?;
            flow += seen.flow;
            let end = skip_space(text, seen.end);
            match text.get(end) {
                Some(b',') => key_at = skip_space(text, end + 1),
                Some(b'}') => return Ok(Some(Seen { end: end + 1, flow })),
                _ => return Err(Fault::new(end, Code::JsonSyntax, "',' or '}'")),
            }
        }
    }

    /// The index of the key at byte `at` and the byte where its value begins.
    #[inline]
    fn key(
        &mut self,
        stats: &mut RecordStats,
        text: &[u8],
        at: usize,
        predicted: usize,
    ) -> Result<Option<(u32, usize)>, Fault> {
        let guess = stats
            .sequences
            .get(stats.predicted)
            .and_then(|sequence| sequence.keys.get(predicted))
            .and_then(|key| Some((*key, stats.keys.get(*key as usize)?)));
        if let Some((key, known)) = guess
            && let Some(value_at) = known.expected.match_at(text, at)
        {
            return Ok(Some((key, skip_space(text, value_at))));
        }
        let (key, value_at) = member(text, at)?;
        let content = text.get(key.start..key.end).unwrap_or_default();
        let name = if key.traits.has(Traits::ESCAPED) {
            self.scribe.decode(content)
        } else {
            content
        };
        Ok(stats.key(name, &mut self.budget).map(|key| (key, value_at)))
    }

    #[inline]
    fn value(&mut self, column: &mut ColumnStats, text: &[u8], at: At) -> Result<Seen, Fault> {
        let seen = match text.get(at.byte) {
            Some(b'"') => self.string(column, text, at)?,
            Some(b'-' | b'0'..=b'9') => {
                let found = number::scan(text, at.byte)?;
                let digits = text.get(at.byte..found.end).unwrap_or_default();
                count_number(column, digits, found.form);
                Seen {
                    end: found.end,
                    flow: digits.len() as u64,
                }
            }
            Some(b'{') => self.object(column, text, at)?,
            Some(b'[') => self.array(column, text, at)?,
            _ => {
                let end = word(text, at.byte)?;
                let count = match text.get(at.byte) {
                    Some(b'n') => &mut column.nulls,
                    _ => &mut column.bools,
                };
                *count += 1;
                Seen {
                    end,
                    flow: (end - at.byte) as u64,
                }
            }
        };
        column.flow += seen.flow;
        Ok(seen)
    }

    #[inline]
    fn string(&mut self, column: &mut ColumnStats, text: &[u8], at: At) -> Result<Seen, Fault> {
        column.strings += 1;
        let run = literal::opening_run(text, at.byte + 1);
        let content = text.get(run.start..run.end).unwrap_or_default();
        let is_whole = text.get(run.end) == Some(&b'"');
        if is_whole && run.traits.is_empty() && quote::has_bare_shape(content) {
            let is_look_alike = quote::is_look_alike(content);
            column.look_alikes += u64::from(is_look_alike);
            let quotes = if is_look_alike { 2 } else { 0 };
            count_details(self.wishes, column, content, at.in_tuple && !is_look_alike);
            return Ok(Seen {
                end: run.end + 1,
                flow: content.len() as u64 + quotes,
            });
        }
        let mut length = Length::default();
        let end = self
            .scribe
            .string(text, at.byte, Place::Flow, Column::Other, &mut length)?;
        if is_whole {
            let is_bare = length.0 == content.len() as u64;
            count_details(self.wishes, column, content, at.in_tuple && is_bare);
        } else if self.wishes.dates || matches!(text.get(run.end + 1), Some(b'u' | b'/')) {
            self.count_escaped(column, text.get(run.start..end - 1), at, length);
        }
        Ok(Seen {
            end,
            flow: length.0,
        })
    }

    /// Counts the details of a checked string with escapes, which takes so many characters as flow.
    /// A first escape that is none of `\u` and `\/` says that the string is quoted anywhere, so that
    /// only dates are of interest.
    #[cold]
    fn count_escaped(
        &mut self,
        column: &mut ColumnStats,
        content: Option<&[u8]>,
        at: At,
        Length(flow): Length,
    ) {
        let wishes = self.wishes;
        let decoded = self.scribe.decode(content.unwrap_or_default());
        column.look_alikes += u64::from(quote::is_look_alike(decoded));
        let is_bare = flow == decoded.len() as u64;
        count_details(wishes, column, decoded, at.in_tuple && is_bare);
    }

    fn object(&mut self, column: &mut ColumnStats, text: &[u8], at: At) -> Result<Seen, Fault> {
        let can_be_group = column.objects == column.present() && column.members_can_be_columns();
        column.objects += 1;
        if !can_be_group || at.nested >= self.wishes.nested_columns {
            return self.flow(text, at);
        }
        let members = column.members.get_or_insert_default();
        self.item(
            members,
            text,
            At {
                nested: at.nested + 1,
                ..at
            },
        )
    }

    fn array(&mut self, column: &mut ColumnStats, text: &[u8], at: At) -> Result<Seen, Fault> {
        let can_be_tuples = column.arrays == column.present_values()
            && column
                .elements
                .as_ref()
                .is_none_or(|elements| elements.others == 0);
        column.arrays += 1;
        if !can_be_tuples || at.nested >= self.wishes.nested_columns {
            return self.flow(text, at);
        }
        self.scribe.check_depth(at.byte, at.depth)?;
        let mut next = skip_space(text, at.byte + 1);
        if text.get(next) == Some(&b']') {
            return Ok(Seen {
                end: next + 1,
                flow: 2,
            });
        }
        if text.get(next) != Some(&b'{') {
            column.elements.get_or_insert_default().others += 1;
            return self.flow(text, at);
        }
        column.filled_arrays += 1;
        let elements = column.elements.get_or_insert_default();
        let inner = At {
            depth: at.depth + 1,
            nested: at.nested + 1,
            in_tuple: true,
            ..at
        };
        let mut flow = 1;
        loop {
            let seen = self.item(
                elements,
                text,
                At {
                    byte: next,
                    ..inner
                },
            )?;
            flow += seen.flow + 1;
            let end = skip_space(text, seen.end);
            match text.get(end) {
                Some(b',') => next = skip_space(text, end + 1),
                Some(b']') => return Ok(Seen { end: end + 1, flow }),
                _ => return Err(Fault::new(end, Code::JsonSyntax, "',' or ']'")),
            }
        }
    }
}

impl ColumnStats {
    fn members_can_be_columns(&self) -> bool {
        self.members
            .as_ref()
            .is_none_or(|members| members.empty == 0)
    }
}

#[inline]
fn count_details(wishes: Wishes, column: &mut ColumnStats, content: &[u8], is_bare_in_tuple: bool) {
    if is_bare_in_tuple && memchr::memchr2(b'(', b')', content).is_some() {
        column.parenthesised += 1;
    }
    if wishes.dates {
        column.dates += u64::from(is_date(content));
        column.datetimes += u64::from(is_datetime(content));
    }
}

fn count_number(column: &mut ColumnStats, digits: &[u8], form: Form) {
    if form == Form::Integer {
        column.integers += 1;
        let width = integer_width(digits);
        column.width = column.width.max(width);
        if width == IntegerWidth::Beyond && !number::is_finite_f64(digits) {
            column.has_infinite = true;
        }
    } else {
        column.fractions += 1;
        column.has_infinite |= !number::is_finite(digits, form);
    }
}

fn integer_width(text: &[u8]) -> IntegerWidth {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits.len() {
        0..=2 => IntegerWidth::I8,
        3..=10 => {
            let value = digits
                .iter()
                .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
            let value = if digits.len() < text.len() {
                -value
            } else {
                value
            };
            if i8::try_from(value).is_ok() {
                IntegerWidth::I8
            } else if i16::try_from(value).is_ok() {
                IntegerWidth::I16
            } else if i32::try_from(value).is_ok() {
                IntegerWidth::I32
            } else {
                IntegerWidth::Digits18
            }
        }
        11..=18 => IntegerWidth::Digits18,
        19 if number::is_within(text, i64::MIN.into(), i64::MAX.into()) => IntegerWidth::I64,
        _ => IntegerWidth::Beyond,
    }
}

/// `YYYY-MM-DD`, digits for letters.
fn is_date(text: &[u8]) -> bool {
    text.len() == 10 && has_shape(text, b"dddd-dd-dd")
}

/// A text that begins with `YYYY-MM-DDThh:mm:ss`, digits for letters.
fn is_datetime(text: &[u8]) -> bool {
    has_shape(text, b"dddd-dd-ddTdd:dd:dd")
}

fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.len() >= shape.len()
        && text
            .iter()
            .zip(shape)
            .all(|(byte, expected)| match expected {
                b'd' => byte.is_ascii_digit(),
                _ => byte == expected,
            })
}

#[cfg(test)]
mod tests;
