//! The door in front of the stack: a request that brings no token gets the fixture's.
//!
//! The suite has no setting for a token. What brings one of its own keeps it, so that the layers behind
//! this one still refuse a wrong one.

use axum::body::Body;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Request};

/// The token of the fixture. It opens nothing else, so that it may stand here.
pub(crate) const TOKEN: &str = "0d5b2f6c8a1e4f7390bd6e2c5a8f1d4732ce9a0b6f8d1e3574a2c9b8e7f6d501";

/// Adds the token to a request that has none.
pub(crate) fn admit(mut request: Request<Body>) -> Request<Body> {
    add_token(request.headers_mut());
    request
}

fn add_token(headers: &mut HeaderMap) {
    if headers.contains_key(AUTHORIZATION) {
        return;
    }
    if let Ok(value) = HeaderValue::from_str(&format!("Bearer {TOKEN}")) {
        headers.insert(AUTHORIZATION, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_added_where_none_was_sent() {
        let mut headers = HeaderMap::new();
        add_token(&mut headers);
        assert_eq!(headers[AUTHORIZATION], format!("Bearer {TOKEN}"));
    }

    #[test]
    fn a_token_that_was_sent_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer wrong"));
        add_token(&mut headers);
        let kept: Vec<_> = headers.get_all(AUTHORIZATION).iter().collect();
        assert_eq!(kept, ["Bearer wrong"]);
    }
}
