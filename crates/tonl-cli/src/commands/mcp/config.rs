//! `tonl mcp config`: what a client needs to know, as text.

use super::document::Document;
use super::entry::{self, Server, Setup};
use super::hosts::{Folders, Platform};
use crate::args::mcp::{ConfigArgs, HostName, ScopeName};
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;
use crate::render::Voice;

/// Prints the configuration, and says where it belongs.
///
/// # Errors
/// The address is none, or the output cannot be written.
pub(super) fn run(args: &ConfigArgs, voice: Voice) -> Result<Exit> {
    let server = Server::from_option(args.server.http.as_deref(), ScopeName::User)?;
    let setup = Setup::new(args.host, &server, Platform::current());
    let mut document = Document::empty(args.host.dialect());
    document.put(&setup)?;
    let exit = Output::stdout().write_whole(document.text().as_bytes())?;
    if args.host != HostName::Generic
        && let Ok(file) = args.host.file(ScopeName::User, &Folders::current())
    {
        voice.say(format_args!(
            "this belongs into {}; `tonl mcp install {}` puts it there",
            file.display(),
            args.host.argument()
        ));
    }
    tell(&server, &setup, voice);
    Ok(exit)
}

/// Says what a person has to do or to know about the token.
pub(super) fn tell(server: &Server, setup: &Setup, voice: Voice) {
    if let Some(advice) = entry::advice(setup) {
        voice.say(advice);
    }
    if let Server::Http(address) = server
        && address.is_clear()
    {
        voice.warn("the token travels without encryption: use https:// outside a trusted network");
    }
}
