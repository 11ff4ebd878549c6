//! No original value of a hidden field comes out, in whatever mode and wherever one could look.

use crate::filtered;
use std::fmt::Write as _;
use tonl_privacy::{HashKey, Mode, Policy};
use tonl_testkit::Random;

const RECORDS: usize = 10_000;

/// A record whose secrets all hold the word `leak`, in every kind of field.
fn record(random: &mut Random, number: usize) -> String {
    let word = format!("leak{number}x{}", random.below(1 << 20));
    let email = match random.below(3) {
        0 => format!("{word}@secret{number}.example"),
        1 => format!("a@{word}@b"),
        _ => format!("<{word}@x.example> \\\"{word}\\\""),
    };
    let nested = match random.below(3) {
        0 => format!("{{\"{word}\":[\"{word}\"]}}"),
        1 => format!("[\"{word}\",{{\"k\":\"{word}\"}}]"),
        _ => format!("\"{word}\""),
    };
    format!(
        "{{\"id\":{number},\"email\":\"{email}\",\"user\":{{\"card\":\"{word} 4532\",\"keep\":\"fine\"}},\
         \"items\":[{{\"ssn\":{nested}}},{{\"ssn\":null}}],\"tags\":[\"{word}\",\"{word}\"]}}"
    )
}

#[test]
fn no_value_of_a_hidden_field_comes_out_of_ten_thousand_records() {
    let mut json = String::from("[");
    let mut random = Random::new(7);
    for number in 0..RECORDS {
        let comma = if number > 0 { "," } else { "" };
        write!(json, "{comma}{}", record(&mut random, number)).unwrap();
    }
    json.push(']');
    for mode in [Mode::Redact, Mode::Hash, Mode::Remove, Mode::Mask] {
        let mut builder = Policy::builder().key(HashKey::new(vec![3; 32]).unwrap());
        for path in ["email", "user.card", "items[].ssn", "tags[]"] {
            builder = builder.rule(path.parse().unwrap(), mode);
        }
        let (text, findings) = filtered(&builder.build().unwrap(), &json);
        assert!(!text.contains("leak"), "{mode}");
        assert!(!format!("{findings:?}").contains("leak"), "{mode}");
        assert_eq!(text.matches("fine").count(), RECORDS);
        let nulls = if mode == Mode::Remove { RECORDS } else { 0 };
        assert_eq!(findings.count(), (5 * RECORDS + nulls) as u64, "{mode}");
        assert!(findings.hits().all(|hits| hits.first_record == Some(1)));
    }
}
