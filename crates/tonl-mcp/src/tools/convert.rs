//! `convert_to_tonl`: any JSON value as TONL, with what that saves.
//!
//! The saving is that of the text sent: the tokens of the TONL as it stands in the result, against
//! the same data as compact JSON. Where a policy hides values, both are counted without them. What
//! the whole text of the result costs, with what stands around the TONL, is beside it in `_meta`.

use super::{Tool, counting, figures};
use crate::arguments::{Arguments, FlagOrStrings};
use crate::config::{Structured, TextForm, ToolConfig};
use crate::definition::{Annotations, ToolDefinition, object, properties};
use crate::flatten::flatten;
use crate::json;
use crate::outcome::{Content, Failure, ToolResult};
use crate::preview::Rest;
use crate::resources::TONL_TYPE;
use crate::toolbox::Around;
use crate::work::Work;
use serde_json::{Map, Value, json};
use tonl_convert::counting::{Baseline, Model, Savings};
use tonl_convert::privacy::{FieldPath, Findings, Mode, Policy, PolicyBuilder};
use tonl_convert::tonl::Types;
use tonl_convert::{Format, Input, Job, Label, Profile, Report, convert, tokens};

pub(super) fn definition(config: &ToolConfig) -> ToolDefinition {
    let mut input = properties([
        (
            "data",
            json!({
                "type": ["array", "object", "string", "number", "boolean", "null"],
                "description": "JSON value, not a string of JSON",
            }),
        ),
        (
            "name",
            json!({ "type": "string", "default": Label::default().as_str() }),
        ),
        ("options", options(config)),
    ]);
    if !config.lists_shapes() {
        let form = json!({ "type": "string", "enum": TextForm::NAMES });
        input.insert("resultFormat".to_owned(), form);
    }
    ToolDefinition {
        name: Tool::Convert.name(),
        title: "Convert JSON to TONL",
        description: "Convert JSON data to TONL format. Loses nothing; a table of records takes \
                      fewer tokens than JSON, a few records may take more (savings are then negative)."
            .to_owned(),
        input_schema: object(input, &["data"]),
        output_schema: config.lists_shapes().then(|| output(config)),
        annotations: Annotations::COMPUTES,
    }
}

fn options(config: &ToolConfig) -> Value {
    let flag = |default: bool| json!({ "type": "boolean", "default": default });
    let paths = json!({ "type": "array", "items": { "type": "string" }, "description": "Fields to redact: email, user.ssn, **.card" });
    let mask = json!({
        "type": ["boolean", "array"],
        "items": { "type": "string" },
        "description": "Mask instead: true for the fields of anonymize, or own fields",
    });
    let options = properties([
        (
            "optimize",
            json!({ "type": "boolean", "default": true, "description": "Leave out column types" }),
        ),
        ("flattenNested", flag(false)),
        ("includeStats", flag(true)),
        ("anonymize", paths),
        ("mask", mask),
        (
            "model",
            json!({ "type": "string", "default": Model::default_model().name }),
        ),
        (
            "profile",
            json!({ "type": "string", "enum": Profile::NAMES, "default": config.profile.as_str() }),
        ),
    ]);
    let mut schema = object(options, &[]);
    if let Some(members) = schema.as_object_mut() {
        members.insert("default".to_owned(), json!({}));
    }
    schema
}

/// The shapes of the four figures.
pub(super) fn figures_shape() -> Map<String, Value> {
    let integer = || json!({ "type": "integer" });
    properties([
        ("originalTokens", integer()),
        ("compressedTokens", integer()),
        ("savedTokens", integer()),
        ("savingsPercent", json!({ "type": "number" })),
    ])
}

fn output(config: &ToolConfig) -> Value {
    let mut shape = properties([
        ("tonl", json!({ "type": "string" })),
        ("stats", object(figures_shape(), &[])),
    ]);
    if config.budget.is_set() {
        shape.insert("preview".to_owned(), json!({ "type": "object" }));
    }
    object(shape, &["tonl"])
}

/// The arguments of a call.
struct Asked {
    data: Value,
    name: Label,
    types: Types,
    flatten_nested: bool,
    include_stats: bool,
    policy: Option<Policy>,
    model: &'static Model,
    profile: Profile,
    text_form: TextForm,
}

impl Asked {
    fn of(config: &ToolConfig, mut arguments: Arguments) -> Result<Self, Failure> {
        let data = arguments.any("data");
        if data.is_none() {
            arguments.problem("data", "expected a JSON value, found nothing");
        }
        let data = data.unwrap_or_default();
        let depth = config.limits.depth();
        if json::is_deeper(&data, depth) {
            let problem = format!("expected at most {depth} levels of nesting, found more");
            arguments.problem("data", &problem);
        }
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
            data,
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

    fn job(&self, config: &ToolConfig) -> Job {
        let mut job = Job::new(Format::Json, Format::Tonl);
        job.read.tonl.limits = config.limits;
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

pub(super) fn call(around: Around<'_>, arguments: Arguments) -> Result<ToolResult, Failure> {
    let Around { config, work, .. } = around;
    let mut asked = Asked::of(config, arguments)?;
    let mut data = std::mem::take(&mut asked.data);
    if asked.flatten_nested {
        data = flatten(data)?;
    }
    let text = json::compact(&data, work)?;
    drop(data);
    let job = asked.job(config);
    let input = Input::from_bytes("data", text);
    let (tonl, report) = written(&input, &job, config, work)?;
    let savings = if asked.include_stats {
        Some(savings(&input, &job, &asked, &tonl, work)?)
    } else {
        None
    };
    let mut result = Answer {
        tonl,
        savings,
        report,
    };
    let rest = result.shorten(around, asked.model)?;
    let counted = result.savings.is_some();
    let mut result = result.shown(config, asked.text_form, rest.as_ref());
    if counted {
        add_sent_tokens(&mut result, asked.model, work)?;
    }
    Ok(result)
}

/// What the text costs a model as it is sent: as JSON, its line ends and quotes are escaped, and the
/// figures stand in it. That is for a program to know, and not for the model that pays for it.
fn add_sent_tokens(result: &mut ToolResult, model: &Model, work: &Work) -> Result<(), Failure> {
    let text = result
        .content
        .first()
        .and_then(Content::as_text)
        .unwrap_or_default();
    let tokens = model
        .of_encoding(work.count(model, text.as_bytes())?)
        .tokens;
    if let Some(Value::Object(counting)) = result.meta.get_mut("counting") {
        counting.insert("sentTokens".to_owned(), tokens.into());
    }
    Ok(())
}

/// The text of TONL. The line end behind it says nothing and is left out, but for the look of 1.0.0.
fn written(
    input: &Input,
    job: &Job,
    config: &ToolConfig,
    work: &Work,
) -> Result<(String, Report), Failure> {
    // Two passes, and both texts are counted.
    work.expect(3 * input.stored_bytes().unwrap_or_default());
    let mut tonl = work.watched(Vec::new(), config.max_result_bytes);
    let converted = convert(&work.input(input.clone()), &mut tonl, job);
    work.check()?;
    if tonl.is_full() {
        let most = config.max_result_bytes;
        return Err(Failure::Failed(format!(
            "expected at most {most} bytes of TONL, found more"
        )));
    }
    let report = converted.map_err(|error| Failure::of(&error))?;
    let mut tonl = tonl.into_inner();
    if job.write.profile != Profile::Classic {
        tonl.pop_if(|last| *last == b'\n');
    }
    // What is not UTF-8 is never written.
    Ok((String::from_utf8(tonl).unwrap_or_default(), report))
}

fn savings(
    input: &Input,
    job: &Job,
    asked: &Asked,
    tonl: &str,
    work: &Work,
) -> Result<Savings, Failure> {
    let counted =
        tokens::count_compact_json(&work.input(input.clone()), job, asked.model.encoding());
    work.check()?;
    let json = counted.map_err(|error| Failure::of(&error))?;
    let compressed = work.count(asked.model, tonl.as_bytes())?;
    Ok(Savings::new(
        asked.model,
        Baseline::CompactJson,
        json,
        compressed,
    ))
}

/// What is answered.
struct Answer {
    tonl: String,
    savings: Option<Savings>,
    report: Report,
}

impl Answer {
    /// Leaves the beginning of a text that is too large to send, and keeps all of it.
    fn shorten(&mut self, around: Around<'_>, model: &Model) -> Result<Option<Rest>, Failure> {
        let budget = around.config.budget;
        if !budget.is_passed(&self.tonl, model, around.work)? {
            return Ok(None);
        }
        let rest = Rest::keep(around.results, around.identity, TONL_TYPE, &self.tonl)?;
        let beginning = budget.beginning(&self.tonl, model, around.work)?;
        self.tonl.truncate(beginning.len());
        Ok(Some(rest))
    }

    fn shown(self, config: &ToolConfig, form: TextForm, rest: Option<&Rest>) -> ToolResult {
        let stats = self
            .savings
            .as_ref()
            .map(|savings| Value::Object(figures(savings)));
        let mut meta = Map::new();
        if let Some(savings) = &self.savings {
            meta.insert("counting".to_owned(), counting(savings));
        }
        if let Some(findings) = &self.report.privacy {
            meta.insert("privacy".to_owned(), hidden(findings));
        }
        let linked = rest.map(|rest| rest.content(&self.tonl, form));
        let mut members = Map::new();
        members.insert("tonl".to_owned(), self.tonl.clone().into());
        if let Some(stats) = &stats {
            members.insert("stats".to_owned(), stats.clone());
        }
        if let Some(rest) = rest {
            members.insert("preview".to_owned(), rest.shown(&self.tonl));
        }
        let value = Value::Object(members);
        let text = match form {
            TextForm::Json => json::pretty(&value),
            TextForm::Tonl => {
                if let Some(stats) = stats {
                    meta.insert("stats".to_owned(), stats);
                }
                self.tonl
            }
        };
        let structured = (config.structured == Structured::With).then_some(value);
        let mut result = ToolResult::done(text, structured);
        result.content.extend(linked.into_iter().flatten());
        result.meta = meta;
        result
    }
}

/// How often each rule hid something; never a value.
fn hidden(findings: &Findings) -> Value {
    let hits = findings.hits().map(|hits| {
        json!({ "rule": hits.origin.to_string(), "mode": hits.mode.to_string(), "count": hits.count })
    });
    Value::Array(hits.collect())
}
