//! The option that names a language model.

use crate::failure::{Failure, Result};
use clap::Args;
use tonl_tokens::Model;

/// Whose tokens are counted.
#[derive(Clone, Debug, Args)]
pub(crate) struct ModelArgs {
    /// Count tokens for this model; `tonl models` lists them [default: gpt-5]
    #[arg(short, long, value_name = "MODEL")]
    model: Option<String>,
}

impl ModelArgs {
    /// The model that is named, or the usual one.
    ///
    /// # Errors
    /// A name that no model has.
    pub(crate) fn find(&self) -> Result<&'static Model> {
        Ok(self.named()?.unwrap_or_else(Model::default_model))
    }

    /// The model that is named, if one is.
    ///
    /// # Errors
    /// A name that no model has.
    pub(crate) fn named(&self) -> Result<Option<&'static Model>> {
        self.model.as_deref().map(find).transpose()
    }
}

/// The model of this name.
///
/// # Errors
/// A name that no model has.
pub(crate) fn find(name: &str) -> Result<&'static Model> {
    Model::find(name).map_err(|error| {
        let name = name.escape_debug();
        let failure = Failure::configuration(format_args!("no model is called {name}"));
        match error.nearest.as_slice() {
            [] => failure.with_hint("`tonl models` lists all of them"),
            near => failure.with_hint(format!("did you mean {}?", near.join(", "))),
        }
    })
}
