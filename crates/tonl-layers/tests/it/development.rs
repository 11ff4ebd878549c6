//! Development mode: the run's token, and sessions with tokens of their own.

use crate::auth::{ask, client};
use http::{Method, Request, header, request};
use std::time::{Duration, SystemTime};
use tonl_layers::auth::{AuthConfig, Development, Guard, RunToken};
use tonl_layers::session::{CloseReason, Opened, SessionConfig, Sessions};
use tonl_layers::{Clock, Defence, Hands, Principal, PrincipalKind, Refusal, Refused, Scope};
use tonl_layers::{Rejection, Verdict};

struct World {
    development: Development,
    sessions: Sessions,
    run: String,
    hands: Hands,
}

fn world() -> World {
    let (clock, hands) =
        Clock::stopped(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let sessions = Sessions::new(SessionConfig::development(), clock, |_, _| {});
    let (run, token) = RunToken::generate().unwrap();
    World {
        development: Development::new(run, &sessions, AuthConfig::default()),
        sessions,
        run: token.expose().to_owned(),
        hands,
    }
}

fn opens(head: &request::Parts) -> bool {
    head.method == Method::GET && head.uri.path() == "/mcp"
}

impl World {
    fn guard(&self) -> Guard {
        self.development.require_or_open_session(Scope::Mcp, opens)
    }

    fn open(&self) -> (Opened, String) {
        let principal = admitted(&self.guard(), get("127.0.0.1", None)).unwrap();
        let opened = self.sessions.open(&principal, [127, 0, 0, 1].into());
        let opened = opened.unwrap();
        let token = opened.token.as_ref().unwrap().expose().to_owned();
        (opened, token)
    }
}

fn get(address: &str, token: Option<&str>) -> Request<()> {
    let mut request = Request::get("/mcp").body(()).unwrap();
    let host = "127.0.0.1:3000".parse().unwrap();
    request.headers_mut().insert(header::HOST, host);
    request.extensions_mut().insert(client(address));
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    request
}

fn admitted(guard: &Guard, request: Request<()>) -> Result<Principal, Rejection> {
    let (mut head, ()) = request.into_parts();
    match guard.check(&mut head) {
        Verdict::Pass(principal) => Ok(principal),
        Verdict::Refuse(rejection) => Err(rejection),
        Verdict::Answer(_) => panic!("a guard answered by itself"),
    }
}

fn status(guard: &Guard, request: Request<()>) -> u16 {
    admitted(guard, request).map_or_else(|rejection| rejection.status().as_u16(), |_| 200)
}

// S9, S14
#[test]
fn a_local_client_without_a_token_may_open_a_session_and_no_more() {
    let world = world();
    let guard = world.guard();
    let principal = admitted(&guard, get("127.0.0.1", None)).unwrap();
    assert_eq!(principal.kind(), PrincipalKind::Anonymous);
    let opened = world.sessions.open(&principal, [127, 0, 0, 1].into());
    let opened = opened.unwrap();
    assert!(opened.token.is_some());
    assert_eq!(opened.token_life, Duration::from_secs(3_600));
    let id = opened.session.id().to_string();
    let missed = world.sessions.get(&id, &principal).unwrap_err();
    assert_eq!(missed.rejection(&id, &principal).status(), 404);

    assert_eq!(status(&guard, get("::1", None)), 200);
    assert_eq!(status(&guard, get("::ffff:127.0.0.1", None)), 200);
    assert_eq!(status(&guard, get("192.0.2.1", None)), 401);
    let mut post = get("127.0.0.1", None);
    *post.method_mut() = Method::POST;
    assert_eq!(status(&guard, post), 401);
    let plain = world.development.require(Scope::Mcp);
    assert_eq!(status(&plain, get("127.0.0.1", None)), 401);
}

#[test]
fn nobody_opens_a_session_through_a_proxy_or_with_bad_credentials() {
    let guard = world().guard();
    for name in [
        "x-forwarded-for",
        "X-Forwarded-Host",
        "forwarded",
        "via",
        "x-real-ip",
        "x-original-forwarded-for",
        "CF-Connecting-IP",
        "cf-ray",
        "true-client-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "fly-client-ip",
        "fastly-client-ip",
        "x-envoy-external-address",
        "x-envoy-original-path",
    ] {
        let mut request = get("127.0.0.1", None);
        let name: header::HeaderName = name.parse().unwrap();
        request
            .headers_mut()
            .insert(name, "1.2.3.4".parse().unwrap());
        assert_eq!(status(&guard, request), 401);
    }
    for (line, wanted) in [("Basic x", 401), ("Bearer wrong", 403), ("Bearer", 401)] {
        let mut request = get("127.0.0.1", None);
        let value = line.parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
        assert_eq!(status(&guard, request), wanted, "{line}");
    }
    let mut unknown = get("127.0.0.1", None);
    unknown.extensions_mut().clear();
    assert_eq!(status(&guard, unknown), 401);
    // A proxy with its standard settings speaks an older version, and no client of sessions does.
    let mut old = get("127.0.0.1", None);
    *old.version_mut() = http::Version::HTTP_10;
    assert_eq!(status(&guard, old), 401);
}

/// A page whose own name was turned to 127.0.0.1 is local in all but its name, also where the server
/// is bound to every address and checks no name.
// S9, S30
#[test]
fn nobody_opens_a_session_under_a_name_that_is_not_loopback() {
    let guard = world().guard();
    let status_of = |hosts: &[&str]| {
        let mut request = get("127.0.0.1", None);
        request.headers_mut().remove(header::HOST);
        for host in hosts {
            let host = host.parse().unwrap();
            request.headers_mut().append(header::HOST, host);
        }
        status(&guard, request)
    };
    for own in [
        "localhost:3000",
        "LOCALHOST",
        "a.localhost",
        "127.1.2.3",
        "[::1]:3000",
        "[::ffff:127.0.0.1]",
    ] {
        assert_eq!(status_of(&[own]), 200, "{own}");
    }
    for foreign in [
        "evil.example:3000",
        "localhost.evil.example",
        "0.0.0.0:3000",
        "192.168.1.2",
        "127.0.0.1@evil.example",
        "",
    ] {
        assert_eq!(status_of(&[foreign]), 401, "{foreign}");
    }
    assert_eq!(status_of(&[]), 401);
    assert_eq!(status_of(&["localhost", "localhost"]), 401);
    let mut page = get("127.0.0.1", None);
    let host = "evil.example:3000".parse().unwrap();
    page.headers_mut().insert(header::HOST, host);
    let origin = "http://evil.example:3000".parse().unwrap();
    page.headers_mut().insert(header::ORIGIN, origin);
    assert_eq!(status(&guard, page), 401);
}

// S13, S15
#[tokio::test]
async fn a_session_s_token_is_good_for_its_own_session_alone() {
    let world = world();
    let guard = world.guard();
    let (first, token) = world.open();
    let (second, other) = world.open();
    let (one, two) = (
        first.session.id().to_string(),
        second.session.id().to_string(),
    );
    for (token, own, foreign) in [(&token, &one, &two), (&other, &two, &one)] {
        let response = ask(&guard, get("127.0.0.1", Some(token))).await;
        assert_eq!(response.body(), "session");
        let principal = admitted(&guard, get("127.0.0.1", Some(token))).unwrap();
        assert!(world.sessions.get(own, &principal).is_ok());
        let rejection = world
            .sessions
            .get(foreign, &principal)
            .unwrap_err()
            .rejection(foreign, &principal);
        assert_eq!(rejection.status(), 403);
        assert_eq!(rejection.reason(), Refusal::ForeignSession);
        let response = rejection.into_response::<bytes::Bytes>();
        assert_eq!(response.body(), r#"{"error":"Forbidden: Invalid token"}"#);
        let refused = response.extensions().get::<Refused>().unwrap();
        assert_eq!(refused.token.as_deref(), Some("session"));
        assert_eq!(refused.session.as_deref(), Some(&**foreign));
        let refusal = world.sessions.open(&principal, [127, 0, 0, 1].into());
        assert_eq!(refusal.unwrap_err().rejection(&principal).status(), 403);
    }
}

// S11
#[test]
fn a_session_s_token_ends_after_an_hour() {
    let world = world();
    let guard = world.guard();
    let (opened, token) = world.open();
    let _stream = world
        .sessions
        .attach(&opened.session, tonl_layers::session::Ending::ClosesSession);
    world.hands.advance(Duration::from_millis(3_599_999));
    assert_eq!(status(&guard, get("127.0.0.1", Some(&token))), 200);
    let left = world.sessions.time_left(&opened.session);
    assert_eq!(left, Some(Duration::from_millis(1)));
    world.hands.advance(Duration::from_millis(1));
    let rejection = admitted(&guard, get("127.0.0.1", Some(&token))).unwrap_err();
    assert_eq!(
        (rejection.status().as_u16(), rejection.reason()),
        (403, Refusal::ExpiredToken)
    );
    let response = rejection.into_response::<bytes::Bytes>();
    let refused = response.extensions().get::<Refused>().unwrap();
    assert_eq!(refused.token.as_deref(), Some("session"));
    assert_eq!(world.sessions.sweep(), 1);
    assert_eq!(opened.session.close_reason(), Some(CloseReason::Expired));
}

// S11
#[test]
fn setting_the_wall_clock_lengthens_no_token_s_life() {
    let world = world();
    let (_, token) = world.open();
    world.hands.advance(Duration::from_secs(3_600));
    world.hands.set_wall(SystemTime::UNIX_EPOCH);
    assert_eq!(status(&world.guard(), get("127.0.0.1", Some(&token))), 403);
}

// S12, S16
#[test]
fn a_session_s_token_is_refused_right_after_the_disconnect() {
    let world = world();
    let (opened, token) = world.open();
    let stream = world
        .sessions
        .attach(&opened.session, tonl_layers::session::Ending::ClosesSession);
    assert_eq!(status(&world.guard(), get("127.0.0.1", Some(&token))), 200);
    drop(stream);
    let rejection = admitted(&world.guard(), get("127.0.0.1", Some(&token))).unwrap_err();
    assert_eq!(
        (rejection.status().as_u16(), rejection.reason()),
        (403, Refusal::InvalidToken)
    );
    assert!(world.sessions.is_empty());
}

// S13
#[test]
fn a_token_of_the_run_before_is_worth_nothing() {
    let before = world();
    let (_, token) = before.open();
    let now = world();
    assert_eq!(status(&now.guard(), get("127.0.0.1", Some(&token))), 403);
    assert_eq!(
        status(&now.guard(), get("127.0.0.1", Some(&before.run))),
        403
    );
    assert_eq!(status(&now.guard(), get("127.0.0.1", Some(&now.run))), 200);
}

// S15
#[test]
fn the_run_s_token_opens_sessions_and_enters_those_of_anonymous_clients() {
    let world = world();
    let run = admitted(&world.guard(), get("127.0.0.1", Some(&world.run))).unwrap();
    assert_eq!(run.kind(), PrincipalKind::Run);
    let own = world.sessions.open(&run, [127, 0, 0, 1].into()).unwrap();
    assert!(own.token.is_none());
    let (anonymous, token) = world.open();
    for session in [&own.session, &anonymous.session] {
        assert!(world.sessions.get(&session.id().to_string(), &run).is_ok());
    }
    let guest = admitted(&world.guard(), get("127.0.0.1", Some(&token))).unwrap();
    let id = own.session.id().to_string();
    assert_eq!(
        world
            .sessions
            .get(&id, &guest)
            .unwrap_err()
            .rejection(&id, &guest)
            .status(),
        403
    );
}

// S18
#[test]
fn live_metrics_take_a_live_session_s_token_or_the_run_s() {
    let world = world();
    let guard = world.development.require(Scope::Metrics);
    let (opened, token) = world.open();
    assert_eq!(status(&guard, get("127.0.0.1", None)), 401);
    assert_eq!(status(&guard, get("127.0.0.1", Some(&token))), 200);
    assert_eq!(status(&guard, get("127.0.0.1", Some(&world.run))), 200);
    world
        .sessions
        .close(opened.session.id(), CloseReason::Deleted);
    assert_eq!(status(&guard, get("127.0.0.1", Some(&token))), 403);
}

// S17
#[test]
fn nothing_that_is_printed_shows_a_token() {
    let world = world();
    let (opened, token) = world.open();
    let secret = token.rsplit('-').next().unwrap();
    let guest = admitted(&world.guard(), get("127.0.0.1", Some(&token))).unwrap();
    let shown = format!(
        "{opened:?} {:?} {:?} {guest:?}",
        world.development, world.sessions
    );
    assert!(
        !shown.contains(secret) && !shown.contains(&world.run),
        "{shown}"
    );
}
