//! Arguments, checked by hand: every problem is named by its field, with what was expected and what
//! was found, so that a model can correct itself in one step.
//!
//! A field is taken by the name and kind it must have; what is not there, or `null`, is its default.
//! Fields that nobody took are problems too. The trap: a field must be taken before
//! [`Arguments::finish`], or it counts as unknown.

use crate::json::{self, Counted, MOST_VALUES, ValueSink};
use crate::message::ArgumentsText;
use crate::outcome::Failure;
use crate::work::Work;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::str::FromStr;
use tonl_convert::counting::Model;
use tonl_convert::tonl::{self, Limits};

/// The arguments of a call, read or still to be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Given {
    /// They are read.
    Values(Map<String, Value>),
    /// They are the text of a JSON object.
    Text(ArgumentsText),
}

impl From<Map<String, Value>> for Given {
    fn from(values: Map<String, Value>) -> Self {
        Self::Values(values)
    }
}

impl Given {
    /// How many bytes they have as JSON.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Values(values) => json::length(values),
            Self::Text(text) => text.as_bytes().len() as u64,
        }
    }

    /// The arguments, with all their digits, as long as the call may go on.
    pub(crate) fn read(self, work: &Work) -> Result<Map<String, Value>, Failure> {
        let text = match self {
            Self::Values(values) => return Ok(values),
            Self::Text(text) => text,
        };
        let mut sink = ValueSink::default();
        let mut counted = Counted::at_most(MOST_VALUES, &mut sink, work);
        let read = tonl::json::parse(text.as_bytes(), &Limits::default(), &mut counted);
        work.check()?;
        read.map_err(|error| Failure::Invalid(format!("arguments: {error}")))?;
        match sink.into_value() {
            Value::Object(members) => Ok(members),
            _ => Ok(Map::new()),
        }
    }
}

/// The members of one object of arguments.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// Where the object stands: empty, or its path with a full stop behind it.
    prefix: String,
    members: Map<String, Value>,
    known: Vec<&'static str>,
    problems: Vec<String>,
}

/// More problems than these are counted and not told.
const MOST_PROBLEMS: usize = 20;

/// So many characters of a value are shown.
const SHOWN: usize = 50;

impl Arguments {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self {
            prefix: String::new(),
            members,
            known: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A value of any kind, `null` included.
    pub(crate) fn any(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.members.shift_remove(name)
    }

    /// A string.
    pub(crate) fn string(&mut self, name: &'static str) -> Option<String> {
        match self.optional(name)? {
            Value::String(text) => Some(text),
            other => self.wrong(name, "a string", &other),
        }
    }

    /// A string that has to be there; empty after a problem.
    pub(crate) fn required_string(&mut self, name: &'static str) -> String {
        let before = self.problems.len();
        let text = self.string(name);
        if text.is_none() && self.problems.len() == before {
            self.problem(name, "expected a string, found nothing");
        }
        text.unwrap_or_default()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        match self.optional(name) {
            None => default,
            Some(Value::Bool(value)) => value,
            Some(other) => self.wrong(name, "a boolean", &other).unwrap_or(default),
        }
    }

    /// A list of strings; a single string stands for a list of one.
    pub(crate) fn strings(&mut self, name: &'static str) -> Vec<String> {
        match self.optional(name) {
            None => Vec::new(),
            Some(value) => self.strings_of(name, value),
        }
    }

    /// A boolean, or a list of strings.
    pub(crate) fn flag_or_strings(&mut self, name: &'static str) -> FlagOrStrings {
        match self.optional(name) {
            None => FlagOrStrings::Flag(false),
            Some(Value::Bool(value)) => FlagOrStrings::Flag(value),
            Some(value) => FlagOrStrings::Strings(self.strings_of(name, value)),
        }
    }

    fn strings_of(&mut self, name: &'static str, value: Value) -> Vec<String> {
        let items = match value {
            Value::Array(items) => items,
            Value::String(text) => return vec![text],
            other => {
                return self
                    .wrong(name, "an array of strings", &other)
                    .unwrap_or_default();
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                other => self.problem(
                    &format!("{name}[{at}]"),
                    &format!("expected a string, found {}", found(&other)),
                ),
            }
        }
        texts
    }

    /// A string that is read as `T`.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Option<T> {
        let text = self.string(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let text = found(&Value::String(text));
            self.problem(name, &format!("expected {expected}, found {text}"));
        }
        parsed
    }

    /// The name of a model; the usual one if there is none.
    pub(crate) fn model(&mut self, name: &'static str) -> &'static Model {
        let model = self.string(name).and_then(|text| match Model::find(&text) {
            Ok(model) => Some(model),
            Err(unknown) => {
                self.problem(name, &clipped(&unknown.to_string(), 4 * SHOWN));
                None
            }
        });
        model.unwrap_or_else(Model::default_model)
    }

    /// The members of an object; none if it is not there. Give them back to [`Arguments::close`].
    pub(crate) fn object(&mut self, name: &'static str) -> Self {
        let members = match self.optional(name) {
            None => Map::new(),
            Some(Value::Object(members)) => members,
            Some(other) => self.wrong(name, "an object", &other).unwrap_or_default(),
        };
        Self {
            prefix: format!("{}{name}.", self.prefix),
            ..Self::new(members)
        }
    }

    /// Takes over the problems of an object inside this one.
    pub(crate) fn close(&mut self, mut inner: Self) {
        inner.refuse_unknown();
        self.problems.append(&mut inner.problems);
    }

    /// Adds a problem that lies in the value of a field.
    pub(crate) fn problem(&mut self, name: &str, problem: &str) {
        self.problems
            .push(format!("{}{name}: {problem}", self.prefix));
    }

    /// Whether there is no problem.
    ///
    /// # Errors
    /// All problems, in words for the caller.
    pub(crate) fn finish(mut self, tool: &str) -> Result<(), Failure> {
        self.refuse_unknown();
        if self.problems.is_empty() {
            return Ok(());
        }
        let mut text =
            format!("MCP error -32602: Input validation error: Invalid arguments for tool {tool}:");
        for problem in self.problems.iter().take(MOST_PROBLEMS) {
            text.push_str("\n- ");
            text.push_str(problem);
        }
        if let Some(more) = self.problems.len().checked_sub(MOST_PROBLEMS + 1) {
            // Writing to a string never fails.
            let _never: std::fmt::Result = write!(text, "\n- and {} more", more + 1);
        }
        Err(Failure::Invalid(text))
    }

    fn optional(&mut self, name: &'static str) -> Option<Value> {
        self.any(name).filter(|value| !value.is_null())
    }

    fn wrong<T>(&mut self, name: &str, expected: &str, value: &Value) -> Option<T> {
        self.problem(
            name,
            &format!("expected {expected}, found {}", found(value)),
        );
        None
    }

    fn refuse_unknown(&mut self) {
        let names: Vec<String> = self.members.keys().cloned().collect();
        for name in names {
            let near = |known: &&&str| strsim::jaro_winkler(known, &name) > 0.8;
            let problem = match self.known.iter().find(near) {
                Some(known) => format!("no such argument; did you mean {known}?"),
                None if self.known.is_empty() => "no such argument".to_owned(),
                None => format!("no such argument; there are {}", self.known.join(", ")),
            };
            self.problem(&clipped(&name, SHOWN), &problem);
        }
    }
}

/// A field that is a boolean or a list of strings.
#[derive(Debug)]
pub(crate) enum FlagOrStrings {
    Flag(bool),
    Strings(Vec<String>),
}

/// What a value is, in a few words.
fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(number) => format!("the number {}", clipped(&number.to_string(), SHOWN)),
        Value::String(text) => format!("the string {:?}", clipped(text, SHOWN)),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The first characters of a text, with `…` behind them if there are more.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn arguments(value: &Value) -> Arguments {
        Arguments::new(value.as_object().cloned().unwrap())
    }

    fn problems(arguments: Arguments) -> Vec<String> {
        let Err(Failure::Invalid(text)) = arguments.finish("t") else {
            return Vec::new();
        };
        text.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn what_is_missing_or_null_is_the_default() {
        let mut given = arguments(&json!({ "a": null, "b": null }));
        assert!(given.flag("a", true) && !given.flag("c", false));
        assert_eq!(given.string("b"), None);
        assert!(given.strings("d").is_empty());
        assert_eq!(given.model("model").name, Model::default_model().name);
        let options = given.object("options");
        given.close(options);
        assert!(given.finish("t").is_ok());
    }

    #[test]
    fn every_problem_is_told_with_its_path() {
        let mut given = arguments(&json!({
            "text": 5, "options": { "list": ["a", 1.5, {}], "flag": "yes", "fleg": 1 }, "zzz": 0,
        }));
        assert_eq!(given.required_string("text"), "");
        assert_eq!(given.required_string("other"), "");
        let mut options = given.object("options");
        assert_eq!(options.strings("list"), ["a"]);
        assert!(options.flag("flag", true));
        given.close(options);
        assert_eq!(
            problems(given),
            [
                "- text: expected a string, found the number 5",
                "- other: expected a string, found nothing",
                "- options.list[1]: expected a string, found the number 1.5",
                "- options.list[2]: expected a string, found an object",
                "- options.flag: expected a boolean, found the string \"yes\"",
                "- options.fleg: no such argument; did you mean flag?",
                "- zzz: no such argument; there are text, other, options",
            ]
        );
    }

    #[test]
    fn an_unknown_model_is_answered_with_the_nearest() {
        let mut given = arguments(&json!({ "model": "gpt-5o" }));
        given.model("model");
        let problem = problems(given).concat();
        assert!(
            problem.contains("model: expected the name of a model, found"),
            "{problem}"
        );
        assert!(problem.contains("the nearest are"), "{problem}");
    }

    #[test]
    fn long_values_and_many_problems_are_cut() {
        let long = "ä".repeat(200);
        let mut given = arguments(&json!({ "n": long }));
        given.flag("n", false);
        let problem = problems(given).concat();
        assert!(
            problem.ends_with("ä…\"") && problem.chars().count() < 120,
            "{problem}"
        );
        let many: Vec<Value> = (0..50).map(Value::from).collect();
        let mut given = arguments(&json!({ "list": many }));
        given.strings("list");
        let problems = problems(given);
        assert_eq!(problems.len(), MOST_PROBLEMS + 1);
        assert_eq!(problems.last().unwrap(), "- and 30 more");
    }
}
