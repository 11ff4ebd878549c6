//! The options of `--to auto`.

use clap::Args;
use tonl_convert::choose::{ChoiceSettings, Form};
use tonl_tokens::Encoding;

/// When another form than JSON is worth it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of --to auto")]
pub(crate) struct ChoiceArgs {
    /// Keep compact JSON unless another form saves so many percent of its tokens
    #[arg(long, value_name = "PERCENT", default_value = "10")]
    min_saving: f64,

    /// Keep compact JSON unless another form saves so many tokens
    #[arg(long, value_name = "TOKENS", default_value = "32")]
    min_saved_tokens: u64,

    /// Try TOON too
    #[arg(long)]
    try_toon: bool,
}

impl ChoiceArgs {
    /// The settings of the choice.
    pub(crate) fn settings(&self, encoding: Encoding) -> ChoiceSettings {
        let mut settings = ChoiceSettings::new(encoding);
        settings.min_percent = self.min_saving;
        settings.min_tokens = self.min_saved_tokens;
        if self.try_toon {
            settings.forms.push(Form::Toon);
        }
        settings
    }
}
