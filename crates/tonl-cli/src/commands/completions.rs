//! `tonl completions`: a script for the user's shell.

use crate::args::Cli;
use crate::args::completions::CompletionsArgs;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;
use clap::CommandFactory;

/// Prints the script for the shell asked for.
pub(super) fn run(args: &CompletionsArgs) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tonl", &mut script);
    Output::stdout().write_whole(&script)
}
