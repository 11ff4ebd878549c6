//! The options of the TONL writer that commands share.

use clap::{Args, ValueEnum};
use tonl::{Label, Profile, Types};

/// How TONL is written.
#[derive(Clone, Debug, Args)]
pub(crate) struct WritingArgs {
    /// Name of the data: 1 to 256 letters, digits, `_` or `-`
    #[arg(short, long, value_name = "NAME", default_value = "data")]
    pub(crate) name: Label,

    /// The look of the text: the smallest, one for simple readers, or that of version 1.0.0
    #[arg(long, value_name = "PROFILE", default_value = "compact")]
    pub(crate) profile: ProfileName,

    /// Which column types are written
    #[arg(long, value_name = "TYPES", default_value = "always")]
    pub(crate) types: TypesName,

    /// The same as --profile flat
    #[arg(long, conflicts_with = "profile")]
    pub(crate) flat: bool,
}

impl WritingArgs {
    /// The writer's options.
    pub(crate) fn options(&self, limits: tonl::Limits) -> tonl::WriteOptions {
        let mut options = tonl::WriteOptions::default();
        options.limits = limits;
        options.label = self.name.clone();
        options.profile = if self.flat {
            Profile::Flat
        } else {
            self.profile.into()
        };
        options.types = self.types.into();
        options
    }
}

/// A profile as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// The smallest text
    Compact,
    /// Without groups, tuples and keyed tables
    Flat,
    /// The look of version 1.0.0
    Classic,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Compact => Self::Compact,
            ProfileName::Flat => Self::Flat,
            ProfileName::Classic => Self::Classic,
        }
    }
}

/// A choice of types as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TypesName {
    /// A type for every column that has one
    Always,
    /// Only where it saves quotes
    Auto,
    /// No types
    Never,
}

impl From<TypesName> for Types {
    fn from(name: TypesName) -> Self {
        match name {
            TypesName::Always => Self::Always,
            TypesName::Auto => Self::Auto,
            TypesName::Never => Self::Never,
        }
    }
}
