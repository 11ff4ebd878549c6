//! Renewal with real files and the real watcher. Nothing here waits for a time to pass: every wait is
//! for a report, with a deadline that only a failure meets.

use crate::stand_in::StandIn;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tonl_secret::rotate::{Times, Watching};
use tonl_secret::source::{Address, PlainHttp, VaultToken};
use tonl_secret::{Keyring, Reload, Secret, Source, SourceErrorKind, TokenSet, Watch};

const NEVER: Duration = Duration::from_secs(3600);
const DEADLINE: Duration = Duration::from_secs(30);

/// Only events and pokes lead to a look.
const EVENTS: Times = Times {
    file_poll: NEVER,
    store_poll: NEVER,
    settle: Duration::from_millis(20),
};

struct Seen {
    watch: Watch,
    reports: Receiver<Reload>,
}

impl Seen {
    fn start(source: &Source, times: Times) -> Self {
        let (tell, reports) = channel();
        let first = source.read().unwrap();
        let report = move |reload| tell.send(reload).unwrap_or_default();
        let watch = Watch::start(source.clone(), first, times, report).unwrap();
        let seen = Self { watch, reports };
        if times == EVENTS {
            // The first look is over when the answer to a poke is here.
            seen.nothing_new();
        }
        seen
    }

    fn next(&self) -> Reload {
        self.reports.recv_timeout(DEADLINE).unwrap()
    }

    /// The next set; failures in between are not expected.
    fn changed_to(&self, token: &str) {
        match self.next() {
            Reload::Changed(set) => assert!(knows(&set, token), "{set:?}"),
            other => panic!("{other:?}"),
        }
    }

    /// The next set, after any other reports.
    fn changed_at_last_to(&self, token: &str) {
        loop {
            if let Reload::Changed(set) = self.next() {
                assert!(knows(&set, token), "{set:?}");
                return;
            }
        }
    }

    fn failed(&self) -> SourceErrorKind {
        match self.next() {
            Reload::Failed(error) => error.kind(),
            other => panic!("{other:?}"),
        }
    }

    /// A poke is answered with `Unchanged`, and no other report comes before.
    fn nothing_new(&self) {
        self.watch.poke();
        assert_eq!(self.next(), Reload::Unchanged);
    }
}

fn knows(set: &TokenSet, token: &str) -> bool {
    set.find(token.as_bytes(), SystemTime::now()).is_some()
}

fn token_file(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, content).unwrap();
    (folder, path)
}

fn replace(path: &Path, content: &str) {
    let fresh = path.with_extension("new");
    fs::write(&fresh, content).unwrap();
    fs::rename(&fresh, path).unwrap();
}

// S6, S41
#[test]
fn a_file_that_is_written_or_replaced_by_rename_is_read_again() {
    let (_folder, path) = token_file("one\n");
    let seen = Seen::start(&Source::File(path.clone()), EVENTS);
    assert_eq!(seen.watch.watching(), Watching::Events);
    fs::write(&path, "two\n").unwrap();
    // Writing begins with an empty file, and a busy machine may stop right there.
    seen.changed_at_last_to("two");
    replace(&path, "three\n");
    seen.changed_to("three");
    replace(&path, "four\n");
    seen.changed_to("four");
    seen.nothing_new();
}

// S6, S40, S41
#[test]
fn the_symlink_swap_of_kubernetes_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path();
    let version = |name: &str, token: &str| {
        fs::create_dir(mount.join(name)).unwrap();
        fs::write(mount.join(name).join("token"), token).unwrap();
        symlink(name, mount.join("..data_tmp")).unwrap();
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    };
    version("..2025_z", "one");
    symlink("..data/token", mount.join("token")).unwrap();
    let seen = Seen::start(&Source::File(mount.join("token")), EVENTS);
    version("..2026_a", "two");
    seen.changed_to("two");
    fs::remove_dir_all(mount.join("..2025_z")).unwrap();
    version("..2026_b", "three");
    seen.changed_to("three");
    version("..2026_c", "three");
    seen.nothing_new();
}

// S6, S59
#[test]
fn an_emptied_or_deleted_file_is_a_failure_and_the_last_set_stays() {
    let (_folder, path) = token_file("one");
    let source = Source::File(path.clone());
    let keyring = Keyring::new(source.read().unwrap());
    let seen = Seen::start(&source, EVENTS);
    fs::write(&path, "").unwrap();
    assert_eq!(seen.failed(), SourceErrorKind::Empty);
    assert!(keyring.verify(b"one", SystemTime::now()).is_some());
    replace(&path, "one");
    seen.nothing_new();
    fs::remove_file(&path).unwrap();
    assert_eq!(seen.failed(), SourceErrorKind::NotFound);
    replace(&path, "two");
    seen.changed_to("two");
    replace(&path, "two lines\nof text");
    assert_eq!(seen.failed(), SourceErrorKind::SeveralLines);
    replace(&path, "three");
    seen.changed_to("three");
}

// S6
#[test]
fn a_moment_of_emptiness_or_half_a_token_is_never_reported() {
    let (_folder, path) = token_file("token-0");
    let patient = Times {
        settle: Duration::from_secs(2),
        ..EVENTS
    };
    let (tell, reports) = channel();
    let source = Source::File(path.clone());
    let first = source.read().unwrap();
    let report = move |reload| tell.send(reload).unwrap_or_default();
    let _watch = Watch::start(source, first, patient, report).unwrap();
    for round in 1..=3 {
        fs::write(&path, "").unwrap();
        std::thread::yield_now();
        fs::write(&path, "tok").unwrap();
        std::thread::yield_now();
        fs::write(&path, format!("token-{round}")).unwrap();
    }
    match reports.recv_timeout(DEADLINE).unwrap() {
        Reload::Changed(set) => assert!(knows(&set, "token-3"), "{set:?}"),
        other => panic!("{other:?}"),
    }
}

// S6
#[test]
fn a_poke_and_the_poll_see_what_no_event_tells() {
    // The file is a link out of the watched folder: its target changes unseen.
    let (_elsewhere, target) = token_file("one");
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("token");
    symlink(&target, &link).unwrap();
    let poked = Seen::start(&Source::File(link.clone()), EVENTS);
    let poker = poked.watch.poker();
    replace(&target, "two");
    poker.poke();
    poked.changed_to("two");

    let polling = Times {
        file_poll: Duration::from_millis(20),
        ..EVENTS
    };
    let polled = Seen::start(&Source::File(link), polling);
    replace(&target, "three");
    loop {
        match polled.next() {
            Reload::Unchanged => {}
            Reload::Changed(set) => break assert!(knows(&set, "three")),
            Reload::Failed(error) => panic!("{error}"),
        }
    }
}

// S6
#[test]
fn a_folder_that_is_replaced_is_watched_again_after_a_poll() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("secrets");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("token");
    fs::write(&path, "one").unwrap();
    let polling = Times {
        file_poll: Duration::from_millis(50),
        ..EVENTS
    };
    let seen = Seen::start(&Source::File(path.clone()), polling);
    fs::rename(&inner, folder.path().join("old")).unwrap();
    fs::create_dir(&inner).unwrap();
    fs::write(&path, "two").unwrap();
    seen.changed_at_last_to("two");
}

// S6
#[test]
fn a_tokens_file_is_renewed_entry_by_entry() {
    let entry = |name: &str, value: &str| {
        format!("[[token]]\nname = \"{name}\"\nvalue = \"{value}\"\nscopes = [\"mcp\"]\n")
    };
    let (_folder, path) = token_file(&entry("ci", "one"));
    let source = Source::TokensFile(path.clone());
    let keyring = Keyring::new(source.read().unwrap());
    let seen = Seen::start(&source, EVENTS);
    replace(
        &path,
        &format!("{}{}", entry("ci", "one"), entry("ops", "two")),
    );
    let Reload::Changed(set) = seen.next() else {
        panic!("it did not change");
    };
    let change = keyring.install(set, SystemTime::now(), Duration::ZERO);
    let names: Vec<&str> = change
        .added
        .iter()
        .map(|token| token.name.as_str())
        .collect();
    assert_eq!((names, change.removed.len()), (vec!["ops"], 0));
    replace(&path, "not = [toml");
    assert_eq!(seen.failed(), SourceErrorKind::Syntax);
}

// S6, S43
#[test]
fn a_store_is_asked_again_by_poll_and_by_poke() {
    use std::io::Write;
    let mut number = 0;
    let store = StandIn::speaking(move |stream| {
        number += 1;
        // The first two answers are the same, every later one is new.
        let body = format!(r#"{{"data":{{"data":{{"t":"token-{}"}}}}}}"#, number.max(2));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let _gone = stream.write_all(format!("{head}{body}").as_bytes());
    });
    let address = Address::parse(&store.url(), PlainHttp::LoopbackOnly).unwrap();
    let url = Source::parse_url("vault://secret/tonl#t").unwrap();
    let source = url
        .with_vault(address, VaultToken::Value(Secret::from("v")))
        .unwrap();
    let seen = Seen::start(
        &source,
        Times {
            store_poll: Duration::from_millis(20),
            ..EVENTS
        },
    );
    assert_eq!(seen.watch.watching(), Watching::PollOnly);
    loop {
        match seen.next() {
            Reload::Unchanged => {}
            Reload::Changed(set) => break assert!(knows(&set, "token-3")),
            Reload::Failed(error) => panic!("{error}"),
        }
    }
}

// S6
#[test]
fn nothing_is_reported_after_the_watch_is_dropped() {
    let (_folder, path) = token_file("one");
    let Seen { watch, reports } = Seen::start(&Source::File(path.clone()), EVENTS);
    drop(watch);
    fs::write(&path, "two").unwrap();
    // The thread owned the sender: it has ended when the channel is closed.
    assert_eq!(
        reports.recv_timeout(DEADLINE),
        Err(RecvTimeoutError::Disconnected)
    );
}
