//! What the tests of several crates share: random documents, their JSON text, and a second,
//! independent decoder of TONL.
//!
//! Nothing here is fast on purpose. The decoder in [`oracle`] is written line by line from the
//! grammar of `spec/tonl.md` and shares no code with the reader that it judges.

pub mod codec;
pub mod compare;
pub mod generate;
pub mod json;
pub mod mutate;
pub mod oracle;
pub mod random;
pub mod targets;

pub use random::Random;
