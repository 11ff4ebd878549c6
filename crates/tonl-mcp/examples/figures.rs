//! Prints how long the tools take: `cargo run --release -p tonl-mcp --example figures`.
#![expect(clippy::print_stdout, reason = "it prints figures")]

use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
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
    for (name, data) in large() {
        for tool in ["convert_to_tonl", "validate_schema"] {
            questions(
                &toolbox,
                &format!("{tool}, {name}"),
                tool,
                &json!({ "data": data }),
            )?;
        }
        let tonl = written(&toolbox, &data)?;
        questions(
            &toolbox,
            &format!("parse_tonl, {name}"),
            "parse_tonl",
            &json!({ "tonl": tonl }),
        )?;
        let texts = json!({ "jsonData": data.to_string(), "tonlData": tonl });
        questions(
            &toolbox,
            &format!("calculate_savings, {name}"),
            "calculate_savings",
            &texts,
        )?;
    }
    Ok(())
}

/// Values of some 20 MB, of each shape.
fn large() -> Vec<(&'static str, Value)> {
    vec![
        ("records", records(150_000)),
        (
            "an object of records",
            json!({ "users": records(150_000), "more": 1 }),
        ),
        ("an object of objects", {
            let named = (0..150_000).map(|n| {
                (
                    format!("user{n}"),
                    json!({ "id": n, "name": format!("User {n}"), "tags": ["a", "b"] }),
                )
            });
            Value::Object(named.collect())
        }),
        (
            "one string",
            json!({ "text": "lorem ipsum dolor \"sit\" ".repeat(800_000) }),
        ),
        ("one word", json!({ "text": "a".repeat(20_000_000) })),
        ("numbers", (0..3_000_000).collect()),
    ]
}

/// The TONL of a value.
fn written(toolbox: &Toolbox, data: &Value) -> Result<Value, UnknownTool> {
    let arguments = json!({ "data": data, "options": { "includeStats": false } });
    let call = CallContext::new(IdentityKey::of("figures"));
    let members = arguments.as_object().cloned().unwrap_or_default();
    let result = toolbox.call("convert_to_tonl", members, &call)?;
    let tonl = result
        .structured_content
        .and_then(|content| content.get("tonl").cloned());
    Ok(tonl.unwrap_or_default())
}

/// The time that this thread has computed, so that other work on the machine does not count.
fn processor_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(now).unwrap_or_default()
}

/// Prints the longest time between two questions whether the call has to stop.
fn questions(
    toolbox: &Toolbox,
    title: &str,
    tool: &str,
    arguments: &Value,
) -> Result<(), UnknownTool> {
    let members = arguments.as_object().cloned().unwrap_or_default();
    let start = processor_time();
    let asked = Arc::new(Mutex::new((start, Duration::ZERO, 0_u64)));
    let seen = Arc::clone(&asked);
    let call = CallContext::new(IdentityKey::of("figures")).stopped_by(move || {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = processor_time();
        let pause = now.saturating_sub(seen.0);
        *seen = (now, seen.1.max(pause), seen.2 + 1);
        false
    });
    let result = toolbox.call(tool, members, &call)?;
    let end = processor_time();
    let all = end.saturating_sub(start);
    let (last, longest, count) = *asked.lock().unwrap_or_else(PoisonError::into_inner);
    let longest = longest.max(end.saturating_sub(last));
    let outcome = result.outcome;
    println!("{title}: {all:.1?}, asked {count} times, longest pause {longest:.1?}, {outcome:?}");
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
    let (mut times, mut computing) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
    for _ in 0..calls {
        let members: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
        let (start, computed) = (Instant::now(), processor_time());
        toolbox.call("convert_to_tonl", members, &call)?;
        times.push(start.elapsed());
        computing.push(processor_time().saturating_sub(computed));
    }
    for (what, times) in [("waited", &mut times), ("computed", &mut computing)] {
        // The first tenth warms up.
        times.drain(..calls / 10);
        times.sort_unstable();
        let at = |share: usize| {
            times
                .get(times.len() * share / 100)
                .copied()
                .unwrap_or_default()
        };
        println!("{title}, {what}: p50 {:.2?}, p99 {:.2?}", at(50), at(99));
    }
    Ok(())
}
