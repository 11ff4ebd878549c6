//! One defence as a layer: it sees the head of a request, then the head of the answer.
//!
//! A refused request never reaches the service behind, so no byte of its body is read there. The
//! answer of a refusal still passes the layers before, which is how a 401 gets its security headers.

use crate::rejection::Rejection;
use bytes::Bytes;
use http::{Request, Response, request, response};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower_layer::Layer;
use tower_service::Service;

/// What a defence decides about a request.
#[derive(Debug)]
pub enum Verdict<M> {
    /// It goes on; the memo is kept for the answer.
    Pass(M),
    /// It is refused.
    Refuse(Rejection),
    /// It is answered here and is no refusal, as a preflight is. The body is text.
    Answer(Response<Bytes>),
}

/// A defence that decides from the head alone.
pub trait Defence: Clone + Send + Sync + 'static {
    /// What the head told that the answer needs.
    type Memo: Send + 'static;

    /// Decides about a request. May put what it found out into the extensions.
    fn check(&self, head: &mut request::Parts) -> Verdict<Self::Memo>;

    /// Changes the head of the answer of a request that passed.
    fn answer(&self, _memo: Self::Memo, _head: &mut response::Parts) {}
}

/// Puts a [`Defence`] in front of a service.
#[derive(Clone, Copy, Debug)]
pub struct DefenceLayer<D>(pub D);

impl<D: Clone, S> Layer<S> for DefenceLayer<D> {
    type Service = Defended<D, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Defended {
            defence: self.0.clone(),
            inner,
        }
    }
}

/// A service behind a [`Defence`].
#[derive(Clone, Copy, Debug)]
pub struct Defended<D, S> {
    defence: D,
    inner: S,
}

impl<D, S, A, B> Service<Request<A>> for Defended<D, S>
where
    D: Defence,
    S: Service<Request<A>, Response = Response<B>>,
    B: From<Bytes>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = DefendedFuture<D, S::Future, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        match self.defence.check(&mut head) {
            Verdict::Pass(memo) => DefendedFuture {
                answer: Some(self.inner.call(Request::from_parts(head, body))),
                kept: Some((self.defence.clone(), memo)),
                own: None,
            },
            Verdict::Refuse(rejection) => DefendedFuture::own(rejection.into_response()),
            Verdict::Answer(response) => DefendedFuture::own(response.map(B::from)),
        }
    }
}

pin_project! {
    /// The answer of a service behind a [`Defence`]: the service's own, or the defence's.
    #[derive(Debug)]
    pub struct DefendedFuture<D: Defence, F, B> {
        #[pin]
        answer: Option<F>,
        kept: Option<(D, D::Memo)>,
        own: Option<Response<B>>,
    }
}

impl<D: Defence, F, B> DefendedFuture<D, F, B> {
    fn own(response: Response<B>) -> Self {
        Self {
            answer: None,
            kept: None,
            own: Some(response),
        }
    }
}

impl<D, F, B, E> Future for DefendedFuture<D, F, B>
where
    D: Defence,
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(own) = this.own.take() {
            return Poll::Ready(Ok(own));
        }
        let Some(answer) = this.answer.as_pin_mut() else {
            return Poll::Pending;
        };
        let (mut head, body) = ready!(answer.poll(context))?.into_parts();
        if let Some((defence, memo)) = this.kept.take() {
            defence.answer(memo, &mut head);
        }
        Poll::Ready(Ok(Response::from_parts(head, body)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Refusal;
    use http::StatusCode;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    /// Lets requests with a path of at most this many bytes pass, and notes that length in the answer.
    #[derive(Clone)]
    struct ShortPaths(usize);

    impl Defence for ShortPaths {
        type Memo = usize;

        fn check(&self, head: &mut request::Parts) -> Verdict<usize> {
            let length = head.uri.path().len();
            if length > self.0 {
                return Verdict::Refuse(Rejection::new(
                    StatusCode::URI_TOO_LONG,
                    Refusal::MalformedRequest,
                    "too long",
                ));
            }
            Verdict::Pass(length)
        }

        fn answer(&self, memo: usize, head: &mut response::Parts) {
            head.headers.insert("x-length", memo.into());
        }
    }

    async fn ask(path: &str) -> Response<Bytes> {
        let echo = service_fn(|request: Request<()>| async move {
            Ok::<_, Infallible>(Response::new(Bytes::from(request.uri().path().to_owned())))
        });
        let service = DefenceLayer(ShortPaths(4)).layer(echo);
        let request = Request::builder().uri(path).body(()).unwrap();
        service.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_request_that_passes_gets_the_memo_in_its_answer() {
        let response = ask("/abc").await;
        assert_eq!(response.headers()["x-length"], "4");
        assert_eq!(response.body(), "/abc");
    }

    #[tokio::test]
    async fn a_refused_request_does_not_reach_the_service() {
        let response = ask("/abcd").await;
        assert_eq!(response.status(), 414);
        assert_eq!(response.body(), r#"{"error":"too long"}"#);
        assert!(!response.headers().contains_key("x-length"));
    }
}
