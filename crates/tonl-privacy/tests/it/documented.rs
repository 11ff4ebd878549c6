//! The documented examples of the format's first product, as a table.

use crate::filtered;
use serde_json::Value;
use tonl_privacy::{Mode, Policy};

#[test]
fn documented_examples_have_their_documented_shapes() {
    let table: Vec<Value> = serde_json::from_str(include_str!("../documented.json")).unwrap();
    assert!(table.len() >= 14);
    for case in &table {
        let mode: Mode = case["mode"].as_str().unwrap().parse().unwrap();
        let mut builder = Policy::builder();
        for field in case["fields"].as_array().unwrap() {
            builder = builder.rule(field.as_str().unwrap().parse().unwrap(), mode);
        }
        let policy = builder.build().unwrap();
        let (text, findings) = filtered(&policy, &case["input"].to_string());
        assert_eq!(text, case["output"].to_string(), "{}", case["name"]);
        assert!(findings.count() > 0);
    }
}
