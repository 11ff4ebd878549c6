//! A server as it is watched: the last samples, what they say together, and how the server is.
//!
//! Counters only grow while a process lives, so a rate is the difference of two samples of the same process.
//! After a restart there is nothing to compare with: the tick has no rate, never a negative one. Time is
//! given with every call; nothing here asks a clock, a network or a terminal.

pub(crate) mod figures;
pub(crate) mod latency;

use figures::Figures;
use latency::{Histogram, Latency};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How many ticks are remembered.
const TICKS: usize = 120;
/// A loop as late as this is no longer well, in seconds.
const LATE: f64 = 0.1;
/// So many intervals without a sample, and [`GRACE`], are a sign of trouble.
const MISSED: u32 = 3;
const GRACE: Duration = Duration::from_secs(2);
/// How far two readings of one start time may differ, in seconds.
const SAME_START: f64 = 1.0;

/// What was measured, and when.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// By our own steady clock, since watching began.
    pub(crate) at: Duration,
    /// By the server's clock, since 1970, if it told the time.
    pub(crate) server_time: Option<Duration>,
    /// Seconds since 1970, by the server's clock or else by ours.
    pub(crate) wall: f64,
    pub(crate) figures: Figures,
}

impl Sample {
    /// How long the process had been running, in seconds.
    pub(crate) fn uptime(&self) -> Option<f64> {
        // Two clocks may disagree; nothing runs for less than no time.
        self.figures
            .started
            .map(|started| (self.wall - started).max(0.0))
    }

    /// The seconds since an earlier sample; nothing if no time has passed.
    fn seconds_since(&self, earlier: &Self) -> Option<f64> {
        let told = self.server_time.zip(earlier.server_time);
        let told = told.and_then(|(now, before)| now.checked_sub(before));
        let own = self.at.saturating_sub(earlier.at);
        let seconds = told.filter(|told| !told.is_zero()).unwrap_or(own);
        (!seconds.is_zero()).then_some(seconds.as_secs_f64())
    }

    /// Whether the counters began anew since an earlier sample.
    fn restarted_since(&self, earlier: &Self) -> bool {
        let (now, before) = (&self.figures, &earlier.figures);
        let starts = now.started.zip(before.started);
        let moved = starts.is_some_and(|(now, before)| (now - before).abs() > SAME_START);
        let counters: [fn(&Figures) -> Option<f64>; 4] = [
            |figures| figures.cpu_seconds,
            |figures| figures.requests,
            Figures::succeeded,
            Figures::failed,
        ];
        let fell = |counter: fn(&Figures) -> Option<f64>| {
            let values = counter(now).zip(counter(before));
            values.is_some_and(|(now, before)| now < before)
        };
        moved || counters.into_iter().any(fell)
    }
}

/// What two samples say together, for each second between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rates {
    /// Processor time as a share of one processor, in percent; several processors can give more than 100.
    pub(crate) cpu: Option<f64>,
    pub(crate) requests: Option<f64>,
    /// Conversions of all operations and outcomes.
    pub(crate) conversions: Option<f64>,
    pub(crate) operations: BTreeMap<String, f64>,
}

impl Rates {
    fn between(earlier: &Sample, now: &Sample) -> Self {
        let Some(seconds) = now.seconds_since(earlier) else {
            return Self::default();
        };
        let rate = |now: Option<f64>, before: Option<f64>| {
            let grown = now? - before?;
            (grown >= 0.0).then(|| grown / seconds)
        };
        let (new, old) = (&now.figures, &earlier.figures);
        let all = |figures: &Figures| Some(figures.succeeded()? + figures.failed()?);
        let operations = new.operations.iter().filter_map(|(name, operation)| {
            // An operation that comes up for the first time began at zero.
            let before = old.operations.get(name);
            let before = before.map_or(0.0, |before| before.succeeded + before.failed);
            let rate = rate(Some(operation.succeeded + operation.failed), Some(before))?;
            Some((name.clone(), rate))
        });
        Self {
            cpu: rate(new.cpu_seconds, old.cpu_seconds).map(|share| share * 100.0),
            requests: rate(new.requests, old.requests),
            conversions: rate(all(new), all(old)),
            operations: operations.collect(),
        }
    }
}

/// What is heard of the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Update {
    /// A sample; the link works.
    Sample(Box<Sample>),
    /// How samples come from now on, and why, for the person who watches.
    Note(String),
    /// The server answers, but not with metrics that can be read.
    Unwell(String),
    /// The server cannot be reached.
    Unreachable(String),
}

/// How the server is, with the reason if it is not well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Nothing was heard yet.
    Connecting,
    Online,
    Degraded(String),
    Offline(String),
}

impl Health {
    /// The word for it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Connecting => "CONNECTING",
            Self::Online => "ONLINE",
            Self::Degraded(_) => "DEGRADED",
            Self::Offline(_) => "OFFLINE",
        }
    }

    /// Why it is not well.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Connecting | Self::Online => None,
            Self::Degraded(reason) | Self::Offline(reason) => Some(reason),
        }
    }
}

/// Which samples a latency is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// What came while we watched.
    Watched,
    /// Everything since the process began, because nothing came while we watched.
    SinceStart,
}

/// The watched server.
#[derive(Debug)]
pub(crate) struct Monitor {
    interval: Duration,
    /// Of one process, oldest first.
    samples: VecDeque<Sample>,
    /// Of every tick, oldest first.
    rates: VecDeque<Rates>,
    trouble: Option<Update>,
    heard: Duration,
    paused: bool,
    note: Option<String>,
}

impl Monitor {
    /// A server of which nothing is known, to be sampled at this interval.
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            interval,
            samples: VecDeque::new(),
            rates: VecDeque::new(),
            trouble: None,
            heard: Duration::ZERO,
            paused: false,
            note: None,
        }
    }

    /// Takes in what was heard at `now`; while paused, only that something was.
    pub(crate) fn take(&mut self, update: Update, now: Duration) {
        self.heard = now;
        if self.paused {
            return;
        }
        match update {
            Update::Sample(sample) => {
                self.trouble = None;
                self.remember(*sample);
            }
            Update::Note(note) => self.note = Some(note),
            Update::Unwell(_) | Update::Unreachable(_) => self.trouble = Some(update),
        }
    }

    fn remember(&mut self, sample: Sample) {
        let rates = match self.samples.back() {
            Some(last) if sample.restarted_since(last) => {
                self.samples.clear();
                self.note = Some("the server was restarted: its counters began anew".to_owned());
                Rates::default()
            }
            Some(last) => Rates::between(last, &sample),
            None => Rates::default(),
        };
        self.rates.push_back(rates);
        self.samples.push_back(sample);
        while self.rates.len() > TICKS {
            self.rates.pop_front();
        }
        while self.samples.len() > TICKS {
            self.samples.pop_front();
        }
    }

    /// How the server is at `now`.
    pub(crate) fn health(&self, now: Duration) -> Health {
        match &self.trouble {
            Some(Update::Unreachable(reason)) => return Health::Offline(reason.clone()),
            Some(Update::Unwell(reason)) => return Health::Degraded(reason.clone()),
            _ => {}
        }
        let Some(sample) = self.samples.back() else {
            return Health::Connecting;
        };
        let silence = now.saturating_sub(self.heard);
        if silence > self.interval * MISSED + GRACE {
            let seconds = silence.as_secs();
            return Health::Degraded(format!("nothing was heard for {seconds} s"));
        }
        match sample.figures.lag.filter(|lag| *lag >= LATE) {
            Some(lag) => Health::Degraded(format!("its event loop is {:.0} ms late", lag * 1e3)),
            None => Health::Online,
        }
    }

    /// The last sample.
    pub(crate) fn last(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// The rates of the last tick.
    pub(crate) fn rates(&self) -> Option<&Rates> {
        self.rates.back()
    }

    /// One rate of every tick, oldest first, with gaps.
    pub(crate) fn history(&self, rate: fn(&Rates) -> Option<f64>) -> Vec<Option<f64>> {
        self.rates.iter().map(rate).collect()
    }

    /// The latency that a histogram tells, of the time watched if anything came in it.
    pub(crate) fn latency(
        &self,
        histogram: impl Fn(&Figures) -> Option<&Histogram>,
    ) -> Option<(Latency, Span)> {
        let now = histogram(&self.samples.back()?.figures)?;
        let first = self
            .samples
            .front()
            .and_then(|first| histogram(&first.figures));
        let watched = first.and_then(|first| now.since(first)?.latency());
        match watched {
            Some(latency) => Some((latency, Span::Watched)),
            None => Some((now.latency()?, Span::SinceStart)),
        }
    }

    /// Whether the last thing heard was no sample but why there is none.
    pub(crate) fn is_troubled(&self) -> bool {
        self.trouble.is_some()
    }

    /// The latest thing worth telling.
    pub(crate) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Forgets all but the last sample.
    pub(crate) fn clear(&mut self) {
        self.rates.clear();
        self.note = None;
        while self.samples.len() > 1 {
            self.samples.pop_front();
        }
    }

    /// Holds the picture, or lets it go on.
    pub(crate) fn toggle_pause(&mut self) {
        self.paused = !self.paused;
    }

    /// Whether the picture is held.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }
}

#[cfg(test)]
pub(crate) mod tests;
