//! The command `tonl`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tonl_cli::tonl()
}
