//! What the server says of itself when it starts: plain text on standard error, in every mode, also
//! when logs are JSON. What it says is what it does: each line is made of the checked plan.

use super::access::Tokens;
use super::checklist::{Finding, Level};
use super::plan::Plan;
use crate::settings::table;
use std::fmt::Write as _;
use std::net::SocketAddr;

/// The banner. In development mode `run_token` is the token of this run, shown here once.
pub(crate) fn banner(
    plan: &Plan,
    addr: SocketAddr,
    findings: &[Finding],
    run_token: Option<&str>,
) -> String {
    let mut text = String::new();
    let url = url(plan, addr);
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
    text.push_str(&mode(plan, &url, run_token));
    text.push_str(&rate_limit(plan));
    text.push('\n');
    for finding in findings {
        let _infallible = writeln!(text, "{finding}");
    }
    text.push_str("\n💡 Press Ctrl+C to stop the server gracefully\n");
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

fn mode(plan: &Plan, url: &str, run_token: Option<&str>) -> String {
    match (&plan.tokens, run_token) {
        (Tokens::Of(_), _) => "🔒 Security: Enabled (Bearer Token required for /mcp)\n".to_owned(),
        (Tokens::Development, token) => format!(
            "⚠️  Security: Development mode (Auto-generated session tokens)\n\
             💡 Set TONL_AUTH_TOKEN for production use\n\n\
             Token of this run (shown once, valid until the server stops):\n  {token}\n\
             Client configuration:\n  \
             {{\"mcpServers\":{{\"tonl\":{{\"url\":\"{url}/mcp\",\"headers\":{{\"Authorization\":\"Bearer {token}\"}}}}}}}}\n\n",
            token = token.unwrap_or_default(),
        ),
    }
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
