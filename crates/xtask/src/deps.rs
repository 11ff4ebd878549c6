//! Who may depend on whom. The table is the one of `docs/architecture.md`; anything else fails.
//!
//! It looks at what every manifest of the workspace asks for, development dependencies included:
//! a test that reaches up the layers is a cycle waiting to be closed.

use crate::finding::Finding;
use crate::repository::Repository;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::process::Command;

/// The workspace's crates, lowest first, and what each may use of the others.
const ALLOWED: &[(&str, &[&str])] = &[
    ("tonl", &[]),
    ("tonl-tokens", &[]),
    ("tonl-secret", &[]),
    ("tonl-telemetry", &[]),
    ("tonl-privacy", &["tonl"]),
    ("tonl-layers", &["tonl-secret", "tonl-telemetry"]),
    ("tonl-connect", &["tonl", "tonl-secret", "tonl-telemetry"]),
    ("tonl-convert", &["tonl", "tonl-privacy", "tonl-tokens"]),
    ("tonl-mcp", &["tonl-convert", "tonl-telemetry"]),
    (
        "tonl-wrap",
        &["tonl-mcp", "tonl-convert", "tonl-secret", "tonl-telemetry"],
    ),
    (
        "tonl-server",
        &[
            "tonl-layers",
            "tonl-mcp",
            "tonl-wrap",
            "tonl-convert",
            "tonl-telemetry",
            "tonl-secret",
        ],
    ),
    (
        "tonl-cli",
        &[
            "tonl",
            "tonl-tokens",
            "tonl-secret",
            "tonl-telemetry",
            "tonl-privacy",
            "tonl-layers",
            "tonl-connect",
            "tonl-convert",
            "tonl-mcp",
            "tonl-wrap",
            "tonl-server",
        ],
    ),
    ("tonl-bench", &["tonl", "tonl-convert", "tonl-tokens"]),
    (TESTS_ONLY, &["tonl", "tonl-convert"]),
    ("xtask", &["tonl-telemetry", "tonl-tokens"]),
];

/// The crate that any other may use, but for its tests alone.
const TESTS_ONLY: &str = "tonl-testkit";

/// Foreign crates that only the named crates of the workspace may use.
const RESERVED: &[(&str, &[&str])] = &[
    ("clap", &["tonl-cli", "tonl-bench"]),
    ("prometheus-client", &["tonl-telemetry"]),
    (
        "tokio",
        &[
            "tonl-layers",
            "tonl-connect",
            "tonl-mcp",
            "tonl-wrap",
            "tonl-server",
            "tonl-cli",
            "tonl-bench",
        ],
    ),
];

/// One line of a manifest: `from` asks for `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edge {
    from: String,
    to: String,
    purpose: Purpose,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Build,
    Tests,
}

/// Reports every dependency the table does not allow, and every crate it does not know.
pub(crate) fn check(repository: &Repository) -> Result<Vec<Finding>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(repository.root())
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let metadata = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    let (members, edges) = graph(&metadata)?;
    Ok(judge(&members, &edges))
}

fn graph(metadata: &Value) -> Result<(Vec<String>, Vec<Edge>)> {
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    let mut members = Vec::new();
    let mut edges = Vec::new();
    for package in packages {
        let from = package["name"].as_str().context("a package has no name")?;
        members.push(from.to_owned());
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"]
                .as_str()
                .context("a dependency has no name")?;
            let tests = dependency["kind"] == "dev";
            edges.push(Edge {
                from: from.to_owned(),
                to: to.to_owned(),
                purpose: if tests {
                    Purpose::Tests
                } else {
                    Purpose::Build
                },
            });
        }
    }
    Ok((members, edges))
}

fn judge(members: &[String], edges: &[Edge]) -> Vec<Finding> {
    let unknown = members
        .iter()
        .filter(|member| !ALLOWED.iter().any(|(name, _)| name == member))
        .map(|member| {
            Finding::new(member, "the dependency table does not know this crate")
                .with_hint("add it to docs/architecture.md and to deps.rs")
        });
    let refused = edges.iter().filter(|edge| !allowed(edge)).map(|edge| {
        Finding::new(&edge.from, format!("it may not depend on {}", edge.to))
            .with_hint("see \"Who may depend on whom\" in docs/architecture.md")
    });
    unknown.chain(refused).collect()
}

fn allowed(edge: &Edge) -> bool {
    if edge.to == TESTS_ONLY {
        return edge.purpose == Purpose::Tests;
    }
    let ours = ALLOWED.iter().any(|(name, _)| *name == edge.to);
    let table = if ours { ALLOWED } else { RESERVED };
    let key = if ours { &edge.from } else { &edge.to };
    let peer = if ours { &edge.to } else { &edge.from };
    match table.iter().find(|(name, _)| name == key) {
        Some((_, names)) => names.contains(&peer.as_str()),
        None => !ours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(from: &str, to: &str) -> Vec<String> {
        judged(from, to, Purpose::Build)
    }

    fn judged(from: &str, to: &str, purpose: Purpose) -> Vec<String> {
        let edge = Edge {
            from: from.into(),
            to: to.into(),
            purpose,
        };
        let found = judge(&[from.to_owned()], &[edge]);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_upward_dependency_is_found() {
        let found = findings("tonl", "tonl-convert");
        assert!(found[0].starts_with("tonl: it may not depend on tonl-convert"));
    }

    #[test]
    fn a_downward_dependency_is_allowed() {
        assert!(findings("tonl-cli", "tonl-convert").is_empty());
        assert!(findings("tonl", "memchr").is_empty());
    }

    #[test]
    fn a_reserved_foreign_crate_is_found_outside_its_owner() {
        assert_eq!(findings("tonl-convert", "tokio").len(), 1);
        assert_eq!(findings("tonl", "clap").len(), 1);
        assert!(findings("tonl-cli", "clap").is_empty());
    }

    #[test]
    fn the_crate_for_tests_is_for_tests_alone() {
        assert_eq!(findings("tonl", TESTS_ONLY).len(), 1);
        assert!(judged("tonl", TESTS_ONLY, Purpose::Tests).is_empty());
    }

    #[test]
    fn a_crate_outside_the_table_is_found() {
        assert_eq!(findings("tonl-extra", "memchr").len(), 1);
    }

    #[test]
    fn the_table_lists_crates_below_the_ones_that_use_them() {
        for (at, (name, uses)) in ALLOWED.iter().enumerate() {
            for used in *uses {
                let place = ALLOWED.iter().position(|(other, _)| other == used);
                assert!(place.unwrap() < at, "{name} {used}");
            }
        }
    }
}
