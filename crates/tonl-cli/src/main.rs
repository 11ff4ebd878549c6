//! The `tonl` command: arguments in, one command done, an exit code out.
//!
//! Data goes to standard output and words for people to standard error. Everything about formats is
//! in the libraries; this crate opens files, reports and explains.

mod analysis;
mod args;
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
mod settings;
mod sources;
mod token;

use clap::{CommandFactory, FromArgMatches};
use exit::Exit;
use render::Voice;
use std::process::ExitCode;

fn main() -> ExitCode {
    let env = env::Env::read();
    let parsed = args::Cli::command()
        .color(env.color)
        .try_get_matches()
        .and_then(|matches| args::Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(message) => return explain(message),
    };
    let voice = Voice::new(env.color, cli.quiet);
    match commands::run(&cli.command, env, voice) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            voice.fail(&failure);
            failure.exit().into()
        }
    }
}

/// Prints help and version to standard output, usage errors to standard error.
fn explain(mut message: clap::Error) -> ExitCode {
    hint::suggest_command(&mut message, &args::Cli::command());
    let _closed = message.print();
    if message.use_stderr() {
        Exit::Error.into()
    } else {
        Exit::Success.into()
    }
}
