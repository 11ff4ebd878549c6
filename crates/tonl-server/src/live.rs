//! Live metrics: one rendering a tick, whoever many watch.
//!
//! A tick is rendered only while somebody watches. Watchers share the text; one that reads slowly
//! misses ticks and is never the reason for a queue.

use crate::lifecycle::{Lifecycle, Phase, PhaseWatch};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, watch};
use tonl_telemetry::{Exposition, Telemetry};

/// The source of ticks. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    ticks: watch::Sender<Bytes>,
    wanted: Notify,
    lifecycle: Lifecycle,
}

/// Asks whether who watches may go on; asked at each tick.
pub(crate) type MayGoOn = Box<dyn Fn() -> bool + Send>;

impl Live {
    pub(crate) fn new(lifecycle: Lifecycle) -> Self {
        Self {
            inner: Arc::new(Inner {
                ticks: watch::Sender::new(Bytes::new()),
                wanted: Notify::new(),
                lifecycle,
            }),
        }
    }

    /// How many watch.
    pub(crate) fn watchers(&self) -> usize {
        self.inner.ticks.receiver_count()
    }

    /// Renders ticks until the server drains.
    pub(crate) async fn run(&self, telemetry: &Telemetry, interval: Duration) {
        let ticking = async {
            loop {
                if self.watchers() == 0 {
                    self.inner.wanted.notified().await;
                }
                tokio::time::sleep(interval).await;
                let text = telemetry.render(Exposition::Classic);
                let event = event(&json!({
                    "type": "metrics",
                    "timestamp": milliseconds(),
                    "data": text,
                }));
                self.inner.ticks.send_replace(event);
            }
        };
        tokio::select! {
            () = ticking => {}
            () = self.inner.lifecycle.reached(Phase::Draining) => {}
        }
    }

    /// The events for one who watches: `connected`, then a tick after another, until the server
    /// drains or the watcher may not go on.
    pub(crate) fn watch(
        &self,
        may_go_on: MayGoOn,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
        let mut ticks = self.inner.ticks.subscribe();
        ticks.mark_unchanged();
        // One subscription for all ticks: thousands who watch would each make one at every tick.
        let phase = self.inner.lifecycle.watch();
        self.inner.wanted.notify_one();
        let watcher = Watcher {
            ticks,
            phase,
            may_go_on,
            place: Place::Beginning,
        };
        stream::unfold(watcher, |mut watcher| async move {
            let event = watcher.next().await?;
            Some((Ok(event), watcher))
        })
    }
}

struct Watcher {
    ticks: watch::Receiver<Bytes>,
    phase: PhaseWatch,
    may_go_on: MayGoOn,
    place: Place,
}

/// Where a watcher's stream is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Beginning,
    Ticking,
    Over,
}

impl Watcher {
    async fn next(&mut self) -> Option<Bytes> {
        match self.place {
            Place::Over => return None,
            Place::Beginning => {
                self.place = Place::Ticking;
                let connected = json!({ "type": "connected", "timestamp": milliseconds() });
                return Some(event(&connected));
            }
            Place::Ticking => {}
        }
        let is_draining = tokio::select! {
            biased;
            () = self.phase.reached(Phase::Draining) => true,
            changed = self.ticks.changed() => changed.is_err(),
        };
        if is_draining {
            self.place = Place::Over;
            return Some(Bytes::from_static(b"event: shutdown\ndata: {}\n\n"));
        }
        if !(self.may_go_on)() {
            self.place = Place::Over;
            return None;
        }
        Some(self.ticks.borrow_and_update().clone())
    }
}

/// A server-sent event without a name. JSON has no line break, so it is one line of data.
fn event(value: &serde_json::Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}

fn milliseconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
