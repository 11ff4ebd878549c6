//! The command `tonl-mcp-server`: `tonl serve` under the name that its users know (S63).

use std::process::ExitCode;

// Thousands of sessions that have ended must not keep their memory: docs/decisions/0011.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    tonl_cli::server()
}
