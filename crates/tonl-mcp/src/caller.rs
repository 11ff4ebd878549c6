//! Who asks, as far as tools and handles have to know.

/// Who asks. Travels with each message from the transport to the tools.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// What handles and cursors are bound to: a digest, never a credential.
    pub identity: [u8; 32],
}

impl Caller {
    /// Who has this identity.
    pub fn new(identity: [u8; 32]) -> Self {
        Self { identity }
    }

    /// The one user of a process that is spoken to over its own pipes.
    pub fn local() -> Self {
        Self::new([0; 32])
    }
}
