//! The layer: judges the head, then wraps the body.

use super::BodyConfig;
use super::budget::Budget;
use super::coding::{Coding, check};
use super::error::{BodyError, BoxError};
use super::guarded::GuardedBody;
use crate::rejection::Rejection;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Puts limits on the bodies of requests and decodes them. A second one further in may only narrow.
#[derive(Clone, Debug, Default)]
pub struct BodyLayer {
    config: BodyConfig,
    budget: Option<Budget>,
}

impl BodyLayer {
    /// Bodies keep to this.
    pub fn new(config: BodyConfig) -> Self {
        Self {
            config,
            budget: None,
        }
    }

    /// Decoders take what they hold out of the share that the request's client has in this budget.
    #[must_use]
    pub fn out_of(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }
}

impl<S> Layer<S> for BodyLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded {
            layer: self.clone(),
            inner,
        }
    }
}

/// A service that gets decoded, limited bodies.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    layer: BodyLayer,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<GuardedBody<B>>, Response = Response<R>>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    R: From<Bytes>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = GuardedFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        let coding = match self.judge(&head.headers, &body) {
            Ok(coding) => coding,
            Err(rejection) => {
                return GuardedFuture {
                    answer: None,
                    rejection: Some(rejection),
                };
            }
        };
        // What is behind reads decoded bytes, so the head must not speak of the coded ones.
        head.headers.remove(CONTENT_ENCODING);
        if coding != Coding::Identity {
            head.headers.remove(CONTENT_LENGTH);
        }
        let mut body = GuardedBody::new(body, coding, self.layer.config);
        if let Some(budget) = &self.layer.budget {
            body = body.out_of(&budget.of_request(&head.extensions));
        }
        GuardedFuture {
            answer: Some(self.inner.call(Request::from_parts(head, body))),
            rejection: None,
        }
    }
}

impl<S> Guarded<S> {
    fn judge<B: Body>(&self, headers: &http::HeaderMap, body: &B) -> Result<Coding, Rejection> {
        let coding = check(headers, &self.layer.config)?;
        match self
            .layer
            .config
            .limit
            .exceeded_by(body.size_hint().lower())
        {
            Some(limit) => Err(BodyError::TooLarge { limit }.rejection()),
            None => Ok(coding),
        }
    }
}

pin_project! {
    /// The answer of a service behind a [`BodyLayer`], or the layer's refusal.
    #[derive(Debug)]
    pub struct GuardedFuture<F> {
        #[pin]
        answer: Option<F>,
        rejection: Option<Rejection>,
    }
}

impl<F, R, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: From<Bytes>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(rejection) = this.rejection.take() {
            return Poll::Ready(Ok(rejection.into_response()));
        }
        match this.answer.as_pin_mut() {
            Some(answer) => answer.poll(context),
            None => Poll::Pending,
        }
    }
}
