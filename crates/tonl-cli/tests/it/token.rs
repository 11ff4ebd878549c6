//! `tonl token`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::SystemTime;
use tonl_secret::{Digest, Scope, Source};

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

// S3, S55
#[test]
fn a_token_is_64_hexadecimal_digits_on_standard_output_alone() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.tonl(&["token"]);
    assert_eq!(outcome.stderr, "");
    let text = outcome.data();
    assert!(is_token(text.strip_suffix('\n').unwrap()), "{text}");
    assert_ne!(text, sandbox.tonl(&["token"]).data());
    assert_eq!(sandbox.fed(&["token", "check"], &text).code, Some(0));
}

#[test]
fn many_tokens_are_all_different() {
    let text = Sandbox::new().tonl(&["token", "--count", "100"]).data();
    let tokens: BTreeSet<&str> = text.lines().collect();
    assert_eq!(tokens.len(), 100);
    assert!(tokens.iter().all(|token| is_token(token)));
}

#[test]
fn the_digest_of_each_token_is_printed_on_request() {
    let sandbox = Sandbox::new();
    let text = sandbox.tonl(&["token", "--sha256", "--count", "2"]).data();
    assert_eq!(text.lines().count(), 2);
    for line in text.lines() {
        let (token, digest) = line.split_once(' ').unwrap();
        assert_eq!(Digest::of(token.as_bytes()).to_hex(), digest);
    }
    let text = sandbox.tonl(&["token", "--json", "--count", "3"]).data();
    let tokens: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(tokens.len(), 3);
    for value in tokens {
        let token = value["token"].as_str().unwrap();
        assert!(is_token(token));
        assert_eq!(value["sha256"], Digest::of(token.as_bytes()).to_hex());
    }
}

// S6, S55
#[test]
fn an_entry_goes_into_a_tokens_file_and_its_token_to_standard_error() {
    let sandbox = Sandbox::new();
    let mut file = String::new();
    let mut tokens = Vec::new();
    for (name, scopes) in [("ci", "mcp,metrics"), ("grafana.prod", "metrics")] {
        let arguments = ["--quiet", "token", "--entry", name, "--scopes", scopes];
        let outcome = sandbox.tonl(&arguments);
        assert_eq!(outcome.code, Some(0), "{outcome}");
        tokens.push(outcome.stderr.trim_end().to_owned());
        assert!(is_token(&tokens[tokens.len() - 1]), "{outcome}");
        assert!(!outcome.stdout.contains(&tokens[tokens.len() - 1]));
        file.push_str(&outcome.stdout);
    }
    let sandbox = sandbox.and("tokens.toml", &file);
    let set = Source::TokensFile(sandbox.path("tokens.toml"))
        .read()
        .unwrap();
    let ci = set.find(tokens[0].as_bytes(), SystemTime::now()).unwrap();
    assert_eq!(ci.token.name, "ci");
    assert_eq!(
        ci.token.scopes,
        [Scope::Mcp, Scope::Metrics].into_iter().collect()
    );
    let grafana = set.find(tokens[1].as_bytes(), SystemTime::now()).unwrap();
    assert_eq!(grafana.token.name, "grafana.prod");
    assert!(!grafana.token.scopes.contains(Scope::Mcp));
}

// S55
#[test]
fn a_weak_token_is_a_negative_finding_and_is_not_shown() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.fed(&["token", "check"], "hunter2\n"), @"
    exit 1
    --- stdout
    weak: about 42 bits, recommended are 256
    --- stderr
    warning: this token could be guessed: make a new one with `tonl token`
    ");
    assert_snapshot!(sandbox.fed(&["token", "check", "--json"], "hunter2"), @r#"
    exit 1
    --- stdout
    {"bits":42,"recommendedBits":256,"weak":true}
    --- stderr
    warning: this token could be guessed: make a new one with `tonl token`
    "#);
}

// S5
#[test]
fn what_is_no_token_is_an_error_that_does_not_show_it() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.fed(&["token", "check"], "hunter2 hunter3"), @"
    exit 2
    --- stdout
    --- stderr
    error: standard input: character 8 of the token cannot be part of a bearer token
    hint: use letters, digits and -._~+/ only, with = at the end alone; `tonl token` makes one
    ");
    assert_snapshot!(sandbox.fed(&["token", "check"], ""), @"
    exit 2
    --- stdout
    --- stderr
    error: standard input: the token is empty
    hint: put a token there, for example the output of `tonl token`
    ");
    let huge = sandbox.fed(&["token", "check"], "a".repeat(50_000));
    assert_eq!(huge.code, Some(2), "{huge}");
}

#[test]
fn options_that_do_not_fit_together_are_usage_errors() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["token", "--entry", "ci"][..],
        &["token", "--scopes", "mcp"],
        &["token", "--entry", "ci", "--scopes", "admin"],
        &["token", "--entry", "c i", "--scopes", "mcp"],
        &["token", "--entry", "ci", "--scopes", "mcp", "--json"],
        &["token", "--entry", "ci", "--scopes", "mcp", "--count", "2"],
        &["token", "--count", "0"],
        &["token", "--count", "10001"],
        &["token", "--json", "--sha256"],
        &["token", "hunter2"],
    ] {
        let outcome = sandbox.tonl(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome}");
        assert_eq!(outcome.stdout, "");
    }
}
