//! Who asks, as far as tools and handles have to know.

use crate::context::IdentityKey;

/// Who asks. Travels with each message from the transport to the tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// What handles and cursors are bound to.
    pub identity: IdentityKey,
}

impl Caller {
    /// Who has this identity.
    pub fn new(identity: IdentityKey) -> Self {
        Self { identity }
    }

    /// The one user of a process that is spoken to over its own pipes.
    pub fn local() -> Self {
        Self::new(IdentityKey::of("local"))
    }
}
