use super::*;

/// The names of the reference's list, its library's additions and its price list's aliases.
const PROMISED: [&str; 33] = [
    "gpt-5",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-4",
    "gpt-4-turbo",
    "gpt-3.5-turbo",
    "claude-opus-4.5",
    "claude-opus-4.1",
    "claude-opus-4",
    "claude-3-opus",
    "claude-sonnet-4.5",
    "claude-sonnet-3.5",
    "gemini-3-pro-preview",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-1.5-pro",
    "gemini-1.5-flash",
    "claude-4-opus",
    "claude-4-sonnet",
    "claude-3.5-sonnet",
    "claude-3-sonnet",
    "claude-3-haiku",
    "gemini-2.0-flash",
    "claude-4",
    "gemini-2.5",
    "gpt-3.5",
    "o1",
    "o1-mini",
    "claude-sonnet-4",
    "claude-haiku-4",
    "gpt-4.1",
    "o3",
    "gpt-5-mini",
];

#[test]
fn every_promised_name_finds_a_model() {
    for name in PROMISED {
        assert!(Model::find(name).is_ok(), "{name}");
    }
    assert_eq!(Model::find(" GPT-4o ").unwrap().name, "gpt-4o");
    assert_eq!(Model::default_model().name, DEFAULT);
}

#[test]
fn names_are_unique_and_every_price_has_a_date_and_a_source() {
    let mut names: Vec<&str> = MODELS.iter().flat_map(Model::names).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for Model { name, price, .. } in MODELS {
        let parts: Vec<&str> = price.date.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [4, 2, 2], "{name}");
        assert!(
            parts.iter().all(|part| part.parse::<u32>().is_ok()),
            "{name}"
        );
        assert!(price.input > 0.0 && price.output >= price.input, "{name}");
        assert!(!price.source.is_empty(), "{name}");
    }
}

#[test]
fn an_unknown_name_is_an_error_that_names_the_nearest() {
    let error = Model::find("gpt-4oo").unwrap_err();
    assert_eq!(error.nearest.first(), Some(&"gpt-4o"));
    let text = error.to_string();
    assert!(
        text.starts_with("expected the name of a model, found \"gpt-4oo\"; the nearest are gpt-4o"),
        "{text}"
    );
    let error = Model::find("llama").unwrap_err();
    assert!(error.nearest.len() <= 3);
    assert!(Model::find("").is_err());
}

#[test]
fn estimates_name_their_encoding_and_factor() {
    let gpt = Model::find("gpt-4o").unwrap();
    assert_eq!(gpt.counted_by(), "o200k_base");
    assert_eq!(
        gpt.count("hello world"),
        Count {
            tokens: 2,
            method: Method::Exact
        }
    );
    let claude = Model::find("claude-opus-4.5").unwrap();
    assert_eq!(claude.counted_by(), "o200k_base x 1.20 (estimate)");
    assert_eq!(
        claude.count("hello world"),
        Count {
            tokens: 3,
            method: Method::Estimated
        }
    );
    assert_eq!(Model::find("gpt-4").unwrap().counted_by(), "cl100k_base");
}
