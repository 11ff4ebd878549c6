//! The service behind a rate limit, and its answer.

use super::store::{Hit, Later};
use super::{Counted, Limits, OnOutage, Outcome, outage};
use crate::rejection::Rejection;
use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tower_service::Service;

/// A service behind a rate limit.
#[derive(Clone, Debug)]
pub struct RateLimited<S> {
    limits: Arc<Limits>,
    inner: S,
}

impl<S> RateLimited<S> {
    pub(super) fn new(limits: Arc<Limits>, inner: S) -> Self {
        Self { limits, inner }
    }
}

impl<S, A, B> Service<Request<A>> for RateLimited<S>
where
    S: Service<Request<A>, Response = Response<B>> + Clone,
    B: From<Bytes>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = RateLimitedFuture<S, A>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (head, body) = request.into_parts();
        let (counted, hit) = self.limits.count(&head);
        let request = Request::from_parts(head, body);
        let state = match hit {
            Hit::Ready(outcome) => decide(&mut self.inner, request, &counted, outcome),
            Hit::Later(later) => {
                // The clone that was not polled stays; the one that is ready goes with the request.
                let clone = self.inner.clone();
                State::Waiting {
                    later,
                    kept: Some((std::mem::replace(&mut self.inner, clone), request)),
                    on_outage: self.limits.on_outage,
                }
            }
        };
        RateLimitedFuture { state, counted }
    }
}

fn decide<S, A>(
    inner: &mut S,
    request: Request<A>,
    counted: &Counted,
    outcome: Outcome,
) -> State<S, A>
where
    S: Service<Request<A>>,
{
    match counted.refusal(outcome) {
        Some(rejection) => State::Refused {
            rejection: Some(rejection),
            outcome: Some(outcome),
        },
        None => State::Passed {
            answer: inner.call(request),
            outcome: Some(outcome),
        },
    }
}

pin_project! {
    /// The answer of a service behind a rate limit.
    pub struct RateLimitedFuture<S, A>
    where
        S: Service<Request<A>>,
    {
        #[pin]
        state: State<S, A>,
        counted: Counted,
    }
}

pin_project! {
    #[project = Stage]
    enum State<S, A>
    where
        S: Service<Request<A>>,
    {
        Waiting {
            later: Later,
            kept: Option<(S, Request<A>)>,
            on_outage: OnOutage,
        },
        Passed {
            #[pin]
            answer: S::Future,
            outcome: Option<Outcome>,
        },
        Refused {
            rejection: Option<Rejection>,
            outcome: Option<Outcome>,
        },
    }
}

impl<S: Service<Request<A>>, A> fmt::Debug for RateLimitedFuture<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitedFuture")
            .field("counted", &self.counted)
            .finish_non_exhaustive()
    }
}

impl<S, A, B> Future for RateLimitedFuture<S, A>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: From<Bytes>,
{
    type Output = Result<Response<B>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let (response, outcome) = match this.state.as_mut().project() {
                Stage::Waiting {
                    later,
                    kept,
                    on_outage,
                } => {
                    let counted = ready!(later.as_mut().poll(context));
                    let Some((mut inner, request)) = kept.take() else {
                        return Poll::Pending;
                    };
                    let next = match (counted, on_outage) {
                        (Ok(outcome), _) => decide(&mut inner, request, this.counted, outcome),
                        (Err(_), OnOutage::Pass) => State::Passed {
                            answer: inner.call(request),
                            outcome: None,
                        },
                        (Err(_), OnOutage::Refuse) => State::Refused {
                            rejection: Some(outage()),
                            outcome: None,
                        },
                    };
                    this.state.set(next);
                    continue;
                }
                Stage::Passed { answer, outcome } => (ready!(answer.poll(context))?, *outcome),
                Stage::Refused { rejection, outcome } => match rejection.take() {
                    Some(rejection) => (rejection.into_response(), *outcome),
                    None => return Poll::Pending,
                },
            };
            let (mut head, body) = response.into_parts();
            if let Some(outcome) = outcome {
                this.counted.tell(outcome, &mut head);
            }
            return Poll::Ready(Ok(Response::from_parts(head, body)));
        }
    }
}
