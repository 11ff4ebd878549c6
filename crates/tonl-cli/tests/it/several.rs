//! `tonl convert` with several inputs.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

fn three() -> Sandbox {
    Sandbox::with("in/a.json", "[{\"x\":1}]")
        .and("in/sub/b.json", "[{\"x\":2}]")
        .and("in/c.yaml", "- x: 3\n")
        .and("in/target/d.json", "[]")
        .and("in/node_modules/e.json", "[]")
        .and("in/old.tonl", "data[0]{}:\n")
}

#[test]
fn a_pattern_is_expanded_into_the_output_folder() {
    let sandbox = three();
    let outcome = sandbox.tonl(&["convert", "in/**/*", "--output-dir", "out"]);
    assert_snapshot!(outcome, @r#"
    exit 0
    --- stdout
    --- stderr
    in/a.json (json) -> out/a.tonl (tonl)
    1 row; 9 bytes -> 14 bytes, saved -55.6 %
    in/c.yaml (yaml) -> out/c.tonl (tonl)
    1 row; 7 bytes -> 14 bytes, saved -100.0 %
    in/sub/b.json (json) -> out/sub/b.tonl (tonl)
    1 row; 9 bytes -> 14 bytes, saved -55.6 %
    3 files converted, 0 failed
    "#);
    for name in ["out/a.tonl", "out/sub/b.tonl", "out/c.tonl"] {
        assert!(sandbox.path(name).is_file(), "{name}");
    }
    assert!(!sandbox.path("out/target").exists());
    assert!(!sandbox.path("out/old.json").exists());
}

#[test]
fn a_pattern_without_a_folder_converts_beside_the_sources() {
    let sandbox = three();
    assert_eq!(sandbox.tonl(&["convert", "in/*.json"]).code, Some(0));
    assert!(sandbox.path("in/a.tonl").is_file());
    assert!(!sandbox.path("in/sub/b.tonl").exists());
}

#[test]
fn one_file_that_fails_does_not_keep_the_others_from_being_converted() {
    let sandbox = three().and("in/broken.json", "[{]");
    let outcome = sandbox.tonl(&["convert", "in/*.json", "--output-dir", "out"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(
        outcome.stderr.contains("1 file converted, 1 failed"),
        "{outcome}"
    );
    assert!(sandbox.path("out/a.tonl").is_file());
    assert!(!sandbox.path("out/broken.tonl").exists());
}

#[test]
fn two_inputs_that_would_become_one_file_are_refused_before_anything_is_written() {
    let sandbox = three().and("in/a.yaml", "- x: 4\n");
    assert_snapshot!(sandbox.tonl(&["convert", "in/a.*", "--output-dir", "out"]), @r#"
    exit 64
    --- stdout
    --- stderr
    error: in/a.json and in/a.yaml would become the same file in out
    "#);
    assert!(!sandbox.path("out").exists());
}

#[test]
fn three_paths_without_a_folder_are_refused() {
    let sandbox = three();
    let outcome = sandbox.tonl(&["convert", "in/a.json", "in/c.yaml", "in/sub/b.json"]);
    assert_snapshot!(outcome, @r#"
    exit 64
    --- stdout
    --- stderr
    error: several inputs need --output-dir
    hint: tonl convert a.json b.json --output-dir out
    "#);
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error() {
    let sandbox = three();
    assert_snapshot!(sandbox.tonl(&["convert", "in/*.csv"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: no file matches in/*.csv
    "#);
}
