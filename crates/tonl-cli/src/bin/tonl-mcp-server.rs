//! The command `tonl-mcp-server`: `tonl serve` under the name that its users know (S63).

use std::process::ExitCode;

fn main() -> ExitCode {
    tonl_cli::server()
}
