//! Prints how long the tools take: `cargo run --release -p tonl-mcp --example figures`.
#![expect(clippy::print_stdout, reason = "it prints figures")]

use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use tonl_mcp::{CallContext, IdentityKey, ToolConfig, Toolbox, UnknownTool};

fn main() -> Result<(), UnknownTool> {
    let toolbox = Toolbox::new(ToolConfig::default());
    for (name, rows, calls) in [("2 rows", 2, 2_000), ("1,000 rows", 1_000, 200)] {
        let there = json!({ "data": records(rows), "name": "users" });
        report(
            &toolbox,
            &format!("convert_to_tonl, {name}, counted"),
            &there,
            calls,
        )?;
        let plain = json!({ "data": records(rows), "options": { "includeStats": false } });
        report(&toolbox, &format!("convert_to_tonl, {name}"), &plain, calls)?;
    }
    Ok(())
}

fn records(rows: u64) -> Value {
    let record = |n: u64| {
        json!({
            "id": n, "name": format!("User {n}"), "email": format!("user{n}@example.com"),
            "age": 18 + n % 57, "active": !n.is_multiple_of(3),
        })
    };
    (1..=rows).map(record).collect()
}

fn report(
    toolbox: &Toolbox,
    title: &str,
    arguments: &Value,
    calls: usize,
) -> Result<(), UnknownTool> {
    let call = CallContext::new(IdentityKey::of("figures"));
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let members: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
        let start = Instant::now();
        toolbox.call("convert_to_tonl", members, &call)?;
        times.push(start.elapsed());
    }
    // The first tenth warms up.
    times.drain(..calls / 10);
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get(times.len() * share / 100)
            .copied()
            .unwrap_or(Duration::ZERO)
    };
    println!("{title}: p50 {:?}, p99 {:?}", at(50), at(99));
    Ok(())
}
