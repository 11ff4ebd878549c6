//! Prints what a hit of the rate limit and a check of a token cost, in nanoseconds. Run it with
//! `cargo run --release -p tonl-layers --example access_cost` on a machine at rest.
#![expect(clippy::print_stdout, reason = "printing figures is all that it does")]

use http::{Request, header};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonl_layers::auth::{AnyOf, AuthConfig, Authenticator, RunToken, Verifier};
use tonl_layers::rate_limit::{Algorithm, Class, Key, Memory, RateLimitConfig};
use tonl_layers::session::{SessionConfig, Sessions};
use tonl_layers::{Clock, Defence, Identity, Principal, Scope, Scopes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Sessions come first: their memory is measured on a heap that has no holes yet.
    sessions()?;
    auth()?;
    for algorithm in [Algorithm::FixedWindow, Algorithm::Gcra] {
        rate_limit(algorithm)?;
    }
    Ok(())
}

/// The mean time of a call, in nanoseconds.
fn nanoseconds(calls: u32, mut call: impl FnMut(u32)) -> u128 {
    let start = Instant::now();
    for number in 0..calls {
        call(number);
    }
    start.elapsed().as_nanos() / u128::from(calls)
}

fn key(number: u32) -> Key {
    Key::address(IpAddr::V4(Ipv4Addr::from_bits(number)))
}

fn rate_limit(algorithm: Algorithm) -> Result<(), Box<dyn std::error::Error>> {
    let config = RateLimitConfig {
        algorithm,
        ..RateLimitConfig::default()
    };
    let Ok(class) = Class::try_from(config) else {
        return Err("the default class is not valid".into());
    };
    let memory = Memory::new(&class);
    let time = |number: u32| Duration::from_micros(u64::from(number));
    let few = nanoseconds(2_000_000, |n| {
        black_box(memory.count(key(n % 64), time(n)));
    });
    let full = nanoseconds(2_000_000, |n| {
        black_box(memory.count(key(n.wrapping_mul(0x9E37_79B9)), time(n)));
    });
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let memory = &memory;
            scope.spawn(move || {
                for n in 0..500_000 {
                    black_box(memory.count(key(thread * 16 + n % 16), time(n)));
                }
            });
        }
    });
    let contended = start.elapsed().as_nanos() / 2_000_000;
    println!(
        "rate limit {algorithm:?}: {few} ns a hit of 64 clients, {full} ns with a full table, \
         {contended} ns of wall time a hit from 4 threads"
    );
    Ok(())
}

fn auth() -> Result<(), Box<dyn std::error::Error>> {
    let clock = Clock::system();
    let (run, token) = RunToken::generate()?;
    let sessions = Sessions::new(SessionConfig::development(), clock.clone(), |_, _| {});
    let verifiers: Vec<Arc<dyn Verifier>> = vec![Arc::new(run), Arc::new(sessions)];
    let verifier = Arc::new(AnyOf::new(verifiers));
    let guard = Authenticator::new(verifier, AuthConfig::default(), clock).require(Scope::Mcp);
    for (what, token) in [("good", token.expose()), ("wrong", "0123456789abcdef")] {
        let line = format!("Bearer {token}");
        let request = Request::builder().header(header::AUTHORIZATION, line);
        let (mut head, ()) = request.body(())?.into_parts();
        let cost = nanoseconds(500_000, |_| {
            black_box(guard.check(&mut head));
        });
        println!("auth: {cost} ns for a {what} token, two verifiers");
    }
    Ok(())
}

fn sessions() -> Result<(), Box<dyn std::error::Error>> {
    let config = SessionConfig {
        most: 10_000,
        most_per_address: 10_000,
        ..SessionConfig::production()
    };
    let sessions = Sessions::new(config, Clock::system(), |_, _| {});
    let principal = Principal::token("bench", Identity::new([1; 32]), Scopes::all());
    let before = resident()?;
    let mut ids = Vec::with_capacity(10_000);
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let start = Instant::now();
    for _ in 0..10_000 {
        ids.push(sessions.open(&principal, address)?.session.id().to_string());
    }
    let open = start.elapsed().as_nanos() / 10_000;
    let bytes = resident()?.saturating_sub(before) * 1_024 / 10_000;
    let get = nanoseconds(1_000_000, |n| {
        let id = usize::try_from(n).unwrap_or(0) % ids.len();
        if let Some(id) = ids.get(id) {
            let _session = black_box(sessions.get(id, &principal));
        }
    });
    println!("sessions: {open} ns to open, {get} ns to find one of 10000, {bytes} bytes each");
    Ok(())
}

/// Resident memory in KiB; 0 where the system does not tell.
fn resident() -> Result<u64, Box<dyn std::error::Error>> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return Ok(0);
    };
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(words.unwrap_or("0").parse()?)
}
