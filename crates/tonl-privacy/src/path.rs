//! Field paths: which values of a record a rule means.
//!
//! The constructor of [`FieldPath`] is the only check; what it lets through can be compiled.

use crate::error::{Error, ErrorKind};
use std::fmt;
use std::iter::Peekable;
use std::str::{Chars, FromStr};

/// Which values of a record a rule means.
///
/// | path | hits |
/// |---|---|
/// | `email` | a member of this name at any depth |
/// | `user.email` | `email` of `user`, from the record's root |
/// | `items[].card` | `card` of each element of `items`; `items.card` means the same |
/// | `**.ssn`, `a.**.ssn` | `ssn` at any depth, or at any depth below `a` |
/// | `users.*.phone` | `phone` of every member of `users` |
/// | `tags[]` | each element of `tags` instead of the whole array |
/// | `"first.name"` | a key with dots, brackets, stars or quotes; `\"` and `\\` inside |
///
/// Arrays are transparent: their elements have the path of the array. The record is an element of a
/// root array, or else the root. Keys are compared letter by letter. A path with one key only
/// means that key at any depth. A key with dots that is not hit as it is, is tried as a path: flat
/// data has such keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath {
    text: String,
    steps: Vec<Step>,
    target: Target,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// A member of this name.
    Key(String),
    /// Any member.
    Any,
    /// Any number of members, also none.
    Deep,
}

/// What is hidden at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// The value as a whole.
    Value,
    /// Each element, if the value is an array; else the value.
    Elements,
}

impl FieldPath {
    /// The longest path, in bytes.
    pub const MAX_BYTES: usize = 1_024;

    /// Reads paths with commas between them; none if there are only commas. A comma inside quotes
    /// belongs to its path.
    ///
    /// # Errors
    /// The first path that is not one, as [`FieldPath::from_str`].
    pub fn list(text: &str) -> Result<Vec<Self>, Error> {
        let mut parts = vec![String::new()];
        let mut is_quoted = false;
        for character in text.chars() {
            is_quoted ^= character == '"';
            match parts.last_mut() {
                Some(part) if character != ',' || is_quoted => part.push(character),
                _ => parts.push(String::new()),
            }
        }
        let paths = parts.iter().map(|part| part.trim());
        paths
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect()
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(crate) fn target(&self) -> Target {
        self.target
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for FieldPath {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::Path`] with the one-based character and advice.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() > Self::MAX_BYTES {
            let expected = format!("a path of at most {} bytes", Self::MAX_BYTES);
            return Err(Error::new(
                ErrorKind::Path,
                expected,
                format!("{} bytes", text.len()),
            ));
        }
        let mut parser = Parser {
            text,
            rest: text.chars().peekable(),
            at: 1,
        };
        let (mut steps, target) = parser.path()?;
        if let [Step::Key(_)] = steps.as_slice() {
            steps.insert(0, Step::Deep);
        }
        Ok(Self {
            text: text.to_owned(),
            steps,
            target,
        })
    }
}

struct Parser<'t> {
    text: &'t str,
    rest: Peekable<Chars<'t>>,
    /// One-based number of the next character.
    at: usize,
}

const QUOTING: &str = "put a key with such characters in double quotes";

impl Parser<'_> {
    fn path(&mut self) -> Result<(Vec<Step>, Target), Error> {
        let mut steps: Vec<Step> = Vec::new();
        loop {
            let from = self.at;
            let step = self.step()?;
            if step == Step::Deep && steps.last() == Some(&Step::Deep) {
                return Err(self.fail_at(from, "a key after **", "** again", "write ** once"));
            }
            let is_deep = step == Step::Deep;
            steps.push(step);
            let target = self.brackets(is_deep)?;
            match self.next() {
                None if is_deep => {
                    let hint = "name the field, for example **.ssn";
                    return Err(self.fail("a key after **", hint));
                }
                None => return Ok((steps, target)),
                Some('.') => {}
                Some(found) => {
                    let found = format!("{found:?}");
                    return Err(self.fail_at(self.at - 1, "'.' or the end", &found, QUOTING));
                }
            }
        }
    }

    fn step(&mut self) -> Result<Step, Error> {
        match self.rest.peek() {
            Some('"') => self.quoted(),
            Some('*') => {
                self.next();
                if self.rest.next_if_eq(&'*').is_some() {
                    self.at += 1;
                    return Ok(Step::Deep);
                }
                Ok(Step::Any)
            }
            _ => self.bare(),
        }
    }

    fn bare(&mut self) -> Result<Step, Error> {
        let mut key = String::new();
        let is_plain = |c: &char| !matches!(c, '.' | '[' | ']' | '"' | '*') && !c.is_control();
        while let Some(next) = self.rest.next_if(is_plain) {
            self.at += 1;
            key.push(next);
        }
        if key.is_empty() {
            return Err(self.fail("a key", "an empty key is written \"\""));
        }
        if key.trim() != key {
            let hint = "remove the space, or put the key in double quotes";
            return Err(self.fail_at(
                self.at - key.chars().count(),
                "a key",
                "a space at its edge",
                hint,
            ));
        }
        Ok(Step::Key(key))
    }

    fn quoted(&mut self) -> Result<Step, Error> {
        self.next();
        let mut key = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(Step::Key(key)),
                Some('\\') => {
                    let Some(escaped @ ('"' | '\\')) = self.next() else {
                        let (at, hint) = (self.at - 1, "write a backslash twice");
                        return Err(self.fail_at(at, r#"\" or \\"#, "another escape", hint));
                    };
                    key.push(escaped);
                }
                Some(other) => key.push(other),
                None => return Err(self.fail("a closing quote", "close the key with \"")),
            }
        }
    }

    fn brackets(&mut self, after_deep: bool) -> Result<Target, Error> {
        let mut target = Target::Value;
        while self.rest.peek() == Some(&'[') {
            if after_deep {
                return Err(self.fail("'.' after **", "arrays are passed through by themselves"));
            }
            self.next();
            if self.next() != Some(']') {
                let hint = "[] means all elements; single elements cannot be named";
                return Err(self.fail_at(self.at - 1, "']'", "something else", hint));
            }
            target = Target::Elements;
        }
        Ok(target)
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.at += 1;
        next
    }

    /// An error at the next character.
    fn fail(&mut self, expected: &str, hint: &str) -> Error {
        let found = match self.rest.peek() {
            Some(found) => format!("{found:?}"),
            None => "the end".to_owned(),
        };
        self.fail_at(self.at, expected, &found, hint)
    }

    fn fail_at(&self, at: usize, expected: &str, found: &str, hint: &str) -> Error {
        let at = at.min(self.text.chars().count() + 1);
        Error::new(ErrorKind::Path, expected, found)
            .at(format_args!("character {at} of the path {:?}", self.text))
            .with_hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Step {
        Step::Key(text.to_owned())
    }

    fn parsed(text: &str) -> (Vec<Step>, Target) {
        let path: FieldPath = text.parse().unwrap();
        assert_eq!(path.as_str(), text);
        (path.steps, path.target)
    }

    #[test]
    fn paths_are_read_into_steps() {
        use Step::{Any, Deep};
        use Target::{Elements, Value};
        for (text, steps, target) in [
            ("email", vec![Deep, key("email")], Value),
            ("\"a.b\"", vec![Deep, key("a.b")], Value),
            ("**.ssn", vec![Deep, key("ssn")], Value),
            ("user.email", vec![key("user"), key("email")], Value),
            ("items[].card", vec![key("items"), key("card")], Value),
            ("m[][].x", vec![key("m"), key("x")], Value),
            ("tags[]", vec![Deep, key("tags")], Elements),
            ("a.tags[]", vec![key("a"), key("tags")], Elements),
            ("a.**.b", vec![key("a"), Deep, key("b")], Value),
            ("a.*.b", vec![key("a"), Any, key("b")], Value),
            (
                r#"a."q\"\\".""#,
                vec![key("a"), key("q\"\\"), key("")],
                Value,
            ),
            ("first name.é", vec![key("first name"), key("é")], Value),
        ] {
            let text = text.to_owned() + if text.ends_with(".\"") { "\"" } else { "" };
            assert_eq!(parsed(&text), (steps, target), "{text}");
        }
    }

    #[test]
    fn faults_name_their_character_and_say_what_to_do() {
        for (text, at, expected) in [
            ("", 1, "a key"),
            ("a..b", 3, "a key"),
            ("a.", 3, "a key"),
            (".a", 1, "a key"),
            ("a[0]", 3, "']'"),
            ("a[", 3, "']'"),
            ("a]", 2, "'.' or the end"),
            ("a*", 2, "'.' or the end"),
            ("**", 3, "a key after **"),
            ("a.**", 5, "a key after **"),
            ("**.**.a", 4, "a key after **"),
            ("**[].a", 3, "'.' after **"),
            ("\"a", 3, "a closing quote"),
            (r#""\n""#, 3, r#"\" or \\"#),
            ("a. b", 3, "a key"),
        ] {
            let error = text.parse::<FieldPath>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Path);
            let place = format!("character {at} of the path {text:?}");
            assert_eq!(error.place(), Some(place.as_str()), "{error}");
            assert_eq!(error.expected(), expected, "{text}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn an_overlong_path_is_refused() {
        let text = "a.".repeat(600) + "b";
        assert!(text.parse::<FieldPath>().is_err());
    }
}
