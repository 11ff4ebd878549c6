//! A server whose token comes from Vault or AWS Secrets Manager, both played by a socket here.

use super::running::{OTHER, Setup, TOKEN};
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A store that gives what it holds to whoever sends a line that it wants to see.
struct Store {
    port: u16,
    held: Arc<Mutex<String>>,
}

impl Store {
    fn holding(body: String, wanted: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let held = Arc::new(Mutex::new(body));
        let answer = Arc::clone(&held);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let asked = read(&stream);
                let is_wanted = asked.iter().any(|line| line.eq_ignore_ascii_case(wanted));
                let (status, body) = if is_wanted {
                    ("200 OK", answer.lock().unwrap().clone())
                } else {
                    ("403 Forbidden", "{}".to_owned())
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                // The server may have ended: that is its right.
                let _gone = stream.write_all((head + &body).as_bytes());
            }
        });
        Self { port, held }
    }

    fn hold(&self, body: String) {
        *self.held.lock().unwrap() = body;
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The lines of a request's head; its body is read too, so that the connection ends cleanly.
fn read(stream: &TcpStream) -> Vec<String> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.parse().unwrap();
        }
        lines.push(line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    lines
}

fn vault_holds(token: &str) -> String {
    serde_json::json!({"data": {"data": {"auth-token": token}}}).to_string()
}

fn with_vault(store: &Store) -> Setup {
    Setup::new()
        .file("vault-token", "hunter2")
        .variable("VAULT_ADDR", &store.url())
        .variable("VAULT_TOKEN_FILE", "vault-token")
        .variable("TONL_AUTH_TOKEN_SOURCE", "vault://secret/tonl#auth-token")
}

// S43, S6
#[test]
fn a_token_in_vault_opens_the_server_and_a_hangup_fetches_the_next_one() {
    let store = Store::holding(vault_holds(TOKEN), "X-Vault-Token: hunter2");
    let server = with_vault(&store)
        .variable("TONL_TOKEN_OVERLAP_SECS", "0")
        .start();
    let banner = server.said();
    assert!(
        banner.contains("Bearer Token required for /mcp"),
        "{banner}"
    );
    assert!(
        banner.contains("1 token from TONL_AUTH_TOKEN_SOURCE"),
        "{banner}"
    );
    assert_eq!(server.get("/mcp", &[]).status, 401);
    assert!(![401, 403].contains(&server.mcp(TOKEN).status));
    store.hold(vault_holds(OTHER));
    server.signal(Signal::HUP);
    server.wait_for("token reloaded");
    assert_eq!(server.mcp(TOKEN).status, 403);
    assert!(![401, 403].contains(&server.mcp(OTHER).status));
    let (said, _) = server.stop();
    for secret in [TOKEN, OTHER, "hunter2"] {
        assert!(!said.contains(secret), "{said}");
    }
}

// S43, S59
#[test]
fn a_vault_that_refuses_ends_the_start() {
    let store = Store::holding(vault_holds(TOKEN), "X-Vault-Token: another");
    let outcome = with_vault(&store).run();
    assert_eq!(outcome.code, Some(64), "{outcome}");
    let beginning = "error: TONL_AUTH_TOKEN_SOURCE (environment): ";
    assert!(outcome.stderr.starts_with(beginning), "{outcome}");
    assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
    let alone = Setup::new().variable("TONL_AUTH_TOKEN_SOURCE", "vault://secret/tonl#auth-token");
    let outcome = alone.run();
    assert_eq!(outcome.stderr, format!("{beginning}set VAULT_ADDR too\n"));
}

// S42
#[test]
fn a_token_in_aws_secrets_manager_opens_the_server() {
    let secret = serde_json::json!({"ARN": "a", "Name": "tonl/auth-token", "SecretString": TOKEN});
    let store = Store::holding(
        secret.to_string(),
        "X-Amz-Target: secretsmanager.GetSecretValue",
    );
    let setup = Setup::new()
        .variable("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .variable("AWS_SECRET_ACCESS_KEY", "hunter2")
        .variable("AWS_ENDPOINT_URL_SECRETS_MANAGER", &store.url())
        .variable(
            "TONL_AUTH_TOKEN_SOURCE",
            "aws-sm://us-east-1/tonl/auth-token",
        );
    let server = setup.start();
    assert_eq!(server.get("/mcp", &[]).status, 401);
    assert_eq!(server.mcp(OTHER).status, 403);
    assert!(![401, 403].contains(&server.mcp(TOKEN).status));
    let (said, _) = server.stop();
    assert!(!said.contains(TOKEN) && !said.contains("hunter2"), "{said}");
}
