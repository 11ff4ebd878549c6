//! Panics of handlers and of the bodies of their answers.

use crate::raw::read;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tonl_layers::panic::{BodyPanicked, CatchPanicLayer, Caught, CaughtBody};
use tonl_layers::request_id::RequestIds;
use tower::{Layer, Service, ServiceExt, service_fn};

/// A body that gives one frame and panics then, and once more when it is dropped.
#[derive(Debug, Default)]
struct Bad {
    own: Option<Bytes>,
    polled: bool,
}

impl From<Bytes> for Bad {
    fn from(bytes: Bytes) -> Self {
        Self {
            own: Some(bytes),
            polled: false,
        }
    }
}

impl Body for Bad {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let fresh = !self.polled || self.own.is_some();
        assert!(fresh, "secret of the body");
        self.polled = true;
        let data = self.own.take().unwrap_or(Bytes::from_static(b"row\n"));
        Poll::Ready(Some(Ok(Frame::data(data))))
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        let quiet = !self.polled || std::thread::panicking();
        assert!(quiet, "secret of the destructor");
    }
}

type Seen = Arc<Mutex<Vec<Caught>>>;

fn layer() -> (CatchPanicLayer, Seen) {
    let seen = Seen::default();
    let noted = seen.clone();
    let layer = CatchPanicLayer::new(move |panic| noted.lock().unwrap().push(panic.caught));
    (layer, seen)
}

async fn assert_is_500(response: Response<CaughtBody<http_body_util::Full<Bytes>>>) {
    assert_eq!(response.status(), 500);
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    let got = read(response.into_body()).await;
    assert_eq!(got.bytes, br#"{"error":"Internal Server Error"}"#);
}

type Answer = Result<Response<http_body_util::Full<Bytes>>, Infallible>;

#[tokio::test]
async fn a_panic_while_the_answer_is_made_is_500_without_its_text() {
    let (layer, seen) = layer();
    let service = layer.layer(service_fn(|_: Request<()>| async {
        tokio::task::yield_now().await;
        let before = seen.lock().unwrap().len();
        assert!(before > 0, "secret of the handler");
        Answer::Ok(Response::default())
    }));
    let response = service.oneshot(Request::new(())).await.unwrap();
    assert_is_500(response).await;
    assert_eq!(*seen.lock().unwrap(), [Caught::Service]);
}

/// Panics when it is asked to get ready for the first time, and in its first call.
struct Worse {
    asked: u32,
    called: u32,
}

impl Service<Request<()>> for Worse {
    type Response = Response<http_body_util::Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Answer>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.asked += 1;
        assert!(self.asked > 1, "not ready");
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        self.called += 1;
        assert!(self.called > 1, "not callable");
        ready(Ok(Response::default()))
    }
}

#[tokio::test]
async fn a_panic_before_there_is_a_future_is_500_too() {
    let (layer, seen) = layer();
    let mut service = layer.layer(Worse {
        asked: 0,
        called: 0,
    });
    for _ in 0..2 {
        let ready = service.ready().await.unwrap();
        let response = ready.call(Request::new(())).await.unwrap();
        assert_is_500(response).await;
    }
    let ready = service.ready().await.unwrap();
    let response = ready.call(Request::new(())).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(*seen.lock().unwrap(), [Caught::Service, Caught::Service]);
}

#[tokio::test]
async fn a_panic_in_the_body_breaks_it_off() {
    let (layer, seen) = layer();
    let service = layer.layer(service_fn(|_: Request<()>| async {
        Ok::<_, Infallible>(Response::new(Bad::default()))
    }));
    let response = service.oneshot(Request::new(())).await.unwrap();
    let got = read(response.into_body()).await;
    assert_eq!(got.bytes, b"row\n");
    let error = got.error.unwrap();
    assert!(error.is::<BodyPanicked>());
    assert_eq!(error.to_string(), "the answer broke off in a panic");
    assert_eq!(*seen.lock().unwrap(), [Caught::Body]);
}

// S29
#[tokio::test]
async fn a_panic_is_told_with_the_path_and_the_id_of_its_request() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = told.clone();
    let layer = CatchPanicLayer::new(move |panic| {
        let line = format!("{:?} {} {}", panic.caught, panic.path, panic.request_id);
        noted.lock().unwrap().push(line);
    });
    for answer in ["head", "body"] {
        let service = layer.layer(service_fn(|request: Request<()>| async move {
            assert!(request.uri().path() == "/body", "secret of the handler");
            Ok::<_, Infallible>(Response::new(Bad::default()))
        }));
        let ids = tonl_layers::DefenceLayer(RequestIds::with_key(1, 2));
        let request = Request::get(format!("/{answer}?token=secret"));
        let request = request.header("x-request-id", format!("id-{answer}"));
        let response = ids.layer(service).oneshot(request.body(()).unwrap()).await;
        if answer == "body" {
            read(response.unwrap().into_body()).await;
        }
    }
    let expected = ["Service /head id-head", "Body /body id-body"];
    assert_eq!(*told.lock().unwrap(), expected);
}
