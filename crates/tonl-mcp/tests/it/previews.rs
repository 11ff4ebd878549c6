//! Results above the budget: their beginning, the link, and the pages behind it.

use crate::{answer_of, call, members, text};
use serde_json::{Value, json};
use tonl_convert::counting::Model;
use tonl_mcp::{
    CallContext, Content, IdentityKey, ResourceLink, TextForm, ToolConfig, ToolResult, Toolbox,
};

fn toolbox(form: TextForm, chars: Option<usize>, tokens: Option<u64>) -> Toolbox {
    let mut config = ToolConfig::default();
    config.text_form = form;
    config.budget.chars = chars;
    config.budget.tokens = tokens;
    config.results.page_chars = 1_000;
    Toolbox::new(config)
}

fn records() -> Value {
    (1..=500)
        .map(|n| json!({ "id": n, "name": format!("user {n}") }))
        .collect()
}

fn link(result: &ToolResult) -> &ResourceLink {
    let mut links = result.content.iter().filter_map(|content| match content {
        Content::ResourceLink(link) => Some(link),
        _ => None,
    });
    links.next_back().unwrap_or_else(|| panic!("{result:?}"))
}

/// All pages of a result, one after another.
fn all_pages(toolbox: &Toolbox, uri: &str) -> String {
    let mut text = String::new();
    let mut next = Some(uri.to_owned());
    while let Some(uri) = next {
        let page = toolbox.resource(&uri, call().identity()).unwrap();
        assert!(page.text.chars().count() <= 1_000);
        text.push_str(&page.text);
        next = page.next_uri;
    }
    text
}

fn whole(form: TextForm) -> String {
    let arguments = json!({ "data": records() });
    let result = answer_of(&toolbox(form, None, None), "convert_to_tonl", &arguments);
    assert_eq!(result.content.len(), 1);
    result.structured_content.unwrap()["tonl"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_large_table_comes_as_its_first_rows_and_a_link_to_all() {
    let whole = whole(TextForm::Json);
    for form in [TextForm::Json, TextForm::Tonl] {
        let toolbox = toolbox(form, Some(300), None);
        let result = answer_of(&toolbox, "convert_to_tonl", &json!({ "data": records() }));
        let structured = result.structured_content.as_ref().unwrap();
        let sent = structured["tonl"].as_str().unwrap();
        assert!(sent.starts_with("data[500]{id,name}:\n 1,user 1\n") && sent.ends_with('\n'));
        assert!(whole.starts_with(sent) && sent.len() <= 300, "{sent}");
        let link = link(&result);
        assert_eq!(structured["preview"]["uri"], link.uri.as_str());
        assert_eq!(structured["preview"]["totalLines"], 501);
        assert_eq!(structured["preview"]["lines"], sent.lines().count());
        assert_eq!(link.size, whole.len() as u64);
        assert_eq!(link.mime_type, "text/tonl; charset=utf-8");
        assert_eq!(all_pages(&toolbox, &link.uri), whole);
        if form == TextForm::Json {
            let read: Value = serde_json::from_str(text(&result)).unwrap();
            assert_eq!(read, *structured);
        } else {
            assert_eq!(text(&result), sent);
            let words = result.content[1].as_text().unwrap();
            let begins = words.starts_with("Lines 1 to ");
            assert!(begins && words.contains(&link.uri), "{words}");
        }
    }
}

#[test]
fn a_budget_of_tokens_holds_for_what_is_sent() {
    for most in [1, 10, 100, 1_000] {
        let toolbox = toolbox(TextForm::Tonl, None, Some(most));
        let result = answer_of(&toolbox, "convert_to_tonl", &json!({ "data": records() }));
        let tokens = Model::default_model().count(text(&result)).tokens;
        assert!(tokens <= most, "{tokens} of {most}");
        assert!(most < 100 || tokens > most / 2, "{tokens} of {most}");
    }
    let toolbox = toolbox(TextForm::Tonl, Some(100_000), Some(100_000));
    let result = answer_of(&toolbox, "convert_to_tonl", &json!({ "data": records() }));
    assert_eq!(result.content.len(), 1);
}

#[test]
fn a_large_array_comes_as_its_first_elements() {
    let tonl = whole(TextForm::Json);
    for form in [TextForm::Json, TextForm::Tonl] {
        let toolbox = toolbox(form, Some(600), None);
        let result = answer_of(&toolbox, "parse_tonl", &json!({ "tonl": tonl }));
        let sent: Value = serde_json::from_str(text(&result)).unwrap();
        let count = sent.as_array().unwrap().len();
        assert!((3..30).contains(&count), "{count}");
        assert!(text(&result).chars().count() <= 600);
        assert_eq!(
            sent,
            Value::from(records().as_array().unwrap()[..count].to_vec())
        );
        assert_eq!(result.structured_content.as_ref().unwrap()["data"], sent);
        let all = all_pages(&toolbox, &link(&result).uri);
        assert_eq!(serde_json::from_str::<Value>(&all).unwrap(), records());
        assert_eq!(link(&result).mime_type, "application/json");
    }
}

#[test]
fn any_other_large_value_comes_as_its_first_lines() {
    let toolbox = toolbox(TextForm::Json, Some(100), None);
    let data = json!({ "a": "x".repeat(50), "b": "y".repeat(50), "c": "z".repeat(50) });
    let there = answer_of(
        &Toolbox::new(ToolConfig::default()),
        "convert_to_tonl",
        &json!({ "data": data }),
    );
    let tonl = there.structured_content.unwrap()["tonl"].clone();
    let result = answer_of(&toolbox, "parse_tonl", &json!({ "tonl": tonl }));
    assert_eq!(
        result.structured_content.as_ref().unwrap()["data"],
        Value::Null
    );
    assert_eq!(text(&result).lines().count(), 2);
    let all = all_pages(&toolbox, &link(&result).uri);
    assert_eq!(serde_json::from_str::<Value>(&all).unwrap(), data);
}

#[test]
fn a_handle_opens_nothing_to_others() {
    let toolbox = toolbox(TextForm::Tonl, Some(100), None);
    let alice = CallContext::new(IdentityKey::of("alice"));
    let arguments = members(&json!({ "data": records() }));
    let result = toolbox.call("convert_to_tonl", arguments, &alice).unwrap();
    let uri = &link(&result).uri;
    assert!(toolbox.resource(uri, alice.identity()).is_ok());
    assert!(toolbox.resource(uri, IdentityKey::of("bob")).is_err());
    let (start, last) = uri.split_at(uri.len() - 1);
    let tampered = format!("{start}{}", if last == "0" { "1" } else { "0" });
    assert!(toolbox.resource(&tampered, alice.identity()).is_err());
    for page in [
        "?page=0",
        "?page=999",
        "?page=-1",
        "?page=+1",
        "?page=",
        "?page=x",
        "?page=18446744073709551615",
        "?page=18446744073709551616",
        "?pages=1",
        "/x",
    ] {
        assert!(
            toolbox
                .resource(&format!("{uri}{page}"), alice.identity())
                .is_err(),
            "{page}"
        );
    }
}

#[test]
fn the_shape_of_a_preview_is_listed_where_there_can_be_one() {
    let listed = |toolbox: &Toolbox| toolbox.definitions()[0].output_schema.clone().unwrap();
    let with = listed(&toolbox(TextForm::Json, Some(1), None));
    assert!(with["properties"].get("preview").is_some());
    let without = listed(&toolbox(TextForm::Json, None, None));
    assert!(without["properties"].get("preview").is_none());
}
