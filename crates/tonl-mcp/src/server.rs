//! An MCP server on all its transports: the SDK's services behind one type that tells nothing of
//! what is served.

use crate::message::{Malformed, Parts};
use crate::transport::conversation::{Conversation, Incoming};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::Full;
use http_body_util::combinators::BoxBody;
use rmcp::ServerHandler;
use rmcp::service::serve_server_with_ct;
use rmcp::transport::streamable_http_server::session::SessionManager;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The name under which the SDK knows a session of Streamable HTTP.
pub type SessionName = Arc<str>;

/// The body of an answer of Streamable HTTP.
pub type AnswerBody = BoxBody<Bytes, Infallible>;

/// An MCP server. Clones are the same server.
#[derive(Clone)]
pub struct McpServer {
    doors: Arc<dyn Doors>,
    stop: CancellationToken,
    takes: Takes,
}

/// How a server takes the arguments of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Inside of their messages.
    Whole,
    /// Beside them.
    Parts,
}

impl fmt::Debug for McpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpServer").finish_non_exhaustive()
    }
}

impl McpServer {
    /// A server of our tools; bodies of Streamable HTTP have at most so many bytes.
    pub fn of_tools(handler: crate::Handler, max_body: usize) -> Self {
        Self {
            takes: Takes::Parts,
            ..Self::new(handler, max_body)
        }
    }

    /// A server of what this handler offers; bodies of Streamable HTTP have at most so many bytes.
    pub fn new<H: ServerHandler + Clone>(handler: H, max_body: usize) -> Self {
        let stop = CancellationToken::new();
        let mut sessions = LocalSessionManager::default();
        // Sessions end when those who opened them are gone, which is known in front of the SDK.
        sessions.session_config.keep_alive = None;
        let sessions = Arc::new(sessions);
        // Names, origins and tokens are checked in front of it, for all transports alike; silent
        // streams say there that they live.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_max_request_body_bytes(max_body)
            .with_sse_keep_alive(None)
            .with_cancellation_token(stop.clone());
        let offered = handler.clone();
        let http =
            StreamableHttpService::new(move || Ok(offered.clone()), Arc::clone(&sessions), config);
        let both = Both {
            handler,
            http,
            sessions,
            stop: stop.clone(),
        };
        Self {
            doors: Arc::new(both),
            stop,
            takes: Takes::Whole,
        }
    }

    /// A message that passed [`crate::message::check`], as this server takes it.
    ///
    /// # Errors
    /// It is too large beside its arguments.
    pub fn parts(&self, text: Bytes) -> Result<Parts, Malformed> {
        match self.takes {
            Takes::Whole => Ok(Parts::whole(text)),
            Takes::Parts => Parts::split(text),
        }
    }

    /// Answers a request of Streamable HTTP: one of the [`McpServer::parts`] of its message is the body,
    /// the other an extension.
    pub async fn streamable_http(&self, request: Request<Bytes>) -> Response<AnswerBody> {
        self.doors.streamable_http(request).await
    }

    /// Ends a session of Streamable HTTP.
    pub async fn close_session(&self, session: &SessionName) {
        self.doors.close_session(session).await;
    }

    /// Serves one client until its messages end and all of them are answered, or nobody takes the
    /// answers.
    pub async fn converse(&self, incoming: mpsc::Receiver<Incoming>, outlet: mpsc::Sender<String>) {
        self.doors.converse(Conversation { incoming, outlet }).await;
    }

    /// Ends all sessions and conversations.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

trait Doors: Send + Sync {
    fn streamable_http(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<AnswerBody>>;
    fn close_session<'a>(&'a self, session: &'a SessionName) -> BoxFuture<'a, ()>;
    fn converse(&self, conversation: Conversation) -> BoxFuture<'_, ()>;
}

struct Both<H> {
    handler: H,
    http: StreamableHttpService<H, LocalSessionManager>,
    sessions: Arc<LocalSessionManager>,
    stop: CancellationToken,
}

impl<H: ServerHandler + Clone> Doors for Both<H> {
    fn streamable_http(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<AnswerBody>> {
        Box::pin(self.http.handle(request.map(Full::new)))
    }

    fn close_session<'a>(&'a self, session: &'a SessionName) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.sessions.close_session(session).await {
                tracing::debug!(%error, "a session was closed already");
            }
        })
    }

    fn converse(&self, conversation: Conversation) -> BoxFuture<'_, ()> {
        let handler = self.handler.clone();
        let stop = self.stop.child_token();
        Box::pin(async move {
            match serve_server_with_ct(handler, conversation, stop).await {
                Ok(running) => {
                    if let Err(error) = running.waiting().await {
                        tracing::warn!(%error, "a conversation broke off");
                    }
                }
                Err(error) => tracing::debug!(%error, "a conversation did not begin"),
            }
        })
    }
}
