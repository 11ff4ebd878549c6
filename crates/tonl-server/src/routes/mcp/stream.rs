//! The body of an answer that is a stream of events, on either HTTP transport: it says that it lives
//! when it has nothing else to say, says so when the server leaves, and holds something until its end.
//!
//! Frames come in whole events, so that what is said in between stands between two of them. A call that
//! was begun is answered while the server drains; a stream that only listens ends then.

use crate::lifecycle::{Phase, PhaseWatch};
use axum::body::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response};
use http_body::Frame;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How long a stream is silent before it says that it lives, which also shows that a client has gone.
const SILENCE: Duration = Duration::from_secs(15);
const HEARTBEAT: Bytes = Bytes::from_static(b": heartbeat\n\n");
const SHUTDOWN: Bytes = Bytes::from_static(b"event: shutdown\ndata: {}\n\n");

/// What a stream is for.
pub(super) enum Purpose {
    /// It answers one call, and ends with it.
    Call,
    /// It lasts until the client or the server leaves.
    Listening(PhaseWatch),
}

/// Makes the body of an answer that is a stream the body of this module, with what is to be held until
/// its end. Other answers are left as they are.
pub(super) fn held<G: Send + 'static>(
    answer: Response<Body>,
    purpose: Purpose,
    guard: G,
) -> Response<Body> {
    if !is_stream(answer.headers()) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    // As all streams of this server have it.
    let not_kept = HeaderValue::from_static("no-cache, no-transform");
    head.headers.insert(CACHE_CONTROL, not_kept);
    let leaving: Option<BoxFuture<'static, ()>> = match purpose {
        Purpose::Call => None,
        Purpose::Listening(mut phase) => Some(Box::pin(async move {
            phase.reached(Phase::Draining).await;
        })),
    };
    let body = EventStream {
        body,
        silence: tokio::time::sleep(SILENCE),
        leaving,
        is_over: false,
        _guard: guard,
    };
    Response::from_parts(head, Body::new(body))
}

fn is_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE);
    content_type.is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"))
}

pin_project! {
    struct EventStream<G> {
        body: Body,
        #[pin]
        silence: Sleep,
        leaving: Option<BoxFuture<'static, ()>>,
        is_over: bool,
        _guard: G,
    }
}

impl<G> http_body::Body for EventStream<G> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut this = self.project();
        if *this.is_over {
            return Poll::Ready(None);
        }
        // Looked at first: what ends because the server leaves says so.
        if let Some(leaving) = this.leaving
            && leaving.as_mut().poll(context).is_ready()
        {
            *this.is_over = true;
            return Poll::Ready(Some(Ok(Frame::data(SHUTDOWN))));
        }
        if let Poll::Ready(frame) = Pin::new(this.body).poll_frame(context) {
            *this.is_over = frame.is_none();
            this.silence.reset(Instant::now() + SILENCE);
            return Poll::Ready(frame);
        }
        if this.silence.as_mut().poll(context).is_ready() {
            this.silence.reset(Instant::now() + SILENCE);
            return Poll::Ready(Some(Ok(Frame::data(HEARTBEAT))));
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::Lifecycle;
    use futures_util::{StreamExt, stream};
    use http_body_util::BodyExt;
    use std::convert::Infallible;
    use std::sync::Arc;

    /// A stream of these events that then stays open.
    fn open(events: &[&'static str], purpose: Purpose, guard: Arc<()>) -> Body {
        let events: Vec<_> = events.iter().copied().map(Ok::<_, Infallible>).collect();
        let body = Body::from_stream(stream::iter(events).chain(stream::pending()));
        let answer = crate::respond::events(body);
        held(answer, purpose, guard).into_body()
    }

    async fn next(body: &mut Body) -> Option<Bytes> {
        let frame = body.frame().await?.unwrap();
        Some(frame.into_data().unwrap())
    }

    // The clock of the runtime stands still and moves on when nothing else happens.
    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_says_that_it_lives() {
        let mut body = open(&["data: 1\n\n"], Purpose::Call, Arc::default());
        let start = Instant::now();
        assert_eq!(next(&mut body).await.unwrap(), "data: 1\n\n");
        for beat in 1..=3 {
            assert_eq!(next(&mut body).await.unwrap(), ": heartbeat\n\n");
            assert_eq!(start.elapsed().as_secs(), 15 * beat);
        }
    }

    // S54
    #[tokio::test(start_paused = true)]
    async fn who_listens_is_told_that_the_server_leaves() {
        let life = Lifecycle::default();
        let guard = Arc::new(());
        let listening = Purpose::Listening(life.watch());
        let mut body = open(&["data: 1\n\n"], listening, Arc::clone(&guard));
        assert_eq!(next(&mut body).await.unwrap(), "data: 1\n\n");
        life.advance(Phase::Draining);
        let told = next(&mut body).await.unwrap();
        assert_eq!(told, "event: shutdown\ndata: {}\n\n");
        assert_eq!(next(&mut body).await, None);
        assert_eq!(Arc::strong_count(&guard), 2);
        drop(body);
        assert_eq!(Arc::strong_count(&guard), 1);
    }

    // S54
    #[tokio::test(start_paused = true)]
    async fn a_call_is_answered_while_the_server_drains() {
        let life = Lifecycle::default();
        life.advance(Phase::Draining);
        let body = Body::from_stream(stream::iter([Ok::<_, Infallible>("data: 1\n\n")]));
        let answer = held(crate::respond::events(body), Purpose::Call, ());
        let text = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
        assert_eq!(text, "data: 1\n\n");
    }

    #[test]
    fn an_answer_that_is_no_stream_is_left_as_it_is() {
        let answer = crate::respond::error(http::StatusCode::NOT_FOUND, "no");
        let guard = Arc::new(());
        let answer = held(answer, Purpose::Call, Arc::clone(&guard));
        assert!(answer.headers().get(CACHE_CONTROL).is_none());
        assert_eq!(Arc::strong_count(&guard), 1);
    }
}
