use super::*;
use crate::tokens::{Scope, Scopes};

const OVERLAP: Duration = Duration::from_secs(60);

fn token(text: &str) -> Token {
    Token {
        name: text.to_owned(),
        digest: Digest::of(text.as_bytes()),
        scopes: Scopes::all(),
        not_before: None,
        expires: None,
    }
}

fn set(texts: &[&str]) -> TokenSet {
    TokenSet::new(texts.iter().map(|text| token(text))).unwrap()
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn names(tokens: &[Arc<Token>]) -> Vec<&str> {
    tokens.iter().map(|token| token.name.as_str()).collect()
}

// S6
#[test]
fn a_replaced_token_is_valid_until_its_overlap_ends_and_is_swept_once() {
    let keyring = Keyring::new(set(&["old", "both"]));
    let change = keyring.install(set(&["both", "new"]), at(1000), OVERLAP);
    assert_eq!(
        (names(&change.added), names(&change.removed)),
        (vec!["new"], vec!["old"])
    );
    for (now, old) in [(1000, true), (1059, true), (1060, false), (9999, false)] {
        assert_eq!(keyring.verify(b"old", at(now)).is_some(), old, "at {now}");
        assert_eq!(keyring.digests_valid(&Digest::of(b"old"), at(now)), old);
        for kept in ["both", "new"] {
            let kept = keyring.verify(kept.as_bytes(), at(now)).unwrap();
            assert_eq!(kept.overlap_ends, None);
        }
    }
    let old = keyring.verify(b"old", at(1000)).unwrap();
    assert_eq!(old.overlap_ends, Some(at(1060)));
    assert_eq!(keyring.sweep(at(1059)), []);
    assert_eq!(keyring.sweep(at(1060)), [Digest::of(b"old")]);
    assert_eq!(keyring.sweep(at(1061)), []);
    assert!(keyring.verify(b"old", at(1000)).is_none());
}

// S6
#[test]
fn no_overlap_revokes_at_once_and_the_sweep_still_says_so() {
    let keyring = Keyring::new(set(&["old"]));
    keyring.install(set(&["new"]), at(1000), Duration::ZERO);
    assert!(keyring.verify(b"old", at(1000)).is_none());
    assert!(keyring.verify(b"new", at(1000)).unwrap().is_valid());
    assert_eq!(keyring.sweep(at(1000)), [Digest::of(b"old")]);
}

#[test]
fn a_token_that_comes_back_is_current_again() {
    let keyring = Keyring::new(set(&["one"]));
    keyring.install(set(&["two"]), at(0), OVERLAP);
    let change = keyring.install(set(&["one"]), at(10), OVERLAP);
    assert_eq!(
        (names(&change.added), names(&change.removed)),
        (vec!["one"], vec!["two"])
    );
    assert_eq!(keyring.verify(b"one", at(500)).unwrap().overlap_ends, None);
    assert_eq!(keyring.sweep(at(500)), [Digest::of(b"two")]);
}

#[test]
fn a_second_change_does_not_lengthen_an_overlap_but_can_end_it() {
    let keyring = Keyring::new(set(&["one"]));
    keyring.install(set(&["two"]), at(0), OVERLAP);
    keyring.install(set(&["three"]), at(50), OVERLAP);
    assert!(keyring.verify(b"one", at(59)).is_some());
    assert!(keyring.verify(b"one", at(60)).is_none());
    assert!(keyring.verify(b"two", at(109)).is_some());
    keyring.install(set(&["four"]), at(55), Duration::ZERO);
    for gone in ["one", "two", "three"] {
        assert!(keyring.verify(gone.as_bytes(), at(55)).is_none(), "{gone}");
    }
    assert_eq!(keyring.sweep(at(55)).len(), 3);
}

#[test]
fn a_clock_that_is_set_back_far_ends_the_overlap() {
    let keyring = Keyring::new(set(&["old"]));
    keyring.install(set(&["new"]), at(100_000), OVERLAP);
    assert!(keyring.verify(b"old", at(99_990)).is_some());
    assert!(keyring.verify(b"old", at(99_000)).is_none());
    assert_eq!(keyring.sweep(at(99_000)), [Digest::of(b"old")]);
}

#[test]
fn an_overlap_without_end_is_none() {
    let keyring = Keyring::new(set(&["old"]));
    keyring.install(set(&["new"]), at(1000), Duration::MAX);
    assert!(keyring.verify(b"old", at(1000)).is_none());
}

#[test]
fn changed_scopes_and_dates_are_in_force_at_once_and_are_no_new_token() {
    let keyring = Keyring::new(set(&["one"]));
    let ended = Token {
        expires: Some(at(5)),
        ..token("one")
    };
    let change = keyring.install(TokenSet::new([ended]).unwrap(), at(0), OVERLAP);
    assert!(change.added.is_empty() && change.removed.is_empty() && !change.is_empty());
    assert_eq!(names(&change.altered), ["one"]);
    assert_eq!(
        keyring.verify(b"one", at(6)).unwrap().verdict,
        Verdict::Expired
    );
    assert!(!keyring.digests_valid(&Digest::of(b"one"), at(6)));
    assert!(
        keyring
            .install(keyring.current(), at(7), OVERLAP)
            .is_empty()
    );
}

#[test]
fn an_expired_token_is_swept_once() {
    let ended = Token {
        expires: Some(at(5)),
        ..token("one")
    };
    let keyring = Keyring::new(TokenSet::new([ended, token("two")]).unwrap());
    assert_eq!(keyring.sweep(at(4)), []);
    assert_eq!(keyring.sweep(at(5)), [Digest::of(b"one")]);
    assert_eq!(keyring.sweep(at(6)), []);
}

// S6
#[test]
fn readers_see_the_old_or_the_new_set_and_never_none() {
    let keyring = Keyring::new(set(&["steady", "0"]));
    std::thread::scope(|scope| {
        let reading: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..2000).all(|_| keyring.verify(b"steady", at(0)).is_some())))
            .collect();
        for round in 1..500 {
            let name = round.to_string();
            keyring.install(set(&["steady", &name]), at(0), OVERLAP);
            keyring.sweep(at(0));
        }
        assert!(reading.into_iter().all(|reader| reader.join().unwrap()));
    });
}

// S6
#[test]
fn a_token_that_lost_a_scope_is_swept_once_and_found_as_it_is_now() {
    let keyring = Keyring::new(set(&["one", "two"]));
    let digest = Digest::of(b"one");
    let scopes = |names: &[Scope]| Token {
        scopes: names.iter().copied().collect(),
        ..token("one")
    };
    let install = |one| {
        let new = TokenSet::new([one, token("two")]).unwrap();
        keyring.install(new, at(10), OVERLAP)
    };
    install(scopes(&[Scope::Metrics]));
    let found = keyring.with_digest(&digest, at(10)).unwrap();
    assert!(found.is_valid() && !found.token.scopes.contains(Scope::Mcp));
    assert_eq!(keyring.sweep(at(10)), [digest]);
    assert_eq!(keyring.sweep(at(11)), []);
    install(scopes(&[Scope::Metrics, Scope::Mcp]));
    assert_eq!(keyring.sweep(at(11)), [], "one that opens more");
    let later = Token {
        not_before: Some(at(99)),
        ..scopes(&[Scope::Metrics, Scope::Mcp])
    };
    install(later);
    assert_eq!(keyring.sweep(at(12)), [digest], "one that waits again");
    install(scopes(&[Scope::Mcp]));
    keyring.install(set(&["two"]), at(20), Duration::ZERO);
    assert_eq!(keyring.sweep(at(20)), [digest], "once for both reasons");
    assert!(keyring.with_digest(&digest, at(20)).is_none());
}
