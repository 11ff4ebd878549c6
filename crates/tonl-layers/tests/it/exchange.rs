//! Requests and answers without a connection.

use bytes::Bytes;
use http::{Request, Response};
use std::convert::Infallible;
use tonl_layers::{Client, Defence, DefenceLayer, Peer};
use tower::{Layer, ServiceExt, service_fn};

/// A request with these headers, as it comes from the accept loop: with a peer of this address.
pub(crate) fn request(line: &str, peer: &str, headers: &[(&str, &str)]) -> Request<()> {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(()).unwrap();
    let addr = peer.parse().unwrap();
    let tls = false;
    request.extensions_mut().insert(Peer { addr, tls });
    request
}

/// The same, and the client layer has been passed already.
pub(crate) fn of_client(line: &str, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = request(line, "192.0.2.1:4000", headers);
    let peer = *request.extensions().get::<Peer>().unwrap();
    request.extensions_mut().insert(Client::direct(peer));
    request
}

/// The answer of a service that is reached only through this defence. The service answers with the
/// status and the headers that the request asks for by `x-status` and `x-set`.
pub(crate) async fn ask(defence: impl Defence, request: Request<()>) -> Response<Bytes> {
    let service = service_fn(|request: Request<()>| async move {
        let mut response = Response::builder();
        if let Some(status) = request.headers().get("x-status") {
            response = response.status(status.as_bytes());
        }
        for line in request.headers().get_all("x-set") {
            let (name, value) = line.to_str().unwrap().split_once(": ").unwrap();
            response = response.header(name, value);
        }
        Ok::<_, Infallible>(response.body(Bytes::from_static(b"reached")).unwrap())
    });
    let service = DefenceLayer(defence).layer(service);
    service.oneshot(request).await.unwrap()
}

/// What the defence put into the extensions of a request that passes.
pub(crate) async fn found<T: Clone + Send + Sync + 'static>(
    defence: impl Defence,
    request: Request<()>,
) -> Option<T> {
    let service = service_fn(|request: Request<()>| async move {
        let mut response = Response::new(Bytes::new());
        if let Some(found) = request.extensions().get::<T>() {
            response.extensions_mut().insert(found.clone());
        }
        Ok::<_, Infallible>(response)
    });
    let service = DefenceLayer(defence).layer(service);
    let response = service.oneshot(request).await.unwrap();
    response.extensions().get::<T>().cloned()
}

/// All lines of a header, in order.
pub(crate) fn lines<'r>(response: &'r Response<Bytes>, name: &str) -> Vec<&'r str> {
    let lines = response.headers().get_all(name).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}
