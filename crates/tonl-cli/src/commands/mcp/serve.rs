//! `tonl mcp` alone: the server over standard input and output.

use crate::args::mcp::McpArgs;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::render::Voice;

/// Serves until the input ends.
///
/// # Errors
/// Always, until the transport is there.
pub(super) fn run(_args: &McpArgs, _env: Env, _voice: Voice) -> Result<Exit> {
    Err(Failure::new(
        "MCP over standard input and output is not built yet",
    ))
}
