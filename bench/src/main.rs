//! The command `tonl-bench`: one line a subcommand, everything else is in the library.

use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;
use tonl_bench::{
    bare::Bare, callgrind::CallgrindTarget, generate::Generate, hostile::Hostile, measure::Measure,
    run::Run, savings::Savings, server::Server, tokens::Tokens,
};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to do when standard error is closed too.
            let _said = writeln!(std::io::stderr(), "tonl-bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let arguments = if std::env::args_os().len() > 1 {
        Arguments::parse()
    } else {
        Arguments::parse_from(["tonl-bench", "run"])
    };
    match arguments.command {
        Command::Generate(command) => command.run()?,
        Command::Run(command) => command.run()?,
        Command::CallgrindTarget(command) => command.run()?,
        Command::Measure(command) => command.run()?,
        Command::Tokens(command) => command.run()?,
        Command::Savings(command) => command.run()?,
        Command::Hostile(command) => return command.run(),
        Command::Server(command) => command.run()?,
        Command::Bare(command) => command.run()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Generates data and measures `tonl` beside other parsers on the same bytes.
///
/// Without a command all tables are measured.
#[derive(Debug, Parser)]
#[command(name = "tonl-bench", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a file of one of the shapes
    Generate(Generate),
    /// Measure, and print the tables with their goals
    Run(Run),
    /// Stream a file once, for callgrind to count the instructions
    CallgrindTarget(CallgrindTarget),
    /// Hold token counts against js-tiktoken, and measure both
    Tokens(Tokens),
    /// Compare the tokens of all forms of the same data
    Savings(Savings),
    /// Attack a running server, and say whether it holds
    Hostile(Hostile),
    /// Measure the server beside servers that do nothing but HTTP
    Server(Server),
    /// Answer requests with nothing but HTTP, to be measured beside the server
    #[command(hide = true)]
    Bare(Bare),
    /// Run one program and print its processor time and peak memory
    #[command(hide = true)]
    Measure(Measure),
}
