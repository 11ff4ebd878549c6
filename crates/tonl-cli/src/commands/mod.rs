//! One file a command; this one only chooses.

mod completions;
mod man;

use crate::args::Command;
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::render::Voice;

/// Does what was asked for.
pub(crate) fn run(command: &Command, _env: Env, _voice: Voice) -> Result<Exit> {
    match command {
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
        _ => Err(Failure::new("not here yet")),
    }
}
