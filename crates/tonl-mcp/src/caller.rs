//! Who asks, as far as tools and handles have to know.

use crate::context::IdentityKey;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who asks. Travels with each message from the transport to the tools.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// What handles and cursors are bound to.
    pub identity: IdentityKey,
    /// The only tools that it may call, and is told of; all of them if there is no list.
    pub tools: Option<Arc<BTreeSet<String>>>,
}

impl Caller {
    /// Who has this identity, with all tools.
    pub fn new(identity: IdentityKey) -> Self {
        Self {
            identity,
            tools: None,
        }
    }

    /// The one user of a process that is spoken to over its own pipes.
    pub fn local() -> Self {
        Self::new(IdentityKey::of("local"))
    }

    /// The same, with these tools alone if there is a list.
    #[must_use]
    pub fn with_tools(mut self, tools: Option<Arc<BTreeSet<String>>>) -> Self {
        self.tools = tools;
        self
    }

    /// Whether it may call a tool of this name.
    pub fn may_call(&self, tool: &str) -> bool {
        let tools = self.tools.as_ref();
        tools.is_none_or(|tools| tools.contains(tool))
    }
}
