//! Where calls compute: on threads that may be busy, so many at a time, until nobody waits for them.

use crate::context::{CallContext, Step};
use crate::handler::caller;
use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use tracing::Span;

/// How calls compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandlerConfig {
    /// How many calls compute at the same time; of one, calls are answered in the order they came.
    pub at_once: NonZeroUsize,
    /// How long a call may compute.
    pub deadline: Duration,
}

impl HandlerConfig {
    /// So many calls at a time, ten seconds each.
    pub fn new(at_once: NonZeroUsize) -> Self {
        Self {
            at_once,
            deadline: Duration::from_secs(10),
        }
    }
}

/// How often a client hears how far a call is, at most.
const TELLING: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Bench {
    places: Arc<Semaphore>,
    deadline: Duration,
}

impl Bench {
    pub(super) fn new(config: HandlerConfig) -> Self {
        Self {
            places: Arc::new(Semaphore::new(config.at_once.get())),
            deadline: config.deadline,
        }
    }

    /// Runs a call; `None` if it broke off. It is given up when the client says so, and when this
    /// future is dropped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        context: &RequestContext<RoleServer>,
        call: impl FnOnce(&CallContext) -> T + Send + 'static,
    ) -> Option<T> {
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        // It is free when the work has ended and its result is taken: the next call cannot overtake.
        let place = Arc::new(place);
        let taken = Arc::clone(&place);
        let (steps, mut told) = watch::channel(None);
        let given_up = GivenUp::default();
        let surroundings = self.surroundings(context, &given_up, steps);
        let span = Span::current();
        let working = tokio::task::spawn_blocking(move || {
            let _taken = taken;
            span.in_scope(|| call(&surroundings))
        });
        let telling = tell(context, &mut told);
        let done = tokio::select! {
            biased;
            done = working => done.ok(),
            () = telling => None,
        };
        drop(place);
        done
    }

    fn surroundings(
        &self,
        context: &RequestContext<RoleServer>,
        given_up: &GivenUp,
        steps: watch::Sender<Option<Step>>,
    ) -> CallContext {
        let cancelled = context.ct.clone();
        let flag = Arc::clone(&given_up.0);
        let call = CallContext::new(caller(context).identity)
            .until(Instant::now() + self.deadline)
            .stopped_by(move || cancelled.is_cancelled() || flag.load(Ordering::Relaxed));
        if context.meta.get_progress_token().is_none() {
            return call;
        }
        call.telling(move |step| {
            steps.send_replace(Some(step));
        })
    }
}

/// Says to a call that nobody waits for it any more, when it is dropped.
#[derive(Default)]
struct GivenUp(Arc<AtomicBool>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Tells the client how far its call is, if it has asked for that; never returns.
async fn tell(context: &RequestContext<RoleServer>, told: &mut watch::Receiver<Option<Step>>) {
    let Some(token) = context.meta.get_progress_token() else {
        return std::future::pending().await;
    };
    while told.changed().await.is_ok() {
        let step = *told.borrow_and_update();
        if let Some(step) = step {
            let progress = progress(token.clone(), step);
            if context.peer.notify_progress(progress).await.is_err() {
                break;
            }
        }
        tokio::time::sleep(TELLING).await;
    }
    std::future::pending::<()>().await;
}

#[expect(
    clippy::cast_precision_loss,
    reason = "progress is a float in the protocol"
)]
fn progress(token: rmcp::model::ProgressToken, step: Step) -> ProgressNotificationParam {
    let mut progress = ProgressNotificationParam::new(token, step.done as f64);
    progress.total = step.total.map(|total| total as f64);
    progress
}
