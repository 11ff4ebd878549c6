//! The life of sessions whose owners have tokens.

use bytes::Bytes;
use http::header;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tonl_layers::auth::{AuthConfig, Development, RunToken, Verified, Verifier};
use tonl_layers::session::{
    CloseReason, Ending, Missed, Next, OpenError, PushError, SessionConfig, SessionId, Sessions,
};
use tonl_layers::{
    Clock, Defence, Hands, Identity, Principal, Refusal, Rejection, Scope, Scopes, Verdict,
};
use tonl_testkit::Random;

type Ends = Arc<Mutex<Vec<(SessionId, CloseReason)>>>;

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn store(config: SessionConfig) -> (Sessions, Hands, Ends) {
    let (clock, hands) = Clock::stopped(SystemTime::UNIX_EPOCH);
    let ends = Ends::default();
    let seen = ends.clone();
    let on_close = move |id, reason| seen.lock().unwrap().push((id, reason));
    (Sessions::new(config, clock, on_close), hands, ends)
}

fn principal(number: u8) -> Principal {
    let name = format!("token-{number}");
    Principal::token(name, Identity::new([number; 32]), Scopes::all())
}

fn missed(sessions: &Sessions, id: &str, principal: &Principal) -> Missed {
    sessions.get(id, principal).unwrap_err()
}

#[test]
fn a_session_is_found_by_the_identity_that_opened_it_alone() {
    let (sessions, _, _) = store(SessionConfig::production());
    let opened = sessions.open(&principal(1), HOME).unwrap();
    assert!(opened.token.is_none());
    let id = opened.session.id().to_string();
    assert_eq!(
        sessions.get(&id, &principal(1)).unwrap().id(),
        opened.session.id()
    );

    let rejection = |id: &str| missed(&sessions, id, &principal(2)).rejection(id, &principal(2));
    let (foreign, unknown) = (rejection(&id), rejection(&"0".repeat(64)));
    assert_eq!(foreign.status(), 404);
    assert_eq!(foreign.reason(), Refusal::ForeignSession);
    assert_eq!(unknown.reason(), Refusal::UnknownSession);
    let [foreign, unknown] = [foreign, unknown].map(Rejection::into_response::<Bytes>);
    assert_eq!(foreign.status(), unknown.status());
    assert_eq!(foreign.headers(), unknown.headers());
    assert_eq!(foreign.body(), unknown.body());
}

#[test]
fn ids_that_clients_make_up_find_nothing() {
    let (sessions, _, _) = store(SessionConfig::production());
    let id = sessions.open(&principal(1), HOME).unwrap().session.id();
    let huge = "a".repeat(1 << 20);
    let upper = id.to_string().to_uppercase();
    let padded = format!(" {id}");
    let names = [
        "__proto__",
        "constructor",
        "",
        "null",
        "0",
        &huge,
        &upper,
        &padded,
    ];
    for text in names {
        assert_eq!(missed(&sessions, text, &principal(1)), Missed::Unknown);
    }
    assert_eq!(sessions.len(), 1);
}

#[test]
fn sessions_are_counted_in_all_and_by_address() {
    let (sessions, hands, ends) = store(SessionConfig::production());
    for _ in 0..50 {
        sessions.open(&principal(1), HOME).unwrap();
    }
    let error = sessions.open(&principal(2), HOME).unwrap_err();
    assert_eq!(error, OpenError::TooManyFromAddress);
    for number in 0..950u32 {
        let network = 0x2001_0db8 << 96 | u128::from(number) << 64;
        let address = IpAddr::V6(std::net::Ipv6Addr::from_bits(network));
        sessions.open(&principal(1), address).unwrap();
    }
    let error = sessions
        .open(&principal(1), [203, 0, 113, 1].into())
        .unwrap_err();
    assert_eq!(error, OpenError::Full);
    let rejection = error.rejection(&principal(1));
    assert_eq!(
        (rejection.status().as_u16(), rejection.reason()),
        (503, Refusal::TooManySessions)
    );
    let response = rejection.into_response::<Bytes>();
    assert!(response.headers().contains_key(header::RETRY_AFTER));

    // Idle ones make room without anybody sweeping.
    hands.advance(Duration::from_secs(300));
    assert!(sessions.open(&principal(1), HOME).is_ok());
    assert_eq!(sessions.len(), 1);
    assert_eq!(ends.lock().unwrap().len(), 1_000);
}

#[test]
fn an_ipv6_network_counts_as_one_address() {
    let config = SessionConfig {
        most_per_address: 1,
        ..SessionConfig::production()
    };
    let (sessions, _, _) = store(config);
    let open = |address: &str| sessions.open(&principal(1), address.parse().unwrap());
    assert!(open("2001:db8::1").is_ok());
    assert!(open("2001:db8::2").is_err());
    assert!(open("2001:db8:0:1::1").is_ok());
    assert!(open("192.0.2.9").is_ok());
    assert!(open("::ffff:192.0.2.9").is_err());
}

#[test]
fn a_session_ends_when_it_was_idle_without_a_stream() {
    let (sessions, hands, ends) = store(SessionConfig::production());
    let used = sessions.open(&principal(1), HOME).unwrap().session;
    let streaming = sessions.open(&principal(1), HOME).unwrap().session;
    let idle = sessions.open(&principal(1), HOME).unwrap().session;
    let stream = sessions.attach(&streaming, Ending::KeepsSession);
    hands.advance(Duration::from_secs(299));
    assert_eq!(sessions.sweep(), 0);
    sessions.get(&used.id().to_string(), &principal(1)).unwrap();
    hands.advance(Duration::from_secs(1));
    let id = idle.id().to_string();
    assert_eq!(missed(&sessions, &id, &principal(1)), Missed::Unknown);
    assert_eq!(sessions.sweep(), 0);
    assert_eq!(*ends.lock().unwrap(), [(idle.id(), CloseReason::Idle)]);

    hands.advance(Duration::from_secs(3_600));
    assert_eq!(sessions.sweep(), 1);
    assert_eq!(used.close_reason(), Some(CloseReason::Idle));
    drop(stream);
    hands.advance(Duration::from_secs(299));
    assert_eq!(sessions.sweep(), 0);
    hands.advance(Duration::from_secs(1));
    assert_eq!(sessions.sweep(), 1);
    assert!(sessions.attach(&streaming, Ending::KeepsSession).is_none());
}

#[test]
fn in_development_no_session_lives_longer_than_an_hour() {
    let (sessions, hands, _) = store(SessionConfig::development());
    let session = sessions.open(&principal(1), HOME).unwrap().session;
    let _stream = sessions.attach(&session, Ending::KeepsSession);
    hands.advance(Duration::from_secs(3_599));
    assert_eq!(sessions.sweep(), 0);
    assert_eq!(sessions.time_left(&session), Some(Duration::from_secs(1)));
    hands.advance(Duration::from_secs(1));
    assert_eq!(sessions.sweep(), 1);
    assert_eq!(session.close_reason(), Some(CloseReason::Expired));
}

#[tokio::test]
async fn whoever_waits_for_the_end_is_told_why() {
    let (sessions, _, ends) = store(SessionConfig::production());
    let session = sessions.open(&principal(1), HOME).unwrap().session;
    let found = sessions
        .get(&session.id().to_string(), &principal(1))
        .unwrap();
    sessions.send(&session, Bytes::from("data")).unwrap();
    let close = async { sessions.close(session.id(), CloseReason::Deleted) };
    let (reason, closed) = tokio::join!(found.closed(), close);
    assert_eq!((reason, closed), (CloseReason::Deleted, true));
    assert_eq!(session.closed().await, CloseReason::Deleted);
    assert_eq!(
        (session.events().cost(), session.events().next().await),
        (0, Next::End)
    );
    assert_eq!(
        sessions.send(&session, Bytes::new()),
        Err(PushError::Closed)
    );
    assert!(!sessions.close(session.id(), CloseReason::Shutdown));
    assert_eq!(ends.lock().unwrap().len(), 1);
}

#[test]
fn a_revoked_token_s_sessions_end_and_others_stay() {
    let (sessions, _, _) = store(SessionConfig::production());
    let mine: Vec<_> = (0..3)
        .map(|_| sessions.open(&principal(1), HOME).unwrap().session)
        .collect();
    let other = sessions.open(&principal(2), HOME).unwrap().session;
    let revoked = *principal(1).identity();
    assert_eq!(sessions.close_of(&revoked, CloseReason::TokenRevoked), 3);
    let reason = Some(CloseReason::TokenRevoked);
    assert!(mine.iter().all(|session| session.close_reason() == reason));
    assert_eq!(other.close_reason(), None);
    assert_eq!(sessions.close_all(CloseReason::Shutdown), 1);
    assert!(sessions.is_empty());
}

#[tokio::test]
async fn a_slow_reader_loses_its_session() {
    let (sessions, _, ends) = store(SessionConfig::production());
    let session = sessions.open(&principal(1), HOME).unwrap().session;
    let event = Bytes::from(vec![b'x'; 1 << 20]);
    let sent = (0..100).take_while(|_| sessions.send(&session, event.clone()).is_ok());
    assert_eq!(sent.count(), 7);
    assert_eq!(session.events().cost(), 0);
    assert_eq!(session.events().next().await, Next::Overflow);
    assert_eq!(
        *ends.lock().unwrap(),
        [(session.id(), CloseReason::SlowReader)]
    );
}

#[test]
fn an_observer_may_ask_the_store() {
    let (clock, _) = Clock::stopped(SystemTime::UNIX_EPOCH);
    let place: Arc<Mutex<Option<Sessions>>> = Arc::default();
    let seen = place.clone();
    let left = Arc::new(Mutex::new(None));
    let count = left.clone();
    let sessions = Sessions::new(SessionConfig::production(), clock, move |_, _| {
        *count.lock().unwrap() = seen.lock().unwrap().as_ref().map(Sessions::len);
    });
    *place.lock().unwrap() = Some(sessions.clone());
    let session = sessions.open(&principal(1), HOME).unwrap().session;
    sessions.close(session.id(), CloseReason::Deleted);
    assert_eq!(*left.lock().unwrap(), Some(0));
}

#[test]
fn many_threads_open_and_close_and_nothing_is_left_over() {
    let (sessions, _, ends) = store(SessionConfig::production());
    let opened: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=8u8)
            .map(|number| {
                let sessions = &sessions;
                scope.spawn(move || {
                    let address = IpAddr::from([10, 0, 0, number % 2]);
                    let open = |_| sessions.open(&principal(number), address).ok();
                    let mine: Vec<_> = (0..30).filter_map(open).collect();
                    for opened in &mine {
                        assert!(sessions.close(opened.session.id(), CloseReason::Deleted));
                    }
                    mine.len()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert!(opened >= 60);
    assert_eq!((sessions.len(), ends.lock().unwrap().len()), (0, opened));
    assert!(sessions.open(&principal(1), [10, 0, 0, 1].into()).is_ok());
}

// S13, S15
#[test]
fn whatever_happens_a_token_of_one_session_never_enters_another() {
    let (sessions, hands, _) = store(SessionConfig {
        most: 30,
        ..SessionConfig::development()
    });
    let (run, _) = RunToken::generate().unwrap();
    let development = Development::new(run, &sessions, AuthConfig::default());
    let guard = development.require_or_open_session(Scope::Mcp, |_| true);
    let request = http::Request::get("/mcp").header("host", "localhost");
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    head.extensions.insert(crate::auth::client("127.0.0.1"));
    let Verdict::Pass(anonymous) = guard.check(&mut head) else {
        panic!("a local client was refused");
    };
    let mut random = Random::new(99);
    let mut known: Vec<(SessionId, String)> = Vec::new();
    for _ in 0..2_000 {
        match random.below(5) {
            0 | 1 => {
                if let Ok(opened) = sessions.open(&anonymous, HOME) {
                    let token = opened.token.unwrap().expose().to_owned();
                    known.push((opened.session.id(), token));
                }
            }
            2 if !known.is_empty() => {
                let (id, _) = random.pick(&known);
                sessions.close(*id, CloseReason::Deleted);
            }
            3 => hands.advance(Duration::from_secs(random.bits() % 60)),
            _ => {}
        }
        if known.is_empty() {
            continue;
        }
        let (own, token) = random.pick(&known).clone();
        let (other, _) = random.pick(&known).clone();
        if let Verified::Valid(guest) = sessions.verify(token.as_bytes(), sessions.clock().now()) {
            let found = sessions.get(&other.to_string(), &guest);
            assert_eq!(found.is_ok(), own == other);
            if own != other {
                assert_eq!(found.unwrap_err(), Missed::ForeignToken);
            }
        }
        assert!(sessions.len() <= 30);
    }
}
