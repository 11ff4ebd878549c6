//! What a client is told about tonl: its entry among the servers, and what belongs to it.
//!
//! A token's value is never part of it. Where a client can fill in a variable, the entry names
//! `TONL_AUTH_TOKEN`; VS Code asks the person and keeps the answer itself. Claude Desktop and Zed cannot,
//! and go through `mcp-remote`, which fills in variables of its own environment. Claude Desktop gives it
//! none but those of the entry, so that a person has to put the token there: [`PLACEHOLDER`] marks where.

use super::hosts::Platform;
use crate::args::mcp::{HostName, ScopeName};
use crate::env;
use crate::failure::{Failure, Result};
use serde_json::{Map, Value, json};
use std::net::Ipv4Addr;
use ureq::http::Uri;

/// The name of the entry.
pub(super) const NAME: &str = "tonl";
/// What stands where a person has to put the token.
pub(super) const PLACEHOLDER: &str = "<your token>";
/// The id of VS Code's question for the token.
pub(super) const INPUT: &str = "tonl-auth-token";
/// The variable with the token.
pub(super) const TOKEN: &str = "TONL_AUTH_TOKEN";
/// The variable with the whole header, for a system where arguments with spaces are torn apart.
pub(super) const HEADER: &str = "MCP_AUTH_HEADER";

/// What is to stand in the configuration of a client.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setup {
    /// The key of the object with the servers.
    pub(super) servers: &'static str,
    /// The entry under [`NAME`].
    pub(super) entry: Map<String, Value>,
    /// The element of VS Code's `inputs`, if the entry refers to it.
    pub(super) input: Option<Value>,
}

/// How the client reaches tonl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Server {
    /// It starts this program.
    Command(String),
    /// It talks to a running server.
    Http(Address),
}

impl Server {
    /// The server that the option `--http` asks for.
    ///
    /// # Errors
    /// The address is none.
    pub(super) fn from_option(http: Option<&str>, scope: ScopeName) -> Result<Self> {
        Ok(match (http, scope) {
            (Some(url), _) => Self::Http(Address::new(url)?),
            // The file of a project is for others too, whose programs are elsewhere.
            (None, ScopeName::Project) => Self::Command("tonl".to_owned()),
            (None, ScopeName::User) => {
                Self::Command(env::program().unwrap_or_else(|| "tonl".to_owned()))
            }
        })
    }
}

/// The address of a running server's MCP endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    url: String,
    clear: bool,
}

impl Address {
    /// Reads an address; without a path it gets `/mcp`.
    ///
    /// # Errors
    /// What is no http or https address, or could hold a secret: a name and password, or a query. The
    /// address is not repeated then.
    pub(super) fn new(text: &str) -> Result<Self> {
        let bad = |what: &str| {
            Failure::configuration(format!("--http: {what}")).with_hint(
                "give the address of the server, for example https://tonl.example.com/mcp",
            )
        };
        let uri: Uri = text.parse().map_err(|_| bad("this is not an address"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(bad("the address does not begin with https:// or http://"));
        };
        if !matches!(scheme, "http" | "https") {
            return Err(bad("the address does not begin with https:// or http://"));
        }
        if authority.as_str().contains('@') || uri.query().is_some() || text.contains('#') {
            return Err(bad(
                "an address with a password, a query or a fragment is not written down",
            ));
        }
        let path = match uri.path() {
            "" | "/" => "/mcp",
            path => path,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]".contains(c);
        let url = format!("{scheme}://{authority}{path}");
        if !url.chars().all(plain) {
            return Err(bad(
                "the address has characters that clients would not leave as they are",
            ));
        }
        let clear = scheme == "http" && !is_loopback(uri.host().unwrap_or_default());
        Ok(Self { url, clear })
    }

    /// Whether a token would travel there without encryption.
    pub(super) fn is_clear(&self) -> bool {
        self.clear
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<Ipv4Addr>();
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || address.is_ok_and(|ip| ip.is_loopback())
}

impl Setup {
    /// What `host` needs to reach `server`.
    pub(super) fn new(host: HostName, server: &Server, platform: Platform) -> Self {
        let entry = match server {
            Server::Command(program) => started(host, program),
            Server::Http(address) => match host {
                HostName::ClaudeDesktop | HostName::Zed => bridged(host, address, platform),
                _ => remote(host, address),
            },
        };
        let asks = host == HostName::VsCode && matches!(server, Server::Http(_));
        Self {
            servers: host.servers(),
            entry,
            input: asks.then(input),
        }
    }
}

fn started(host: HostName, program: &str) -> Map<String, Value> {
    let typed = matches!(
        host,
        HostName::ClaudeCode | HostName::Cursor | HostName::VsCode
    );
    let mut entry = Map::new();
    if typed {
        entry.insert("type".to_owned(), json!("stdio"));
    }
    entry.insert("command".to_owned(), json!(program));
    entry.insert("args".to_owned(), json!(["mcp"]));
    entry
}

fn remote(host: HostName, address: &Address) -> Map<String, Value> {
    let typed = !matches!(host, HostName::Cursor | HostName::Windsurf);
    let url = if host == HostName::Windsurf {
        "serverUrl"
    } else {
        "url"
    };
    let variable = match host {
        HostName::VsCode => format!("${{input:{INPUT}}}"),
        HostName::Cursor | HostName::Windsurf => format!("${{env:{TOKEN}}}"),
        _ => format!("${{{TOKEN}}}"),
    };
    let mut entry = Map::new();
    if typed {
        entry.insert("type".to_owned(), json!("http"));
    }
    entry.insert(url.to_owned(), json!(address.url));
    let header = json!({ "Authorization": format!("Bearer {variable}") });
    entry.insert("headers".to_owned(), header);
    entry
}

/// A client without headers, or without variables in them, starts `mcp-remote`.
fn bridged(host: HostName, address: &Address, platform: Platform) -> Map<String, Value> {
    // npx is a script on Windows, and spaces inside an argument do not survive the way to it.
    let windows = platform == Platform::Windows;
    let (command, mut args) = if windows {
        ("cmd", vec!["/c", "npx"])
    } else {
        ("npx", Vec::new())
    };
    let header = if windows {
        format!("Authorization:${{{HEADER}}}")
    } else {
        format!("Authorization: Bearer ${{{TOKEN}}}")
    };
    args.extend(["-y", "mcp-remote", &address.url, "--header", &header]);
    // Without it only two of the loopback's names would do.
    if address.url.starts_with("http://") {
        args.push("--allow-http");
    }
    let mut entry = Map::new();
    entry.insert("command".to_owned(), json!(command));
    entry.insert("args".to_owned(), json!(args));
    if windows {
        let value = format!("Bearer {PLACEHOLDER}");
        entry.insert("env".to_owned(), json!({ HEADER: value }));
    } else if host == HostName::ClaudeDesktop {
        entry.insert("env".to_owned(), json!({ TOKEN: PLACEHOLDER }));
    }
    entry
}

fn input() -> Value {
    json!({
        "type": "promptString",
        "id": INPUT,
        "description": "Token of the tonl server",
        "password": true,
    })
}

/// What a person has to do about the token of a server, if anything.
pub(super) fn advice(setup: &Setup) -> Option<String> {
    let text = Value::Object(setup.entry.clone()).to_string();
    if text.contains(PLACEHOLDER) {
        return Some(format!(
            "put the server's token in the place of {PLACEHOLDER}, and let nobody else read the file"
        ));
    }
    if setup.input.is_some() {
        return Some("VS Code asks for the server's token when it starts the server".to_owned());
    }
    text.contains(TOKEN)
        .then(|| format!("set {TOKEN} to the server's token in the environment of the client"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(host: HostName, url: &str, platform: Platform) -> Setup {
        let server = Server::Http(Address::new(url).unwrap());
        Setup::new(host, &server, platform)
    }

    #[test]
    fn an_address_without_a_path_means_the_endpoint() {
        for text in [
            "https://a.example",
            "https://a.example/",
            "https://a.example/mcp",
        ] {
            assert_eq!(Address::new(text).unwrap().url, "https://a.example/mcp");
        }
        let address = Address::new("http://127.0.0.1:3000/tonl/mcp").unwrap();
        assert_eq!(address.url, "http://127.0.0.1:3000/tonl/mcp");
        assert!(!address.is_clear());
        assert!(!Address::new("http://[::1]:3000").unwrap().is_clear());
        assert!(!Address::new("http://localhost:3000").unwrap().is_clear());
        assert!(Address::new("http://a.example").unwrap().is_clear());
    }

    #[test]
    fn an_address_that_could_hold_a_secret_is_refused_without_showing_it() {
        for text in [
            "https://ann:hunter2@a.example",
            "https://a.example/mcp?token=hunter2",
            "https://a.example/mcp#hunter2",
            "https://a.example/${hunter2}",
            "https://a.example/hunter2&calc",
            "ftp://hunter2.example",
            "hunter2",
            "/mcp/hunter2",
            "",
        ] {
            let failure = Address::new(text).unwrap_err();
            assert!(!failure.message().contains("hunter2"), "{failure:?}");
            assert_eq!(failure.exit(), crate::exit::Exit::Configuration);
        }
    }

    #[test]
    fn on_windows_the_bridge_gets_no_argument_with_a_space() {
        for host in [HostName::ClaudeDesktop, HostName::Zed] {
            let setup = setup(host, "https://a.example", Platform::Windows);
            assert_eq!(setup.entry["command"], "cmd");
            for argument in setup.entry["args"].as_array().unwrap() {
                assert!(!argument.as_str().unwrap().contains(' '), "{argument}");
            }
            assert_eq!(setup.entry["env"][HEADER], "Bearer <your token>");
        }
    }

    #[test]
    fn the_bridge_is_told_when_there_is_no_encryption() {
        let args = |url| setup(HostName::Zed, url, Platform::Linux).entry["args"].clone();
        let has_flag = |args: Value| args.as_array().unwrap().contains(&json!("--allow-http"));
        assert!(has_flag(args("http://a.example")));
        assert!(!has_flag(args("https://a.example")));
        assert!(has_flag(args("http://[::1]:3000")));
    }

    #[test]
    fn advice_says_where_the_token_goes() {
        let said = |host| advice(&setup(host, "https://a.example", Platform::Linux)).unwrap();
        assert!(said(HostName::ClaudeDesktop).contains(PLACEHOLDER));
        assert!(said(HostName::VsCode).contains("asks"));
        assert!(said(HostName::Zed).contains(TOKEN));
        let local = Server::Command("tonl".to_owned());
        assert_eq!(
            advice(&Setup::new(HostName::Zed, &local, Platform::Linux)),
            None
        );
    }
}
