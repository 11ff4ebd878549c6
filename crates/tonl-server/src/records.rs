//! What the network side tells the records: one place that turns happenings into events.

use crate::connection::Full;
use crate::tls::{TlsError, TlsReload};
use std::io;
use std::net::IpAddr;

/// Where happenings are told.
#[derive(Clone, Debug, Default)]
pub struct Records {}

impl Records {
    pub(crate) fn connection_opened(&self) {}
    pub(crate) fn connection_closed(&self, _handshake_failed: bool) {}
    pub(crate) fn connection_refused(&self, _full: Full, _ip: IpAddr) {}
    pub(crate) fn accept_failed(&self, _error: &io::Error) {}
    pub(crate) fn leaving(&self, _signal: &'static str) {}
    pub(crate) fn draining(&self, _open: usize) {}
    pub(crate) fn stopped(&self, _cut: usize) {}
    pub(crate) fn tls(&self, _reload: &Result<TlsReload, TlsError>) {}
}
