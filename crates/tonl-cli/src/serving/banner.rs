//! What the server says of itself when it starts: plain text on standard error, in every mode, also
//! when logs are JSON. What it says is what it does: each line is made of the checked plan.

use super::access::Tokens;
use super::checklist::{Finding, Level};
use super::plan::Plan;
use crate::settings::table;
use std::fmt::{self, Write as _};
use std::io;
use std::net::SocketAddr;
use zeroize::Zeroizing;

/// The banner, in three parts because one of them is secret.
#[derive(Debug)]
pub(crate) struct Banner {
    before: String,
    run_token: Option<RunToken>,
    after: String,
}

/// The token of this run with its client configuration; its memory is cleared.
struct RunToken(Zeroizing<String>);

impl fmt::Debug for RunToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunToken(***)")
    }
}

impl Banner {
    /// Writes it on standard error, which has no buffer that would keep the token: always, because it
    /// says once what nobody could learn later. What cannot be said is not said.
    pub(crate) fn show(&self) {
        let _closed = self.write(&mut std::io::stderr().lock());
    }

    fn write(&self, to: &mut impl io::Write) -> io::Result<()> {
        to.write_all(self.before.as_bytes())?;
        if let Some(RunToken(text)) = &self.run_token {
            to.write_all(text.as_bytes())?;
        }
        to.write_all(self.after.as_bytes())
    }
}

/// The banner. In development mode `run_token` is the token of this run, shown here once.
pub(crate) fn banner(
    plan: &Plan,
    addr: SocketAddr,
    findings: &[Finding],
    run_token: Option<&str>,
) -> Banner {
    let url = url(plan, addr);
    let mut after = rate_limit(plan);
    after.push('\n');
    for finding in findings {
        let _infallible = writeln!(after, "{finding}");
    }
    after.push_str("\n💡 Press Ctrl+C to stop the server gracefully\n\n");
    Banner {
        before: head(plan, addr, &url),
        run_token: run_token.map(|token| RunToken(token_lines(&url, token))),
        after,
    }
}

fn head(plan: &Plan, addr: SocketAddr, url: &str) -> String {
    let mut text = String::new();
    let version = env!("CARGO_PKG_VERSION");
    let _infallible = writeln!(text, "TONL-MCP Bridge {version} on {addr}");
    let wished = plan.network.listen.port;
    if wished != 0 && wished != addr.port() {
        let _infallible = writeln!(
            text,
            "Port {wished} was busy, using available port {} instead.",
            addr.port()
        );
    }
    let _infallible = write!(
        text,
        "\n  MCP endpoint    {url}/mcp\n  Stream convert  {url}/stream/convert\n  Metrics         {url}/metrics\n  \
         Live metrics    {url}/metrics/live\n  Health          {url}/health\n  Readiness       {url}/ready\n\n"
    );
    text.push_str(match plan.tokens {
        Tokens::Development => {
            "⚠️  Security: Development mode (Auto-generated session tokens)\n\
             💡 Set TONL_AUTH_TOKEN for production use\n\n"
        }
        Tokens::Of(_) => "🔒 Security: Enabled (Bearer Token required for /mcp)\n",
    });
    text
}

/// Built in one buffer with room for all of it, so that no copy is left behind.
fn token_lines(url: &str, token: &str) -> Zeroizing<String> {
    let parts = [
        "Token of this run (shown once, valid until the server stops):\n  ",
        token,
        "\nClient configuration:\n  {\"mcpServers\":{\"tonl\":{\"url\":\"",
        url,
        "/mcp\",\"headers\":{\"Authorization\":\"Bearer ",
        token,
        "\"}}}}\n\n",
    ];
    let room = parts.iter().map(|part| part.len()).sum();
    let mut text = Zeroizing::new(String::with_capacity(room));
    for part in parts {
        text.push_str(part);
    }
    text
}

fn url(plan: &Plan, addr: SocketAddr) -> String {
    let scheme = if plan.network.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let host = match plan.values.text(&table::EXTERNAL_HOST) {
        Some(host) => host.to_owned(),
        None if addr.ip().is_unspecified() => "localhost".to_owned(),
        None if addr.is_ipv6() => format!("[{}]", addr.ip()),
        None => addr.ip().to_string(),
    };
    let port = plan
        .values
        .port(&table::EXTERNAL_PORT)
        .unwrap_or(addr.port());
    format!("{scheme}://{host}:{port}")
}

fn rate_limit(plan: &Plan) -> String {
    let Some(limits) = &plan.rate_limit else {
        return "⚠️  Rate Limiting: disabled\n".to_owned();
    };
    let config = limits.address.config();
    let seconds = config.window.as_secs();
    let window = if seconds >= 60 && seconds % 60 == 0 {
        format!("{}min", seconds / 60)
    } else {
        format!("{}s", config.window.as_secs_f64())
    };
    format!("🚦 Rate Limiting: {} req / {window}\n", config.max)
}

/// The findings that are worth a line at the start: what is set, and what is not as it should be.
pub(crate) fn at_start(findings: Vec<Finding>) -> Vec<Finding> {
    findings
        .into_iter()
        .filter(|finding| finding.is_setting || finding.level == Level::Fail)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // S8
    #[test]
    fn the_token_is_written_where_it_belongs_and_never_shown_otherwise() {
        let banner = Banner {
            before: "before\n".to_owned(),
            run_token: Some(RunToken(token_lines("http://127.0.0.1:1", "hunter2"))),
            after: "after\n".to_owned(),
        };
        let mut written = Vec::new();
        banner.write(&mut written).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert!(text.starts_with("before\nToken of this run"), "{text}");
        assert!(text.ends_with("\n\nafter\n"), "{text}");
        let json = text.lines().find(|line| line.contains("mcpServers"));
        let json: serde_json::Value = serde_json::from_str(json.unwrap()).unwrap();
        let server = &json["mcpServers"]["tonl"];
        assert_eq!(server["url"], "http://127.0.0.1:1/mcp");
        assert_eq!(server["headers"]["Authorization"], "Bearer hunter2");
        assert!(!format!("{banner:?}").contains("hunter2"));
    }

    // S59
    #[test]
    fn the_token_lines_fit_their_buffer() {
        let text = token_lines("https://a.example", &"a".repeat(64));
        assert_eq!(text.len(), text.capacity());
    }
}
