//! Refuses requests whose head two readers could understand differently.
//!
//! **Threat.** Request smuggling: a proxy and a server that disagree about where a body ends, or for
//! which host a request is, let one client's bytes become another's request, or pass a rule of the
//! proxy. A target with raw bytes beyond ASCII writes into logs what it likes.
//!
//! **What it refuses,** with 400 as JSON:
//!
//! | what | closes the connection |
//! |---|---|
//! | no `Host`, except in HTTP/1.0; in HTTP/2 neither `:authority` nor `Host` | no |
//! | several `Host` lines, one that is no host, or one unlike the target's or `:authority` | no |
//! | `Transfer-Encoding` other than exactly one `chunked`, in any case of letters | yes |
//! | `Transfer-Encoding` together with `Content-Length`, or in HTTP/1.0 or HTTP/2 | yes |
//! | a target with bytes outside printable ASCII | no |
//!
//! **What never comes here.** hyper 1.12 answers a bare 400 and closes for a `Transfer-Encoding`
//! that does not end in `chunked`, any in HTTP/1.0, a `Content-Length` that is no number, and two
//! that differ; two equal ones it shows as one. Of `Content-Length` and `Transfer-Encoding` together
//! it *drops the length*, reads the chunks and closes after the answer (RFC 9112, 6.1 allows that):
//! no service can see that there was one, so that such a request is answered as what it is, and
//! nothing that follows on the connection is read. `gzip, chunked` it lets through with the coding
//! undone by nobody; that is refused here. A fragment behind `#` it cuts off the target.
//!
//! Dots, double slashes, backslashes and percent escapes in a path stay as they came: routes match
//! exactly, so they match none. Never decode or normalise a path behind this layer.
//!
//! There is nothing to set. Sources: S62; security contract, section 6; RFC 9112, 3.2 and 6.

use crate::authority::{Authority, Unclear};
use crate::{Defence, Refusal, Rejection, Verdict};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use http::request::Parts;
use http::{StatusCode, Version};

/// Refuses heads that are not clear.
#[derive(Clone, Copy, Debug, Default)]
pub struct StrictHead;

impl Defence for StrictHead {
    type Memo = ();

    fn check(&self, head: &mut Parts) -> Verdict<()> {
        if !has_clear_length(head) {
            let close = HeaderValue::from_static("close");
            let rejection = malformed("Invalid Transfer-Encoding header");
            return Verdict::Refuse(rejection.header(CONNECTION, close));
        }
        if !has_clear_host(head) {
            return Verdict::Refuse(malformed("Invalid Host header"));
        }
        if !has_plain_target(head) {
            return Verdict::Refuse(malformed("Invalid request target"));
        }
        Verdict::Pass(())
    }
}

fn malformed(text: &'static str) -> Rejection {
    Rejection::new(StatusCode::BAD_REQUEST, Refusal::MalformedRequest, text)
}

fn has_clear_length(head: &Parts) -> bool {
    let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else {
        return true;
    };
    head.version == Version::HTTP_11
        && codings.next().is_none()
        && coding.as_bytes().eq_ignore_ascii_case(b"chunked")
        && !head.headers.contains_key(CONTENT_LENGTH)
}

fn has_clear_host(head: &Parts) -> bool {
    match Authority::of(head) {
        Ok(_) => true,
        Err(Unclear::Missing) => head.version < Version::HTTP_11,
        Err(Unclear::Several | Unclear::Invalid | Unclear::Contradiction) => false,
    }
}

fn has_plain_target(head: &Parts) -> bool {
    let target = head.uri.path_and_query().map_or("", |it| it.as_str());
    target.bytes().all(|byte| byte.is_ascii_graphic())
}
