//! What stands behind each session: a session of the SDK, or a conversation on a stream.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};
use tonl_layers::session::SessionId;
use tonl_mcp::transport::conversation::Incoming;
use tonl_mcp::{McpServer, SessionName};

/// What a session leads to.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    /// A session of Streamable HTTP.
    Streamable(SessionName),
    /// A stream of the older transport.
    Legacy(mpsc::Sender<Incoming>),
}

/// The links of all sessions. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    table: Mutex<Table>,
    has_ended: Notify,
}

#[derive(Debug, Default)]
struct Table {
    links: HashMap<SessionId, Link>,
    /// The SDK's sessions whose end it has not been told yet.
    ended: Vec<SessionName>,
}

impl Links {
    /// Where a session leads to.
    pub(super) fn get(&self, session: SessionId) -> Option<Link> {
        self.lock().links.get(&session).cloned()
    }

    pub(super) fn insert(&self, session: SessionId, link: Link) {
        self.lock().links.insert(session, link);
    }

    /// Forgets a session that has ended.
    pub(crate) fn forget(&self, session: SessionId) {
        let mut table = self.lock();
        if let Some(Link::Streamable(name)) = table.links.remove(&session) {
            table.ended.push(name);
            self.shared.has_ended.notify_one();
        }
        if table.links.capacity() > 4 * table.links.len().max(64) {
            table.links.shrink_to_fit();
        }
    }

    /// Ends sessions of the SDK as ours end; never returns.
    pub(crate) async fn tell(&self, server: &McpServer) {
        loop {
            let ended = std::mem::take(&mut self.lock().ended);
            for name in &ended {
                server.close_session(name).await;
            }
            if ended.is_empty() {
                self.shared.has_ended.notified().await;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.shared
            .table
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
