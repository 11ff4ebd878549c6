//! The values that labels can have. Each set is closed, so that no client can make series.

/// A closed set of label values.
pub(crate) trait Closed: Copy + 'static {
    /// All members, in the order of their discriminants.
    const ALL: &'static [Self];

    /// The value as it is exposed.
    fn label(self) -> &'static str;

    /// The place in [`Closed::ALL`], zero-based.
    fn index(self) -> usize;

    /// The labels of its series, the first one under this name.
    fn labels(self, name: &'static str) -> Vec<(&'static str, &'static str)> {
        vec![(name, self.label())]
    }
}

/// An enum whose members are label values.
macro_rules! closed {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$member_doc:meta])* $member:ident = $label:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $name {
            $($(#[$member_doc])* $member),+
        }

        impl $name {
            /// The label's value.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$member => $label),+
                }
            }
        }

        impl $crate::metric::Closed for $name {
            const ALL: &'static [Self] = &[$(Self::$member),+];

            fn label(self) -> &'static str {
                self.as_str()
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}
pub(crate) use closed;

/// The place of a pair in a table with a row for each of the first.
pub(crate) fn position<A: Closed, B: Closed>(first: A, second: B) -> usize {
    first.index() * B::ALL.len() + second.index()
}

closed! {
    /// The `type` of `tonl_errors_total` and `tonl_conversion_errors_total`.
    pub enum ErrorType {
        /// A request without or with wrong credentials.
        Auth = "auth",
        /// A request that is refused for its form, size or content.
        Validation = "validation",
        /// A fault of the server.
        Internal = "internal",
        /// A stream that broke off or took too long.
        Stream = "stream",
    }
}

closed! {
    /// What was done with data.
    pub enum Operation {
        /// JSON to TONL, as one document.
        JsonToTonl = "json_to_tonl",
        /// TONL to JSON.
        TonlToJson = "tonl_to_json",
        /// Counting what TONL would save.
        CalculateSavings = "calculate_savings",
        /// A stream of records to TONL.
        StreamConversion = "stream_conversion",
    }
}

closed! {
    /// How an operation ended.
    pub enum Outcome {
        /// It did what was asked.
        Success = "success",
        /// It did not.
        Error = "error",
    }
}

closed! {
    /// Whose size it is.
    pub enum SizeOf {
        /// What came in.
        JsonInput = "json_input",
        /// What went out.
        TonlOutput = "tonl_output",
    }
}

closed! {
    /// A request's method; those that are not known are `other`.
    pub enum Method {
        /// GET
        Get = "GET",
        /// HEAD
        Head = "HEAD",
        /// POST
        Post = "POST",
        /// PUT
        Put = "PUT",
        /// PATCH
        Patch = "PATCH",
        /// DELETE
        Delete = "DELETE",
        /// OPTIONS
        Options = "OPTIONS",
        /// Anything else
        Other = "other",
    }
}

impl Method {
    /// The method of this name; names are case-sensitive (RFC 9110, section 9.1).
    pub fn named(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

closed! {
    /// Why a connection was closed before its first request.
    pub enum ConnectionRefusal {
        /// The cap on all connections is reached.
        Total = "total",
        /// The cap on the connections of one address is reached.
        PerAddress = "per_address",
        /// The process has no file descriptor left; counted at each attempt to take a connection.
        FileLimit = "file_limit",
        /// The TLS handshake failed or took too long.
        Tls = "tls",
    }
}

closed! {
    /// Why a session ended.
    pub enum CloseReason {
        /// The client asked for it.
        Deleted = "deleted",
        /// The client went away.
        Disconnected = "disconnected",
        /// It was idle for too long.
        Idle = "idle",
        /// Its longest life is over.
        Expired = "expired",
        /// Its token is no longer valid.
        TokenRevoked = "token_revoked",
        /// The client read too slowly.
        SlowReader = "slow_reader",
        /// The server stops.
        Shutdown = "shutdown",
    }
}

closed! {
    /// How MCP messages travel.
    pub enum McpTransport {
        /// Streamable HTTP.
        StreamableHttp = "streamable_http",
        /// HTTP with server-sent events, of 2024-11-05.
        Sse = "sse",
    }
}

closed! {
    /// The two eras of the protocol.
    pub enum McpEra {
        /// A client introduces itself once, up to 2025-11-25.
        Session = "session",
        /// Each message stands for itself, since 2026-07-28.
        Stateless = "stateless",
    }
}

closed! {
    /// What an MCP message asks for; methods that are not known, and answers, are `other`.
    pub enum McpMethod {
        /// initialize
        Initialize = "initialize",
        /// server/discover
        Discover = "server/discover",
        /// ping
        Ping = "ping",
        /// tools/list
        ListTools = "tools/list",
        /// tools/call
        CallTool = "tools/call",
        /// prompts/list
        ListPrompts = "prompts/list",
        /// prompts/get
        GetPrompt = "prompts/get",
        /// resources/list
        ListResources = "resources/list",
        /// resources/templates/list
        ListTemplates = "resources/templates/list",
        /// resources/read
        ReadResource = "resources/read",
        /// completion/complete
        Complete = "completion/complete",
        /// notifications/cancelled
        Cancelled = "notifications/cancelled",
        /// notifications/initialized
        Initialized = "notifications/initialized",
        /// Anything else
        Other = "other",
    }
}

impl McpMethod {
    /// The method of this name.
    pub fn named(name: &str) -> Self {
        let mut known = Self::ALL.iter().filter(|method| method.as_str() == name);
        known.next().copied().unwrap_or(Self::Other)
    }
}

closed! {
    /// What went wrong with the audit log.
    pub enum AuditFailure {
        /// An attempt to write failed; its lines are kept and written again.
        Write = "write",
        /// A line found no room in the queue; the gap is stated in the log.
        Lost = "lost",
        /// A full or old file could not be set aside; writing went on in it.
        Rotate = "rotate",
    }
}

closed! {
    /// What was asked of a vector database.
    pub enum VectorOperation {
        /// A search for neighbours.
        Search = "search",
        /// Writing.
        Upsert = "upsert",
        /// Deleting.
        Delete = "delete",
        /// A query by other means.
        Query = "query",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Closed>() {
        for (at, member) in T::ALL.iter().enumerate() {
            assert_eq!(member.index(), at);
            assert!(!member.label().is_empty());
        }
    }

    #[test]
    fn members_know_their_places() {
        check::<ErrorType>();
        check::<Method>();
        check::<CloseReason>();
        check::<McpMethod>();
        check::<crate::events::Refusal>();
    }

    #[test]
    fn methods_of_mcp_are_found_by_their_names() {
        for method in McpMethod::ALL {
            assert_eq!(McpMethod::named(method.as_str()), *method);
        }
        assert_eq!(McpMethod::named("tools/steal"), McpMethod::Other);
    }

    #[test]
    fn every_known_method_is_found_by_its_name_and_others_are_other() {
        for method in Method::ALL {
            assert_eq!(Method::named(method.as_str()), *method);
        }
        for unknown in ["get", "", "BREW", "GET\n"] {
            assert_eq!(Method::named(unknown), Method::Other);
        }
    }
}
