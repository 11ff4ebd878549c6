//! The table of settings: the one home of their names, defaults and words.
//!
//! Help, `docs/settings.md`, the example configuration, the check of `tonl.toml` and the warning
//! about unknown variables are all made from it. A secret has no flag and no key: it comes from the
//! environment or from the file that a setting names.
//!
//! Words stand in several forms: what they mark with backticks is marked in Markdown and plain elsewhere.
//!
//! The trap: a default is written here as text and read like any other value, so it is checked by
//! the same rules.

use super::kind::Kind;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Its place in `tonl.toml`, as `section.name`; empty for what a file may not hold.
    pub(crate) key: &'static str,
    /// Its variable; empty for what has none.
    pub(crate) variable: &'static str,
    /// Its flag without dashes; empty for what has none.
    pub(crate) flag: &'static str,
    /// What its values are.
    pub(crate) kind: Kind,
    /// What holds when nothing is said; empty for nothing.
    pub(crate) default: &'static str,
    /// The version it came with.
    pub(crate) since: &'static str,
    /// What it is for, in one sentence.
    pub(crate) words: &'static str,
}

impl Setting {
    /// Whether it holds a secret.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }

    /// The name by which messages call it: the variable, or the key.
    pub(crate) fn name(&self) -> &'static str {
        if self.variable.is_empty() {
            self.key
        } else {
            self.variable
        }
    }
}

/// Settings that belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// What they have in common.
    pub(crate) title: &'static str,
    /// The settings, in the order of the manual.
    pub(crate) settings: &'static [Setting],
}

macro_rules! settings {
    ($($title:literal {
        $($name:ident: $key:literal, $variable:literal, $flag:literal, $kind:expr, $default:literal, $words:literal;)+
    })+) => {
        $($(
            #[doc = $words]
            pub(crate) const $name: Setting = Setting {
                key: $key,
                variable: $variable,
                flag: $flag,
                kind: $kind,
                default: $default,
                since: "0.1.0",
                words: $words,
            };
        )+)+

        /// All of them, in the order of the manual.
        pub(crate) const ALL: &[Setting] = &[$($($name),+),+];

        /// The same in groups.
        pub(crate) const GROUPS: &[Group] = &[$(Group { title: $title, settings: &[$($name),+] }),+];
    };
}

settings! {
    "Where it listens" {
        HOST: "server.host", "HOST", "host", Kind::Address, "127.0.0.1",
            "The address to listen on.";
        PORT: "server.port", "PORT", "port", Kind::ListenPort, "",
            "The port to listen on; 0 is any free one. If it is not set, 3000 or the next free port.";
        EXTERNAL_HOST: "server.external_host", "EXTERNAL_HOST", "", Kind::Text, "",
            "The host by which others reach this server; only shown.";
        EXTERNAL_PORT: "server.external_port", "EXTERNAL_PORT", "", Kind::Port, "",
            "The port by which others reach this server; only shown.";
        LEGACY_SSE: "server.legacy_sse", "TONL_LEGACY_SSE", "legacy-sse", Kind::Switch, "true",
            "Whether MCP is also spoken over HTTP+SSE, the transport of 2024-11-05: on `/mcp` itself, `/sse` and `/messages`.";
        NODE_ENV: "", "NODE_ENV", "", Kind::Text, "",
            "With `production` the server does not start without a token.";
    }

    "Who may ask" {
        AUTH_TOKEN: "", "TONL_AUTH_TOKEN", "", Kind::Secret, "",
            "The bearer token of `/mcp` and `/metrics/live`.";
        AUTH_TOKEN_FILE: "auth.token_file", "TONL_AUTH_TOKEN_FILE", "auth-token-file", Kind::Path, "",
            "A file with that token; read again when it changes.";
        AUTH_TOKENS_FILE: "auth.tokens_file", "TONL_AUTH_TOKENS_FILE", "auth-tokens-file", Kind::Path, "",
            "A file with several tokens, their names, scopes and times.";
        AUTH_TOKEN_SOURCE: "auth.token_source", "TONL_AUTH_TOKEN_SOURCE", "auth-token-source", Kind::Text, "",
            "A vault that holds the token: `vault://secret/tonl#auth-token` or `aws-sm://us-east-1/tonl/auth-token`.";
        TOKEN_OVERLAP: "auth.overlap_secs", "TONL_TOKEN_OVERLAP_SECS", "", Kind::Seconds, "60",
            "How long a replaced token stays valid; 0 revokes it at once.";
        INVALID_STATUS: "auth.invalid_status", "TONL_AUTH_INVALID_STATUS", "", Kind::OneOf(&["403", "401"]), "403",
            "The status of a wrong token.";
        FAILURE_MAX: "auth.failure_max", "TONL_AUTH_FAILURE_MAX", "", Kind::Count(0, 1_000_000), "20",
            "How many wrong tokens an address may send before it has to wait; 0 is no limit.";
        SESSION_TTL: "auth.session_ttl_secs", "TONL_SESSION_TTL_SECS", "", Kind::Seconds, "3600",
            "How long a session token of development mode is valid.";
        MAX_SESSIONS: "auth.max_sessions", "TONL_MAX_SESSIONS", "", Kind::Count(1, 10_000_000), "1000",
            "How many sessions may be open.";
        MAX_SESSIONS_PER_IP: "auth.max_sessions_per_ip", "TONL_MAX_SESSIONS_PER_IP", "", Kind::Count(1, 10_000_000), "50",
            "How many sessions one address may have open.";
        PROTECT_METRICS: "auth.protect_metrics", "TONL_PROTECT_METRICS", "", Kind::Switch, "false",
            "Whether `/metrics` asks for a token too.";
        PROTECT_STREAM: "auth.protect_stream", "TONL_PROTECT_STREAM", "", Kind::Switch, "false",
            "Whether `/stream/convert` asks for a token too.";
    }

    "Where secrets are fetched" {
        VAULT_ADDR: "", "VAULT_ADDR", "", Kind::Text, "",
            "The address of Vault.";
        VAULT_TOKEN: "", "VAULT_TOKEN", "", Kind::Secret, "",
            "The token for Vault.";
        VAULT_TOKEN_FILE: "", "VAULT_TOKEN_FILE", "", Kind::Path, "",
            "A file with the token for Vault.";
        VAULT_NAMESPACE: "", "VAULT_NAMESPACE", "", Kind::Text, "",
            "The namespace in Vault.";
        VAULT_CACERT: "", "VAULT_CACERT", "", Kind::Path, "",
            "A file with the authority (PEM) of Vault's certificate.";
        AWS_ACCESS_KEY_ID: "", "AWS_ACCESS_KEY_ID", "", Kind::Text, "",
            "The access key for AWS Secrets Manager.";
        AWS_SECRET_ACCESS_KEY: "", "AWS_SECRET_ACCESS_KEY", "", Kind::Secret, "",
            "The secret of that key.";
        AWS_SESSION_TOKEN: "", "AWS_SESSION_TOKEN", "", Kind::Secret, "",
            "The session token of temporary AWS credentials.";
        AWS_ENDPOINT: "", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "", Kind::Text, "",
            "Another endpoint of AWS Secrets Manager, such as a VPC's.";
    }

    "How often" {
        RATE_LIMIT_ENABLED: "rate_limit.enabled", "TONL_RATE_LIMIT_ENABLED", "", Kind::Switch, "true",
            "Whether `/stream/convert` is limited; only `false` switches it off.";
        RATE_LIMIT_WINDOW: "rate_limit.window_ms", "TONL_RATE_LIMIT_WINDOW_MS", "", Kind::Milliseconds, "900000",
            "The window in which requests are counted.";
        RATE_LIMIT_MAX: "rate_limit.max", "TONL_RATE_LIMIT_MAX", "", Kind::Count(1, 1_000_000_000), "100",
            "How many requests an address may send in a window.";
        RATE_LIMIT_MESSAGE: "rate_limit.message", "TONL_RATE_LIMIT_MESSAGE", "", Kind::Text, "Too many requests from this IP",
            "What an address is told that sent more.";
        RATE_LIMIT_RESET: "rate_limit.reset", "TONL_RATE_LIMIT_RESET", "", Kind::OneOf(&["seconds", "epoch"]), "seconds",
            "What `RateLimit-Reset` holds: the seconds left, or the time as seconds since 1970.";
        RATE_LIMIT_HEADERS: "rate_limit.headers", "TONL_RATE_LIMIT_HEADERS", "", Kind::OneOf(&["draft-6", "draft-8", "legacy", "off"]), "draft-6",
            "Which headers tell about the limit.";
        RATE_LIMIT_ALGORITHM: "rate_limit.algorithm", "TONL_RATE_LIMIT_ALGORITHM", "", Kind::OneOf(&["fixed-window", "gcra"]), "fixed-window",
            "How requests are counted.";
        RATE_LIMIT_IP_LABEL: "rate_limit.ip_label", "TONL_RATE_LIMIT_IP_LABEL", "", Kind::Switch, "false",
            "Whether the metric of refused requests has a label with the network of the address.";
    }

    "From where" {
        TRUSTED_PROXIES: "network.trusted_proxies", "TONL_TRUSTED_PROXIES", "", Kind::List, "",
            "Proxies whose `X-Forwarded-*` headers count: networks, `loopback`, `private`.";
        ALLOWED_HOSTS: "network.allowed_hosts", "TONL_ALLOWED_HOSTS", "", Kind::List, "",
            "Host names by which clients may call this server, beside loopback names on loopback.";
        CORS_ORIGINS: "cors.origins", "TONL_CORS_ORIGINS", "", Kind::List, "",
            "Origins of web pages that may ask; none is allowed by default.";
        CORS_CREDENTIALS: "cors.credentials", "TONL_CORS_CREDENTIALS", "", Kind::Switch, "true",
            "Whether those pages may send credentials.";
        CORS_METHODS: "cors.methods", "TONL_CORS_METHODS", "", Kind::List, "GET,POST,DELETE",
            "The methods that those pages may use.";
        CORS_HEADERS: "cors.headers", "TONL_CORS_HEADERS", "", Kind::List,
            "Authorization,Content-Type,Mcp-Session-Id,MCP-Protocol-Version,Mcp-Method,Mcp-Name,Last-Event-ID",
            "The headers that those pages may send.";
        EXTRA_HEADERS: "headers.extra", "TONL_EXTRA_HEADERS", "", Kind::Lines, "",
            "Further headers of every answer, each as `Name: value`: on a line each, or with `|` between them.";
    }

    "How much" {
        JSON_LIMIT: "limits.json_bytes", "TONL_JSON_LIMIT_BYTES", "", Kind::Bytes, "52428800",
            "The largest JSON body, after decompression.";
        LINE_LIMIT: "limits.line_bytes", "TONL_LINE_LIMIT_BYTES", "", Kind::Bytes, "10485760",
            "The longest line of a stream; a longer one is an invalid line.";
        STREAM_LIMIT: "limits.stream_bytes", "TONL_STREAM_LIMIT_BYTES", "", Kind::Bytes, "0",
            "The largest stream, after decompression; 0 is no limit.";
        BODY_BUDGET: "limits.body_budget_bytes", "TONL_BODY_BUDGET_BYTES", "", Kind::Bytes, "268435456",
            "How much all bodies that are held in memory may take.";
        BODY_BUDGET_PER_IP: "limits.body_budget_per_ip_bytes", "TONL_BODY_BUDGET_PER_IP_BYTES", "", Kind::Bytes, "67108864",
            "How much of that those of one address may take; at least one body of the largest size.";
        WORK_DEADLINE: "limits.work_deadline_ms", "TONL_WORK_DEADLINE_MS", "", Kind::Milliseconds, "10000",
            "How long the processor may work on one step of a request.";
        MAX_REQUESTS: "limits.requests", "TONL_MAX_REQUESTS", "", Kind::Count(1, 1_000_000), "20000",
            "How many requests may be in flight.";
        MAX_CONNECTIONS: "limits.connections", "TONL_MAX_CONNECTIONS", "", Kind::Count(1, 1_000_000), "10000",
            "How many connections may be open.";
        MAX_CONNECTIONS_PER_IP: "limits.connections_per_ip", "TONL_MAX_CONNECTIONS_PER_IP", "", Kind::Count(1, 1_000_000), "256",
            "How many connections one address may have open; trusted proxies are exempt.";
    }

    "How long" {
        HEADER_TIMEOUT: "timeouts.header_ms", "TONL_HEADER_TIMEOUT_MS", "", Kind::Milliseconds, "10000",
            "How long a request's head may take.";
        BODY_IDLE_TIMEOUT: "timeouts.body_idle_ms", "TONL_BODY_IDLE_TIMEOUT_MS", "", Kind::Milliseconds, "30000",
            "How long a body may pause.";
        BODY_TIMEOUT: "timeouts.body_ms", "TONL_BODY_TIMEOUT_MS", "", Kind::Milliseconds, "120000",
            "How long a JSON body, or a line of a stream above 64 KiB, may take to come: it is held in memory until then.";
        KEEP_ALIVE_TIMEOUT: "timeouts.keep_alive_ms", "TONL_KEEP_ALIVE_TIMEOUT_MS", "", Kind::Milliseconds, "5000",
            "How long a connection may wait for its next request.";
        WRITE_STALL_TIMEOUT: "timeouts.write_stall_ms", "TONL_WRITE_STALL_TIMEOUT_MS", "", Kind::Milliseconds, "30000",
            "How long a client may take nothing of its answer.";
        HANDSHAKE_TIMEOUT: "timeouts.handshake_ms", "TONL_HANDSHAKE_TIMEOUT_MS", "", Kind::Milliseconds, "10000",
            "How long a TLS handshake may take.";
        PRESTOP_DELAY: "timeouts.prestop_delay_ms", "TONL_PRESTOP_DELAY_MS", "", Kind::Milliseconds, "0",
            "How long requests are still taken after the signal to stop, while `/ready` says 503.";
        SHUTDOWN_TIMEOUT: "timeouts.shutdown_ms", "TONL_SHUTDOWN_TIMEOUT_MS", "", Kind::Milliseconds, "30000",
            "How long requests in flight may take after that.";
    }

    "What models are given" {
        MCP_RESULT_FORMAT: "mcp.result_format", "TONL_MCP_RESULT_FORMAT", "result-format", Kind::OneOf(&["json", "tonl"]), "json",
            "The text of a tool's result: JSON over several lines, as TONL-MCP Bridge 1.0.0 gives it, or what costs the fewest tokens.";
        MCP_STRUCTURED: "mcp.structured_content", "TONL_MCP_STRUCTURED_CONTENT", "structured-content", Kind::Switch, "true",
            "Whether results carry structured content beside their text; some clients give a model both.";
        MCP_PREVIEW_CHARS: "mcp.preview_chars", "TONL_MCP_PREVIEW_CHARS", "preview-chars", Kind::Count(0, 1_000_000_000), "0",
            "The most characters of a result that are sent at once; the rest is read as a resource, in pages. 0 is no limit.";
        MCP_PREVIEW_TOKENS: "mcp.preview_tokens", "TONL_MCP_PREVIEW_TOKENS", "preview-tokens", Kind::Count(0, 1_000_000_000), "0",
            "The same in tokens.";
        MCP_ROOTS: "mcp.roots", "TONL_MCP_ROOTS", "root", Kind::Lines, "",
            "Folders whose files a call may name instead of bringing data along: one on each line, or with `|` between them.";
        MCP_URLS: "mcp.urls", "TONL_MCP_URLS", "allow-url", Kind::Lines, "",
            "Beginnings of URLs that a call may name, such as `https://data.example.com/public/`: one on each line, or with `|` between them.";
        MCP_PRIVATE_URLS: "mcp.private_addresses", "TONL_MCP_PRIVATE_ADDRESSES", "", Kind::Switch, "false",
            "Whether those URLs may lead to private addresses.";
        MCP_REFERENCE_LIMIT: "mcp.reference_bytes", "TONL_MCP_REFERENCE_BYTES", "", Kind::Bytes, "52428800",
            "The largest file or answer that a call may name.";
        MCP_POLICY: "mcp.policy", "TONL_MCP_POLICY", "", Kind::Path, "",
            "A privacy policy for all calls; its rules come before those that a call brings along.";
    }

    "Encryption" {
        TLS_CERT: "tls.cert", "TONL_TLS_CERT", "tls-cert", Kind::Path, "",
            "The certificate chain (PEM); with it the server speaks HTTPS.";
        TLS_KEY: "tls.key", "TONL_TLS_KEY", "tls-key", Kind::Path, "",
            "The certificate's private key (PEM).";
        TLS_CLIENT_CA: "tls.client_ca", "TONL_TLS_CLIENT_CA", "tls-client-ca", Kind::Path, "",
            "Authorities (PEM) whose certificates clients must show.";
    }

    "Records" {
        AUDIT_LOG: "audit.file", "TONL_AUDIT_LOG", "audit-log", Kind::Path, "",
            "The file of the security audit log, such as `security-audit.log`; without it audit events go to the log only.";
        AUDIT_KEY_FILE: "audit.key_file", "TONL_AUDIT_KEY_FILE", "", Kind::Path, "",
            "A file with the key that authenticates the audit log.";
        AUDIT_MAX_BYTES: "audit.max_bytes", "TONL_AUDIT_MAX_BYTES", "", Kind::Bytes, "104857600",
            "The size at which the audit log is rotated; 0 never.";
        AUDIT_MAX_AGE: "audit.max_age_secs", "TONL_AUDIT_MAX_AGE_SECS", "", Kind::Seconds, "2592000",
            "The age at which the audit log is rotated; 0 never.";
        AUDIT_KEEP_FILES: "audit.keep_files", "TONL_AUDIT_KEEP_FILES", "", Kind::Count(0, 1_000_000), "10",
            "How many rotated files of the audit log are kept; the oldest are removed beyond it, which the log says. 0 keeps all.";
        AUDIT_FAIL_CLOSED: "audit.fail_closed", "TONL_AUDIT_FAIL_CLOSED", "", Kind::Switch, "false",
            "Whether requests are refused while the audit log cannot be written.";
        LOG: "log.filter", "TONL_LOG", "log", Kind::Text, "info",
            "What is logged: a level, or a filter such as `info,tonl_server=debug`. `LOG_LEVEL` is read too.";
        LOG_LEVEL: "", "LOG_LEVEL", "", Kind::Text, "",
            "The same as `TONL_LOG`, which goes before it.";
        LOG_FORMAT: "log.format", "TONL_LOG_FORMAT", "log-format", Kind::OneOf(&["auto", "text", "json"]), "auto",
            "How the log is written: text on a terminal and JSON elsewhere, or always one of them.";
    }
}
