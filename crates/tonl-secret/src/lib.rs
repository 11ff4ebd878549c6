//! Secrets that cannot be printed, where they come from and how they are renewed.
//!
//! A [`Source`] reads tokens and gives a [`TokenSet`], which keeps SHA-256 digests, never texts. A
//! [`Keyring`] holds the current set and lets replaced tokens stay valid for a while. A [`Watch`] reads
//! the source again when it changes.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use tonl_secret::{Keyring, Secret, Source};
//!
//! let now = SystemTime::now();
//! let old = Source::Inline(Secret::from("old-token")).read().unwrap();
//! let keyring = Keyring::new(old);
//! assert!(keyring.verify(b"old-token", now).is_some());
//!
//! let new = Source::Inline(Secret::from("new-token")).read().unwrap();
//! keyring.install(new, now, Duration::from_secs(60));
//! assert!(keyring.verify(b"new-token", now).is_some());
//! assert!(keyring.verify(b"old-token", now + Duration::from_secs(59)).is_some());
//! assert!(keyring.verify(b"old-token", now + Duration::from_secs(60)).is_none());
//! ```
//!
//! The crate knows nothing of HTTP routes, and reads no environment variable. It blocks: a caller
//! with an async runtime reads on a thread of its own.
#![deny(clippy::indexing_slicing)]

pub mod digest;
mod error;
pub mod generate;
pub mod rotate;
pub mod secret;
pub mod source;
pub mod strength;
pub mod tokens;

pub use digest::Digest;
pub use error::{SourceError, SourceErrorKind};
pub use rotate::{Keyring, Reload, Watch};
pub use secret::Secret;
pub use source::Source;
pub use strength::{RECOMMENDED_BITS, Strength, estimate};
pub use tokens::{BadScopes, Found, Scope, Scopes, Token, TokenSet, Verdict};
