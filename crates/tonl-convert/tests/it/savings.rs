//! What the choice of form saves on real data. Needs the folder that `TONL_CORPORA` names.

use std::path::PathBuf;
use tonl_convert::choose::{ChoiceSettings, Form, smallest};
use tonl_convert::{Format, Input, Job};
use tonl_tokens::Encoding;

/// The files of a folder of the corpora; none without the corpora.
fn files(folder: &str) -> Vec<PathBuf> {
    let Some(corpora) = crate::corpora() else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(corpora.join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder} has files");
    paths
}

/// Tokens of what is given out, as a share of those of compact JSON.
#[expect(clippy::cast_precision_loss, reason = "a share")]
fn share(path: &PathBuf, format: Format, encoding: Encoding) -> f64 {
    let input = Input::from_path(path).unwrap();
    let job = Job::new(format, Format::Json);
    let chosen = smallest(&input, &job, &ChoiceSettings::new(encoding)).unwrap();
    let json = chosen.decision().tokens(Form::Json).unwrap();
    assert_eq!(chosen.decision().sample, None);
    let mut text = Vec::new();
    chosen.write(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let tokens = encoding.count(text.strip_suffix('\n').unwrap_or(&text));
    assert!(tokens <= json, "{}: {tokens} of {json}", path.display());
    tokens as f64 / json as f64
}

#[test]
fn no_file_costs_more_than_json_and_all_together_a_quarter_less() {
    for encoding in Encoding::ALL {
        for path in files("ndjson") {
            share(&path, Format::Ndjson, encoding);
        }
        let paths = files("json");
        let logs: f64 = paths
            .iter()
            .map(|path| share(path, Format::Json, encoding).ln())
            .sum();
        let count = u32::try_from(paths.len()).unwrap();
        if count > 0 {
            let mean = (logs / f64::from(count)).exp();
            assert!(mean <= 0.75, "{}: {mean}", encoding.name());
        }
    }
}
