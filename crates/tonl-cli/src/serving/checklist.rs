//! The seed's checklists (S52, S53), answered from the checked plan and from what can be seen of the
//! machine. A line an item. What cannot be seen from here is said to be so, as a warning: a check
//! that says OK without looking would be worse than none.

use super::access::{Configured, Tokens, weakness};
use super::plan::Plan;
use crate::render::figures::counted;
use crate::settings::table;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use tonl_secret::Source;

/// How an item is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// It is as it should be.
    Ok,
    /// It may not be, or cannot be seen from here.
    Warn,
    /// It is not.
    Fail,
}

impl Level {
    /// The word that is shown.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

/// An item and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The item.
    pub(crate) item: &'static str,
    /// The answer.
    pub(crate) level: Level,
    /// What was found.
    pub(crate) found: String,
    /// What to do about it; empty if nothing.
    pub(crate) advice: &'static str,
    /// Whether it is about a setting of this server, which is worth saying at each start.
    pub(crate) is_setting: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "  {:4}  {:22}  {}",
            self.level.as_str(),
            self.item,
            self.found
        )?;
        if !self.advice.is_empty() {
            write!(f, ": {}", self.advice)?;
        }
        Ok(())
    }
}

fn setting(
    item: &'static str,
    level: Level,
    found: impl Into<String>,
    advice: &'static str,
) -> Finding {
    Finding {
        item,
        level,
        found: found.into(),
        advice,
        is_setting: true,
    }
}

fn around(
    item: &'static str,
    level: Level,
    found: impl Into<String>,
    advice: &'static str,
) -> Finding {
    Finding {
        is_setting: false,
        ..setting(item, level, found, advice)
    }
}

/// The checklist that fits the plan.
pub(crate) fn checklist(plan: &Plan) -> Vec<Finding> {
    match &plan.tokens {
        Tokens::Development => development(plan),
        Tokens::Of(configured) => production(plan, configured),
    }
}

fn production(plan: &Plan, configured: &Configured) -> Vec<Finding> {
    let set = &configured.set;
    let mut findings = vec![token(set, configured.setting.name())];
    findings.extend(
        set.file_warning()
            .map(|warning| setting("Token file", Level::Warn, warning.to_string(), "")),
    );
    findings.extend([
        https(plan),
        rate_limit(plan),
        setting("Security headers", Level::Ok, "on every answer", ""),
        firewall(plan),
        secrets(&configured.source),
        proxies(plan),
        cors(plan),
        connections(plan),
        failures(plan),
        hosts(plan),
        audit(plan),
        around(
            "Monitoring alerts",
            Level::Warn,
            "/metrics is served; whether anybody watches cannot be seen from here",
            "load deploy/prometheus/rules.yaml",
        ),
        resources(),
        network_policies(),
        rbac(),
        around(
            "Security updates",
            Level::Warn,
            concat!("this is version ", env!("CARGO_PKG_VERSION")),
            "compare it with the newest release regularly",
        ),
        backup(plan),
    ]);
    findings.extend(audit_key(plan));
    findings.extend(references(plan));
    findings
}

fn token(set: &tonl_secret::TokenSet, name: &str) -> Finding {
    match set.weak().next() {
        Some(weak) => setting("Bearer token", Level::Warn, weakness(weak), ""),
        None => setting(
            "Bearer token",
            Level::Ok,
            format!("{} from {name}", counted(set.len() as u64, "token")),
            "",
        ),
    }
}

fn https(plan: &Plan) -> Finding {
    let host = plan.network.listen.host;
    let is_loopback = host.is_loopback();
    if plan.network.tls.is_some() {
        let found = if plan.values.is_said(&table::TLS_CLIENT_CA) {
            "TLS 1.2 and 1.3, clients must show a certificate"
        } else {
            "TLS 1.2 and 1.3"
        };
        return setting("HTTPS", Level::Ok, found, "");
    }
    let neighbour: IpAddr = match host {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    if is_loopback && plan.proxies.contains(neighbour) {
        let found = "left to the trusted proxy on this machine; nobody else reaches the port";
        return setting("HTTPS", Level::Ok, found, "");
    }
    if is_loopback {
        let advice = "let a proxy on this machine speak TLS, and name it in TONL_TRUSTED_PROXIES";
        return setting("HTTPS", Level::Warn, "plain HTTP on loopback", advice);
    }
    if !plan.proxies.is_empty() {
        let found = format!(
            "left to the trusted proxies; whoever reaches {host} without them speaks plain HTTP"
        );
        let advice = if plan.proxies.are_local() {
            "listen on 127.0.0.1, where the trusted proxy is"
        } else {
            "let only the proxies reach the port, by a firewall or a network policy (deploy/firewall, \
             deploy/kubernetes)"
        };
        return setting("HTTPS", Level::Warn, found, advice);
    }
    let advice =
        "set TONL_TLS_CERT and TONL_TLS_KEY, or TONL_TRUSTED_PROXIES if a proxy speaks TLS";
    setting("HTTPS", Level::Fail, "tokens travel unencrypted", advice)
}

/// More requests in a window than these are as good as no limit.
const MOST_REQUESTS: u32 = 100_000;

fn rate_limit(plan: &Plan) -> Finding {
    match &plan.rate_limit {
        Some(limits) => {
            let config = limits.address.config();
            let found = format!(
                "{} requests in {} s an address",
                config.max,
                config.window.as_secs_f64()
            );
            if config.max > MOST_REQUESTS {
                let advice = "lower TONL_RATE_LIMIT_MAX; 100 in 15 minutes is the default";
                let found = format!("{found}, which limits nobody");
                return setting("Rate limiting", Level::Warn, found, advice);
            }
            setting("Rate limiting", Level::Ok, found, "")
        }
        None => setting(
            "Rate limiting",
            Level::Fail,
            "switched off",
            "remove TONL_RATE_LIMIT_ENABLED=false",
        ),
    }
}

fn firewall(plan: &Plan) -> Finding {
    let host = plan.network.listen.host;
    if host.is_loopback() {
        let found = format!("{host} cannot be reached from other machines");
        return setting("Firewall", Level::Ok, found, "");
    }
    let found =
        format!("{host} can be reached from other machines; a firewall cannot be seen from here");
    setting(
        "Firewall",
        Level::Warn,
        found,
        "let only the proxy reach the port, see deploy/firewall",
    )
}

fn secrets(source: &Source) -> Finding {
    match source {
        Source::Inline(_) => around(
            "Secrets manager",
            Level::Warn,
            "the token stands in the environment, which containers, units and child processes show",
            "use TONL_AUTH_TOKEN_FILE or TONL_AUTH_TOKEN_SOURCE",
        ),
        other => around(
            "Secrets manager",
            Level::Ok,
            format!("the token comes from: {}", other.kind()),
            "",
        ),
    }
}

fn proxies(plan: &Plan) -> Finding {
    let list = plan.values.text(&table::TRUSTED_PROXIES);
    let Some(list) = list.filter(|_| !plan.proxies.is_empty()) else {
        let found = "none is trusted, X-Forwarded-For is ignored";
        return setting("Proxies", Level::Ok, found, "");
    };
    let found = format!("trusted: {list}");
    let is_wide = list
        .split(',')
        .any(|item| item.trim().eq_ignore_ascii_case("private"));
    if is_wide {
        let found = format!("{found}; every neighbour in a private network may name any client");
        let advice = "list the proxies' own addresses or network";
        return setting("Proxies", Level::Warn, found, advice);
    }
    setting("Proxies", Level::Ok, found, "")
}

fn failures(plan: &Plan) -> Finding {
    match plan.values.count(&table::FAILURE_MAX) {
        0 => setting(
            "Wrong tokens",
            Level::Warn,
            "an address may guess without end",
            "remove TONL_AUTH_FAILURE_MAX=0",
        ),
        most => setting(
            "Wrong tokens",
            Level::Ok,
            format!("{most} an address, then one in 10 s"),
            "",
        ),
    }
}

fn hosts(plan: &Plan) -> Finding {
    let named = plan.values.text(&table::ALLOWED_HOSTS);
    let is_loopback = plan.network.listen.host.is_loopback();
    match (plan.hosts.is_on(), named) {
        (false, _) => setting(
            "Host check",
            Level::Warn,
            "off: pages may reach the server by a name of their own (DNS rebinding), if a browser can",
            "list the names of this server in TONL_ALLOWED_HOSTS",
        ),
        (true, Some(names)) if is_loopback => {
            let found = format!("on: loopback names and {names}");
            setting("Host check", Level::Ok, found, "")
        }
        (true, Some(names)) => setting("Host check", Level::Ok, format!("on: {names}"), ""),
        (true, None) => setting("Host check", Level::Ok, "on: loopback names", ""),
    }
}

/// What calls of tools may read on this machine and around it, if anything.
fn references(plan: &Plan) -> Option<Finding> {
    let (folders, urls) = (
        plan.values.lines(&table::MCP_ROOTS),
        plan.values.lines(&table::MCP_URLS),
    );
    if folders.is_empty() && urls.is_empty() {
        return None;
    }
    let item = "Data by reference";
    let open = [folders, urls.clone()].concat().join(", ");
    let found = format!("whoever may call a tool may read {open}");
    if plan.values.switch(&table::MCP_PRIVATE_URLS) && !urls.is_empty() {
        let found = format!("{found}, at private addresses too");
        let advice = "remove TONL_MCP_PRIVATE_ADDRESSES unless these URLs are inside";
        return Some(setting(item, Level::Warn, found, advice));
    }
    Some(setting(item, Level::Ok, found, ""))
}

fn audit_key(plan: &Plan) -> Option<Finding> {
    let warning = plan.audit_key_warning.as_ref()?;
    Some(setting("Audit key", Level::Warn, warning.to_string(), ""))
}

fn cors(plan: &Plan) -> Finding {
    let found = match plan.values.text(&table::CORS_ORIGINS) {
        Some(origins) => format!("allowed: {origins}"),
        None => "no foreign page may ask".to_owned(),
    };
    setting("CORS", Level::Ok, found, "")
}

fn connections(plan: &Plan) -> Finding {
    let wanted = plan.values.count(&table::MAX_CONNECTIONS);
    let most = plan.network.connections.max;
    if most < wanted {
        return setting(
            "Connections",
            Level::Warn,
            format!("at most {most} instead of {wanted}, because of the limit of open files"),
            "raise the limit (LimitNOFILE, ulimit -n) or lower TONL_MAX_CONNECTIONS",
        );
    }
    setting("Connections", Level::Ok, format!("at most {most}"), "")
}

fn audit(plan: &Plan) -> Finding {
    match &plan.audit.path {
        Some(path) if plan.audit.key.is_some() => setting(
            "Audit log",
            Level::Ok,
            format!("{}, authenticated by a key", path.display()),
            "",
        ),
        Some(path) => setting("Audit log", Level::Ok, path.display().to_string(), ""),
        None => setting(
            "Audit log",
            Level::Warn,
            "audit events go to the ordinary log only",
            "set TONL_AUDIT_LOG",
        ),
    }
}

/// The limit of memory that the system sets on this process's group.
fn resources() -> Finding {
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max");
    match limit.as_deref().map(str::trim) {
        Ok(limit) if limit != "max" && !limit.is_empty() => around(
            "Resource limits",
            Level::Ok,
            format!("memory is limited to {limit} bytes"),
            "",
        ),
        _ => around(
            "Resource limits",
            Level::Warn,
            "memory is not limited as far as can be seen from here",
            "set limits as in deploy/kubernetes, deploy/docker or deploy/systemd",
        ),
    }
}

const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

fn is_in_kubernetes() -> bool {
    crate::env::variable("KUBERNETES_SERVICE_HOST").is_some()
}

fn network_policies() -> Finding {
    if is_in_kubernetes() {
        return around(
            "Network policies",
            Level::Warn,
            "they cannot be seen from inside a pod",
            "apply deploy/kubernetes/network-policy.yaml",
        );
    }
    around("Network policies", Level::Ok, "not in Kubernetes", "")
}

fn rbac() -> Finding {
    if !is_in_kubernetes() {
        return around("RBAC", Level::Ok, "not in Kubernetes", "");
    }
    if Path::new(SERVICE_ACCOUNT).join("token").exists() {
        return around(
            "RBAC",
            Level::Warn,
            "a service account's token is mounted, which is not needed",
            "set automountServiceAccountToken: false",
        );
    }
    around(
        "RBAC",
        Level::Ok,
        "no service account's token is mounted",
        "",
    )
}

fn backup(plan: &Plan) -> Finding {
    match &plan.audit.path {
        Some(path) => around(
            "Backup and recovery",
            Level::Warn,
            format!(
                "the server keeps nothing but {}; a backup cannot be seen from here",
                path.display()
            ),
            "copy it and its .head file elsewhere",
        ),
        None => around(
            "Backup and recovery",
            Level::Ok,
            "the server keeps no data",
            "",
        ),
    }
}

fn development(plan: &Plan) -> Vec<Finding> {
    let host = plan.network.listen.host;
    let https = if plan.network.tls.is_some() {
        setting("HTTPS", Level::Ok, "TLS 1.2 and 1.3", "")
    } else if host.is_loopback() {
        setting("HTTPS", Level::Ok, "not needed on loopback", "")
    } else {
        setting(
            "HTTPS",
            Level::Fail,
            format!(
                "{host} can be reached from other machines without encryption or a token of yours"
            ),
            "listen on 127.0.0.1, or set TONL_AUTH_TOKEN_FILE and TLS",
        )
    };
    let limit = match &plan.rate_limit {
        Some(_) => rate_limit(plan),
        None => setting(
            "Rate limiting",
            Level::Ok,
            "switched off, which is fine in development",
            "",
        ),
    };
    let mut findings = vec![
        setting(
            "Tokens",
            Level::Ok,
            "made by the server, which is fine in development",
            "",
        ),
        https,
        limit,
        proxies(plan),
        cors(plan),
        connections(plan),
        failures(plan),
        hosts(plan),
        around(
            "Different IPs",
            Level::Ok,
            "other addresses can be tried with TONL_TRUSTED_PROXIES=loopback and X-Forwarded-For",
            "",
        ),
        around(
            "Error messages",
            Level::Ok,
            "without internals; JSON, but for the rate limit's text and the bare status of what is no HTTP",
            "",
        ),
        audit_in_development(plan),
    ];
    findings.extend(references(plan));
    findings.extend(audit_key(plan));
    findings
}

fn audit_in_development(plan: &Plan) -> Finding {
    let found = match &plan.audit.path {
        Some(path) => format!("security events are in {}", path.display()),
        None => "security events are in the log on standard error".to_owned(),
    };
    setting("Security events", Level::Ok, found, "")
}

#[cfg(test)]
mod tests;
