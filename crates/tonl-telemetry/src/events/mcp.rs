//! What MCP clients send.

use super::{McpEra, McpTransport};
use crate::metric::McpMethod;
use crate::registry::McpLabels;
use crate::telemetry::{Event, Telemetry};
use tracing::debug;

/// A client sent a message.
#[derive(Clone, Copy, Debug)]
pub struct McpMessage<'a> {
    /// How it came.
    pub transport: McpTransport,
    /// The era of the protocol.
    pub era: McpEra,
    /// Its method, as the client wrote it; empty for an answer.
    pub method: &'a str,
}

impl Event for McpMessage<'_> {
    fn record(&self, telemetry: &Telemetry) {
        let (transport, era) = (self.transport.as_str(), self.era.as_str());
        let method = McpMethod::named(self.method).as_str();
        telemetry.series().mcp_message(McpLabels {
            transport,
            era,
            method,
        });
        debug!(
            event = "mcp_message",
            transport, era, method, "message of a client"
        );
    }
}
