//! Answers that no cache may keep.

use crate::{Defence, Verdict};
use http::header::{CACHE_CONTROL, HeaderValue};
use http::{request, response};

/// `Cache-Control: no-store` (RFC 9111, 5.2.2.5) on every answer that has no `Cache-Control` of its
/// own, as streams of events do. It belongs before the authentication of a route, so that refusals
/// get it too.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStore;

impl Defence for NoStore {
    type Memo = ();

    fn check(&self, _head: &mut request::Parts) -> Verdict<()> {
        Verdict::Pass(())
    }

    fn answer(&self, (): (), head: &mut response::Parts) {
        let no_store = || HeaderValue::from_static("no-store");
        head.headers.entry(CACHE_CONTROL).or_insert_with(no_store);
    }
}
