//! Reads what is said of the settings: the files that hold some, and the environment.

use super::file::{self, Contents};
use super::layers::{self, Said};
use super::problem::Problems;
use crate::env;
use crate::failure::{Failure, Result};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The configuration file that is read if it is there.
const CONFIG: &str = "tonl.toml";

/// The files that were named.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Files<'a> {
    /// The configuration file instead of `tonl.toml`.
    pub(crate) config: Option<&'a Path>,
    /// The file of variables.
    pub(crate) env_file: Option<&'a Path>,
}

/// What is said, and the classes of rate limits. What is wrong inside `tonl.toml` is noted.
///
/// # Errors
/// Files that cannot be read, with exit code 64.
pub(crate) fn read(
    files: Files<'_>,
    flags: HashMap<String, String>,
    problems: &mut Problems,
) -> Result<(Said, Vec<toml::Table>)> {
    let env_file = match files.env_file {
        None => None,
        Some(path) => {
            let variables = layers::env_file(path).map_err(Failure::configuration)?;
            Some((path.to_owned(), variables))
        }
    };
    let (path, contents) = config(files.config, problems)?;
    let said = Said {
        flags,
        environment: env::variables(),
        env_file,
        file: Some((path, contents.keys)),
    };
    Ok((said, contents.classes))
}

/// What is said by flags, the environment and the file that was named, if one was.
///
/// # Errors
/// As [`read`].
pub(crate) fn named(
    file: Option<&Path>,
    flags: HashMap<String, String>,
    problems: &mut Problems,
) -> Result<Said> {
    let file = match file {
        None => None,
        Some(path) => {
            let (path, contents) = config(Some(path), problems)?;
            Some((path, contents.keys))
        }
    };
    Ok(Said {
        flags,
        environment: env::variables(),
        env_file: None,
        file,
    })
}

/// The configuration file: the one that was named, or the usual one if it is there.
fn config(named: Option<&Path>, problems: &mut Problems) -> Result<(PathBuf, Contents)> {
    let path = named.unwrap_or(Path::new(CONFIG)).to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            String::new()
        }
        Err(error) => {
            let reason = crate::failure::reason(&error);
            let message = format_args!("cannot read {}: {reason}", path.display());
            return Err(Failure::configuration(message));
        }
    };
    let contents = file::read(&path, &text, problems);
    Ok((path, contents))
}
