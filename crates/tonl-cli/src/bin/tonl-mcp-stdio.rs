//! The command `tonl-mcp-stdio`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tonl_cli::stdio()
}
