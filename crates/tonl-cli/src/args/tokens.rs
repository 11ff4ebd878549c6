//! The options about tokens that commands share.

use crate::failure::{Failure, Result};
use clap::Args;
use tonl_tokens::Model;

/// Whether tokens are counted, and whose.
#[derive(Clone, Debug, Args)]
pub(crate) struct TokenArgs {
    /// Count the tokens of the result and of the same data as compact JSON
    #[arg(short, long)]
    pub(crate) stats: bool,

    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// Whose tokens are counted.
#[derive(Clone, Debug, Args)]
pub(crate) struct ModelArgs {
    /// Count tokens for this model; `tonl models` lists them [default: gpt-5]
    #[arg(short, long, value_name = "MODEL")]
    model: Option<String>,
}

impl TokenArgs {
    /// The model, if tokens are to be counted: asked for, or implied by a model's name.
    ///
    /// # Errors
    /// A name that no model has.
    pub(crate) fn counted(&self) -> Result<Option<&'static Model>> {
        if self.stats || self.model.model.is_some() {
            self.model.find().map(Some)
        } else {
            Ok(None)
        }
    }
}

impl ModelArgs {
    /// The model that is named, or the usual one.
    ///
    /// # Errors
    /// A name that no model has.
    pub(crate) fn find(&self) -> Result<&'static Model> {
        let Some(name) = &self.model else {
            return Ok(Model::default_model());
        };
        Model::find(name).map_err(|error| {
            let failure = Failure::configuration(format_args!("no model is called {name}"));
            match error.nearest.as_slice() {
                [] => failure.with_hint("`tonl models` lists all of them"),
                near => failure.with_hint(format!("did you mean {}?", near.join(", "))),
            }
        })
    }
}
