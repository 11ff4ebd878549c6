//! One file a command; this one only chooses.

mod analyze;
mod audit;
mod batch;
mod check;
mod completions;
mod convert;
mod count;
mod counting;
mod doctor;
mod fmt;
mod healthcheck;
mod man;
mod mcp;
mod models;
mod privacy;
mod roi;
mod serve;
mod stream;
mod to_tonl;
mod token;
mod top;
mod watch;

use crate::args::Command;
use crate::args::mcp::StdioCli;
use crate::args::serve::{ServerCli, ServerCommand};
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::Result;
use crate::policy;
use crate::render::Voice;

/// Does what was asked for.
///
/// # Errors
/// What keeps the command from doing it.
pub(crate) fn run(command: &Command, env: Env, voice: Voice) -> Result<Exit> {
    match command {
        Command::Convert(args) => {
            policy::refuse_stray_fields(&args.policy, &args.paths)?;
            convert::run(args, env, voice)
        }
        Command::Stream(args) => stream::run(args, env, voice),
        Command::Batch(args) => batch::run(args, env, voice),
        Command::Watch(args) => watch::run(args, voice),
        Command::Check(args) => check::run(args, voice),
        Command::Fmt(args) => fmt::run(args, voice),
        Command::Privacy(args) => privacy::run(args, voice),
        Command::Count(args) => count::run(args, env, voice),
        Command::Models(args) => models::run(args),
        Command::Roi(args) => roi::run(args),
        Command::Analyze(args) => analyze::run(args, env, voice),
        Command::Mcp(args) => mcp::run(args, env, voice),
        Command::Serve(args) => serve::run(args, env, voice),
        Command::Doctor(args) => doctor::run(args, env, voice),
        Command::Healthcheck(args) => healthcheck::run(args, voice),
        Command::Audit(args) => audit::run(args, voice),
        Command::Top(args) => top::run(args, env, voice),
        Command::Token(args) => token::run(args, voice),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

/// Does what `tonl-mcp-server` was asked for.
///
/// # Errors
/// As [`run`].
pub(crate) fn server(cli: &ServerCli, env: Env, voice: Voice) -> Result<Exit> {
    match &cli.command {
        Some(ServerCommand::Healthcheck(args)) => healthcheck::run(args, voice),
        None => serve::run(&cli.serve, env, voice),
    }
}

/// Does what `tonl-mcp-stdio` was asked for.
///
/// # Errors
/// As [`run`].
pub(crate) fn stdio(cli: &StdioCli, env: Env, voice: Voice) -> Result<Exit> {
    mcp::serve(&cli.tools, env, voice)
}
