//! `tonl token`: new tokens, and how strong an old one is.
//!
//! A token is never an argument: arguments are seen by everybody on the machine.

use crate::args::token::{CheckArgs, TokenArgs, TokenCommand};
use crate::exit::Exit;
use crate::failure::{Failure, Result, reason};
use crate::input::STANDARD_INPUT;
use crate::output::Output;
use crate::render::Voice;
use serde_json::json;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use tonl_secret::{Digest, RECOMMENDED_BITS, Scopes, Secret, Source, Strength, estimate, generate};
use zeroize::Zeroizing;

/// The longest token that is looked at, in bytes.
const MAX_INPUT: u64 = 64 * 1024;

/// Makes tokens or judges one.
///
/// # Errors
/// The system gives no random bytes, an output cannot be written, or standard input holds no token.
pub(super) fn run(args: &TokenArgs, voice: Voice) -> Result<Exit> {
    match (&args.command, &args.entry) {
        (Some(TokenCommand::Check(args)), _) => check(args, voice),
        (None, Some(name)) => entry(name, &args.scopes),
        (None, None) => print(args),
    }
}

fn print(args: &TokenArgs) -> Result<Exit> {
    let mut text = Zeroizing::new(String::with_capacity(256 * usize::from(args.count)));
    for number in 0..args.count {
        let (token, digest) = make()?;
        let token = token.as_str();
        // Writing into a string does not fail.
        let _written = match (args.json, args.sha256) {
            (true, _) => {
                let before = if number == 0 { "[" } else { "," };
                write!(
                    text,
                    "{before}\n  {{\"token\": \"{token}\", \"sha256\": \"{digest}\"}}"
                )
            }
            (false, true) => writeln!(text, "{token} {digest}"),
            (false, false) => writeln!(text, "{token}"),
        };
    }
    if args.json {
        text.push_str("\n]\n");
    }
    Output::stdout().write_whole(text.as_bytes())
}

/// Prints an entry, and before it the token: an entry whose token nobody has is of no use.
fn entry(name: &str, scopes: &[String]) -> Result<Exit> {
    let scopes = Scopes::from_names(scopes.iter().map(String::as_str)).map_err(|error| {
        Failure::configuration(format_args!("{name}: {error}"))
            .with_hint("leave mcp out to open single tools alone")
    })?;
    let names = scopes.names();
    let scopes: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let (token, digest) = make()?;
    writeln!(std::io::stderr(), "{}", *token).map_err(|error| {
        Failure::new(format_args!(
            "cannot write standard error: {}",
            reason(&error)
        ))
    })?;
    let text = format!(
        "[[token]]\nname = \"{name}\"\nsha256 = \"{digest}\"\nscopes = [{}]\n",
        scopes.join(", ")
    );
    Output::stdout().write_whole(text.as_bytes())
}

/// A new token and its digest, both in hexadecimal digits.
fn make() -> Result<(Zeroizing<String>, String)> {
    let token = generate::token().map_err(Failure::new)?;
    let text = String::from_utf8_lossy(token.expose()).into_owned();
    Ok((Zeroizing::new(text), Digest::of(token.expose()).to_hex()))
}

fn check(args: &CheckArgs, voice: Voice) -> Result<Exit> {
    let token = Secret::trimmed(read()?.as_slice());
    Source::Inline(token.clone()).read().map_err(|error| {
        Failure::new(format_args!("{STANDARD_INPUT}: {}", error.problem()))
            .with_hint(error.advice())
    })?;
    let strength = estimate(token.expose());
    let text = if args.json {
        format!("{}\n", report(strength))
    } else {
        let verdict = if strength.is_weak() {
            "weak"
        } else {
            "strong enough"
        };
        format!(
            "{verdict}: about {} bits, recommended are {RECOMMENDED_BITS}\n",
            strength.bits
        )
    };
    Output::stdout().write_whole(text.as_bytes())?;
    if !strength.is_weak() {
        return Ok(Exit::Success);
    }
    voice.warn("this token could be guessed: make a new one with `tonl token`");
    Ok(Exit::Negative)
}

fn report(strength: Strength) -> serde_json::Value {
    json!({
        "bits": strength.bits,
        "recommendedBits": RECOMMENDED_BITS,
        "weak": strength.is_weak(),
    })
}

fn read() -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    std::io::stdin()
        .lock()
        .take(MAX_INPUT)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            Failure::new(format_args!(
                "cannot read {STANDARD_INPUT}: {}",
                reason(&error)
            ))
        })?;
    Ok(bytes)
}
