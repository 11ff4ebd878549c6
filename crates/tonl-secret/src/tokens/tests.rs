use super::*;
use std::time::Duration;

fn token(name: &str, text: &str) -> Token {
    Token {
        name: name.to_owned(),
        digest: Digest::of(text.as_bytes()),
        scopes: Scopes::all(),
        not_before: None,
        expires: None,
    }
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

// S2
#[test]
fn every_token_of_a_set_is_found_and_no_other() {
    let tokens: Vec<Token> = (0..50)
        .map(|number| token(&format!("t{number}"), &format!("secret-{number}")))
        .collect();
    let set = TokenSet::new(tokens).unwrap();
    for number in 0..50 {
        let found = set
            .find(format!("secret-{number}").as_bytes(), at(0))
            .unwrap();
        assert_eq!(found.token.name, format!("t{number}"));
        assert_eq!(found.digest(), found.token.digest);
        assert!(found.is_valid());
    }
    for wrong in [
        "",
        "secret-",
        "secret-50",
        "Secret-1",
        "secret-1 ",
        "secret-1\0",
    ] {
        assert!(set.find(wrong.as_bytes(), at(0)).is_none(), "{wrong:?}");
    }
}

#[test]
fn a_token_is_valid_from_its_first_moment_to_before_its_end() {
    let dated = Token {
        not_before: Some(at(100)),
        expires: Some(at(200)),
        ..token("dated", "x")
    };
    let set = TokenSet::new([dated]).unwrap();
    for (now, verdict) in [
        (99, Verdict::NotYet),
        (100, Verdict::Valid),
        (199, Verdict::Valid),
        (200, Verdict::Expired),
    ] {
        let found = set.find(b"x", at(now)).unwrap();
        assert_eq!(found.verdict, verdict, "at {now}");
        assert_eq!(found.is_valid(), verdict == Verdict::Valid);
    }
}

// S2
#[test]
fn a_single_token_is_called_default_and_opens_everything() {
    let set = TokenSet::single(&Secret::from("hunter2"));
    let found = set.find(b"hunter2", at(0)).unwrap();
    assert_eq!(found.token.name, "default");
    assert!(
        Scope::ALL
            .into_iter()
            .all(|scope| found.token.scopes.contains(scope))
    );
    assert_eq!(
        set.weak()
            .map(|weak| weak.strength.bits)
            .collect::<Vec<_>>(),
        [42]
    );
}

#[test]
fn doubled_names_doubled_tokens_none_and_too_many_are_refused() {
    let refused = |tokens: Vec<Token>| TokenSet::new(tokens).unwrap_err();
    let names = refused(vec![token("a", "1"), token("a", "2")]);
    assert_eq!(
        names.to_string(),
        "entry \"a\": its name is used twice: give each entry a name of its own"
    );
    let digests = refused(vec![token("a", "1"), token("b", "1")]);
    assert_eq!(
        digests.to_string(),
        "entry \"b\": its token is the same as that of entry \"a\": give each entry a token of its own"
    );
    assert_eq!(refused(vec![]).kind(), SourceErrorKind::Empty);
    let many = (0..=TokenSet::MAX_TOKENS).map(|n| token(&n.to_string(), &n.to_string()));
    assert_eq!(refused(many.collect()).kind(), SourceErrorKind::TooLarge);
}

#[test]
fn scopes_hold_what_was_put_in() {
    let some: Scopes = [Scope::Stream, Scope::Mcp, Scope::Mcp]
        .into_iter()
        .collect();
    assert!(some.contains(Scope::Mcp) && some.contains(Scope::Stream));
    assert!(!some.contains(Scope::Metrics) && !some.is_empty());
    assert_eq!(format!("{some:?}"), "{\"mcp\", \"stream\"}");
    assert!(Scopes::default().is_empty());
    for scope in Scope::ALL {
        assert_eq!(Scope::from_name(scope.name()), Some(scope));
    }
    assert_eq!(Scope::from_name("MCP"), None);
}

// S4
#[test]
fn scopes_open_all_tools_or_those_that_are_named() {
    let all = Scopes::from_names(["mcp"]).unwrap();
    assert!(all.may_call("parse_tonl") && all.tools().is_none());
    let some = Scopes::from_names(["mcp:parse_tonl", "stream", "mcp:calculate_savings"]).unwrap();
    assert!(some.contains(Scope::Mcp) && some.contains(Scope::Stream));
    assert!(some.may_call("parse_tonl") && !some.may_call("convert_to_tonl"));
    let names = some.names();
    assert_eq!(names, ["mcp:calculate_savings", "mcp:parse_tonl", "stream"]);
    let again = Scopes::from_names(names.iter().map(String::as_str));
    assert_eq!(again, Ok(some));
    let none = Scopes::from_names(["metrics"]).unwrap();
    assert!(!none.may_call("parse_tonl"));
    for (names, error) in [
        (&[][..], BadScopes::Empty),
        (&["mcp:"], BadScopes::Unknown),
        (&["mcp:a b"], BadScopes::Unknown),
        (&["stream:parse_tonl"], BadScopes::Unknown),
        (&["mcp:parse_tonl", "mcp"], BadScopes::AllAndSome),
    ] {
        assert_eq!(Scopes::from_names(names.iter().copied()), Err(error));
    }
}

// S5
#[test]
fn a_set_prints_names_and_short_ids_but_no_token_and_no_digest() {
    let set = TokenSet::single(&Secret::from("hunter2-hunter2"));
    let printed = format!("{set:?}");
    assert!(printed.contains("default"), "{printed}");
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(!printed.contains(Digest::of(b"hunter2-hunter2").to_hex().split_at(16).0));
}
