use super::*;
use crate::exposition::Exposition;

/// A sample of this page, so many seconds after the first.
pub(crate) fn sample(seconds: u32, page: &str) -> Update {
    Update::Sample(Box::new(Sample {
        at: Duration::from_secs(u64::from(seconds)),
        server_time: None,
        wall: 1_000_000.0 + f64::from(seconds),
        figures: Figures::of(&Exposition::parse(page).unwrap()),
    }))
}

fn monitor(pages: &[&str]) -> Monitor {
    let mut monitor = Monitor::new(Duration::from_secs(1));
    for (page, second) in pages.iter().zip(1..) {
        let now = Duration::from_secs(u64::from(second));
        monitor.take(sample(second, page), now);
    }
    monitor
}

fn requests(monitor: &Monitor) -> Vec<Option<f64>> {
    monitor.history(|rates| rates.requests)
}

#[test]
fn rates_are_differences_by_the_time_between_samples() {
    let monitor = monitor(&[
        "tonl_http_requests_total 10\nprocess_cpu_seconds_total 1",
        "tonl_http_requests_total 14\nprocess_cpu_seconds_total 1.5",
        "process_cpu_seconds_total 1.5",
    ]);
    assert_eq!(requests(&monitor), [None, Some(4.0), None]);
    assert_eq!(
        monitor.history(|rates| rates.cpu),
        [None, Some(50.0), Some(0.0)]
    );
    assert_eq!(monitor.rates().unwrap().conversions, None);
}

#[test]
fn the_clock_of_the_server_counts_if_it_tells_the_time() {
    let mut monitor = Monitor::new(Duration::from_secs(1));
    for (at, told, count) in [(1, 100, 0.0), (2, 104, 8.0), (5, 104, 11.0)] {
        let at = Duration::from_secs(at);
        let figures = Figures {
            requests: Some(count),
            ..Figures::default()
        };
        let sample = Sample {
            at,
            server_time: Some(Duration::from_secs(told)),
            wall: 104.0,
            figures,
        };
        monitor.take(Update::Sample(Box::new(sample)), at);
    }
    let wanted = [None, Some(2.0), Some(1.0)];
    assert_eq!(
        requests(&monitor),
        wanted,
        "ours is used where it stands still"
    );
}

#[test]
fn a_restart_gives_a_gap_and_never_a_negative_rate() {
    let fallen = monitor(&[
        "tonl_http_requests_total 500",
        "tonl_http_requests_total 3",
        "tonl_http_requests_total 5",
    ]);
    assert_eq!(requests(&fallen), [None, None, Some(2.0)]);
    assert!(fallen.note().unwrap().contains("restarted"));
    let moved = monitor(&[
        "process_start_time_seconds 100\ntonl_http_requests_total 5",
        "process_start_time_seconds 900\ntonl_http_requests_total 9",
    ]);
    assert_eq!(
        requests(&moved),
        [None, None],
        "its start time is another one"
    );
    let lone = monitor(&[
        "tonl_conversion_requests_total{operation=\"a\",status=\"success\"} 9\n\
         tonl_conversion_requests_total{operation=\"b\",status=\"success\"} 1",
        "tonl_conversion_requests_total{operation=\"a\",status=\"success\"} 8\n\
         tonl_conversion_requests_total{operation=\"b\",status=\"success\"} 4",
    ]);
    let operations = &lone.rates().unwrap().operations;
    let rates: Vec<_> = operations
        .iter()
        .map(|(name, rate)| (name.as_str(), *rate))
        .collect();
    assert_eq!(
        rates,
        [("b", 3.0)],
        "a single counter that fell has no rate"
    );
}

#[test]
fn health_follows_from_samples_troubles_and_silence() {
    let second = Duration::from_secs;
    let mut monitor = Monitor::new(second(1));
    assert_eq!(monitor.health(second(0)), Health::Connecting);
    monitor.take(Update::Unreachable("refused".into()), second(1));
    assert_eq!(monitor.health(second(1)), Health::Offline("refused".into()));
    monitor.take(sample(2, "up 1"), second(2));
    assert_eq!(monitor.health(second(2)), Health::Online);
    assert_eq!(monitor.health(second(7)), Health::Online);
    let silent = Health::Degraded("nothing was heard for 6 s".into());
    assert_eq!(monitor.health(second(8)), silent);
    monitor.take(Update::Unwell("it answered 500".into()), second(9));
    assert_eq!(monitor.health(second(9)).name(), "DEGRADED");
    monitor.take(sample(10, "nodejs_eventloop_lag_seconds 0.12"), second(10));
    let late = Health::Degraded("its event loop is 120 ms late".into());
    assert_eq!(monitor.health(second(10)), late);
    monitor.take(sample(11, "nodejs_eventloop_lag_seconds 0.01"), second(11));
    assert_eq!(monitor.health(second(11)), Health::Online);
}

#[test]
fn a_pause_holds_the_picture_and_hears_on() {
    let mut monitor = monitor(&["tonl_http_requests_total 1"]);
    monitor.toggle_pause();
    monitor.take(
        sample(60, "tonl_http_requests_total 60"),
        Duration::from_secs(60),
    );
    assert_eq!(monitor.last().unwrap().figures.requests, Some(1.0));
    monitor.toggle_pause();
    assert_eq!(monitor.health(Duration::from_secs(61)), Health::Online);
    monitor.take(
        sample(61, "tonl_http_requests_total 61"),
        Duration::from_secs(61),
    );
    assert_eq!(requests(&monitor), [None, Some(1.0)], "60 in 60 seconds");
}

#[test]
fn the_history_is_bounded_and_can_be_cleared() {
    let mut monitor = Monitor::new(Duration::from_secs(1));
    for second in 0..300 {
        let now = Duration::from_secs(u64::from(second));
        monitor.take(sample(second, "tonl_http_requests_total 1"), now);
    }
    assert_eq!(requests(&monitor).len(), TICKS);
    assert_eq!(monitor.samples.len(), TICKS);
    monitor.clear();
    assert_eq!(requests(&monitor).len(), 0);
    assert!(monitor.last().is_some());
}

#[test]
fn latency_is_of_the_time_watched_and_else_of_all_time() {
    let page = |fast: u32, all: u32| {
        format!(
            "tonl_conversion_duration_seconds_bucket{{operation=\"x\",le=\"0.1\"}} {fast}\n\
             tonl_conversion_duration_seconds_bucket{{operation=\"x\",le=\"1\"}} {all}\n\
             tonl_conversion_duration_seconds_bucket{{operation=\"x\",le=\"+Inf\"}} {all}\n"
        )
    };
    let told = |pages: &[&str]| {
        let monitor = monitor(pages);
        let (latency, span) = monitor
            .latency(|figures| figures.conversion_durations.as_ref())
            .unwrap();
        (latency.half.seconds, span)
    };
    assert_eq!(told(&[&page(100, 100)]), (0.05, Span::SinceStart));
    assert_eq!(
        told(&[&page(100, 100), &page(100, 100)]),
        (0.05, Span::SinceStart)
    );
    let (half, span) = told(&[&page(100, 100), &page(100, 110)]);
    assert!((half - 0.55).abs() < 1e-9);
    assert_eq!(span, Span::Watched);
}

#[test]
fn uptime_is_never_negative() {
    let monitor = monitor(&["process_start_time_seconds 2000000"]);
    assert_eq!(monitor.last().unwrap().uptime(), Some(0.0));
}
