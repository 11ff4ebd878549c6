//! What is planned is what is written, character for character.

use super::*;
use crate::options::Types;
use crate::write::array::{ArraySurvey, ROOT};
use crate::write::document;
use tonl_testkit::{generate, json};

/// The profiles that choose by size, with every choice of types.
fn all_options() -> impl Iterator<Item = WriteOptions> {
    let profiles = [Profile::Compact, Profile::Flat];
    profiles.into_iter().flat_map(|profile| {
        [Types::Always, Types::Auto, Types::Never].map(|types| WriteOptions {
            profile,
            types,
            ..WriteOptions::default()
        })
    })
}

/// The size that is planned for what stands behind the label.
fn planned(text: &[u8], options: &WriteOptions) -> u64 {
    if text.first() == Some(&b'[') {
        let mut survey = ArraySurvey::new(options);
        each_element(text, 0, |at| survey.element(text, at)).unwrap();
        return survey.finish().planned_size();
    }
    let mut options = options.clone();
    if options.profile == Profile::Classic {
        options.profile = Profile::Flat;
    }
    let spot = Spot {
        at: 0,
        depth: 0,
        level: ROOT,
    };
    Planner::new(text, &options).value(spot).unwrap().size
}

#[test]
fn planned_sizes_are_those_of_the_text() {
    let mut estimates = 0;
    for seed in 0..4_000 {
        let text = json::text(&generate::document_of(seed));
        // An empty array at the root has a form of its own, and other characters count as bytes.
        if !text.is_ascii() || text == "[]" {
            continue;
        }
        for options in all_options() {
            let mut out = Vec::new();
            document(text.as_bytes(), &options, &mut out).unwrap();
            let written = (out.len() - options.label.as_str().len()) as u64;
            let planned = planned(text.as_bytes(), &options);
            let out = String::from_utf8_lossy(&out);
            // What columns save in escape rows is estimated.
            if out.contains(" * ") {
                estimates += u64::from(planned != written);
                assert!(
                    planned.abs_diff(written) * 8 <= written,
                    "seed {seed}: {planned}\n{out}"
                );
            } else {
                assert_eq!(planned, written, "seed {seed}\n{out}");
            }
        }
    }
    assert!(estimates <= 40, "{estimates} are not exact");
}

#[test]
fn tables_beyond_those_that_are_kept_are_planned_again_and_written_alike() {
    let options = WriteOptions::default();
    let table = r#"[{"abcdefghij":1},{"abcdefghij":2},{"abcdefghij":3}]"#;
    let count = KEPT_COLUMNS + 1_000;
    let member = |n: usize| match n % 100 {
        7 => format!(r#""{n:06}":1"#),
        8 => format!(r#""{n:06}":{{"t":{table},"v":"x"}}"#),
        _ => format!(r#""{n:06}":{table}"#),
    };
    let members: Vec<String> = (0..count).map(member).collect();
    let text = format!("{{{}}}", members.join(","));
    let spot = Spot {
        at: 0,
        depth: 0,
        level: ROOT,
    };
    let plan = Planner::new(text.as_bytes(), &options).value(spot).unwrap();
    let Form::Block(entries) = &plan.form else {
        panic!("no block: {:?}", plan.form);
    };
    let again = |entry: &&Entry| matches!(entry.form, Form::Again);
    assert!(entries.iter().any(|entry| again(&entry)));
    assert!(!again(&&entries[0]));

    let mut out = Vec::new();
    document(text.as_bytes(), &options, &mut out).unwrap();
    assert_eq!(characters(&out) - 4, plan.size);
    let written = String::from_utf8(out).unwrap();
    let part = |n: usize| {
        let start = written.find(&format!("\n {n:06}")).unwrap();
        let end = written.find(&format!("\n {:06}", n + 1)).unwrap();
        written.get(start + 8..end).unwrap().to_owned()
    };
    for kind in [1, 7, 8, 20] {
        assert_eq!(part((count / 100 - 1) * 100 + kind), part(kind), "{kind}");
    }
}
