//! How long a request may wait for the head of its answer.
//!
//! The time of the answer's body is not counted: a stream may last, and a reader that stalls is
//! seen by the connection. When the time is over the work is dropped and the client gets 503: it is
//! this server that was too slow, so neither 408, which blames the client, nor 504, which blames a
//! server behind, would be true.

use crate::rejection::{Refusal, Rejection};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};
use tower_layer::Layer;
use tower_service::Service;

/// Answers 503 for a request whose answer has no head after this time.
#[derive(Clone, Copy, Debug)]
pub struct TimeoutLayer(pub Duration);

impl<S> Layer<S> for TimeoutLayer {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Timed {
            limit: self.0,
            inner,
        }
    }
}

/// A service whose answers must begin in time.
#[derive(Clone, Copy, Debug)]
pub struct Timed<S> {
    limit: Duration,
    inner: S,
}

impl<S, A, B> Service<Request<A>> for Timed<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: From<Bytes>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = TimedFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        TimedFuture {
            answer: Some(self.inner.call(request)),
            timer: sleep(self.limit),
        }
    }
}

pin_project! {
    /// The answer of a service behind a [`TimeoutLayer`].
    #[derive(Debug)]
    pub struct TimedFuture<F> {
        #[pin]
        answer: Option<F>,
        #[pin]
        timer: Sleep,
    }
}

impl<F, B, E> Future for TimedFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<Bytes>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(answer) = this.answer.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        if let Poll::Ready(answer) = answer.poll(context) {
            return Poll::Ready(answer);
        }
        if this.timer.poll(context).is_pending() {
            return Poll::Pending;
        }
        // The work stops here and not when the connection has got round to dropping it.
        this.answer.set(None);
        let rejection = Rejection::new(
            StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Timeout,
            "Request took too long",
        );
        Poll::Ready(Ok(rejection.into_response()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Refused;
    use std::convert::Infallible;
    use std::sync::Arc;
    use tower::{ServiceExt, service_fn};

    async fn ask(limit: Duration, work: Duration, held: Arc<()>) -> Response<Bytes> {
        let service = TimeoutLayer(limit).layer(service_fn(move |_: Request<()>| {
            let held = held.clone();
            async move {
                sleep(work).await;
                drop(held);
                Ok::<_, Infallible>(Response::new(Bytes::from_static(b"done")))
            }
        }));
        service.oneshot(Request::new(())).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_time_is_untouched() {
        let work = Duration::from_millis(998);
        let response = ask(Duration::from_secs(1), work, Arc::default()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), "done");
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_answer_is_503_and_its_work_is_dropped() {
        let held = Arc::new(());
        let work = Duration::from_millis(1_002);
        let response = ask(Duration::from_secs(1), work, held.clone()).await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.body(), r#"{"error":"Request took too long"}"#);
        let refused = response.extensions().get::<Refused>().unwrap();
        assert_eq!(refused.reason, Refusal::Timeout);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
