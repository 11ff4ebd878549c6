//! A refused request: which status and text the client gets, and which reason our own records get.
//!
//! The text is fixed by the defence and never holds anything of the request or of our inside.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use std::borrow::Cow;
use std::time::Duration;
pub use tonl_telemetry::events::Refusal;

/// How the text of a refusal is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// `{"error": "..."}`.
    #[default]
    Json,
    /// The text itself.
    Plain,
    /// The text is JSON already.
    Written,
}

/// What is known of a refused request beyond its head; stands in the answer's extensions, from where
/// the records of metrics and audit are made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// Why.
    pub reason: Refusal,
    /// The name of the token, if it is one of ours.
    pub token: Option<String>,
    /// The id of the session that was asked for.
    pub session: Option<String>,
}

/// A refusal, until it becomes an answer.
#[derive(Clone, Debug)]
pub struct Rejection {
    status: StatusCode,
    text: Cow<'static, str>,
    form: Form,
    headers: Vec<(HeaderName, HeaderValue)>,
    refused: Refused,
}

impl Rejection {
    /// A refusal with this status and public text, as `{"error": text}`.
    pub fn new(status: StatusCode, reason: Refusal, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
            form: Form::Json,
            headers: Vec::new(),
            refused: Refused {
                reason,
                token: None,
                session: None,
            },
        }
    }

    /// The same, written in another form.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with `Retry-After` in whole seconds, rounded up and at least one (RFC 9110, 10.2.3).
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// The same with the name of the token that came.
    #[must_use]
    pub fn of_token(mut self, name: impl Into<String>) -> Self {
        self.refused.token = Some(name.into());
        self
    }

    /// The same with the session that was asked for.
    #[must_use]
    pub fn of_session(mut self, id: impl Into<String>) -> Self {
        self.refused.session = Some(id.into());
        self
    }

    /// The status that the client gets.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Why the request was refused.
    pub fn reason(&self) -> Refusal {
        self.refused.reason
    }

    /// The answer. Its extensions hold [`Refused`].
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        let (content_type, text) = match self.form {
            Form::Json => ("application/json; charset=utf-8", json(&self.text)),
            Form::Plain => ("text/plain; charset=utf-8", self.text.into_owned()),
            Form::Written => ("application/json; charset=utf-8", self.text.into_owned()),
        };
        let mut response = Response::new(B::from(Bytes::from(text)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response.extensions_mut().insert(self.refused);
        response
    }
}

/// `{"error":"<text>"}`.
fn json(text: &str) -> String {
    serde_json::json!({ "error": text }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_json_with_its_headers_and_reason() {
        let rejection = Rejection::new(
            StatusCode::TOO_MANY_REQUESTS,
            Refusal::RateLimited,
            "no \"more\"\n",
        )
        .retry_after(Duration::from_millis(1_001));
        let response: Response<Bytes> = rejection.into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.body(), r#"{"error":"no \"more\"\n"}"#);
        let refused = response.extensions().get::<Refused>().unwrap();
        assert_eq!(refused.reason, Refusal::RateLimited);
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        let rejection = Rejection::new(StatusCode::OK, Refusal::Busy, "a \"b\"").form(Form::Plain);
        let response: Response<Bytes> = rejection.into_response();
        assert_eq!(response.body(), "a \"b\"");
        assert_eq!(
            response.headers()["content-type"],
            "text/plain; charset=utf-8"
        );
    }
}
