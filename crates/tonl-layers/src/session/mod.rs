//! Sessions: made by the server, bound to the identity that opened them, and ended on time.
//!
//! A session is found by its id together with whoever asks. A good token of another identity gets the
//! same answer as an id that never was; a session's own token on any other session is a failed
//! authentication. Ids that clients make up are ignored: only [`Sessions::open`] makes one.
//!
//! In development mode an anonymous client of this machine may open a session, and gets a token that
//! opens this session alone (S9 to S16). Its digest is kept, in memory only, and forgotten when the
//! session ends.
//!
//! Not here: the transports. They attach their streams ([`Sessions::attach`]), send events through the
//! session's bounded queue, and end when [`Session::closed`] says so.
//!
//! Invariant: ids, tokens and counts of addresses are changed together under one lock, so a session
//! that is closed is gone for all of them at once.
//!
//! The trap: nothing here runs by itself. The server calls [`Sessions::sweep`] at least every ten
//! minutes, and a transport ends its stream after [`Sessions::time_left`].

mod error;
mod handle;
mod id;
mod queue;
mod registry;
mod store;
mod token;

pub use error::{Missed, OpenError};
pub use handle::{Attached, CloseReason, Ending, Session};
pub use id::SessionId;
pub use queue::{EventQueue, Next, PushError};
pub use store::{Opened, Sessions};

use std::time::Duration;

/// How many sessions there may be, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// Sessions in all. Of none, none can be opened.
    pub most: usize,
    /// Sessions of one client address (an IPv6 /64 counts as one).
    pub most_per_address: usize,
    /// How long a session lives without a stream and without a request.
    pub idle: Duration,
    /// How long a session lives at most; none is for ever.
    pub lifetime: Option<Duration>,
    /// How long a session's own token is good, and with it the session that it guards.
    pub token_life: Duration,
    /// Bytes of events that may wait for one session's reader.
    pub queue: usize,
}

impl SessionConfig {
    /// The contract's values where tokens are configured.
    pub fn production() -> Self {
        Self {
            most: 1_000,
            most_per_address: 50,
            idle: Duration::from_secs(300),
            lifetime: None,
            token_life: Duration::from_secs(3_600),
            queue: 8 << 20,
        }
    }

    /// The contract's values in development mode: no session lives longer than an hour.
    pub fn development() -> Self {
        Self {
            lifetime: Some(Duration::from_secs(3_600)),
            ..Self::production()
        }
    }
}
