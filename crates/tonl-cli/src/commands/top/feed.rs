//! Samples as they come: a thread reads the live stream or asks again and again, and tells what it hears.
//!
//! A stream that is refused (401, 403, 404) is not asked for again while the server runs: pages are asked for
//! instead, without the token if that was what was refused, so that a wrong token is not tried every second.
//! After the server was away the stream is tried anew. The thread ends with the process, or when nobody listens.

use super::client::{Client, Fault};
use super::events::{Event, Events};
use crate::exposition::Exposition;
use crate::monitor::figures::Figures;
use crate::monitor::{Sample, Update};
use serde_json::Value;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Updates that wait for their listener.
const WAITING: usize = 16;
/// The longest wait before a server that is away, and the shortest before one that refuses, is asked again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The part of an interval after which a streamed sample is taken: ticks are never exact.
const NEARLY: f64 = 0.9;

/// How samples are got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From the live stream.
    Live,
    /// By asking for the page.
    Page,
}

/// The listening end.
#[derive(Debug)]
pub(super) struct Feed {
    updates: Receiver<Update>,
    source: Source,
    refreshing: Arc<AtomicBool>,
}

impl Feed {
    /// Begins to ask.
    pub(super) fn start(client: Client, way: Way, interval: Duration) -> Self {
        let (sender, updates) = sync_channel(WAITING);
        let source = Source {
            client,
            interval,
            begun: Instant::now(),
            sender,
        };
        let asking = source.clone();
        std::thread::spawn(move || asking.run(way));
        Self {
            updates,
            source,
            refreshing: Arc::default(),
        }
    }

    /// The time since it was started.
    pub(super) fn now(&self) -> Duration {
        self.source.begun.elapsed()
    }

    /// The next update, if one comes in this time.
    pub(super) fn next(&self, patience: Duration) -> Option<Update> {
        self.updates.recv_timeout(patience).ok()
    }

    /// Asks for a page beside the usual ones, unless that is being done.
    pub(super) fn refresh(&self) {
        if self.refreshing.swap(true, Ordering::Relaxed) {
            return;
        }
        let (source, refreshing) = (self.source.clone(), Arc::clone(&self.refreshing));
        std::thread::spawn(move || {
            let _nobody_listens = source.tell(source.page());
            refreshing.store(false, Ordering::Relaxed);
        });
    }
}

/// Two samples one interval apart, for a single look.
///
/// # Errors
/// Why there are none.
pub(super) fn two(client: &Client, interval: Duration) -> Result<[Update; 2], Fault> {
    let begun = Instant::now();
    let first = sample(&client.page()?, begun.elapsed(), None)?;
    std::thread::sleep(interval.saturating_sub(begun.elapsed()));
    let second = sample(&client.page()?, begun.elapsed(), None)?;
    Ok([first, second])
}

/// Nobody listens any more.
#[derive(Debug)]
struct Closed;

/// The asking end.
#[derive(Clone, Debug)]
struct Source {
    client: Client,
    interval: Duration,
    begun: Instant,
    sender: SyncSender<Update>,
}

/// How a round of asking ended.
type Round = Result<Result<(), Fault>, Closed>;

impl Source {
    fn run(self, wanted: Way) {
        let mut asking = self.clone();
        let mut way = wanted;
        loop {
            let asked = Instant::now();
            let round = match way {
                Way::Live => asking.stream(),
                Way::Page => asking.tell(asking.page()),
            };
            let Ok(outcome) = round else {
                return;
            };
            match (&outcome, way) {
                (Err(fault @ (Fault::Refused(_) | Fault::Answered(404))), Way::Live) => {
                    if self.say(refused(fault)).is_err() {
                        return;
                    }
                    if matches!(fault, Fault::Refused(_)) {
                        asking.client = self.client.without_token();
                    }
                    way = Way::Page;
                    continue;
                }
                (Err(fault), Way::Page) if fault.is_offline() => {
                    asking.client = self.client.clone();
                    way = wanted;
                }
                _ => {}
            }
            std::thread::sleep(self.pause(&outcome, asked.elapsed()));
        }
    }

    /// How long to wait after a round that took so long.
    fn pause(&self, outcome: &Result<(), Fault>, took: Duration) -> Duration {
        match outcome {
            Ok(()) => self.interval.saturating_sub(took),
            Err(Fault::Refused(_)) => self.interval.max(PATIENCE),
            Err(_) => self.interval.min(PATIENCE),
        }
    }

    /// Passes on every sample of the live stream until that ends.
    fn stream(&self) -> Round {
        let mut stream = match self.client.live() {
            Ok(stream) => stream,
            // The page is asked for instead, so the person has to know of this one alone.
            Err(fault @ (Fault::Refused(_) | Fault::Answered(404))) => return Ok(Err(fault)),
            Err(fault) => return self.fail(fault),
        };
        let mut events = Events::default();
        let mut buffer = vec![0; 16 << 10];
        let mut taken: Option<Duration> = None;
        loop {
            let bytes = match stream.read(&mut buffer) {
                Ok(0) => return self.fail(Fault::Ended),
                Ok(length) => buffer.get(..length).unwrap_or_default(),
                Err(error) => return self.fail(self.client.lost(error)),
            };
            let Ok(whole) = events.push(bytes) else {
                return self.fail(Fault::Garbage("an event has no end".to_owned()));
            };
            for event in whole {
                let now = self.begun.elapsed();
                match told(&event) {
                    Ok(Told::Metrics(time, page)) => {
                        let clock = time.unwrap_or(now);
                        if !self.is_due(taken, clock) {
                            continue;
                        }
                        taken = Some(clock);
                        if let Err(fault) = self.tell(sample(&page, now, time))? {
                            return Ok(Err(fault));
                        }
                    }
                    Ok(Told::Shutdown) => {
                        self.say(Update::Note("the server is shutting down".to_owned()))?;
                    }
                    Ok(Told::Nothing) => {}
                    Err(fault) => return self.fail(fault),
                }
            }
        }
    }

    /// Whether it is time for another sample; a clock that was set back does not stop them.
    fn is_due(&self, taken: Option<Duration>, clock: Duration) -> bool {
        taken.is_none_or(|taken| {
            clock < taken || clock.saturating_sub(taken) >= self.interval.mul_f64(NEARLY)
        })
    }

    fn page(&self) -> Result<Update, Fault> {
        let page = self.client.page()?;
        sample(&page, self.begun.elapsed(), None)
    }

    fn tell(&self, heard: Result<Update, Fault>) -> Round {
        match heard {
            Ok(update) => self.say(update).map(Ok),
            Err(fault) => self.fail(fault),
        }
    }

    fn fail(&self, fault: Fault) -> Round {
        let reason = fault.to_string();
        self.say(if fault.is_offline() {
            Update::Unreachable(reason)
        } else {
            Update::Unwell(reason)
        })?;
        Ok(Err(fault))
    }

    fn say(&self, update: Update) -> Result<(), Closed> {
        self.sender.send(update).map_err(|_| Closed)
    }
}

fn refused(fault: &Fault) -> Update {
    Update::Note(match fault {
        Fault::Refused(status) => {
            format!("the live stream needs a valid token ({status}); /metrics is asked for instead")
        }
        _ => "the server has no live stream (404); /metrics is asked for instead".to_owned(),
    })
}

fn sample(page: &str, at: Duration, server_time: Option<Duration>) -> Result<Update, Fault> {
    let page = Exposition::parse(page).map_err(|error| Fault::Garbage(error.to_string()))?;
    let figures = Figures::of(&page);
    if figures.is_foreign() {
        let message = "none of the names of a TONL server is on the page";
        return Err(Fault::Garbage(message.to_owned()));
    }
    Ok(Update::Sample(Box::new(Sample {
        at,
        server_time,
        wall: server_time.map_or_else(wall, |time| time.as_secs_f64()),
        figures,
    })))
}

/// The time now, in seconds since 1970.
pub(super) fn wall() -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds need 41 of 53 bits"
    )]
    let milliseconds = jiff::Timestamp::now().as_millisecond() as f64;
    milliseconds / 1e3
}

/// What an event of the live stream tells.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// The server's time since 1970, if it is told, and a page.
    Metrics(Option<Duration>, String),
    Shutdown,
    Nothing,
}

fn told(event: &Event) -> Result<Told, Fault> {
    if event.name == "shutdown" {
        return Ok(Told::Shutdown);
    }
    if !event.name.is_empty() && event.name != "message" {
        return Ok(Told::Nothing);
    }
    let garbage = |what: &str| Fault::Garbage(format!("an event of the live stream {what}"));
    let mut value: Value = serde_json::from_str(&event.data).map_err(|_| garbage("is not JSON"))?;
    if value.get("type").and_then(Value::as_str) != Some("metrics") {
        return Ok(Told::Nothing);
    }
    let time = value.get("timestamp").and_then(Value::as_u64);
    match value.get_mut("data").map(Value::take) {
        Some(Value::String(page)) => Ok(Told::Metrics(time.map(Duration::from_millis), page)),
        _ => Err(garbage("has no page of metrics")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event {
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_tell_metrics_a_shutdown_or_nothing() {
        let metrics = Told::Metrics(Some(Duration::from_millis(5)), "up 1\n".to_owned());
        for (event, wanted) in [
            (
                event("", r#"{"type":"connected","timestamp":4}"#),
                Told::Nothing,
            ),
            (
                event("", r#"{"type":"metrics","timestamp":5,"data":"up 1\n"}"#),
                metrics,
            ),
            (event("", r#"{"type":"later"}"#), Told::Nothing),
            (event("", "7"), Told::Nothing),
            (event("session-token", "secret"), Told::Nothing),
            (event("shutdown", ""), Told::Shutdown),
        ] {
            assert_eq!(told(&event), Ok(wanted), "{event:?}");
        }
    }

    #[test]
    fn events_that_tell_nothing_sensible_are_faults() {
        for data in [
            "{",
            "",
            r#"{"type":"metrics"}"#,
            r#"{"type":"metrics","data":3}"#,
        ] {
            assert!(
                matches!(told(&event("", data)), Err(Fault::Garbage(_))),
                "{data}"
            );
        }
    }

    #[test]
    fn a_page_of_another_program_is_said_to_be_one() {
        let fault = sample("process_cpu_seconds_total 4\n", Duration::ZERO, None).unwrap_err();
        assert!(fault.to_string().contains("none of the names"), "{fault}");
        let fault = sample("<!doctype html>", Duration::ZERO, None).unwrap_err();
        assert!(fault.to_string().contains("line 1"), "{fault}");
    }

    #[test]
    fn the_clock_of_the_server_is_taken_where_it_is_told() {
        let time = Some(Duration::from_secs(77));
        let Ok(Update::Sample(sample)) = sample("tonl_active_connections 1", Duration::ZERO, time)
        else {
            panic!("this is a sample");
        };
        assert_eq!((sample.wall, sample.server_time), (77.0, time));
    }
}
