use super::Dialect::{Json, WithComments};
use super::*;
use serde_json::json;
use tonl_testkit::{Random, generate, json as texts, mutate};

fn parse(text: &str) -> Document {
    Document::parse(
        text.as_bytes(),
        Dialect::WithComments,
        Path::new("mcp.json"),
    )
    .unwrap()
}

fn setup(entry: Value) -> Setup {
    let Value::Object(entry) = entry else {
        panic!("an entry is an object");
    };
    Setup {
        servers: "mcpServers",
        entry,
        input: None,
    }
}

fn local() -> Setup {
    setup(json!({"command": "tonl", "args": ["mcp"]}))
}

fn put(text: &str, setup: &Setup) -> String {
    let mut document = parse(text);
    document.put(setup).unwrap();
    let once = document.clone();
    document.put(setup).unwrap();
    assert_eq!(document, once, "a second change changes nothing");
    let before = parse(text);
    assert!(
        before == document || before.undone_by(&document, setup.servers),
        "{text}"
    );
    document.text().to_owned()
}

/// Every line of `before` is in `after`, in its order, but for commas at its end.
fn assert_kept(before: &str, after: &str) {
    let mut lines = after.lines();
    for line in before.lines() {
        let bare = |line: &str| line.replacen(',', "", usize::from(line.contains(',')));
        assert!(
            lines.any(|other| other == line || bare(other) == bare(line)),
            "{line:?} is not in\n{after}"
        );
    }
}

const EDITED: &str = r#"// settings
{
	"theme": "dark", // the best
	/* servers */
	"mcpServers": {
		// "off": {"command": "x"},
		"other": {
			"command": "y", "args": [1.0, 2e5,],
		}, // other
	},
	"last": [ ],
}
// end"#;

#[test]
fn comments_spaces_and_trailing_commas_stay_as_they_were() {
    let after = put(EDITED, &local());
    assert_kept(EDITED, &after);
    let added = "\t\t}, // other\n\t\t\"tonl\": {\n\t\t\t\"command\": \"tonl\",\n";
    assert!(after.contains(added), "{after}");
    assert!(after.ends_with("// end"));
}

#[test]
fn line_ends_and_a_byte_order_mark_stay() {
    let before = "\u{feff}{\r\n    \"a\": 1\r\n}\r\n";
    let after = put(before, &local());
    assert!(after.starts_with("\u{feff}{\r\n    \"a\": 1,\r\n    \"mcpServers\": {\r\n"));
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn what_stands_on_one_line_stays_there() {
    for (before, after) in [
        (r#"{"a":1}"#, r#"{"a":1,"mcpServers":{"#),
        (
            r#"{ "a": 1, "mcpServers": { "x": {} } }"#,
            r#"{ "a": 1, "mcpServers": { "x": {}, "tonl": {"command":"tonl","args":["mcp"]} } }"#,
        ),
        (
            r#"{"mcpServers":{"x":{"command":"y"}},"z":"a, b"}"#,
            r#"{"mcpServers":{"x":{"command":"y"},"tonl":{"command":"tonl","args":["mcp"]}},"z":"a, b"}"#,
        ),
    ] {
        let found = put(before, &local());
        assert!(found.starts_with(after), "{found}");
    }
}

#[test]
fn a_file_with_nothing_in_it_is_an_empty_object() {
    for text in ["", " \n", "{}", "{}\n", "\u{feff}", "// later\n"] {
        let after = put(text, &local());
        let value = parse(&after).setup("mcpServers").unwrap().unwrap();
        assert_eq!(value, local(), "{text:?} became {after}");
        assert!(after.contains("// later") || !text.contains("later"));
    }
}

#[test]
fn another_way_to_reach_the_server_replaces_the_old_one_and_leaves_the_persons_keys() {
    let text = r#"{
  "mcpServers": {
    "tonl": {
      // mine
      "disabled": true,
      "command": "old",
      "args": ["mcp"],
      "env": {"RUST_LOG": "debug"}
    }
  }
}"#;
    let remote = setup(json!({
        "type": "http",
        "url": "https://a.example/mcp",
        "headers": {"Authorization": "Bearer ${TONL_AUTH_TOKEN}"},
    }));
    let after = put(text, &remote);
    assert!(after.contains("// mine"), "{after}");
    let entry = parse(&after).setup("mcpServers").unwrap().unwrap().entry;
    assert_eq!(entry["disabled"], true);
    assert_eq!(entry["env"], json!({"RUST_LOG": "debug"}));
    assert!(entry.get("command").is_none() && entry.get("args").is_none());
    assert_eq!(entry["url"], "https://a.example/mcp");

    let mut back = parse(&after);
    back.put(&local()).unwrap();
    let entry = back.setup("mcpServers").unwrap().unwrap().entry;
    assert!(entry.get("headers").is_none() && entry.get("url").is_none());
    assert_eq!(entry["command"], "tonl");
}

#[test]
fn a_token_stays_for_its_server_and_does_not_go_to_another() {
    let bridged = |url: &str| {
        setup(json!({
            "command": "npx",
            "args": ["-y", "mcp-remote", url],
            "env": {"TONL_AUTH_TOKEN": "<your token>"},
        }))
    };
    let here = bridged("https://a.example/mcp");
    let with_token = put("{}", &here).replace("<your token>", "hunter2");
    assert_eq!(put(&with_token, &here), with_token);
    let elsewhere = {
        let mut document = parse(&with_token);
        document.put(&bridged("https://b.example/mcp")).unwrap();
        document
    };
    assert!(
        !elsewhere.text().contains("hunter2"),
        "{}",
        elsewhere.text()
    );
    assert!(parse("{}").undone_by(&parse(&with_token), "mcpServers"));
}

#[test]
fn taking_the_entry_out_leaves_the_rest() {
    let before = parse(EDITED);
    let mut document = before.clone();
    document.put(&local()).unwrap();
    document.take("mcpServers").unwrap();
    assert_eq!(document, before);
    let mut other = parse(r#"{"mcpServers":{"x":{},"tonl":{"a":[{}]},"y":{}}}"#);
    other.take("mcpServers").unwrap();
    assert_eq!(
        other.text().replace(' ', ""),
        r#"{"mcpServers":{"x":{},"y":{}}}"#
    );
}

#[test]
fn a_question_is_asked_once_and_goes_with_its_last_reference() {
    let asking = Setup {
        servers: "servers",
        input: Some(json!({"id": INPUT, "type": "promptString"})),
        ..setup(
            json!({"url": "https://a.example/mcp", "headers": {"Authorization": "Bearer ${input:tonl-auth-token}"}}),
        )
    };
    let before = "{\n  \"inputs\": [{\"id\": \"mine\"}]\n}\n";
    let after = put(before, &asking);
    assert!(
        after.contains(r#"[{"id": "mine"}, {"id":"tonl-auth-token","#),
        "{after}"
    );
    let mut document = parse(&after);
    document.take("servers").unwrap();
    assert!(!document.text().contains(INPUT), "{}", document.text());
    assert!(document.text().contains("mine"));
    let mut shared =
        parse(&after.replacen("\n}\n", ",\n  \"x\": \"${input:tonl-auth-token}\"\n}\n", 1));
    shared.take("servers").unwrap();
    assert!(
        shared.text().contains(r#""id":"tonl-auth-token""#),
        "{}",
        shared.text()
    );
}

#[test]
fn what_is_no_json_of_the_client_is_refused_with_its_place() {
    let error = |text: &[u8], dialect| {
        let failure = Document::parse(text, dialect, Path::new("mcp.json")).unwrap_err();
        failure.message().to_owned()
    };
    assert_eq!(
        error(b"{\n  \"a\": 1 // x\n}", Json),
        "mcp.json: line 2, column 10: comments are not allowed in this file"
    );
    assert_eq!(
        error(b"{\"a\": 1,}", Json),
        "mcp.json: line 1, column 8: a comma before a closing bracket is not allowed in this file"
    );
    for text in [
        &b"{\"a\" 1}"[..],
        b"{\"a\": 1 \"b\": 2}",
        b"{a: 1}",
        b"{'a': 1}",
        b"{\"a\": .5}",
        b"{\"a\": NaN}",
        b"{\"a\": 1",
        b"{} {}",
        b"{\"a\": 1}}",
    ] {
        assert!(error(text, WithComments).starts_with("mcp.json: line 1, column "));
    }
    assert!(error(b"[]", WithComments).contains("an object was expected"));
    assert!(error(b"{\"a\": \"\xff\"}", WithComments).contains("byte 8 is not UTF-8"));
    let deep = "[".repeat(100_000);
    assert!(error(format!("{{\"a\": {deep}").as_bytes(), WithComments).contains("nesting depth"));
}

#[test]
fn a_key_that_is_there_twice_or_is_something_else_is_refused() {
    for text in [
        r#"{"mcpServers": {}, "mcpServers": {}}"#,
        r#"{"mcpServers": []}"#,
        r#"{"mcpServers": {"tonl": 1}}"#,
        r#"{"mcpServers": {"tonl": {}, "tonl": {}}}"#,
    ] {
        let mut document = parse(text);
        assert!(document.put(&local()).is_err(), "{text}");
        assert_eq!(document.text(), text);
    }
}

#[test]
fn the_deepest_text_that_is_read_is_changed_too() {
    let text = format!("{{\"a\": {}{}}}", "[".repeat(500), "]".repeat(500));
    put(&text, &local());
}

/// What stands between the tokens of files that people write.
const SPACES: [&str; 6] = ["", " ", "\n", "\r\n\t", "/* x */", "// \"tonl\": {},\n  "];

/// A configuration with anything in it, sometimes with servers.
fn written(random: &mut Random) -> String {
    let mut members = Vec::new();
    for key in ["theme", "inputs", "mcpServers", "last"] {
        if random.chance(60) {
            let value = match key {
                "mcpServers" => {
                    let other = ("other".to_owned(), generate::any(random, 3));
                    generate::object_of(if random.chance(70) {
                        vec![other]
                    } else {
                        Vec::new()
                    })
                }
                _ => generate::any(random, 3),
            };
            members.push((key.to_owned(), value));
        }
    }
    let few = if random.chance(50) {
        &SPACES[..2]
    } else {
        &SPACES[..]
    };
    texts::spaced_text(&generate::object_of(members), random, few)
}

fn value(text: &str) -> Value {
    let tree = parse(text).opened().unwrap();
    tree.object.to_serde_value().unwrap()
}

/// Whether the bytes of `inner` are in `outer` in their order.
fn is_within(inner: &str, outer: &str) -> bool {
    let mut bytes = outer.bytes();
    inner.bytes().all(|byte| bytes.any(|other| other == byte))
}

#[test]
fn whatever_is_in_a_file_it_stays_and_comes_back() {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let before = written(&mut random);
        let after = put(&before, &local());
        assert!(is_within(&before, &after), "{before}\n{after}");
        let mut values = value(&after);
        let servers = values["mcpServers"].as_object_mut().unwrap();
        assert_eq!(
            servers.remove("tonl").unwrap(),
            Value::Object(local().entry)
        );
        let had_servers = value(&before).get("mcpServers").is_some();
        if !had_servers {
            values.as_object_mut().unwrap().remove("mcpServers");
        }
        assert_eq!(values, value(&before), "{before}\n{after}");
        let mut without = parse(&after);
        without.take("mcpServers").unwrap();
        let mut left = value(without.text());
        if !had_servers {
            left.as_object_mut().unwrap().remove("mcpServers");
        }
        assert_eq!(left, value(&before), "{after}\n{}", without.text());
    }
}

#[test]
fn a_damaged_file_is_refused_or_changed_but_never_a_panic() {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let text = mutate::mutated(&written(&mut random), &mut random);
        let parsed = Document::parse(text.as_bytes(), WithComments, Path::new("mcp.json"));
        if let Ok(mut document) = parsed
            && document.put(&local()).is_ok()
        {
            assert_eq!(parse(document.text()), document);
        }
    }
}
