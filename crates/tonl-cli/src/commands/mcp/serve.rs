//! `tonl mcp` alone: the server over standard input and output.
//!
//! Calls are computed one after another, so that answers come in the order of the calls. Nothing
//! listens on the network.

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::render::Voice;
use crate::serving::signals::Stop;
use std::io;
use std::num::NonZeroUsize;
use tokio::io::BufReader;
use tonl_mcp::transport::stdio;
use tonl_mcp::{Handler, HandlerConfig, McpServer, ToolConfig, Toolbox};
use tonl_server::StopSignals;
use tonl_telemetry::Telemetry;

/// Serves until the input ends, the output is closed, or a signal comes.
///
/// # Errors
/// When the input cannot be read or the output not written.
pub(super) fn run(voice: Voice) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()
        .map_err(|error| Failure::new(format_args!("cannot start: {error}")))?;
    let served = runtime.block_on(serve(voice));
    // A read of standard input cannot be called off.
    runtime.shutdown_background();
    match served {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format_args!(
            "cannot go on speaking with the client: {error}"
        ))),
        _ => Ok(Exit::Success),
    }
}

async fn serve(voice: Voice) -> io::Result<()> {
    let mut stop = Stop::new()?;
    let toolbox = Toolbox::new(ToolConfig::default());
    let config = HandlerConfig::new(NonZeroUsize::MIN);
    let handler = Handler::new(toolbox, config, Telemetry::disabled_audit());
    let server = McpServer::new(handler, stdio::MAX_LINE);
    let input = BufReader::with_capacity(64 << 10, tokio::io::stdin());
    voice.say("TONL MCP Server (stdio) started");
    tokio::select! {
        served = stdio::serve(&server, input, tokio::io::stdout()) => served,
        _signal = stop.next() => Ok(()),
    }
}
