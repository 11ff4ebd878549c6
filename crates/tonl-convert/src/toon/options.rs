//! What a caller may choose when TOON is read or written (§13).

use tonl::Limits;

/// How TOON is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToonReadOptions {
    /// Bounds of depth, columns, rows, line and total bytes.
    pub limits: Limits,
    /// Spaces for each level of depth; 0 is read as 1.
    pub indent: usize,
    /// Whether deviations are errors.
    pub strictness: Strictness,
}

impl Default for ToonReadOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            indent: INDENT,
            strictness: Strictness::default(),
        }
    }
}

/// How TOON is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToonWriteOptions {
    /// What separates the values of arrays and rows.
    pub delimiter: Delimiter,
    /// Spaces for each level of depth; 0 is read as 1.
    pub indent: usize,
    /// What becomes of number texts and key orders that TOON's own forms do not hold.
    pub fidelity: Fidelity,
}

impl Default for ToonWriteOptions {
    fn default() -> Self {
        Self {
            delimiter: Delimiter::default(),
            indent: INDENT,
            fidelity: Fidelity::default(),
        }
    }
}

/// Spaces for each level of depth unless the caller says otherwise.
const INDENT: usize = 2;

/// What a reader does with deviations (§14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strictness {
    /// Every deviation is an error.
    #[default]
    Strict,
    /// The deviations that the specification names are taken without a word: a count that is
    /// wrong, blank lines within arrays, a key that stands twice (the last one is kept, at the
    /// first one's place), a malformed header as a plain key, and free indentation (a TAB is one
    /// level, spaces count in whole levels, a block may begin too deep). The whole value is held
    /// in memory.
    Lenient,
}

/// What separates the values of arrays and rows (§11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// A TAB.
    Tab,
    /// `|`
    Pipe,
}

impl Delimiter {
    /// The character, which is one byte.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// What a header's brackets hold to announce it.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Comma => "",
            Self::Tab => "\t",
            Self::Pipe => "|",
        }
    }
}

/// What becomes of the two things that TOON's own forms do not hold: the text of a number that TOON
/// spells otherwise, and the key order of a table's row that differs from the first row's.
///
/// *Source:* §2: from 1e-6 to below 1e21 a number has one spelling, without exponent and without
/// needless zeros; outside of that any JSON number may stand, and always keeps its text. §9.3, §9.5:
/// rows have the fields in the order of the first row's keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fidelity {
    /// The text is the one that the specification asks for. What is not held is counted and told by
    /// [`crate::sink::TextSink::losses`].
    #[default]
    Canonical,
    /// Nothing is lost, and every TOON reader takes the text: numbers keep theirs, and arrays and
    /// objects whose rows differ in key order become lists and blocks.
    Exact,
    /// What [`Fidelity::Canonical`] would count is refused with [`tonl::Code::Unrepresentable`].
    Refused,
}
