use super::*;
use std::net::{IpAddr, Ipv4Addr};
use tonl_layers::auth::RunToken;
use tonl_layers::rate_limit::{Key, RateLimitConfig};
use tonl_telemetry::Exposition;

// S24
#[test]
fn the_classes_of_tokens_are_swept_and_in_the_gauge_like_that_of_addresses() {
    let class = |window| {
        Class::try_from(RateLimitConfig {
            window: Duration::from_secs(window),
            ..RateLimitConfig::default()
        })
        .unwrap()
    };
    let (run, _token) = RunToken::generate().unwrap();
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let hosts = AllowedHosts::parse(here, "").unwrap();
    let mut config = AppConfig::new(Access::Development(run), hosts);
    let mut limits = RateLimits::of_address(class(1_000));
    limits.tokens = vec![("ci".to_owned(), class(1_000)), ("cd".to_owned(), class(1))];
    config.rate_limit = Some(limits);
    let (clock, hands) = Clock::stopped(std::time::SystemTime::UNIX_EPOCH);
    config.clock = clock;
    let telemetry = Telemetry::disabled_audit();
    let app = App::new(config, Lifecycle::default(), telemetry.clone());
    let inner = &app.inner;
    assert_eq!(inner.counts.len(), 3);
    for counts in &inner.counts {
        counts.count(Key::address(here), inner.config.clock.now().elapsed);
    }
    let entries = |count| {
        inner.tell_gauges();
        let page = telemetry.render(Exposition::Classic);
        let line = format!("tonl_rate_limit_entries {count}\n");
        assert!(page.contains(&line), "{page}");
    };
    entries(3);
    hands.advance(Duration::from_secs(2));
    entries(2);
}
