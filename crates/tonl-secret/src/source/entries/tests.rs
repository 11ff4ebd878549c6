use super::*;
use crate::tokens::Scope;
use crate::tokens::Verdict;
use std::time::Duration;
use tonl_testkit::Random;

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn at(text: &str) -> SystemTime {
    SystemTime::try_from(text.parse::<jiff::Timestamp>().unwrap()).unwrap()
}

#[test]
fn entries_have_names_digests_scopes_and_dates() {
    let file = format!(
        "# all tokens\n[[token]]\nname = \"ci\"\nsha256 = \"{ABC}\"\nscopes = [\"mcp\", \"stream\"]\n\
         not_before = 2026-01-01T00:00:00Z\nexpires = \"2027-01-01T01:00:00+01:00\"\n\n\
         [[token]]\nname = \"prometheus\"\nvalue = \"hunter2\"\nscopes = [\"metrics\"]\n"
    );
    let set = parse(file.as_bytes()).unwrap();
    assert_eq!(set.len(), 2);
    let now = at("2026-06-01T00:00:00Z");
    let ci = set.find(b"abc", now).unwrap();
    assert_eq!((ci.token.name.as_str(), ci.verdict), ("ci", Verdict::Valid));
    assert!(ci.token.scopes.contains(Scope::Mcp) && !ci.token.scopes.contains(Scope::Metrics));
    assert_eq!(ci.token.expires, Some(at("2027-01-01T00:00:00Z")));
    let late = set
        .find(b"abc", now + Duration::from_secs(40_000_000))
        .unwrap();
    assert_eq!(late.verdict, Verdict::Expired);
    let early = set.find(b"abc", at("2025-12-31T23:59:59Z")).unwrap();
    assert_eq!(early.verdict, Verdict::NotYet);
    assert_eq!(set.find(b"hunter2", now).unwrap().token.name, "prometheus");
    let known: Vec<_> = set
        .strengths()
        .iter()
        .map(|s| (s.name.as_str(), s.strength.bits))
        .collect();
    assert_eq!(known, [("prometheus", 42)]);
}

/// The part of a file that is wrong, and how the message begins.
const WRONG: &[(&str, &str)] = &[
    ("", "there is no token: add an entry"),
    ("# nothing\n", "there is no token: add an entry"),
    ("token = []\n", "there is no token: add an entry"),
    ("hunter2hunter2", "line 1: it is not TOML"),
    ("[[token]]\nname = hunter2\n", "line 2: it is not TOML"),
    (
        "[[token]]\nname = \"a\"\nvalue = \"hunter2\nscopes = []\n",
        "line 3: it is not TOML",
    ),
    (
        "[[token]]\nname = \"a\"\nname = \"b\"\n",
        "line 3: it is not TOML",
    ),
    ("hunter2 = 1\n", "there is something beside the entries"),
    (
        "token = \"hunter2\"\n",
        "there is something beside the entries",
    ),
    (
        "token = [\"hunter2\"]\n",
        "there is something beside the entries",
    ),
    (
        "[token]\nname = \"a\"\n",
        "there is something beside the entries",
    ),
    (
        "[[tokens]]\nname = \"a\"\n",
        "there is something beside the entries",
    ),
    (
        "[[token]]\nvalue = \"hunter2\"\n",
        "entry 1: it has no name",
    ),
    (
        "[[token]]\nname = \"hunter2 hunter2\"\n",
        "entry 1: its name is not accepted",
    ),
    (
        "[[token]]\nname = \"\"\n",
        "entry 1: its name is not accepted",
    ),
    ("[[token]]\nname = 7\n", "entry 1: its name is not accepted"),
    (
        "[[token]]\nname = \"a\"\nscopes = [\"mcp\"]\n",
        "entry \"a\": it has neither sha256 nor value",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"hunter2\"\nsha256 = \"x\"\n",
        "entry \"a\": it has both",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"\"\n",
        "entry \"a\": the token is empty",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"hunter 2\"\n",
        "entry \"a\": character 7 of the token",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = 7\n",
        "entry \"a\": its value is not a text",
    ),
    (
        "[[token]]\nname = \"a\"\nsha256 = \"hunter2\"\n",
        "entry \"a\": its sha256 does not have 64",
    ),
    (
        "[[token]]\nname = \"a\"\nsha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n",
        "entry \"a\": its sha256 is the digest of nothing",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\n",
        "entry \"a\": it has no scopes",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = []\n",
        "entry \"a\": its scopes are empty",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = \"mcp\"\n",
        "entry \"a\": its scopes are not an array",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"hunter2\"]\n",
        "entry \"a\": one of its scopes",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\", \"mcp:parse_tonl\"]\n",
        "entry \"a\": its scope mcp opens every tool, and another one names a tool",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\"]\nexpires = \"tomorrow\"\n",
        "entry \"a\": its expires is not a moment",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\"]\nexpires = 2027-01-01\n",
        "entry \"a\": its expires is not a moment",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\"]\nnot_before = 2027-01-01T00:00:00\n",
        "entry \"a\": its not_before is not a moment",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\"]\nexpires = 2026-01-01T00:00:00Z\n\
         not_before = 2026-01-01T00:00:00Z\n",
        "entry \"a\": it expires before it becomes valid",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\"]\nexpiers = 1\n",
        "entry \"a\": its key \"expiers\" is not known",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\"]\nhunter2 = 1\n",
        "entry \"a\": one of its keys is not known",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"x\"\nscopes = [\"mcp\"]\n[[token]]\nname = \"a\"\n\
         value = \"y\"\nscopes = [\"mcp\"]\n",
        "entry \"a\": its name is used twice",
    ),
    (
        "[[token]]\nname = \"a\"\nvalue = \"abc\"\nscopes = [\"mcp\"]\n[[token]]\nname = \"b\"\n\
         sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\nscopes = [\"mcp\"]\n",
        "entry \"b\": its token is the same as that of entry \"a\"",
    ),
];

// S5, S59
#[test]
fn whatever_is_wrong_is_said_with_its_place_and_without_a_value() {
    for (file, start) in WRONG {
        let error = parse(file.as_bytes()).unwrap_err();
        let printed = error.to_string();
        assert!(printed.starts_with(start), "{file:?}: {printed}");
        assert!(
            !format!("{printed} {error:?}").contains("hunter"),
            "{file:?}: {error:?}"
        );
        assert!(!error.advice().is_empty());
    }
    let error = parse(b"# x\n\xff").unwrap_err();
    assert!(
        error.to_string().starts_with("line 2: it is not UTF-8"),
        "{error}"
    );
}

#[test]
fn any_text_is_a_set_or_an_error() {
    let pieces = [
        "[[token]]\n",
        "name = \"a\"\n",
        "name = \"b\"\n",
        "value = \"x\"\n",
        "value = \"y\"\n",
        "scopes = [\"mcp\"]\n",
        "sha256 = \"",
        "\"",
        "[",
        "]",
        "{",
        "}",
        "=",
        "\n",
        "é",
        "\0",
        "'''",
        "\\u",
        "expires = 9999-12-31T23:59:59Z\n",
        "expires = 0000-01-01T00:00:00+23:59\n",
        "[[[",
        ".",
        "1e999",
    ];
    let mut random = Random::new(6);
    let mut read = 0;
    for _ in 0..20_000 {
        let text: String = (0..random.below(12))
            .map(|_| *random.pick(&pieces))
            .collect();
        read += usize::from(parse(text.as_bytes()).is_ok());
    }
    assert!(read > 0, "no text was read");
    assert!(parse(format!("a={}", "[".repeat(200_000)).as_bytes()).is_err());
}
