//! The options of conversions about tokens.

use super::model::ModelArgs;
use crate::failure::Result;
use clap::Args;
use tonl_tokens::Model;

/// Whether tokens are counted, and whose.
#[derive(Clone, Debug, Args)]
pub(crate) struct TokenArgs {
    /// Count the tokens of the result and of the same data as compact JSON
    #[arg(short, long)]
    stats: bool,

    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

impl TokenArgs {
    /// The model, if tokens are to be counted: asked for, or implied by a model's name.
    ///
    /// # Errors
    /// A name that no model has.
    pub(crate) fn counted(&self) -> Result<Option<&'static Model>> {
        match self.model.named()? {
            None if self.stats => Ok(Some(Model::default_model())),
            named => Ok(named),
        }
    }
}
