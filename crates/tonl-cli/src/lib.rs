//! The commands `tonl` and `tonl-mcp-server`: arguments in, one command done, an exit code out.
//!
//! Data goes to standard output and words for people to standard error. Everything about formats is
//! in the libraries; this crate opens files, reports and explains.

mod analysis;
mod args;
mod audit_key;
mod authority;
mod commands;
mod cost;
mod env;
mod exit;
mod exposition;
mod failure;
mod hint;
mod input;
mod interrupt;
mod monitor;
mod output;
mod policy;
mod render;
mod serving;
mod settings;
mod sources;
mod token;

use clap::{CommandFactory, FromArgMatches};
use env::Env;
use exit::Exit;
use render::Voice;
use std::process::ExitCode;

/// Runs the command `tonl` with the arguments and the environment of the process.
pub fn tonl() -> ExitCode {
    program(
        |cli: &args::Cli| cli.quiet,
        |cli, env, voice| commands::run(&cli.command, env, voice),
    )
}

/// Runs the command `tonl-mcp-server`: the server alone, with the same settings as `tonl serve` (S63).
/// Of the other commands nothing is in the program.
pub fn server() -> ExitCode {
    program(|_: &args::serve::ServerCli| false, commands::server)
}

/// Runs the command `tonl-mcp-stdio`: the same as `tonl mcp` alone (S63).
pub fn stdio() -> ExitCode {
    program(|_: &args::mcp::StdioCli| false, commands::stdio)
}

/// Reads the command line, does what it asks for, and says what went wrong.
fn program<C: CommandFactory + FromArgMatches>(
    is_quiet: impl FnOnce(&C) -> bool,
    run: impl FnOnce(&C, Env, Voice) -> failure::Result<Exit>,
) -> ExitCode {
    let env = Env::read();
    let cli = match parsed::<C>(env) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    let voice = Voice::new(env.color, is_quiet(&cli));
    match run(&cli, env, voice) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            voice.fail(&failure);
            failure.exit().into()
        }
    }
}

fn parsed<C: CommandFactory + FromArgMatches>(env: Env) -> Result<C, Exit> {
    let matches = C::command().color(env.color).try_get_matches();
    let parsed = matches.and_then(|matches| C::from_arg_matches(&matches));
    parsed.map_err(|message| explain(message, &C::command()))
}

/// Prints help and version to standard output, usage errors to standard error.
fn explain(mut message: clap::Error, command: &clap::Command) -> Exit {
    hint::suggest_command(&mut message, command);
    let _closed = message.print();
    if message.use_stderr() {
        Exit::Error
    } else {
        Exit::Success
    }
}
