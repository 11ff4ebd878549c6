//! The path of the value that is passing by, for reports. It is short however long the keys are, and
//! however deep they stand: each hit may copy it.

use crate::detect::{self, Detector, Found};
use crate::mask::REDACTED;

/// The path from the record's root as text.
#[derive(Default)]
pub(super) struct Trail {
    text: String,
    found: Vec<Found>,
}

impl Trail {
    /// Goes to the member `key` of the object that the first `base` bytes lead to. A key that holds
    /// something personal is not shown.
    pub(super) fn key(&mut self, base: usize, key: &str) {
        self.cut(base);
        if self.is_full() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('.');
        }
        self.show(key);
        if self.is_full() {
            self.text.push(CUT);
        }
    }

    fn show(&mut self, key: &str) {
        detect::find(key, Detector::ALL.iter().copied(), &mut self.found);
        if !self.found.is_empty() {
            self.text.push_str(REDACTED);
        } else if is_bare(key) {
            self.text.extend(shortened(key));
        } else {
            self.quote(key);
        }
    }

    fn quote(&mut self, key: &str) {
        self.text.push('"');
        for character in shortened(key) {
            if matches!(character, '"' | '\\') {
                self.text.push('\\');
            }
            self.text.push(character);
        }
        self.text.push('"');
    }

    /// Goes to the elements of the array that this is the path of.
    pub(super) fn elements(&mut self) {
        if !self.is_full() {
            self.text.push_str("[]");
        }
    }

    /// Goes back to the first `length` bytes.
    pub(super) fn cut(&mut self, length: usize) {
        self.text.truncate(length);
    }

    fn is_full(&self) -> bool {
        self.text.len() >= PATH_BYTES
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The path; `.` for the record itself.
    pub(super) fn path(&self) -> &str {
        if self.text.is_empty() {
            "."
        } else {
            &self.text
        }
    }
}

/// The characters of a key that are shown.
fn shortened(key: &str) -> impl Iterator<Item = char> {
    let is_cut = key.chars().nth(KEY_CHARACTERS).is_some();
    key.chars()
        .take(KEY_CHARACTERS)
        .chain(is_cut.then_some(CUT))
}

/// Most characters that are shown of a key.
const KEY_CHARACTERS: usize = 100;
/// From this length a path is not continued.
const PATH_BYTES: usize = 400;
/// Stands where something is left out.
const CUT: char = '…';

fn is_bare(key: &str) -> bool {
    let is_plain = |c: char| !matches!(c, '.' | '[' | ']' | '"' | '*') && !c.is_control();
    !key.is_empty() && key.trim() == key && key.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_can_be_read_as_a_path() {
        let mut trail = Trail::default();
        assert_eq!(trail.path(), ".");
        trail.key(0, "items");
        trail.elements();
        let base = trail.len();
        trail.key(base, "first.name \"x\\y\"");
        assert_eq!(trail.path(), r#"items[]."first.name \"x\\y\"""#);
        let path: crate::FieldPath = trail.path().parse().unwrap();
        assert_eq!(path.as_str(), trail.path());
        trail.key(base, "card");
        assert_eq!(trail.path(), "items[].card");
    }

    #[test]
    fn a_personal_key_is_not_shown() {
        let mut trail = Trail::default();
        trail.key(0, "alice@example.com");
        assert_eq!(trail.path(), "[REDACTED]");
    }

    #[test]
    fn a_trail_is_short_whatever_leads_to_it() {
        let mut trail = Trail::default();
        trail.key(0, &"k".repeat(1 << 20));
        assert_eq!(trail.path(), format!("{}…", "k".repeat(100)));
        for _ in 0..500 {
            trail.elements();
            trail.key(trail.len(), &"\"".repeat(300));
        }
        assert!(trail.len() < 1_000, "{}", trail.len());
        assert!(trail.path().ends_with('…'));
    }
}
