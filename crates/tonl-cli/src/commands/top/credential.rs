//! Where the bearer token comes from: the options first, then the environment, and never two at once.

use crate::args::top::{TokenPlace, TopArgs};
use crate::env;
use crate::failure::{Failure, Result, reason};
use crate::render::Voice;
use crate::token::{MAX_BYTES, Token, Unfit};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use zeroize::Zeroizing;

const VALUE: &str = "TONL_AUTH_TOKEN";
const FILE: &str = "TONL_AUTH_TOKEN_FILE";

/// The token to send; nothing if there is none.
///
/// # Errors
/// A source that cannot be read or holds no token, or two of them in the environment.
pub(super) fn token(args: &TopArgs, voice: Voice) -> Result<Option<Token>> {
    let found = match (&args.token_file, &args.token) {
        (Some(path), _) | (None, Some(TokenPlace::File(path))) => of_file("--token-file", path)?,
        (None, Some(TokenPlace::Input)) => of_input()?,
        (None, Some(TokenPlace::Argument(token))) => {
            voice.warn(
                "other users of this machine can see arguments, so also the token after --token; \
                 use --token-file, --token - or TONL_AUTH_TOKEN",
            );
            token.clone().map_err(|unfit| refused("--token", unfit))?
        }
        (None, None) => return of_environment(),
    };
    Ok(Some(found))
}

fn of_environment() -> Result<Option<Token>> {
    match (env::variable(VALUE), env::variable(FILE)) {
        (Some(_), Some(_)) => Err(Failure::configuration(format!(
            "{VALUE} and {FILE} are both set"
        ))
        .with_hint("unset one of them")),
        (Some(value), None) => {
            let value = value
                .into_string()
                .map_err(|_| refused(VALUE, Unfit::Character))?;
            let token = Token::new(&Zeroizing::new(value));
            token.map(Some).map_err(|unfit| refused(VALUE, unfit))
        }
        (None, Some(path)) => of_file(FILE, Path::new(&path)).map(Some),
        (None, None) => Ok(None),
    }
}

fn of_file(source: &str, path: &Path) -> Result<Token> {
    let opened = File::open(path);
    let failed = |error: &io::Error| {
        let (path, reason) = (path.display(), reason(error));
        Failure::configuration(format!("{source}: cannot read {path}: {reason}"))
            .with_hint("name a file that holds the token and nothing else")
    };
    let file = opened.map_err(|error| failed(&error))?;
    read(source, file).map_err(|error| failed(&error))?
}

fn of_input() -> Result<Token> {
    let input = io::stdin();
    if input.is_terminal() {
        return Err(
            Failure::configuration("--token - reads standard input, which is a terminal")
                .with_hint("a token typed there could be seen; use --token-file"),
        );
    }
    let failed = |error: io::Error| {
        let reason = reason(&error);
        Failure::configuration(format!(
            "cannot read the token from standard input: {reason}"
        ))
    };
    read("standard input", input.lock()).map_err(failed)?
}

fn read(source: &str, from: impl Read) -> io::Result<Result<Token>> {
    let mut text = Zeroizing::new(String::new());
    from.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(Token::new(&text).map_err(|unfit| refused(source, unfit)))
}

fn refused(source: impl Display, unfit: Unfit) -> Failure {
    let failure = Failure::configuration(format!("{source}: {unfit}"));
    failure.with_hint(match unfit {
        Unfit::Empty => "give the token of the server, or leave this out; is a variable not set?",
        Unfit::Character => "a token is one line of letters, digits and -._~+/",
    })
}
