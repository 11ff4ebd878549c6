//! Renewing tokens without a restart: the set in force, and the eye on its source.

mod bell;
mod keyring;
mod watch;

pub use keyring::{Change, Keyring, Verified};
pub use watch::{Poker, Reload, Times, Watch, Watching};
