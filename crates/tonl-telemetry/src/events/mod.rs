//! What happens in the server, one struct each.
//!
//! An event is emitted by constructing it: which counters it moves, at which level it is logged and
//! whether it is put on record is decided here and nowhere else. Security events (refusals,
//! sessions, secrets, start and stop) are audit lines; without an audit log they are log lines at
//! their own level. Everything that a client chose is escaped and shortened where it is written.
//!
//! | event | log level | audit line |
//! |---|---|---|
//! | [`Refused`], [`ConnectionRefused`] | warn, or debug beside an audit log; repeats debug | yes, repeats folded |
//! | [`SessionOpened`], [`SessionClosed`], [`TokenReloaded`], [`CertificateReloaded`], [`ServerStarted`], [`ServerStopping`], [`ServerStopped`] | info, or debug beside an audit log | yes |
//! | [`TokenReloadFailed`], [`CertificateReloadFailed`] | error | yes |
//! | [`Panicked`] | error | no |
//! | [`StreamCompleted`] | info | no |
//! | [`StreamFailed`] | warn | no |
//! | [`RequestFinished`] | debug; warn from status 500 on | no |
//! | the rest | debug or none | no |

mod connection;
mod conversion;
mod lifecycle;
mod mcp;
mod refusal;
mod refused;
mod request;
mod secret;
mod session;
mod stream;

pub use connection::{ConnectionClosed, ConnectionOpened, ConnectionRefused};
pub use conversion::{ConversionFailed, Converted, TokensSaved, VectorOperated};
pub use lifecycle::{Panicked, ServerStarted, ServerStopped, ServerStopping};
pub use mcp::McpMessage;
pub use refusal::Refusal;
pub use refused::Refused;
pub use request::{EventStreamBegan, RateLimitEvicted, RequestAborted, RequestFinished};
pub use secret::{CertificateReloadFailed, CertificateReloaded, TokenReloadFailed, TokenReloaded};
pub use session::{SessionClosed, SessionOpened};
pub use stream::{StreamCompleted, StreamFailed, StreamRefused};

pub use crate::metric::{
    CloseReason, ConnectionRefusal, ErrorType, McpEra, McpTransport, Operation, VectorOperation,
};
