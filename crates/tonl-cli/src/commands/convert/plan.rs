//! What `tonl convert` will do, decided before anything is opened for writing.

use crate::args::convert::ConvertArgs;
use crate::failure::{Failure, Result};
use crate::sources::{self, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tonl_convert::{Compression, Format};

/// One conversion as far as names tell; formats that only the content shows are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) input: Source,
    pub(super) output: Target,
    pub(super) from: Option<Format>,
}

/// Where one result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Standard,
    /// A file that the command line names.
    Named(PathBuf),
    /// A file named after the input, in this folder: the extension follows from the format.
    Derived(PathBuf),
}

/// Every conversion of a command line.
///
/// # Errors
/// Arguments that contradict each other, and what [`sources::expand`] reports.
pub(super) fn plan(args: &ConvertArgs) -> Result<Vec<Plan>> {
    if let Some(folder) = &args.target.output_dir {
        return into_folder(args, folder);
    }
    match args.paths.as_slice() {
        [input] => {
            let sources = sources::expand(std::slice::from_ref(input))?;
            Ok(sources
                .into_iter()
                .map(|source| beside(args, source))
                .collect())
        }
        [input, output] if !sources::is_pattern(input) => {
            let sources = sources::expand(std::slice::from_ref(input))?;
            let target = named(output);
            let plans = sources
                .into_iter()
                .map(|source| one(args, source, target.clone()));
            Ok(plans.collect())
        }
        _ => Err(several()),
    }
}

/// The file that a derived target means, now that the format is known.
pub(crate) fn derived(place: &Path, to: Format) -> PathBuf {
    let name = place.file_name().map_or(place, Path::new);
    let mut stem = Compression::strip_extension(name).to_path_buf();
    if Format::from_path(&stem).is_some() {
        stem.set_extension("");
    }
    let extension = to.extensions().first().copied().unwrap_or_default();
    let mut file = stem.into_os_string();
    file.push(".");
    file.push(extension);
    place.with_file_name(file)
}

/// The format to write: what is asked for, what the output's name says, or the other direction.
///
/// # Errors
/// An output whose extension is unknown.
pub(super) fn to_format(asked: Option<Format>, output: &Target, from: Format) -> Result<Format> {
    let usual = if from == Format::Tonl {
        Format::Json
    } else {
        Format::Tonl
    };
    if let Some(format) = asked {
        return Ok(format);
    }
    let Target::Named(path) = output else {
        return Ok(usual);
    };
    match Format::from_path(path) {
        Some(format) => Ok(format),
        None if path.extension().is_none() || path.starts_with("/dev") => Ok(usual),
        None => {
            let message = format!("{}: the extension names no format", path.display());
            Err(Failure::new(message).with_hint(format!(
                "supported: .{}; or name the format with --to",
                supported().join(", .")
            )))
        }
    }
}

fn supported() -> Vec<&'static str> {
    let all = Format::ALL.iter();
    all.flat_map(|format| format.extensions())
        .copied()
        .collect()
}

fn several() -> Failure {
    Failure::configuration("several inputs need --output-dir")
        .with_hint("tonl convert a.json b.json --output-dir out")
}

fn named(output: &Path) -> Target {
    if sources::is_dash(output) {
        Target::Standard
    } else {
        Target::Named(output.into())
    }
}

fn one(args: &ConvertArgs, input: Source, output: Target) -> Plan {
    let named = args.from.map(Format::from);
    let from = named.or_else(|| Format::from_path(&input.path));
    Plan {
        input,
        output,
        from,
    }
}

fn beside(args: &ConvertArgs, input: Source) -> Plan {
    let output = if input.is_standard_input() {
        Target::Standard
    } else {
        Target::Derived(input.path.clone())
    };
    one(args, input, output)
}

fn into_folder(args: &ConvertArgs, folder: &Path) -> Result<Vec<Plan>> {
    let mut plans = Vec::new();
    let mut taken: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for source in sources::expand(&args.paths)? {
        if source.is_standard_input() {
            return Err(Failure::configuration(
                "standard input has no name for --output-dir",
            ));
        }
        let place = folder.join(&source.below);
        let key = derived(&place, Format::Tonl);
        if let Some(other) = taken.insert(key, source.path.clone()) {
            return Err(Failure::configuration(format_args!(
                "{} and {} would become the same file in {}",
                other.display(),
                source.path.display(),
                folder.display()
            )));
        }
        plans.push(one(args, source, Target::Derived(place)));
    }
    Ok(plans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_name_loses_its_compression_and_its_format() {
        for (place, to, file) in [
            ("a/b.json", Format::Tonl, "a/b.tonl"),
            ("a/b.json.gz", Format::Tonl, "a/b.tonl"),
            ("b.v2.tonl", Format::Json, "b.v2.json"),
            ("b", Format::Yaml, "b.yaml"),
            ("notes.2026", Format::Tonl, "notes.2026.tonl"),
        ] {
            assert_eq!(derived(Path::new(place), to), Path::new(file));
        }
    }

    #[test]
    fn the_direction_follows_from_the_output_or_turns_around() {
        let yaml = Target::Named("x.yaml.gz".into());
        assert_eq!(to_format(None, &yaml, Format::Tonl).unwrap(), Format::Yaml);
        let open = Target::Standard;
        assert_eq!(to_format(None, &open, Format::Tonl).unwrap(), Format::Json);
        assert_eq!(to_format(None, &open, Format::Csv).unwrap(), Format::Tonl);
        let asked = Some(Format::Ndjson);
        assert_eq!(
            to_format(asked, &open, Format::Csv).unwrap(),
            Format::Ndjson
        );
    }

    #[test]
    fn an_unknown_extension_is_refused_with_the_known_ones() {
        let target = Target::Named("x.docx".into());
        let failure = to_format(None, &target, Format::Json).unwrap_err();
        assert!(failure.hints()[0].contains(".json"), "{failure:?}");
    }
}
