//! What is offered, as the SDK asks for it.

use rmcp::ServerHandler;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};

/// The handler of our tools.
#[derive(Clone, Debug, Default)]
pub struct Handler {}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::default();
        info.capabilities = ServerCapabilities::builder().enable_tools().build();
        info.server_info = Implementation::new("tonl-mcp-bridge", env!("CARGO_PKG_VERSION"));
        info
    }
}
