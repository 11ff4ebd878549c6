//! The option that names a language model.

use clap::Args;
use tonl_tokens::model::DEFAULT;
use tonl_tokens::{Model, UnknownModel};

/// Which model counts and what it costs.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ModelArgs {
    /// The model that counts, by its name or an alias; `tonl models` lists them
    #[arg(short, long, value_name = "MODEL", default_value = DEFAULT, value_parser = find)]
    pub(crate) model: &'static Model,
}

/// An unknown name is a usage error that tells the nearest names.
fn find(name: &str) -> Result<&'static Model, UnknownModel> {
    Model::find(name)
}
