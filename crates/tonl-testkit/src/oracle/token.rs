//! Quoted strings, bare tokens, keys, and what a bare token means.

use tonl::{ColumnType, Number, Value};

/// The rest of a line that is still to be read.
#[derive(Clone)]
pub(super) struct Cursor<'t> {
    pub(super) rest: &'t str,
    depth: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(rest: &'t str) -> Self {
        Self { rest, depth: 0 }
    }

    /// Goes one level deeper into nested text; the answer to texts made to exhaust the stack.
    pub(super) fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > 512 {
            return Err("nested too deep".into());
        }
        Ok(())
    }

    pub(super) fn back(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn take_char(&mut self, c: char) -> bool {
        self.take(c.encode_utf8(&mut [0; 4]))
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next();
        self.rest = chars.as_str();
        c
    }

    /// The text up to the first of `ends`, or to the end of the line.
    pub(super) fn until(&mut self, ends: &[char]) -> &'t str {
        let (token, rest) = match self.rest.find(ends) {
            Some(at) => self.rest.split_at(at),
            None => (self.rest, ""),
        };
        self.rest = rest;
        token
    }

    /// A quoted string, whose opening quote is next, §5.1.
    pub(super) fn quoted(&mut self) -> Result<String, String> {
        if !self.take("\"") {
            return Err("no quote".into());
        }
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err("no closing quote".into()),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) if c < ' ' => return Err("a raw control character".into()),
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        Ok(match self.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{C}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('u') => {
                let first = self.four_digits()?;
                if (0xD800..0xDC00).contains(&first) && self.take("\\u") {
                    let second = self.four_digits()?;
                    return char::decode_utf16([first, second])
                        .next()
                        .and_then(Result::ok)
                        .ok_or_else(|| "a lone surrogate".to_owned());
                }
                return char::from_u32(u32::from(first)).ok_or_else(|| "a lone surrogate".into());
            }
            other => return Err(format!("the escape {other:?}")),
        })
    }

    fn four_digits(&mut self) -> Result<u16, String> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|c| c.to_digit(16));
            value = value * 16 + digit.ok_or("not four hexadecimal digits")?;
        }
        u16::try_from(value).map_err(|error| error.to_string())
    }

    /// A key, up to one of `ends` if it is bare; `delimiter` may not stand in it bare, §5.2.
    pub(super) fn key(&mut self, ends: &[char], delimiter: Option<char>) -> Result<String, String> {
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let key = self.until(ends);
        let forbidden = [':', ',', '{', '}', '[', ']', '"', '\\', '|'];
        check_bare(key, &['#', '@', '*'])?;
        if key.contains(forbidden) || delimiter.is_some_and(|c| key.contains(c)) {
            return Err(format!("the bare key {key:?}"));
        }
        Ok(key.to_owned())
    }
}

/// What §5.2 and §5.3 ask of keys and strings alike.
fn check_bare(text: &str, starts: &[char]) -> Result<(), String> {
    let bad = text.is_empty()
        || text.starts_with(char::is_whitespace)
        || text.ends_with(char::is_whitespace)
        || text.starts_with(starts)
        || text.chars().any(char::is_control)
        || text.contains(['\u{2028}', '\u{2029}', '\u{FEFF}']);
    if bad {
        return Err(format!("the bare token {text:?}"));
    }
    Ok(())
}

/// The value of a bare token under a column type, §5.3 and §7.1.
pub(super) fn bare(text: &str, forbidden: &[char], kind: ColumnType) -> Result<Value, String> {
    check_bare(text, &['"', '{', '[', '#', '@', '*'])?;
    if text.contains(forbidden) {
        return Err(format!("a character that needs quotes in {text:?}"));
    }
    let is_text = matches!(
        kind,
        ColumnType::Str | ColumnType::Date | ColumnType::Datetime
    );
    Ok(match text {
        "null" => Value::Null,
        _ if is_text => Value::String(text.to_owned()),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if is_number(text) => {
            Value::Number(Number::new(text).map_err(|error| error.to_string())?)
        }
        _ => Value::String(text.to_owned()),
    })
}

/// JSON's number grammar, RFC 8259 section 6.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = |text: &str| digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(unsigned)
}

/// Whether a value may stand in a column of this type, §7.3.
pub(super) fn check_kind(value: &Value, kind: ColumnType) -> Result<(), String> {
    use ColumnType as T;
    let fits = match (value, kind) {
        (_, T::Any)
        | (Value::Null, _)
        | (Value::String(_), T::Str | T::Date | T::Datetime)
        | (Value::Bool(_), T::Bool)
        | (Value::Array(_), T::Arr)
        | (Value::Object(_), T::Obj) => true,
        (Value::Number(_), other) => !matches!(
            other,
            T::Str | T::Date | T::Datetime | T::Bool | T::Null | T::Arr | T::Obj
        ),
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("{value:?} in a column of type {kind:?}"))
    }
}
