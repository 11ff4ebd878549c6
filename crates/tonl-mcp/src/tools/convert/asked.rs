//! What a call of `convert_to_tonl` asks for, checked.

use super::super::Tool;
use crate::arguments::{Arguments, FlagOrStrings};
use crate::config::{TextForm, ToolConfig};
use crate::flatten::flatten;
use crate::json::{self, Counted, MOST_VALUES, ValueSink};
use crate::outcome::Failure;
use crate::references::{Opened, Reference};
use crate::toolbox::Around;
use serde_json::Value;
use std::sync::Arc;
use tonl_convert::counting::Model;
use tonl_convert::privacy::{FieldPath, Mode, Policy, PolicyBuilder};
use tonl_convert::tonl::Types;
use tonl_convert::{Format, Input, Job, Label, Profile, ReadSettings, source};

/// The arguments of a call.
pub(super) struct Asked {
    source: Source,
    name: Label,
    types: Types,
    flatten_nested: bool,
    pub(super) include_stats: bool,
    policy: Option<Policy>,
    pub(super) model: &'static Model,
    profile: Profile,
    pub(super) text_form: TextForm,
}

/// Where the data is.
enum Source {
    /// In the call.
    Data(Value),
    /// Somewhere else.
    Named(Reference),
}

impl Asked {
    pub(super) fn of(config: &ToolConfig, mut arguments: Arguments) -> Result<Self, Failure> {
        let source = place(config, &mut arguments);
        let label = "1 to 256 letters, digits, '_' or '-'";
        let name = arguments.parsed("name", label).unwrap_or_default();
        let mut options = arguments.object("options");
        let policy = policy(config, &mut options);
        let types = if options.flag("optimize", true) {
            Types::Auto
        } else {
            Types::Always
        };
        let profiles = Profile::NAMES.join(", ");
        let asked = Self {
            source,
            name,
            types,
            flatten_nested: options.flag("flattenNested", false),
            include_stats: options.flag("includeStats", true),
            policy,
            model: options.model("model"),
            profile: options
                .parsed("profile", &profiles)
                .unwrap_or(config.profile),
            text_form: text_form(config, &mut arguments),
        };
        arguments.close(options);
        arguments.finish(Tool::Convert.name())?;
        Ok(asked)
    }

    /// The data, ready to be converted.
    pub(super) fn open(&mut self, around: Around<'_>) -> Result<Opened, Failure> {
        let work = around.work;
        let data = match std::mem::replace(&mut self.source, Source::Data(Value::Null)) {
            Source::Data(data) => data,
            Source::Named(reference) => {
                let opened = reference.open(around)?;
                if !self.flatten_nested {
                    return Ok(opened);
                }
                value_of(&opened, around)?
            }
        };
        let data = if self.flatten_nested {
            flatten(data)?
        } else {
            data
        };
        let text: Arc<str> = json::compact(&data, work)?.into();
        Ok(Opened {
            input: Input::from_bytes("data", Arc::clone(&text)),
            format: Format::Json,
            limits: around.config.limits,
            compact: Some(text),
        })
    }

    /// The conversion of this data that is asked for.
    pub(super) fn job(&self, config: &ToolConfig, opened: &Opened) -> Job {
        let mut job = Job::new(opened.format, Format::Tonl);
        job.read.tonl.limits = opened.limits;
        job.write.limits = config.limits;
        job.write.label = self.name.clone();
        job.write.profile = self.profile;
        // The look of 1.0.0 has types, whatever is asked for.
        if self.profile != Profile::Classic {
            job.write.types = self.types;
        }
        job.privacy.clone_from(&self.policy);
        job
    }
}

/// Reads data that is somewhere else as a value.
fn value_of(opened: &Opened, around: Around<'_>) -> Result<Value, Failure> {
    let mut settings = ReadSettings::default();
    settings.tonl.limits = opened.limits;
    let input = around.work.input(opened.input.clone());
    let mut value = ValueSink::default();
    let read = source::read(
        opened.format,
        &input,
        &settings,
        &mut Counted::at_most(MOST_VALUES, &mut value, around.work),
    );
    around.work.check()?;
    read.map_err(|error| Failure::of(&error))?;
    Ok(value.into_value())
}

/// Where the data is; exactly one place has to be named.
fn place(config: &ToolConfig, arguments: &mut Arguments) -> Source {
    let data = arguments.any("data");
    let mut named = Vec::new();
    for (name, reference) in references(config) {
        named.extend(arguments.string(name).map(reference));
    }
    let names: Vec<&str> = references(config)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    match (data, named.pop()) {
        (Some(data), None) => {
            let depth = config.limits.depth();
            if json::is_deeper(&data, depth) {
                let problem = format!("expected at most {depth} levels of nesting, found more");
                arguments.problem("data", &problem);
            }
            Source::Data(data)
        }
        (None, Some(reference)) if named.is_empty() => Source::Named(reference),
        (None, None) => {
            let expected = match names.join(", ") {
                names if names.is_empty() => "expected a JSON value, found nothing".to_owned(),
                names => format!("expected a JSON value, or one of {names}; found nothing"),
            };
            arguments.problem("data", &expected);
            Source::Data(Value::Null)
        }
        _ => {
            let names = names.join(", ");
            arguments.problem(
                "data",
                &format!("expected one of data, {names}; found several"),
            );
            Source::Data(Value::Null)
        }
    }
}

/// A place of data: the argument that names it, and what its value is.
pub(super) type Place = (&'static str, fn(String) -> Reference);

/// What a call may name instead of bringing data along.
pub(super) fn references(config: &ToolConfig) -> Vec<Place> {
    let mut open: Vec<Place> = Vec::new();
    if config.references.has_paths() {
        open.push(("path", Reference::Path));
    }
    if config.references.has_urls() {
        open.push(("url", Reference::Url));
    }
    if config.budget.is_set() {
        open.push(("resource", Reference::Resource));
    }
    open
}

fn text_form(config: &ToolConfig, arguments: &mut Arguments) -> TextForm {
    if config.lists_shapes() {
        return config.text_form;
    }
    let Some(name) = arguments.string("resultFormat") else {
        return config.text_form;
    };
    TextForm::from_name(&name).unwrap_or_else(|| {
        let names = TextForm::NAMES.join(" or ");
        arguments.problem("resultFormat", &format!("expected {names}, found {name:?}"));
        config.text_form
    })
}

/// What is hidden: by the configuration first, so that no call can weaken it.
fn policy(config: &ToolConfig, options: &mut Arguments) -> Option<Policy> {
    let redacted = options.strings("anonymize");
    let mask = options.flag_or_strings("mask");
    let mode = match mask {
        FlagOrStrings::Flag(true) => Mode::Mask,
        _ => Mode::Redact,
    };
    if matches!(mask, FlagOrStrings::Flag(true)) && redacted.is_empty() {
        options.problem(
            "mask",
            "expected fields to mask, in mask or in anonymize, found none",
        );
    }
    let mut asked = listed(Policy::builder(), "anonymize", &redacted, mode, options);
    if let FlagOrStrings::Strings(masked) = mask {
        asked = listed(asked, "mask", &masked, Mode::Mask, options);
    }
    let builder = match &config.privacy {
        Some(own) => own.clone().then(asked),
        None => asked,
    };
    if builder.is_empty() {
        return None;
    }
    builder
        .build()
        .map_err(|error| options.problem("anonymize", &error.to_string()))
        .ok()
}

fn listed(
    mut builder: PolicyBuilder,
    option: &str,
    fields: &[String],
    mode: Mode,
    options: &mut Arguments,
) -> PolicyBuilder {
    for (at, field) in fields.iter().enumerate() {
        match field.parse::<FieldPath>() {
            Ok(path) => builder = builder.rule(path, mode),
            Err(error) => options.problem(&format!("{option}[{at}]"), &error.to_string()),
        }
    }
    builder
}
