//! Data that a call names instead of bringing it along.

use crate::{answer, answer_of, call, members, text};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use tempfile::TempDir;
use tonl_convert::Compression;
use tonl_mcp::{
    CallContext, Content, Fetch, FetchError, Fetched, IdentityKey, Outcome, TextForm, ToolConfig,
    Toolbox,
};

/// What a client that answers from memory is asked for.
#[derive(Debug)]
struct Fixed;

impl Fetch for Fixed {
    fn fetch(&self, url: &str, _: &CallContext) -> Result<Fetched, FetchError> {
        let (media_type, body) = match url {
            "https://a.example/users" => {
                ("application/json; charset=utf-8", "[{\"id\":1},{\"id\":2}]")
            }
            "https://a.example/users.csv" => ("application/octet-stream", "id\n1\n2\n"),
            "https://a.example/page" => ("text/html", "<html>"),
            _ => return Err(FetchError::NotAllowed),
        };
        let mut fetched = Fetched::new(body.as_bytes());
        fetched.media_type = Some(media_type.to_owned());
        Ok(fetched)
    }
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "users.json",
        "[{\"id\":1,\"name\":\"Ada\"},{\"id\":2,\"name\":\"Bob\"}]",
    );
    write("users.csv", "id,name\n1,Ada\n2,Bob\n");
    write("users.yaml", "- id: 1\n  name: Ada\n- id: 2\n  name: Bob\n");
    write(
        "users.ndjson",
        "{\"id\":1,\"name\":\"Ada\"}\n{\"id\":2,\"name\":\"Bob\"}\n",
    );
    write(
        "nested.json",
        "[{\"a\":{\"b\":1}},{\"a\":{\"b\":2}},{\"a\":{\"b\":3}}]",
    );
    write("broken.json", "[1,");
    write("words.txt", "only words");
    folder
}

fn toolbox(folder: &TempDir) -> Toolbox {
    let mut config = ToolConfig::default();
    config.text_form = TextForm::Tonl;
    config.references.roots = vec![folder.path().to_owned()];
    config.references.fetch = Some(Arc::new(Fixed));
    config.references.max_bytes = 10_000;
    Toolbox::new(config)
}

#[test]
fn files_of_every_format_are_converted() {
    let folder = folder();
    let toolbox = toolbox(&folder);
    for name in ["users.json", "users.csv", "users.yaml", "users.ndjson"] {
        let result = answer_of(
            &toolbox,
            "convert_to_tonl",
            &json!({ "path": name, "name": "users" }),
        );
        assert_eq!(
            text(&result),
            "users[2]{id,name}:\n 1,Ada\n 2,Bob",
            "{name}"
        );
        assert_eq!(result.meta["stats"]["originalTokens"], 19, "{name}");
    }
    let whole = folder.path().join("users.json");
    let result = answer_of(
        &toolbox,
        "convert_to_tonl",
        &json!({ "path": whole.to_str().unwrap() }),
    );
    assert!(!result.is_error());
}

#[test]
fn options_hold_for_files_too() {
    let folder = folder();
    let toolbox = toolbox(&folder);
    let flat = json!({ "path": "nested.json", "options": { "flattenNested": true } });
    let result = answer_of(&toolbox, "convert_to_tonl", &flat);
    assert_eq!(text(&result), "data[3]{a_b}:\n 1\n 2\n 3");
    let hidden = json!({ "path": "users.csv", "options": { "anonymize": ["name"] } });
    let result = answer_of(&toolbox, "convert_to_tonl", &hidden);
    assert!(!text(&result).contains("Ada") && text(&result).contains("[REDACTED]"));
}

#[test]
fn what_lies_outside_and_what_there_is_not_are_answered_alike() {
    let folder = folder();
    let outside = tempfile::tempdir().unwrap();
    let there = outside.path().join("there.json");
    fs::write(&there, "[1]").unwrap();
    let toolbox = toolbox(&folder);
    let there = there.to_str().unwrap();
    let nowhere = there.replace("there.json", "nowhere.json");
    let up = format!(
        "../{}/there.json",
        outside.path().file_name().unwrap().to_str().unwrap()
    );
    for path in [there, &nowhere, &up, "none.json", "."] {
        let result = answer_of(&toolbox, "convert_to_tonl", &json!({ "path": path }));
        let expected =
            format!("path {path:?}: expected a file in one of the open folders, found none");
        assert_eq!(
            (text(&result), result.outcome),
            (expected.as_str(), Outcome::Failed)
        );
    }
}

#[test]
fn a_faulty_file_is_named_with_its_place() {
    let folder = folder();
    let toolbox = toolbox(&folder);
    let result = answer_of(
        &toolbox,
        "convert_to_tonl",
        &json!({ "path": "broken.json" }),
    );
    assert!(
        text(&result).starts_with("path \"broken.json\": line 1, column 4: "),
        "{}",
        text(&result)
    );
    let result = answer_of(&toolbox, "convert_to_tonl", &json!({ "path": "words.txt" }));
    assert!(
        text(&result).contains("the format cannot be recognised"),
        "{}",
        text(&result)
    );
}

#[test]
fn large_files_are_refused_packed_or_not() {
    let folder = folder();
    let large = format!("[\"{}\"]", "x".repeat(20_000));
    fs::write(folder.path().join("large.json"), &large).unwrap();
    let mut packed = Compression::Gzip.writer(Vec::new()).unwrap();
    packed.write_all(large.as_bytes()).unwrap();
    fs::write(folder.path().join("bomb.json.gz"), packed.finish().unwrap()).unwrap();
    let toolbox = toolbox(&folder);
    for options in [
        json!({}),
        json!({ "flattenNested": true }),
        json!({ "anonymize": ["a"] }),
    ] {
        for name in ["large.json", "bomb.json.gz"] {
            let result = answer_of(
                &toolbox,
                "convert_to_tonl",
                &json!({ "path": name, "options": options }),
            );
            assert_eq!(result.outcome, Outcome::Failed, "{name} {options}");
            assert!(
                text(&result).contains("at most 10000 bytes"),
                "{}",
                text(&result)
            );
        }
    }
}

#[test]
fn urls_are_asked_for_where_they_are_allowed() {
    let folder = folder();
    let toolbox = toolbox(&folder);
    for url in ["https://a.example/users", "https://a.example/users.csv"] {
        let result = answer_of(&toolbox, "convert_to_tonl", &json!({ "url": url }));
        let records = json!([{ "id": 1 }, { "id": 2 }]);
        let inline = answer_of(&toolbox, "convert_to_tonl", &json!({ "data": records }));
        assert_eq!(text(&result), text(&inline), "{url}");
    }
    let result = answer_of(
        &toolbox,
        "convert_to_tonl",
        &json!({ "url": "https://b.example/" }),
    );
    let expected = "url \"https://b.example/\": expected a URL that is allowed, found another one";
    assert_eq!(text(&result), expected);
    let result = answer_of(
        &toolbox,
        "convert_to_tonl",
        &json!({ "url": "https://a.example/page" }),
    );
    assert_eq!(result.outcome, Outcome::Failed);
}

#[test]
fn a_kept_result_is_converted_for_who_it_was_made_for() {
    let mut config = ToolConfig::default();
    config.budget.chars = Some(50);
    let toolbox = Toolbox::new(config);
    let records: Value = (1..=100).map(|n| json!({ "id": n, "name": "x" })).collect();
    let first = answer_of(&toolbox, "convert_to_tonl", &json!({ "data": records }));
    let Some(Content::ResourceLink(link)) = first.content.last() else {
        panic!("{first:?}");
    };
    let again = json!({ "resource": link.uri, "options": { "anonymize": ["name"] } });
    let second = answer_of(&toolbox, "convert_to_tonl", &again);
    let structured = second.structured_content.as_ref().unwrap();
    assert!(
        structured["tonl"]
            .as_str()
            .unwrap()
            .starts_with("data[100]{id,name}:\n 1,\"[REDACTED]\"")
    );
    let bob = CallContext::new(IdentityKey::of("bob"));
    let stolen = toolbox
        .call("convert_to_tonl", members(&again), &bob)
        .unwrap();
    assert!(text(&stolen).ends_with("expected a resource of this server, found none"));
}

#[test]
fn exactly_one_place_has_to_be_named() {
    let folder = folder();
    let toolbox = toolbox(&folder);
    for arguments in [
        json!({}),
        json!({ "data": [], "path": "users.json" }),
        json!({ "path": "users.json", "url": "https://a.example/users" }),
    ] {
        let result = answer_of(&toolbox, "convert_to_tonl", &arguments);
        assert_eq!(result.outcome, Outcome::InvalidArguments, "{arguments}");
        assert!(
            text(&result).contains("path, url; found "),
            "{}",
            text(&result)
        );
    }
}

#[test]
fn nothing_is_open_that_is_not_opened() {
    for argument in ["path", "url", "resource"] {
        let result = answer("convert_to_tonl", &json!({ argument: "/etc/hostname" }));
        assert_eq!(result.outcome, Outcome::InvalidArguments);
        assert!(
            text(&result).contains(&format!("{argument}: no such argument")),
            "{}",
            text(&result)
        );
    }
    let closed = Toolbox::new(ToolConfig::default()).definitions();
    assert!(!closed[0].input_schema.to_string().contains("\"path\""));
    assert!(!closed[0].annotations.open_world);
    let open = toolbox(&folder()).definitions();
    assert!(open[0].input_schema.to_string().contains("\"path\""));
    assert!(open[0].input_schema.get("required").is_none());
    assert!(open[0].annotations.open_world);
}

#[test]
fn a_stopped_call_reads_no_file() {
    let folder = folder();
    let stopped = call().stopped_by(|| true);
    let arguments = members(&json!({ "path": "users.json" }));
    let result = toolbox(&folder)
        .call("convert_to_tonl", arguments, &stopped)
        .unwrap();
    assert!(matches!(result.outcome, Outcome::Stopped(_)));
}
