//! The command `tonl-bench`: one line a subcommand, everything else is in the library.

use clap::{Parser, Subcommand};
use tonl_bench::generate::Generate;

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Generate(command) => command.run(),
    }
}

/// Generates data and measures `tonl` beside other parsers on the same bytes.
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
}
