//! `tonl mcp`: serving over standard input and output, and the set-up of clients.

mod backup;
mod config;
mod difference;
mod document;
mod entry;
mod hosts;
mod install;
mod serve;
mod undo;

use crate::args::mcp::{McpArgs, McpCommand, ToolArgs};
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::Result;
use crate::render::Voice;

/// Serves, or prints or writes the configuration of a client.
///
/// # Errors
/// What keeps the command from doing it.
pub(super) fn run(args: &McpArgs, env: Env, voice: Voice) -> Result<Exit> {
    match &args.command {
        None => serve(&args.tools, env, voice),
        Some(McpCommand::Config(args)) => config::run(args, voice),
        Some(McpCommand::Install(args)) => install::run(args, env, voice),
    }
}

/// Serves over standard input and output.
///
/// # Errors
/// What keeps the command from doing it.
pub(super) fn serve(args: &ToolArgs, env: Env, voice: Voice) -> Result<Exit> {
    serve::run(args, env, voice)
}
