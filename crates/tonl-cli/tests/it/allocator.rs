//! The allocator of the server's binary, on Linux with glibc: that it is set, and that it takes each
//! of its settings. How much memory it gives back is measured by `just bench-server`.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use crate::sandbox::Sandbox;
use std::process::{Command, Stdio};

#[test]
fn the_server_gives_memory_back_in_the_background() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tonl-mcp-server"));
    command
        .arg("--version")
        .env("_RJEM_MALLOC_CONF", "confirm_conf:true")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let told = Sandbox::feed(command, "").stderr;
    for setting in [
        "background_thread:true",
        "max_background_threads:1",
        "narenas_ratio:1",
        "dirty_decay_ms:1000",
        "muzzy_decay_ms:0",
        "slab_sizes:1-1024:8|1025-14336:32",
        "tcache_max:64",
        "tcache_nslots_small_min:4",
        "tcache_nslots_small_max:8",
    ] {
        let wanted = format!("Set conf value: {setting}\n");
        assert!(told.contains(&wanted), "{setting}:\n{told}");
    }
    assert!(!told.contains("Invalid"), "{told}");
}
