//! Data that a call names instead of bringing it along, so that it need not pass through a model: a
//! file, a URL, or a resource of ours.
//!
//! Nothing is open unless the configuration opens it. What lies outside and what does not exist are
//! answered alike, so that nobody can feel around.

mod fetch;
#[cfg(unix)]
mod file;
mod http;

pub use fetch::{Fetch, FetchError, Fetched};
pub use http::{AllowedUrl, BadAllowedUrl, HttpFetch, Reach};

use crate::outcome::Failure;
use crate::resources;
use crate::toolbox::Around;
use crate::work::{Watched, Work};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tonl_convert::tonl::Limits;
use tonl_convert::{Format, Input};

/// What calls may name instead of bringing data along. The default opens nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct References {
    /// The folders whose files may be read, with all folders below them; hidden names and symbolic
    /// links are left out.
    pub roots: Vec<PathBuf>,
    /// What fetches URLs; without it there are none.
    pub fetch: Option<Arc<dyn Fetch>>,
    /// The most bytes of one file or answer, after decompression too.
    pub max_bytes: usize,
}

impl Default for References {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            fetch: None,
            max_bytes: 50 << 20,
        }
    }
}

impl References {
    /// Whether a call may name a file.
    pub(crate) fn has_paths(&self) -> bool {
        cfg!(unix) && !self.roots.is_empty()
    }

    /// Whether a call may name a URL.
    pub(crate) fn has_urls(&self) -> bool {
        self.fetch.is_some()
    }
}

/// Where data is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Path(String),
    Url(String),
    Resource(String),
}

/// Data that a call named.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) input: Input,
    pub(crate) format: Format,
    /// What is read of it at most: it may not grow beyond the limit when it is unpacked.
    pub(crate) limits: Limits,
    /// The same as compact JSON, where that is what it is.
    pub(crate) compact: Option<Arc<str>>,
}

impl Reference {
    /// Reads what is named, within the limits.
    pub(crate) fn open(&self, around: Around<'_>) -> Result<Opened, Failure> {
        let (name, bytes, format) = match self {
            Self::Path(path) => of_path(path, around)?,
            Self::Url(url) => of_url(url, around)?,
            Self::Resource(uri) => of_resource(uri, around)?,
        };
        let input = Input::from_bytes(name, bytes);
        let format = match format {
            Some(format) => format,
            None => input.format().map_err(|error| Failure::of(&error))?,
        };
        let mut limits = around.config.limits;
        let most = u64::try_from(around.config.references.max_bytes).unwrap_or(u64::MAX);
        limits.total_bytes = limits.total_bytes.min(most);
        Ok(Opened {
            input,
            format,
            limits,
            compact: None,
        })
    }
}

type Named = (String, Vec<u8>, Option<Format>);

fn of_path(path: &str, around: Around<'_>) -> Result<Named, Failure> {
    let references = &around.config.references;
    let name = || format!("path {path:?}");
    #[cfg(unix)]
    let opened = file::open(&references.roots, Path::new(path));
    #[cfg(not(unix))]
    let opened: Option<std::fs::File> = None;
    let file = opened.ok_or_else(|| {
        let expected = "expected a file in one of the open folders, found none";
        Failure::Failed(format!("{}: {expected}", name()))
    })?;
    let bytes = read(file, &name(), references.max_bytes, around.work)?;
    Ok((name(), bytes, Format::from_path(Path::new(path))))
}

fn of_url(url: &str, around: Around<'_>) -> Result<Named, Failure> {
    let references = &around.config.references;
    let name = format!("url {url:?}");
    around.work.check()?;
    let fetched = match &references.fetch {
        Some(fetch) => fetch.fetch(url, around.work.context()),
        None => Err(FetchError::NotAllowed),
    };
    around.work.check()?;
    let fetched = fetched.map_err(|error| Failure::Failed(format!("{name}: {error}")))?;
    let format = fetched.format(url);
    let bytes = read(fetched.body, &name, references.max_bytes, around.work)?;
    Ok((name, bytes, format))
}

fn of_resource(uri: &str, around: Around<'_>) -> Result<Named, Failure> {
    let whole = resources::whole(uri, around.results, around.identity);
    let (mime_type, text) = whole.ok_or_else(|| {
        let expected = "expected a resource of this server, found none";
        Failure::Failed(format!("resource {uri:?}: {expected}"))
    })?;
    let format = match mime_type {
        resources::TONL_TYPE => Some(Format::Tonl),
        resources::JSON_TYPE => Some(Format::Json),
        _ => None,
    };
    Ok(("resource".to_owned(), text.as_bytes().to_vec(), format))
}

/// Reads all there is, within a limit of bytes and as long as the call may go on.
fn read(from: impl Read, name: &str, most: usize, work: &Work) -> Result<Vec<u8>, Failure> {
    let mut text: Watched<Vec<u8>> = work.watched(Vec::new(), most);
    let enough = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let copied = io::copy(&mut from.take(enough), &mut text);
    work.check()?;
    if text.is_full() {
        return Err(Failure::Failed(format!(
            "{name}: expected at most {most} bytes, found more"
        )));
    }
    copied
        .map_err(|error| Failure::Failed(format!("{name}: cannot be read ({})", error.kind())))?;
    Ok(text.into_inner())
}
