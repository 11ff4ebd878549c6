//! Vault, played by a stand-in.

use crate::stand_in::StandIn;
use std::fs;
use std::io::Write;
use std::time::{Duration, SystemTime};
use tonl_secret::source::{Address, PlainHttp, Vault, VaultToken};
use tonl_secret::{Secret, Source, SourceError, SourceErrorKind};

const FOUND: &str = r#"{"request_id":"1","data":{"data":{"auth-token":"abc-123","other":7},
    "metadata":{"version":3}}}"#;

fn vault(store: &StandIn) -> Vault {
    let address = Address::parse(&store.url(), PlainHttp::LoopbackOnly).unwrap();
    let url = Source::parse_url("vault://secret/apps/tonl#auth-token").unwrap();
    let token = VaultToken::Value(Secret::from("hunter2-vault"));
    match url.with_vault(address, token) {
        Some(Source::Vault(vault)) => vault,
        other => panic!("{other:?}"),
    }
}

fn refused(status: u16, body: &str) -> SourceError {
    let store = StandIn::answering(status, body);
    let error = Source::Vault(vault(&store)).read().unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(!printed.contains("abc-123"), "{printed}");
    error
}

// S43
#[test]
fn vault_is_asked_for_the_secret_with_our_token_in_its_header() {
    let store = StandIn::answering(200, FOUND);
    let set = Source::Vault(vault(&store)).read().unwrap();
    assert!(set.find(b"abc-123", SystemTime::now()).unwrap().is_valid());
    let asked = store.asked();
    assert_eq!(asked.line, "GET /v1/secret/data/apps/tonl HTTP/1.1");
    assert_eq!(asked.header("x-vault-token"), Some("hunter2-vault"));
    assert_eq!(asked.header("x-vault-request"), Some("true"));
    assert_eq!(asked.header("x-vault-namespace"), None);
    assert_eq!(asked.header("host"), Some(store.authority().as_str()));
    assert_eq!(asked.body, "");
}

// S43
#[test]
fn namespace_prefix_and_odd_paths_are_sent_as_they_are_meant() {
    let store = StandIn::answering(200, FOUND);
    let address = format!("{}/proxy/", store.url());
    let source = Vault {
        address: Address::parse(&address, PlainHttp::LoopbackOnly).unwrap(),
        mount: "kv/team".to_owned(),
        path: "a b/c?d#e%f".to_owned(),
        namespace: Some("org/unit".to_owned()),
        ..vault(&store)
    };
    Source::Vault(source).read().unwrap();
    let asked = store.asked();
    assert_eq!(
        asked.line,
        "GET /proxy/v1/kv/team/data/a%20b/c%3Fd%23e%25f HTTP/1.1"
    );
    assert_eq!(asked.header("x-vault-namespace"), Some("org/unit"));
}

// S43
#[test]
fn our_token_for_vault_is_read_from_its_file_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault-token");
    let store = StandIn::answering(200, FOUND);
    let source = Source::Vault(Vault {
        token: VaultToken::File(path.clone()),
        ..vault(&store)
    });
    assert_eq!(source.read().unwrap_err().kind(), SourceErrorKind::NotFound);
    for token in ["first", "second"] {
        fs::write(&path, format!("{token}\n")).unwrap();
        source.read().unwrap();
        assert_eq!(store.asked().header("x-vault-token"), Some(token));
    }
    for (content, kind) in [
        ("\n", SourceErrorKind::Empty),
        ("hunter2\nhunter2", SourceErrorKind::ControlCharacter),
    ] {
        fs::write(&path, content).unwrap();
        let error = source.read().unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert_eq!(error.place(), path.display().to_string());
    }
    assert!(store.is_silent());
}

// S43, S59
#[test]
fn each_refusal_of_vault_says_what_to_do() {
    use SourceErrorKind::{Answer, NotFound, Refused, Unreachable};
    for (status, body, kind, advice) in [
        (
            403,
            r#"{"errors":["permission denied hunter2"]}"#,
            Refused,
            "policy that allows",
        ),
        (
            400,
            r#"{"errors":["missing client token"]}"#,
            Refused,
            "policy that allows",
        ),
        (404, r#"{"errors":[]}"#, NotFound, "vault kv put"),
        (
            503,
            r#"{"errors":["Vault is sealed"]}"#,
            Unreachable,
            "unsealed",
        ),
        (429, "", Unreachable, "unsealed"),
        (307, "", Answer, "VAULT_ADDR"),
        (418, "", Answer, "VAULT_ADDR"),
    ] {
        let error = refused(status, body);
        assert_eq!(error.kind(), kind, "{status}");
        assert!(error.advice().contains(advice), "{error}");
        assert!(
            error
                .place()
                .starts_with("secret secret/apps/tonl of vault at http://127.0.0.1:")
        );
        assert_eq!(error.is_temporary(), kind == Unreachable);
    }
}

// S43, S59
#[test]
fn garbage_from_vault_is_an_error_and_never_a_token() {
    for (body, kind) in [
        ("", SourceErrorKind::Answer),
        ("<html>abc-123</html>", SourceErrorKind::Answer),
        ("[]", SourceErrorKind::Answer),
        (
            r#"{"data":{"auth-token":"abc-123"}}"#,
            SourceErrorKind::Answer,
        ),
        (r#"{"data":{"data":null}}"#, SourceErrorKind::Answer),
        (
            r#"{"data":{"data":{"token":"abc-123"}}}"#,
            SourceErrorKind::NotFound,
        ),
        (
            r#"{"data":{"data":{"auth-token":7}}}"#,
            SourceErrorKind::Answer,
        ),
        (
            r#"{"data":{"data":{"auth-token":""}}}"#,
            SourceErrorKind::Empty,
        ),
        (
            r#"{"data":{"data":{"auth-token":"abc-123 x"}}}"#,
            SourceErrorKind::BadCharacter,
        ),
    ] {
        assert_eq!(refused(200, body).kind(), kind, "{body}");
    }
    let deep = format!("{}1{}", "[".repeat(400_000), "]".repeat(400_000));
    assert_eq!(refused(200, &deep).kind(), SourceErrorKind::Answer);
}

// S59
#[test]
fn a_huge_answer_and_one_that_is_not_http_are_refused() {
    let huge = format!("{{\"data\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(refused(200, &huge).kind(), SourceErrorKind::Answer);
    for bytes in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "\0\0\0\0",
    ] {
        let store = StandIn::speaking(move |stream| stream.write_all(bytes.as_bytes()).unwrap());
        let error = Source::Vault(vault(&store)).read().unwrap_err();
        let known = [SourceErrorKind::Answer, SourceErrorKind::Unreachable];
        assert!(known.contains(&error.kind()), "{error}");
    }
}

// S59
#[test]
fn a_store_that_is_slow_or_gone_is_given_up() {
    let silent = StandIn::speaking(|stream| {
        // One byte a second never ends by itself.
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
            .iter()
            .cycle()
        {
            std::thread::sleep(Duration::from_secs(1));
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
        }
    });
    let error = Source::Vault(vault(&silent)).read().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
    assert!(error.is_temporary());

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let source = Vault {
        address: Address::parse(&address, PlainHttp::LoopbackOnly).unwrap(),
        ..vault(&silent)
    };
    let error = Source::Vault(source).read().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
}

// S43, S59
#[test]
fn a_server_without_tls_behind_https_and_a_bad_authority_file_are_errors() {
    let store = StandIn::answering(200, FOUND);
    let address = store.url().replace("http://", "https://");
    let source = Vault {
        address: Address::parse(&address, PlainHttp::LoopbackOnly).unwrap(),
        ..vault(&store)
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _closed = stream.unwrap().write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        }
    });
    let over_plain = Vault {
        address: Address::parse(&plain, PlainHttp::LoopbackOnly).unwrap(),
        ..source.clone()
    };
    let error = Source::Vault(over_plain).read().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, "no certificate").unwrap();
    let with_authority = Vault {
        ca_file: Some(path.clone()),
        ..source
    };
    let error = Source::Vault(with_authority).read().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Syntax);
    assert_eq!(error.place(), path.display().to_string());
}

// S5
#[test]
fn vault_prints_no_token() {
    let store = StandIn::answering(200, FOUND);
    let printed = format!("{:?}", Source::Vault(vault(&store)));
    assert!(
        printed.contains("auth-token") && !printed.contains("hunter2"),
        "{printed}"
    );
}
