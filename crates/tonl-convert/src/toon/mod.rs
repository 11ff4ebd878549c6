//! TOON 4.0 (Token-Oriented Object Notation), read and written.
//!
//! [`read()`] sends a text's events line by line in the memory of its longest line and its open
//! blocks; [`ToonSink`] keeps a whole value, because a header states counts and columns before its
//! rows. Quoting, escapes and the recognition of numbers are in `lexis` alone.
//!
//! - Read numbers keep their text. Written ones follow [`Fidelity`]: TOON has one spelling for each
//!   number from 1e-6 to below 1e21, so by default `1.0` becomes `1`, and that is reported as a loss,
//!   as is a row whose keys stand in another order than the first row's.
//! - A text in a file is not recognised by its content: a header alone is TONL's as well. Its
//!   extension `.toon` or its name says what it is.
//! - Key folding and path expansion are not part of TOON 4.0; a key with dots is that key.
//!
//! *Source:* the TOON specification 4.0, sections 2 to 14; `§` in this module's comments is one of
//! them.

mod field;
mod header;
mod lexis;
mod number;
mod options;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use options::{Delimiter, Fidelity, Strictness, ToonReadOptions, ToonWriteOptions};
pub use read::{parse, read};
pub use write::ToonSink;
