//! Counts the tokens that a text costs a language model, and says what that costs.
//!
//! Counts for the encodings `o200k_base` and `cl100k_base` are exact: the same tokens as OpenAI's
//! tiktoken gives, with text that looks like a special token counted as text. The vocabularies are
//! embedded and read in place, so that nothing is loaded. For models whose tokenizer is not public
//! the count is an estimate, and says so.
//!
//! Nothing here reads files, knows JSON or TONL, or keeps state between calls. Time is linear in the
//! text's bytes whatever it holds, memory is constant.
#![deny(clippy::indexing_slicing)]

pub mod encoding;
mod merge;
pub mod model;
mod pieces;
pub mod savings;
mod tally;
pub mod vocabulary;

pub use encoding::Encoding;
pub use model::{Count, Method, Model, UnknownModel};
pub use savings::{Baseline, Savings};
pub use tally::Tally;
