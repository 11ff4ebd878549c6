//! `tonl healthcheck`: one request to a running server, for containers without other programs.

use crate::args::serve::HealthcheckArgs;
use crate::env;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::render::Voice;
use std::time::Duration;

/// Asks once.
///
/// # Errors
/// An address with a password. No answer is the negative finding.
pub(crate) fn run(args: &HealthcheckArgs, voice: Voice) -> Result<Exit> {
    if args.url.as_deref().is_some_and(|url| url.contains('@')) {
        // Nothing of the address is told.
        return Err(Failure::configuration(
            "--url has a user or a password in it: leave it out, no check needs one",
        ));
    }
    let url = args.url.clone().unwrap_or_else(|| {
        let port = env::variable("PORT").and_then(|port| port.into_string().ok());
        format!(
            "http://127.0.0.1:{}/health",
            port.as_deref().unwrap_or("3000")
        )
    });
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(args.timeout)))
        .max_redirects(0)
        .build()
        .into();
    match agent.get(&url).call() {
        Ok(answer) if answer.status() == 200 => Ok(Exit::Success),
        Ok(answer) => {
            voice.fail(&Failure::new(format_args!(
                "{url} answers {}",
                answer.status()
            )));
            Ok(Exit::Negative)
        }
        Err(error) => {
            voice.fail(&Failure::new(format_args!(
                "{url} does not answer: {error}"
            )));
            Ok(Exit::Negative)
        }
    }
}
