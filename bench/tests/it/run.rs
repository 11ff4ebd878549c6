use super::{bench, text};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A stand-in for `tonl` that turns each line into a row, and any array into `rows` rows.
fn stand_in(folder: &Path, rows: &str) -> PathBuf {
    let script = format!(
        r#"#!/bin/sh
row() {{ echo "data[]{{v}}:"; while read -r line; do echo " $line"; done; }}
case $1 in
    stream) if [ $# -gt 1 ]; then row <"$3" >"$5"; else row; fi ;;
    convert) {{ echo "data[{rows}]{{v}}:"; seq {rows} | sed 's/^/ /'; }} >"$3" ;;
esac
"#
    );
    let path = folder.join("tonl");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn run(tonl: &Path, words: &[&str]) -> (bool, String, serde_json::Value) {
    let json = tonl.with_file_name("figures.json");
    let fixed = [
        "run",
        "--shapes",
        "users",
        "--file-size",
        "2kB",
        "--rounds",
        "1",
    ];
    let paths = [
        "--tonl",
        tonl.to_str().unwrap(),
        "--json",
        json.to_str().unwrap(),
    ];
    let output = bench(&[&fixed[..], &paths, words].concat());
    let figures = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    (
        output.status.success(),
        text(&output.stdout) + &text(&output.stderr),
        figures,
    )
}

#[test]
fn a_missing_binary_is_said_in_each_table_and_ends_in_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (success, said, figures) = run(&folder.path().join("tonl"), &["--only", "memory,array"]);
    assert!(!success);
    assert!(
        said.contains("2 of 2 sections could not be measured"),
        "{said}"
    );
    assert!(said.contains("cargo build --release -p tonl-cli"), "{said}");
    assert!(figures["sections"][0]["gap"].is_string());
}

#[test]
fn an_array_with_all_rows_passes_and_one_with_too_few_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "generate",
        "users",
        "2kB",
        "--form",
        "array-line",
        "-o",
        "/dev/null",
    ];
    let summary = text(&bench(&words).stderr);
    let records = summary.split(' ').nth(1).unwrap().to_owned();
    for (rows, wrong) in [
        (records.as_str(), 0.0),
        ("3", 2.0 * (records.parse::<f64>().unwrap() - 3.0)),
    ] {
        let tonl = stand_in(folder.path(), rows);
        let (success, said, figures) = run(&tonl, &["--only", "array"]);
        assert!(success, "{said}");
        let figure = &figures["sections"][0]["rows"][0]["figures"]["rows wrong"];
        assert_eq!(figure["value"].as_f64(), Some(wrong), "{said}");
        assert_eq!(figure["met"].as_bool(), Some(wrong == 0.0));
    }
}

#[test]
fn memory_and_latency_give_a_figure_for_every_goal() {
    let folder = tempfile::tempdir().unwrap();
    let tonl = stand_in(folder.path(), "1");
    let (success, said, figures) = run(&tonl, &["--only", "memory,latency"]);
    assert!(success, "{said}");
    for section in figures["sections"].as_array().unwrap() {
        for row in section["rows"].as_array().unwrap() {
            for figure in row["figures"].as_object().unwrap().values() {
                assert!(
                    figure["value"].as_f64().is_some_and(|value| value > 0.0),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn a_pipe_that_is_closed_without_a_row_is_an_error_of_its_table() {
    let folder = tempfile::tempdir().unwrap();
    let tonl = stand_in(folder.path(), "1");
    fs::write(&tonl, "#!/bin/sh\nexec cat >/dev/null\n").unwrap();
    let (success, said, _) = run(&tonl, &["--only", "latency"]);
    assert!(
        !success && said.contains("the output was closed without a row"),
        "{said}"
    );
}
