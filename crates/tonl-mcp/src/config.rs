//! What the tools are allowed and how their results look. Plain values: who reads settings checks
//! them.

use crate::references::References;
use std::time::Duration;
use tonl_convert::Profile;
use tonl_convert::privacy::PolicyBuilder;
use tonl_convert::tonl::Limits;
use tonl_telemetry::Clock;

/// How the tools work. The default opens nothing: data comes with the call or not at all.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ToolConfig {
    /// What a client finds in the text of a result.
    pub text_form: TextForm,
    /// Whether results carry structured content beside their text.
    pub structured: Structured,
    /// The look of TONL if a call names none.
    pub profile: Profile,
    /// What is hidden whatever a call asks for; its rules come before those of the call.
    pub privacy: Option<PolicyBuilder>,
    /// What is read and written at most.
    pub limits: Limits,
    /// The most bytes of text that a result may have.
    pub max_result_bytes: usize,
    /// How many items a page of a list has.
    pub page_items: usize,
    /// What is sent of a large result at most; the rest is read as a resource.
    pub budget: Budget,
    /// How large results are kept.
    pub results: ResultLimits,
    /// What calls may name instead of bringing data along.
    pub references: References,
    /// What tells the age of kept results.
    pub clock: Clock,
}

/// How much of a result is sent at once. Nothing set: all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// The most characters.
    pub chars: Option<usize>,
    /// The most tokens, of the model that a call names.
    pub tokens: Option<u64>,
}

/// How results that are too large to send are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultLimits {
    /// How long.
    pub lifetime: Duration,
    /// The most bytes of all of them together.
    pub total_bytes: usize,
    /// The most bytes of one identity.
    pub identity_bytes: usize,
    /// How many of them.
    pub most: usize,
    /// The most characters of a page.
    pub page_chars: usize,
}

impl Default for ResultLimits {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(15 * 60),
            total_bytes: 64 << 20,
            identity_bytes: 16 << 20,
            most: 1_000,
            page_chars: 20_000,
        }
    }
}

impl Default for ToolConfig {
    fn default() -> Self {
        Self {
            text_form: TextForm::Json,
            structured: Structured::With,
            profile: Profile::Compact,
            privacy: None,
            limits: Limits::default(),
            max_result_bytes: 50 << 20,
            page_items: 100,
            budget: Budget::default(),
            results: ResultLimits::default(),
            references: References::default(),
            clock: Clock::system(),
        }
    }
}

impl ToolConfig {
    /// Whether every result carries structured content of a known shape. Only then are shapes
    /// listed, and only otherwise may a call choose the form of its text: a strict client refuses a
    /// result that lacks what was listed.
    pub(crate) fn lists_shapes(&self) -> bool {
        self.text_form == TextForm::Json && self.structured == Structured::With
    }
}

/// The text of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextForm {
    /// JSON over several lines, as TONL-MCP Bridge 1.0.0 gives it.
    #[default]
    Json,
    /// What costs a model the fewest tokens: TONL alone where TONL is the result, else compact JSON.
    Tonl,
}

impl TextForm {
    /// The names, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["json", "tonl"];

    /// The form of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "tonl" => Some(Self::Tonl),
            _ => None,
        }
    }
}

/// Whether results carry structured content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Structured {
    /// They do.
    #[default]
    With,
    /// Text alone, for hosts that give a model both and count it twice.
    Without,
}
