//! Takes personal data out of records on their way from a source to a sink.
//!
//! A [`Policy`] says which fields ([`FieldPath`]) and which occurrences in texts ([`Detector`]) are
//! hidden, and how ([`Mode`]). A [`Filter`] applies it to [`tonl::Event`]s: it sits in front of any
//! [`tonl::EventSink`], keeps memory in proportion to the depth of the data, and counts in
//! [`Findings`] what it hid, never a value.
//!
//! ```
//! use tonl_privacy::{Detail, Detector, Filter, Mode, Policy};
//!
//! let policy = Policy::builder()
//!     .rule("user.email".parse().unwrap(), Mode::Mask)
//!     .detector(Detector::Card, Mode::Redact)
//!     .build()
//!     .unwrap();
//! let json = br#"{"user":{"email":"alice@example.com"},"note":"paid with 4111 1111 1111 1111"}"#;
//! let mut filter = Filter::new(&policy, Detail::Counts, tonl::ValueBuilder::new());
//! tonl::json::parse(json, &tonl::Limits::default(), &mut filter).unwrap();
//! let value = filter.sink().take().pop().unwrap();
//! assert_eq!(
//!     tonl::to_string(&value).unwrap(),
//!     "data: {user:{email:a***@example.com},note:\"paid with [REDACTED]\"}\n"
//! );
//! assert_eq!(filter.into_findings().count(), 2);
//! ```
//!
//! The crate reads no file and no environment: the key for [`Mode::Hash`] is given as bytes. It
//! does not promise that data is anonymous afterwards: what no rule names and no detector knows
//! stays, and so do the keys of objects.
#![deny(clippy::indexing_slicing)]

mod automaton;
mod detect;
mod error;
mod file;
mod filter;
mod findings;
mod hash;
mod mask;
mod mode;
mod path;
mod policy;
mod preset;

pub use detect::Detector;
pub use error::{Error, ErrorKind, Result};
pub use file::{KeySource, PolicyFile};
pub use filter::{Detail, Filter};
pub use findings::{Findings, Hits, Origin, Place};
pub use hash::HashKey;
pub use mask::mask;
pub use mode::Mode;
pub use path::FieldPath;
pub use policy::{Policy, PolicyBuilder};
pub use preset::Preset;
