//! Why a defence refused a request.

use crate::metric::{ErrorType, closed};

closed! {
    /// The reasons for which requests are refused. Each knows the error it counts as, the name of its
    /// audit event and the sentence of its audit line.
    pub enum Refusal {
        /// No credentials (S51).
        MissingToken = "missing_token",
        /// An `Authorization` header that cannot be read: another scheme, two of them, odd characters.
        MalformedCredentials = "malformed_credentials",
        /// A token that is not known.
        InvalidToken = "invalid_token",
        /// A token whose time is over.
        ExpiredToken = "expired_token",
        /// A token whose time has not begun.
        NotYetValidToken = "not_yet_valid_token",
        /// A session's token on another session, or another identity's session.
        ForeignSession = "foreign_session",
        /// A valid token without the scope that the route asks for.
        WrongScope = "wrong_scope",
        /// Too many wrong tokens from one address.
        TooManyFailures = "too_many_failures",
        /// The rate limit.
        RateLimited = "rate_limited",
        /// An origin that is not allowed.
        OriginNotAllowed = "origin_not_allowed",
        /// A host name that is not allowed.
        HostNotAllowed = "host_not_allowed",
        /// A content type that the route does not take.
        ContentType = "content_type",
        /// A content coding that is unknown or doubled.
        ContentCoding = "content_coding",
        /// A collection name with other characters than are allowed.
        CollectionName = "collection_name",
        /// A query parameter with a value that is not allowed.
        Parameter = "parameter",
        /// Data that is not valid.
        InvalidData = "invalid_data",
        /// A body or a line that is too large.
        TooLarge = "too_large",
        /// A compressed body that grows too much.
        Ratio = "ratio",
        /// A client that sends too slowly, or an operation that took too long.
        Timeout = "timeout",
        /// No room for more bodies, sessions or work.
        Busy = "busy",
        /// Too many sessions, in all or of one address.
        TooManySessions = "too_many_sessions",
        /// A session that does not exist.
        UnknownSession = "unknown_session",
        /// A head that breaks the rules of HTTP.
        MalformedRequest = "malformed_request",
        /// The audit log cannot be written and fails closed.
        AuditUnavailable = "audit_unavailable",
    }
}

impl Refusal {
    /// The `type` it counts as in `tonl_errors_total`; none for what says nothing about the client's
    /// honesty or the server's health and has a metric of its own.
    pub fn error_type(self) -> Option<ErrorType> {
        match self {
            Self::MissingToken
            | Self::MalformedCredentials
            | Self::InvalidToken
            | Self::ExpiredToken
            | Self::NotYetValidToken
            | Self::ForeignSession
            | Self::WrongScope
            | Self::TooManyFailures => Some(ErrorType::Auth),
            Self::OriginNotAllowed
            | Self::HostNotAllowed
            | Self::ContentType
            | Self::ContentCoding
            | Self::CollectionName
            | Self::Parameter
            | Self::InvalidData
            | Self::TooLarge
            | Self::Ratio
            | Self::MalformedRequest => Some(ErrorType::Validation),
            Self::Timeout => Some(ErrorType::Stream),
            Self::AuditUnavailable => Some(ErrorType::Internal),
            Self::RateLimited | Self::Busy | Self::TooManySessions | Self::UnknownSession => None,
        }
    }

    /// The `event` of its audit line: the same word as the label `reason`.
    pub fn event(self) -> &'static str {
        self.as_str()
    }

    /// The `message` of its audit line.
    pub fn message(self) -> &'static str {
        match self {
            Self::MissingToken => "Unauthorized access attempt",
            Self::MalformedCredentials => "Malformed credentials",
            Self::InvalidToken => "Invalid token",
            Self::ExpiredToken => "Expired token",
            Self::NotYetValidToken => "Token that is not valid yet",
            Self::ForeignSession => "Token used on a session of another",
            Self::WrongScope => "Token without the scope that is needed",
            Self::TooManyFailures => "Too many failed authentication attempts",
            Self::RateLimited => "Rate limit exceeded",
            Self::OriginNotAllowed => "Origin not allowed",
            Self::HostNotAllowed => "Host not allowed",
            Self::ContentType => "Content type not accepted",
            Self::ContentCoding => "Content coding not accepted",
            Self::CollectionName => "Collection name not accepted",
            Self::Parameter => "Parameter not accepted",
            Self::InvalidData => "Data not valid",
            Self::TooLarge => "Request too large",
            Self::Ratio => "Compressed body grows too much",
            Self::Timeout => "Request took too long",
            Self::Busy => "No capacity left",
            Self::TooManySessions => "Too many sessions",
            Self::UnknownSession => "Session does not exist",
            Self::MalformedRequest => "Malformed request",
            Self::AuditUnavailable => "Audit log cannot be written",
        }
    }
}
