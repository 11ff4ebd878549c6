//! A server as it will be: every setting checked and turned into what the parts are told.

use super::access::Tokens;
use super::limits::{joined, limits};
use super::reload::WeakTokens;
use super::tools::tools;
use super::{Manner, Purpose, process};
use crate::audit_key;
use crate::settings::layers::Values;
use crate::settings::problem::{Problem, Problems};
use crate::settings::table::{self, Setting};
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::time::Duration;
use tonl_layers::auth::{AuthConfig, InvalidStatus};
use tonl_layers::body::{BodyConfig, BodyLimit};
use tonl_layers::client_addr::TrustedProxies;
use tonl_layers::cors;
use tonl_layers::host::AllowedHosts;
use tonl_layers::origin::AllowedOrigins;
use tonl_layers::security_headers;
use tonl_layers::session::SessionConfig;
use tonl_mcp::ToolConfig;
use tonl_secret::source::FileWarning;
use tonl_server::config::{ConnectionConfig, Listen, NetworkConfig, ShutdownConfig, WhenBusy};
use tonl_server::{
    Access, AppConfig, ConvertLimits, LegacySse, Protection, RateLimits, Tls, TlsFiles,
};
use tonl_telemetry::audit::{AuditConfig, AuditLog, OnFailure};
use tonl_telemetry::log::{Format, LogConfig};

/// The port without a wish, and how many after it are tried.
const PORT: u16 = 3000;
const PORTS: u16 = 99;

/// A checked plan.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) network: NetworkConfig,
    pub(crate) tokens: Tokens,
    pub(crate) overlap: Duration,
    pub(crate) audit: AuditConfig,
    pub(crate) audit_key_warning: Option<FileWarning>,
    pub(crate) weak: WeakTokens,
    pub(crate) log: LogConfig,
    pub(crate) values: Values,
    pub(crate) rate_limit: Option<RateLimits>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) hosts: AllowedHosts,
    pub(crate) tools: ToolConfig,
    origins: AllowedOrigins,
    cors: Option<cors::Config>,
    headers: security_headers::Config,
}

impl Plan {
    /// Checks everything; `None` if something is wrong, which is then noted.
    pub(crate) fn of(
        mut values: Values,
        classes: &[toml::Table],
        manner: Manner,
        problems: &mut Problems,
    ) -> Option<Self> {
        let checks = Checks { values: &values };
        let tokens = Tokens::read(&values, manner, problems);
        let rate_limit = limits(&values, classes, tokens.as_ref(), problems);
        let proxies = checks.list(&table::TRUSTED_PROXIES, TrustedProxies::parse, problems);
        let host = values.address(&table::HOST).unwrap_or(LOOPBACK);
        let parse = |list: &str| AllowedHosts::parse(host, list);
        let hosts = checks.list(&table::ALLOWED_HOSTS, parse, problems);
        let origins = checks.list(&table::CORS_ORIGINS, AllowedOrigins::parse, problems);
        let cors = checks.cors(origins.as_ref(), problems);
        let headers = checks.headers(problems);
        let tls = checks.tls(problems);
        let tools = tools(&values, problems);
        let audit = checks.audit(manner.purpose, problems);
        let log = log(&values, manner, problems);
        if !problems.is_empty() {
            return None;
        }
        let network = network(&values, host, tls);
        let (audit, audit_key_warning) = audit?;
        let overlap = values.time(&table::TOKEN_OVERLAP);
        // What needed them is made.
        values.forget_secrets();
        Some(Self {
            network,
            tokens: tokens?,
            overlap,
            audit,
            audit_key_warning,
            weak: WeakTokens::of(manner),
            log: log?,
            rate_limit,
            proxies: proxies?,
            hosts: hosts?,
            tools: tools?,
            origins: origins?,
            cors,
            headers: headers?,
            values,
        })
    }

    /// What the application is told.
    pub(crate) fn app(&self, access: Access) -> AppConfig {
        let values = &self.values;
        let mut app = AppConfig::new(access, self.hosts.clone());
        app.auth = AuthConfig {
            invalid_status: match values.text(&table::INVALID_STATUS) {
                Some("401") => InvalidStatus::Unauthorized,
                _ => InvalidStatus::Forbidden,
            },
            failure_max: u32::try_from(values.count(&table::FAILURE_MAX)).unwrap_or(u32::MAX),
        };
        app.sessions = SessionConfig {
            most: values.count(&table::MAX_SESSIONS),
            most_per_address: values.count(&table::MAX_SESSIONS_PER_IP),
            token_life: values.time(&table::SESSION_TTL),
            ..app.sessions
        };
        app.tools = self.tools.clone();
        app.legacy_sse = if values.switch(&table::LEGACY_SSE) {
            LegacySse::Served
        } else {
            LegacySse::Refused
        };
        app.proxies = self.proxies.clone();
        app.origins = self.origins.clone();
        app.cors.clone_from(&self.cors);
        app.headers = self.headers.clone();
        app.rate_limit.clone_from(&self.rate_limit);
        app.metrics = protection(values, &table::PROTECT_METRICS);
        app.stream = protection(values, &table::PROTECT_STREAM);
        app.max_requests =
            NonZeroUsize::new(values.count(&table::MAX_REQUESTS)).unwrap_or(NonZeroUsize::MIN);
        app.body = BodyConfig {
            limit: match values.bytes(&table::STREAM_LIMIT) {
                0 => BodyLimit::Unlimited,
                most => BodyLimit::Bytes(most),
            },
            idle: values.time(&table::BODY_IDLE_TIMEOUT),
            ..app.body
        };
        app.convert = ConvertLimits {
            line: usize::try_from(values.bytes(&table::LINE_LIMIT)).unwrap_or(usize::MAX),
            document: values.bytes(&table::JSON_LIMIT),
            within: values.time(&table::BODY_TIMEOUT),
        };
        app.body_budget = values.bytes(&table::BODY_BUDGET);
        app.body_budget_per_address = values.bytes(&table::BODY_BUDGET_PER_IP);
        app.work_deadline = values.time(&table::WORK_DEADLINE);
        app
    }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn protection(values: &Values, setting: &Setting) -> Protection {
    if values.switch(setting) {
        Protection::Token
    } else {
        Protection::Public
    }
}

fn network(values: &Values, host: IpAddr, tls: Option<TlsFiles>) -> NetworkConfig {
    let mut listen = Listen::at(host, values.port(&table::PORT).unwrap_or(PORT));
    if !values.is_said(&table::PORT) {
        listen.when_busy = WhenBusy::Next(PORTS);
    }
    let mut network = NetworkConfig::plain(listen);
    network.connections = ConnectionConfig {
        max: values
            .count(&table::MAX_CONNECTIONS)
            .min(process::room_for_connections()),
        max_per_address: values.count(&table::MAX_CONNECTIONS_PER_IP),
        header_timeout: values.time(&table::HEADER_TIMEOUT),
        keep_alive: values.time(&table::KEEP_ALIVE_TIMEOUT),
        write_stall: values.time(&table::WRITE_STALL_TIMEOUT),
        handshake: values.time(&table::HANDSHAKE_TIMEOUT),
    };
    network.shutdown = ShutdownConfig {
        prestop_delay: values.time(&table::PRESTOP_DELAY),
        timeout: values.time(&table::SHUTDOWN_TIMEOUT),
    };
    network.tls = tls;
    network
}

/// How the log is written.
pub(crate) fn log(values: &Values, manner: Manner, problems: &mut Problems) -> Option<LogConfig> {
    let older = values.text(&table::LOG_LEVEL);
    let (setting, filter) = match (values.text(&table::LOG), older) {
        (_, Some(level)) if !values.is_said(&table::LOG) => (table::LOG_LEVEL, level),
        (filter, _) => (table::LOG, filter.unwrap_or("info")),
    };
    let config = LogConfig {
        format: match values.text(&table::LOG_FORMAT) {
            Some("text") => Format::Text,
            Some("json") => Format::Json,
            _ => Format::Auto,
        },
        filter: filter.to_owned(),
        terminal: manner.terminal.is_terminal,
        color: manner.terminal.is_colored,
    };
    problems.take(&setting, &values.origin(&setting), config.check())?;
    Some(config)
}

/// The settings that take more than their kind to check.
struct Checks<'v> {
    values: &'v Values,
}

impl Checks<'_> {
    fn list<T, E: std::fmt::Display>(
        &self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, Vec<E>>,
        problems: &mut Problems,
    ) -> Option<T> {
        let parsed = parse(self.values.text(setting).unwrap_or_default());
        let parsed = parsed.map_err(|errors| joined(&errors));
        problems.take(setting, &self.values.origin(setting), parsed)
    }

    fn cors(
        &self,
        origins: Option<&AllowedOrigins>,
        problems: &mut Problems,
    ) -> Option<cors::Config> {
        let origins = origins.filter(|origins| !origins.is_empty())?;
        let credentials = if self.values.switch(&table::CORS_CREDENTIALS) {
            cors::Credentials::Allowed
        } else {
            cors::Credentials::Withheld
        };
        let config = cors::Config::new(origins.clone()).with_credentials(credentials);
        let methods = |list: &str| config.clone().with_methods(list);
        let config = self.list(&table::CORS_METHODS, methods, problems)?;
        let headers = |list: &str| config.clone().with_headers(list);
        self.list(&table::CORS_HEADERS, headers, problems)
    }

    fn headers(&self, problems: &mut Problems) -> Option<security_headers::Config> {
        let mut config = security_headers::Config::default();
        let origin = self.values.origin(&table::EXTRA_HEADERS);
        for line in self.values.lines(&table::EXTRA_HEADERS) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let added = config.clone().with_header(name.trim(), value.trim());
            config = problems.take(&table::EXTRA_HEADERS, &origin, added)?;
        }
        Some(config)
    }

    fn tls(&self, problems: &mut Problems) -> Option<TlsFiles> {
        let cert = self.values.path(&table::TLS_CERT);
        let key = self.values.path(&table::TLS_KEY);
        let client_ca = self.values.path(&table::TLS_CLIENT_CA);
        match (cert, key) {
            (Some(cert), Some(key)) => {
                let mut files = TlsFiles::new(cert, key);
                files.client_ca = client_ca;
                let origin = self.values.origin(&table::TLS_CERT);
                problems.take(&table::TLS_CERT, &origin, Tls::load(files.clone()))?;
                Some(files)
            }
            (None, None) if client_ca.is_none() => None,
            _ => {
                problems.add(Problem::new(
                    "TONL_TLS_CERT and TONL_TLS_KEY belong together: set both, or neither of the TLS settings",
                ));
                None
            }
        }
    }

    /// The audit log, and what is unsafe about the file of its key.
    fn audit(
        &self,
        purpose: Purpose,
        problems: &mut Problems,
    ) -> Option<(AuditConfig, Option<FileWarning>)> {
        let values = self.values;
        let Some(path) = values.path(&table::AUDIT_LOG) else {
            if values.is_said(&table::AUDIT_KEY_FILE) {
                problems.add(Problem::new(
                    "TONL_AUDIT_KEY_FILE is set and TONL_AUDIT_LOG is not: set both",
                ));
            }
            let none = AuditConfig {
                path: None,
                ..AuditConfig::at("")
            };
            return Some((none, None));
        };
        let key = match values.path(&table::AUDIT_KEY_FILE) {
            None => None,
            Some(file) => {
                let read = audit_key::read(&file);
                let read = read.map_err(|error| format!("{}: {error}", file.display()));
                let origin = values.origin(&table::AUDIT_KEY_FILE);
                Some(problems.take(&table::AUDIT_KEY_FILE, &origin, read)?)
            }
        };
        // Zero is never: a size and an age that no file reaches.
        let bytes = match values.bytes(&table::AUDIT_MAX_BYTES) {
            0 => u64::MAX,
            bytes => bytes,
        };
        let age = values.time(&table::AUDIT_MAX_AGE);
        let (key, warning) = key.map(|read| (read.key, read.warning)).unzip();
        let config = AuditConfig {
            key,
            max_bytes: bytes,
            max_age: if age.is_zero() { Duration::MAX } else { age },
            keep_files: values.count(&table::AUDIT_KEEP_FILES),
            on_failure: if values.switch(&table::AUDIT_FAIL_CLOSED) {
                OnFailure::Closed
            } else {
                OnFailure::Open
            },
            ..AuditConfig::at(path)
        };
        if purpose == Purpose::Start {
            let origin = values.origin(&table::AUDIT_LOG);
            problems.take(&table::AUDIT_LOG, &origin, AuditLog::probe(&config))?;
        }
        Some((config, warning.flatten()))
    }
}
