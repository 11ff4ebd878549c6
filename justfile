# Every command of this repository by name; `just` alone lists them.

_list:
    @just --list --unsorted

# Build the tonl command
build:
    cargo build

# Run every test of the workspace
test *args:
    cargo test --workspace {{args}}

# Formatting, lints, repository checks and documentation warnings
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo xtask tidy
    cargo xtask deps

# Format the sources
fmt:
    cargo fmt --all

# Side-by-side speed of conversion and parsing on generated data
bench *args:
    cargo build --release -p tonl-cli -p tonl-bench
    target/release/tonl-bench {{args}}

# The server beside servers that do nothing but HTTP, as ratios (uses wrk if it is there)
bench-server *args:
    cargo build --release -p tonl-cli -p tonl-bench
    target/release/tonl-bench server {{args}}

# Token counts and their cost beside js-tiktoken (needs node)
tokens *args:
    npm ci --silent --prefix bench/tokens
    cargo build --release -p tonl-cli -p tonl-bench
    target/release/tonl-bench tokens {{args}}

# Attacks on a running server: answers, health, memory (--only NAME for some)
hostile *args:
    cargo build --release -p tonl-cli -p tonl-bench
    target/release/tonl-bench hostile {{args}}

# Run one fuzz target for ten minutes (needs nightly and cargo-fuzz)
fuzz target seconds="600":
    cargo +nightly fuzz run {{target}} -- -max_total_time={{seconds}}

# Write docs/cli.md and docs/metrics.md from the code, and the API pages
docs:
    cargo xtask docs
    cargo doc --workspace --no-deps

# Licences, bans and sources of the dependencies (needs cargo-deny)
deny:
    cargo deny check bans licenses sources advisories

# The shipped files of deploy/ by the tools that read them
deploy *args:
    deploy/check {{args}}

# Everything CI runs
ci:
    .ci/run
