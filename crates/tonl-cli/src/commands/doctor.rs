//! `tonl doctor`: the security checklist, answered.

use super::serve;
use crate::args::serve::{DoctorArgs, SetupArgs};
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::Result;
use crate::output::Output;
use crate::render::Voice;
use crate::serving::Purpose;
use crate::serving::access::Tokens;
use crate::serving::checklist::{Finding, Level};
use crate::serving::examination::examined;
use crate::serving::plan::Plan;
use serde_json::json;
use std::fmt::Write as _;

/// How the checklist is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A line an item.
    Text,
    /// JSON.
    Json,
}

/// What may be found without an exit code of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearable {
    /// Warnings.
    Warnings,
    /// Nothing: `--strict`.
    Nothing,
}

impl Bearable {
    /// As it was asked for.
    pub(crate) fn of(setup: &SetupArgs) -> Self {
        if setup.strict {
            Self::Nothing
        } else {
            Self::Warnings
        }
    }
}

/// Prints the checklist.
///
/// # Errors
/// Settings that are not valid.
pub(crate) fn run(args: &DoctorArgs, env: Env, voice: Voice) -> Result<Exit> {
    let plan = serve::plan(&args.setup, Purpose::Check, env, voice)?;
    let form = if args.json { Form::Json } else { Form::Text };
    report(&plan, form, Bearable::of(&args.setup))
}

/// Prints the checklist of a plan; the exit code is 1 if an item fails, in strict checks also for a
/// warning.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn report(plan: &Plan, form: Form, bearable: Bearable) -> Result<Exit> {
    let findings = examined(plan);
    let worst = findings.iter().map(|finding| finding.level).max();
    let text = match form {
        Form::Text => text(plan, &findings),
        Form::Json => format!("{:#}\n", as_json(plan, &findings)),
    };
    Output::stdout().write_whole(text.as_bytes())?;
    let most = match bearable {
        Bearable::Warnings => Level::Warn,
        Bearable::Nothing => Level::Ok,
    };
    Ok(if worst.is_some_and(|worst| worst > most) {
        Exit::Negative
    } else {
        Exit::Success
    })
}

fn title(plan: &Plan) -> &'static str {
    match plan.tokens {
        Tokens::Development => "development",
        Tokens::Of(_) => "production",
    }
}

fn text(plan: &Plan, findings: &[Finding]) -> String {
    let mut text = format!("Security checklist ({})\n", title(plan));
    for finding in findings {
        let _infallible = writeln!(text, "{finding}");
    }
    let count = |level| {
        findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    };
    let _infallible = writeln!(
        text,
        "{} OK, {} WARN, {} FAIL",
        count(Level::Ok),
        count(Level::Warn),
        count(Level::Fail)
    );
    text
}

fn as_json(plan: &Plan, findings: &[Finding]) -> serde_json::Value {
    let items: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "item": finding.item,
                "level": finding.level.as_str(),
                "found": finding.found,
                "advice": finding.advice,
            })
        })
        .collect();
    json!({ "mode": title(plan), "items": items })
}
