//! Calls that are given up, and calls that ask for too much.

use crate::{answer, answer_of, call, members, text};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tonl_mcp::{Outcome, Stop, ToolConfig, Toolbox};

/// Arguments of each tool with data that takes some time.
fn long() -> [(&'static str, Value); 4] {
    let records: Value = (0..40_000)
        .map(|n| json!({ "id": n, "name": format!("user number {n}"), "tags": ["a", "b"] }))
        .collect();
    let json = records.to_string();
    let rows: Vec<String> = (0..40_000)
        .map(|n| format!(" {n},user number {n}\n"))
        .collect();
    let tonl = format!("data[40000]{{id,name}}:\n{}", rows.concat());
    [
        ("convert_to_tonl", json!({ "data": records })),
        ("parse_tonl", json!({ "tonl": tonl })),
        (
            "calculate_savings",
            json!({ "jsonData": json, "tonlData": tonl }),
        ),
        ("validate_schema", json!({ "data": records })),
    ]
}

#[test]
fn a_cancelled_call_ends_as_such_wherever_it_is() {
    let toolbox = Toolbox::new(ToolConfig::default());
    for (tool, arguments) in long() {
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        let counting = call().stopped_by(move || {
            count.fetch_add(1, Ordering::Relaxed);
            false
        });
        let done = toolbox.call(tool, members(&arguments), &counting).unwrap();
        assert!(!done.is_error(), "{tool}");
        let questions = asked.load(Ordering::Relaxed);
        assert!(questions >= 10, "{tool} asks {questions} times");
        // Stopped at the first question, in the middle, and at the last one.
        for last in [1, questions / 2, questions] {
            let asked = AtomicU64::new(0);
            let stopping =
                call().stopped_by(move || asked.fetch_add(1, Ordering::Relaxed) + 1 >= last);
            let result = toolbox.call(tool, members(&arguments), &stopping).unwrap();
            assert_eq!(
                result.outcome,
                Outcome::Stopped(Stop::Cancelled),
                "{tool} at {last}"
            );
            assert_eq!(text(&result), "The call was cancelled");
        }
    }
}

#[test]
fn a_call_past_its_deadline_says_so() {
    let toolbox = Toolbox::new(ToolConfig::default());
    for (tool, arguments) in long() {
        let late = call().until(Instant::now());
        let result = toolbox.call(tool, members(&arguments), &late).unwrap();
        assert_eq!(result.outcome, Outcome::Stopped(Stop::Late), "{tool}");
        assert!(result.is_error() && result.structured_content.is_none());
    }
}

#[test]
fn progress_rises_strictly_within_its_total() {
    let toolbox = Toolbox::new(ToolConfig::default());
    for (tool, arguments) in long() {
        let steps = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&steps);
        let telling = call().telling(move |step| kept.lock().unwrap().push(step));
        toolbox.call(tool, members(&arguments), &telling).unwrap();
        let steps = steps.lock().unwrap();
        assert!(steps.len() > 1, "{tool} tells {} steps", steps.len());
        assert!(
            steps.windows(2).all(|pair| pair[0].done < pair[1].done),
            "{tool}"
        );
        assert!(
            steps
                .iter()
                .all(|step| step.total.is_none_or(|total| total >= step.done))
        );
    }
}

#[test]
fn a_small_result_limit_is_an_error_and_no_cut() {
    let mut config = ToolConfig::default();
    config.max_result_bytes = 20;
    let toolbox = Toolbox::new(config);
    let data = json!({ "data": ["0123456789", "0123456789"] });
    let result = answer_of(&toolbox, "convert_to_tonl", &data);
    assert_eq!(result.outcome, Outcome::Failed);
    assert_eq!(
        text(&result),
        "expected at most 20 bytes of TONL, found more"
    );
    let result = answer_of(
        &toolbox,
        "parse_tonl",
        &json!({ "tonl": "data: [0123456789ab,0123456789ab]" }),
    );
    assert_eq!(
        text(&result),
        "expected at most 20 bytes of JSON, found more"
    );
}

#[test]
fn nesting_is_taken_up_to_its_limit() {
    let nested = |levels: usize| (0..levels).fold(Value::Null, |inner, _| json!([inner]));
    for tool in ["convert_to_tonl", "validate_schema"] {
        assert!(
            !answer(tool, &json!({ "data": nested(512) })).is_error(),
            "{tool}"
        );
        let result = answer(tool, &json!({ "data": nested(513) }));
        assert_eq!(result.outcome, Outcome::InvalidArguments, "{tool}");
        assert!(
            text(&result).contains("data: expected at most 512 levels"),
            "{tool}"
        );
    }
}

#[test]
fn more_values_than_a_reader_can_keep_are_refused_and_no_more_than_that() {
    let tonl = format!("data: [{}1]", "1,".repeat(2_100_000));
    let result = answer("parse_tonl", &json!({ "tonl": tonl }));
    assert_eq!(result.outcome, Outcome::Failed);
    assert!(
        text(&result).contains("at most 2000000 values"),
        "{}",
        text(&result)
    );
    let looked = answer("validate_schema", &json!({ "data": tonl }));
    assert_eq!(looked.structured_content.unwrap()["records"], 2_100_001);
}
