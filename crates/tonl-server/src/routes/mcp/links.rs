//! What stands behind each session: a session of the SDK, or a conversation on a stream.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
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
#[derive(Clone, Debug)]
pub(crate) struct Links {
    table: Arc<Mutex<HashMap<SessionId, Link>>>,
    ended: mpsc::UnboundedSender<SessionName>,
}

/// The SDK's sessions whose end it has to be told.
#[derive(Debug)]
pub(crate) struct Ended(mpsc::UnboundedReceiver<SessionName>);

impl Links {
    /// No links, and where the ends of those to come are told.
    pub(crate) fn new() -> (Self, Ended) {
        let (ended, to_tell) = mpsc::unbounded_channel();
        let table = Arc::default();
        (Self { table, ended }, Ended(to_tell))
    }

    /// Where a session leads to.
    pub(super) fn get(&self, session: SessionId) -> Option<Link> {
        self.lock().get(&session).cloned()
    }

    pub(super) fn insert(&self, session: SessionId, link: Link) {
        self.lock().insert(session, link);
    }

    /// Forgets a session that has ended.
    pub(crate) fn forget(&self, session: SessionId) {
        let link = {
            let mut table = self.lock();
            let link = table.remove(&session);
            if table.capacity() > 4 * table.len().max(64) {
                table.shrink_to_fit();
            }
            link
        };
        if let Some(Link::Streamable(name)) = link {
            // Nobody listens any more only when the server is over.
            let _listening = self.ended.send(name);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Link>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ended {
    /// Ends sessions of the SDK as ours end; never returns before all links are gone.
    pub(crate) async fn tell(&mut self, server: &McpServer) {
        while let Some(name) = self.0.recv().await {
            server.close_session(&name).await;
        }
    }
}
