//! `tonl privacy test`: what would a policy hide?
//!
//! The answer is data and goes to standard output: a table for people, or JSON. It holds counts,
//! record numbers and paths, never a value.

use crate::args::privacy::{PrivacyArgs, PrivacyCommand, TestArgs};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input;
use crate::output::Output;
use crate::policy::{self, shown};
use crate::render::Voice;
use crate::render::figures::{counted, grouped};
use serde_json::{Value, json};
use std::fmt::Write as _;
use tonl_convert::source::ReadSettings;
use tonl_privacy::{Findings, Hits};

/// Tries a policy out.
///
/// # Errors
/// Options that hide nothing, a policy that is not valid, a file that cannot be read.
pub(super) fn run(args: &PrivacyArgs, voice: Voice) -> Result<Exit> {
    match &args.command {
        PrivacyCommand::Test(args) => test(args, voice),
    }
}

fn test(args: &TestArgs, voice: Voice) -> Result<Exit> {
    let Some(policy) = policy::policy(&args.policy)? else {
        return Err(Failure::configuration("there is nothing to try out")
            .with_hint("say what to hide with --policy, --anonymize, --mask=FIELDS or --detect"));
    };
    let input = input::open(&args.file)?;
    let from = match args.from {
        Some(format) => format.into(),
        None => input::format(&input, &args.file)?,
    };
    let mut settings = ReadSettings::default();
    settings.tonl.limits = args.limits.limits();
    let findings = tonl_convert::inspect(&input, from, &settings, &policy)
        .map_err(|error| input::failed(&error, &args.file))?;
    let text = if args.json {
        format!("{}\n", value(input.name(), &findings))
    } else {
        table(&findings)
    };
    Output::stdout().write_whole(text.as_bytes())?;
    let hidden = counted(findings.count(), "value");
    voice.say(format_args!("{}: {hidden} would be hidden", input.name()));
    Ok(if findings.count() == 0 {
        Exit::Negative
    } else {
        Exit::Success
    })
}

/// A line for each rule and detector, and one below it for each place.
fn table(findings: &Findings) -> String {
    let mut out = row("hits", "first record", "mode", "rule");
    for hits in findings.hits() {
        let first = hits.first_record.map_or_else(|| "-".to_owned(), grouped);
        let rule = shown(&hits.origin.to_string());
        out += &row(&grouped(hits.count), &first, hits.mode.as_str(), &rule);
        for place in &hits.places {
            let path = format!("  at {}", shown(&place.path));
            out += &row(
                &grouped(place.count),
                &grouped(place.first_record),
                "",
                &path,
            );
        }
        if hits.elsewhere > 0 {
            out += &row(&grouped(hits.elsewhere), "", "", "  at other places");
        }
    }
    out
}

/// The rule is last: it may be long.
fn row(hits: &str, first: &str, mode: &str, rule: &str) -> String {
    let mut line = String::new();
    let _infallible = writeln!(line, "{hits:>9}  {first:>12}  {mode:6}  {rule}");
    line
}

fn value(file: &str, findings: &Findings) -> Value {
    let rules: Vec<Value> = findings.hits().map(rule_value).collect();
    json!({ "file": file, "hits": findings.count(), "rules": rules })
}

fn rule_value(hits: &Hits) -> Value {
    let mut rule = policy::hits_value(hits);
    let places: Vec<Value> = hits
        .places
        .iter()
        .map(|place| {
            json!({ "path": place.path, "hits": place.count, "first_record": place.first_record })
        })
        .collect();
    if let Value::Object(members) = &mut rule {
        members.insert("places".to_owned(), places.into());
        members.insert("elsewhere".to_owned(), hits.elsewhere.into());
    }
    rule
}
