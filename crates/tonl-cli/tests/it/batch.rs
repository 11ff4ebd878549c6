//! `tonl batch`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

fn tree() -> Sandbox {
    Sandbox::with(
        "in/a/x.json",
        "[{\"id\":1,\"name\":\"Ada\"},{\"id\":2,\"name\":\"Bob\"},{\"id\":3,\"name\":\"Cy\"}]",
    )
    .and("in/b/x.json", "[{\"x\":2}]")
    .and("in/c.csv", "id,n\n1,2\n")
    .and("in/README.md", "words")
    .and("in/old.tonl", "data[0]{}:\n")
    .and("in/node_modules/e.json", "[]")
    .and("in/.hidden.json", "[]")
}

#[test]
fn a_folder_is_converted_with_its_folders_and_summed_up() {
    let sandbox = tree();
    assert_snapshot!(sandbox.tonl(&["batch", "in", "-o", "out", "--stats"]), @"
    exit 0
    --- stdout
    --- stderr
    in/a/x.json -> out/a/x.tonl: 3 rows; 66 -> 46 bytes, saved 30.3 %; 27 -> 25 tokens, saved 7.4 %
    in/b/x.json -> out/b/x.tonl: 1 row; 9 -> 14 bytes, saved -55.6 %; 6 -> 7 tokens, saved -16.7 %
    in/c.csv -> out/c.tonl: 1 row; 9 -> 19 bytes, saved -111.1 %; 10 -> 10 tokens, saved 0.0 %
    converted  3 files, 5 rows
    failed     0 files
    left out   1 file of no known format
    bytes      84 -> 79, saved 6.0 %
    tokens     43 -> 42, saved 2.3 % against compact JSON
               gpt-5, exact by o200k_base
    ");
    for name in ["out/a/x.tonl", "out/b/x.tonl", "out/c.tonl"] {
        assert!(sandbox.path(name).is_file(), "{name}");
    }
    assert!(!sandbox.path("out/README.tonl").exists());
}

#[test]
fn outputs_stand_beside_their_inputs_without_a_folder() {
    let sandbox = tree();
    assert_snapshot!(sandbox.tonl(&["batch", "in/a/x.json", "in/b/x.json", "-n", "rows"]), @"
    exit 0
    --- stdout
    --- stderr
    in/a/x.json -> in/a/x.tonl: 3 rows; 66 -> 46 bytes, saved 30.3 %
    in/b/x.json -> in/b/x.tonl: 1 row; 9 -> 14 bytes, saved -55.6 %
    converted  2 files, 4 rows
    failed     0 files
    bytes      75 -> 60, saved 20.0 %
    ");
    assert!(sandbox.read("in/b/x.tonl").starts_with("rows"));
}

#[test]
fn files_the_shell_has_expanded_keep_their_folders() {
    let sandbox = tree();
    sandbox
        .tonl(&["batch", "in/a/x.json", "in/b/x.json", "-o", "out"])
        .data();
    assert!(sandbox.path("out/a/x.tonl").is_file());
    assert!(sandbox.path("out/b/x.tonl").is_file());
}

#[test]
fn a_file_that_fails_is_told_and_the_others_are_written() {
    let sandbox = tree().and("in/a/broken.json", "[{\"id\":1},]");
    let arguments = ["batch", "in/**/*", "-o", "out", "-j", "2"];
    assert_snapshot!(sandbox.tonl(&arguments), @r#"
    exit 2
    --- stdout
    --- stderr
    error: in/README.md: the format cannot be recognised from the content; supported: json, ndjson, yaml, csv, tsv, tonl, toon
    hint: name the format, for example with --from csv
    error: in/a/broken.json: line 1, column 11: expected a JSON value, found ']' (json-syntax)
      |
    1 | [{"id":1},]
      |           ^
    hint: correct the text there, or name its format with --from
    in/a/x.json -> out/a/x.tonl: 3 rows; 66 -> 46 bytes, saved 30.3 %
    in/b/x.json -> out/b/x.tonl: 1 row; 9 -> 14 bytes, saved -55.6 %
    in/c.csv -> out/c.tonl: 1 row; 9 -> 19 bytes, saved -111.1 %
    converted  3 files, 5 rows
    failed     2 files
    bytes      84 -> 79, saved 6.0 %
    "#);
    assert!(sandbox.path("out/b/x.tonl").is_file());
    assert!(!sandbox.path("out/a/broken.tonl").exists());
}

#[test]
fn machines_get_one_document() {
    let sandbox = tree().and("in/b/broken.json", "[1,");
    let arguments = [
        "batch",
        "in/b",
        "-o",
        "out",
        "--json",
        "-m",
        "claude-opus-4.5",
    ];
    let outcome = sandbox.tonl(&arguments);
    assert_snapshot!(outcome, @r#"
    exit 2
    --- stdout
    {"files":[{"input":"in/b/broken.json","error":"in/b/broken.json: line 1, column 4: expected a JSON value, found the end of the text (truncated)","hints":["the text ends too early: get the whole file again, or add what is missing"]},{"input":"in/b/x.json","output":"out/x.tonl","from":"json","records":1,"bytes_in":9,"bytes_out":14,"saved_percent":-55.6,"warnings":[],"losses":[],"tokens":{"originalTokens":8,"compressedTokens":9,"savedTokens":-1,"savingsPercent":-12.5,"model":"claude-opus-4.5","method":"estimated","baseline":"compact-json"}}],"total":{"files":2,"converted":1,"failed":1,"left_out":0,"records":1,"bytes_in":9,"bytes_out":14,"saved_percent":-55.6,"tokens":{"originalTokens":8,"compressedTokens":9,"savedTokens":-1,"savingsPercent":-12.5,"model":"claude-opus-4.5","method":"estimated","baseline":"compact-json"}}}
    --- stderr
    "#);
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["total"]["failed"], 1);
}

#[test]
fn inputs_that_would_become_one_file_are_refused_before_anything_is_written() {
    let sandbox = tree().and("in/c.json", "[]");
    assert_snapshot!(sandbox.tonl(&["batch", "in"]), @"
    exit 64
    --- stdout
    --- stderr
    error: in/c.csv and in/c.json would both become in/c.tonl
    hint: rename one of them, or convert them into different folders
    ");
    assert!(!sandbox.path("in/c.tonl").exists());
    assert!(!sandbox.path("in/a/x.tonl").exists());
}

#[test]
fn existing_outputs_are_kept_unless_forced() {
    let sandbox = Sandbox::with("a.json", "[{\"x\":1}]").and("a.tonl", "precious\n");
    assert_snapshot!(sandbox.tonl(&["batch", "a.json"]), @"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl exists already
    hint: use --force to replace it
    converted  0 files, 0 rows
    failed     1 file
    ");
    assert_eq!(sandbox.read("a.tonl"), "precious\n");
    sandbox.tonl(&["batch", "a.json", "--force"]).data();
    assert_eq!(sandbox.read("a.tonl"), "data: [{x:1}]\n");
}

#[test]
fn a_selection_of_nothing_is_an_error() {
    let sandbox = Sandbox::with("docs/README.md", "words").and("a.tonl", "data[0]{}:\n");
    assert_snapshot!(sandbox.tonl(&["batch", "docs", "*.json"]), @"
    exit 2
    --- stdout
    --- stderr
    error: no file to convert in docs, *.json
    hint: files whose names say no format are converted if they are named
    ");
    assert_snapshot!(sandbox.tonl(&["batch", "dosc"]), @"
    exit 2
    --- stdout
    --- stderr
    error: cannot find dosc
    hint: did you mean docs?
    ");
    assert_snapshot!(sandbox.tonl(&["batch", "a.tonl"]), @"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl is TONL already, or is named so
    hint: to write TONL again: tonl fmt
    converted  0 files, 0 rows
    failed     1 file
    ");
    assert_snapshot!(sandbox.tonl(&["batch", "docs", "-m", "gpt-55"]), @"
    exit 64
    --- stdout
    --- stderr
    error: no model is called gpt-55
    hint: did you mean gpt-5, gpt-3.5, gpt-5.1?
    ");
}

#[test]
fn a_source_is_never_its_own_target() {
    let sandbox = Sandbox::with("a.tonl", "[1]");
    for folder in [&[][..], &["-o", "."]] {
        let named = ["batch", "--from", "json", "--force", "a.tonl"];
        let outcome = sandbox.tonl(&[&named[..], folder].concat());
        assert_eq!(outcome.code, Some(2), "{outcome}");
        assert_eq!(sandbox.read("a.tonl"), "[1]");
    }
}

#[test]
fn the_outputs_do_not_depend_on_the_number_of_jobs() {
    let sandbox = Sandbox::new();
    let sandbox = (0..40).fold(sandbox, |sandbox, n| {
        sandbox.and(&format!("in/{n}.json"), format!("[{{\"n\":{n}}}]"))
    });
    let one = sandbox.tonl(&["batch", "in", "-o", "one", "-j", "1"]);
    let many = sandbox.tonl(&["batch", "in", "-o", "many", "-j", "16"]);
    assert_eq!(one.stderr.replace("one/", "many/"), many.stderr);
    for n in 0..40 {
        let read = |folder: &str| sandbox.read(&format!("{folder}/{n}.tonl"));
        assert_eq!(read("one"), read("many"));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_batch_leaves_nothing_half_written() {
    let record = "{\"id\":1,\"message\":\"request finished in time\"}\n";
    let many = record.repeat(400_000);
    let sandbox = Sandbox::with("a.ndjson", &many).and("b.ndjson", &many);
    let mut child = sandbox
        .command(&["batch", "*.ndjson", "--stats", "-j", "2"])
        .spawn()
        .unwrap();
    let unfinished = |name: &String| name.starts_with(".tonl-");
    while !sandbox.names().iter().any(unfinished) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it wrote");
    }
    let kill = format!("kill -INT {}", child.id());
    let sent = std::process::Command::new("sh")
        .args(["-c", &kill])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        !sandbox.names().iter().any(unfinished),
        "{:?}",
        sandbox.names()
    );
}
