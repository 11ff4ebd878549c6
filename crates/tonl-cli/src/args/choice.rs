//! The options of `--to auto`.

use clap::Args;
use tonl_convert::choose::{ChoiceSettings, Form};
use tonl_tokens::Encoding;

/// When another form than JSON is worth it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of --to auto")]
pub(crate) struct ChoiceArgs {
    /// Keep compact JSON unless another form saves so many percent of its tokens
    /// [default: 10]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_saving: Option<f64>,

    /// Keep compact JSON unless another form saves so many tokens
    /// [default: 32]
    #[arg(long, value_name = "TOKENS")]
    min_saved_tokens: Option<u64>,

    /// Try TOON too
    #[arg(long)]
    try_toon: bool,
}

impl ChoiceArgs {
    /// Whether none of them is given.
    pub(crate) fn is_empty(&self) -> bool {
        self.min_saving.is_none() && self.min_saved_tokens.is_none() && !self.try_toon
    }

    /// The settings of the choice.
    pub(crate) fn settings(&self, encoding: Encoding) -> ChoiceSettings {
        let mut settings = ChoiceSettings::new(encoding);
        settings.min_percent = self.min_saving.unwrap_or(settings.min_percent);
        settings.min_tokens = self.min_saved_tokens.unwrap_or(settings.min_tokens);
        if self.try_toon {
            settings.forms.push(Form::Toon);
        }
        settings
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse().ok();
    percent
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "expected a number from 0 to 100".to_owned())
}
