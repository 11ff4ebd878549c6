//! The prompts: texts that a person puts before a model.

use crate::arguments::{Arguments, clipped};
use crate::config::ToolConfig;
use crate::guide::PRIMER;
use crate::outcome::Failure;
use crate::work::Work;
use serde_json::{Map, Value, json};
use std::io::Write as _;
use tonl_convert::choose::{ChoiceSettings, smallest};
use tonl_convert::counting::Model;
use tonl_convert::{Format, Input, Job};

/// One prompt, as a client lists it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PromptDefinition {
    /// The name it is asked for by.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its arguments; all of them are strings.
    pub arguments: Vec<PromptArgument>,
}

/// One argument of a prompt.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PromptArgument {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// Whether it has to be given.
    pub required: bool,
}

/// A prompt with its arguments filled in: one message of the user.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Prompt {
    /// What it is for.
    pub description: &'static str,
    /// The text of the message.
    pub text: String,
}

/// Why a prompt was not given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// There is none of this name.
    #[error("Prompt {0} not found")]
    Unknown(String),
    /// The arguments are not valid, or the data in them is not.
    #[error("{0}")]
    Invalid(String),
    /// The call was given up.
    #[error("the call was stopped")]
    Stopped,
}

impl From<Failure> for PromptError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Invalid(text) | Failure::Failed(text) => Self::Invalid(text),
            Failure::Stopped(_) => Self::Stopped,
        }
    }
}

impl PromptDefinition {
    /// The definition as the protocol's JSON.
    pub fn to_json(&self) -> Value {
        let arguments: Vec<Value> = self
            .arguments
            .iter()
            .map(|argument| {
                json!({
                    "name": argument.name,
                    "description": argument.description,
                    "required": argument.required,
                })
            })
            .collect();
        json!({
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "arguments": arguments,
        })
    }
}

pub(crate) const READ: &str = "read_tonl";
pub(crate) const ANSWER: &str = "compress_and_answer";

const READ_FOR: &str = "What a model has to know to read TONL";
const ANSWER_FOR: &str =
    "A question about data, with the data in the form that costs the fewest tokens";

pub(crate) fn definitions() -> Vec<PromptDefinition> {
    let argument = |name, description, required| PromptArgument {
        name,
        description,
        required,
    };
    vec![
        PromptDefinition {
            name: READ,
            title: "Read TONL",
            description: READ_FOR,
            arguments: Vec::new(),
        },
        PromptDefinition {
            name: ANSWER,
            title: "Compress data and answer",
            description: ANSWER_FOR,
            arguments: vec![
                argument("data", "JSON, NDJSON, YAML, CSV or TONL", true),
                argument("question", "What is asked about the data", true),
                argument("model", "Whose tokens count", false),
            ],
        },
    ]
}

pub(crate) fn get(
    config: &ToolConfig,
    name: &str,
    arguments: Map<String, Value>,
    work: &Work,
) -> Result<Prompt, PromptError> {
    let mut arguments = Arguments::new(arguments);
    match name {
        READ => {
            arguments.finish(READ)?;
            Ok(Prompt {
                description: READ_FOR,
                text: PRIMER.to_owned(),
            })
        }
        ANSWER => {
            let data = arguments.required_string("data");
            let question = arguments.required_string("question");
            let model = arguments.model("model");
            arguments.finish(ANSWER)?;
            Ok(Prompt {
                description: ANSWER_FOR,
                text: answer(config, &data, &question, model, work)?,
            })
        }
        _ => Err(PromptError::Unknown(clipped(name, 100))),
    }
}

/// The primer if it is needed, the data, and the question behind it.
fn answer(
    config: &ToolConfig,
    data: &str,
    question: &str,
    model: &Model,
    work: &Work,
) -> Result<String, Failure> {
    let input = Input::from_bytes("data", data.as_bytes());
    let from = input.format().map_err(|_unknown| {
        let text = "data: expected JSON, NDJSON, YAML, CSV or TONL, found another text";
        Failure::Failed(text.to_owned())
    })?;
    let mut job = Job::new(from, Format::Tonl);
    job.read.tonl.limits = config.limits;
    job.write.limits = config.limits;
    if let Some(privacy) = &config.privacy {
        let policy = privacy.clone().build();
        job.privacy = Some(policy.map_err(|error| Failure::Failed(error.to_string()))?);
    }
    let mut settings = ChoiceSettings::new(model.encoding());
    settings.forms.retain(|form| form.format() == Format::Tonl);
    let found = smallest(&work.input(input), &job, &settings);
    work.check()?;
    let found = found.map_err(|error| Failure::of(&error))?;
    let is_tonl = found.decision().form.format() == Format::Tonl;
    let mut text = work.watched(Vec::new(), config.max_result_bytes);
    if is_tonl {
        // What cannot be written is told by what is written next.
        let _told_below = write!(text, "{PRIMER}\n\n");
    }
    let written = found.write(&mut text);
    work.check()?;
    written.map_err(|error| Failure::of(&error))?;
    let text = String::from_utf8(text.into_inner()).unwrap_or_default();
    Ok(format!("{text}\n{question}"))
}
