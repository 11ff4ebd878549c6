//! The MCP server: what it offers, and the transports that carry it.
//!
//! Messages are checked before they reach the SDK ([`message`]); the SDK speaks the protocol
//! ([`McpServer`]). Who may ask is decided in front of this crate; it learns of it as a [`Caller`].

mod caller;
mod handler;
pub mod message;
mod server;
pub mod transport;

pub use caller::Caller;
pub use handler::Handler;
pub use rmcp;
pub use server::{AnswerBody, McpServer, SessionName};
