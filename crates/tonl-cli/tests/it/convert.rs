//! `tonl convert` where all goes well, and the rules about what it replaces.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

const USERS: &str = r#"[{"id":1,"name":"Ada"},{"id":2,"name":"Bob, Jr."}]"#;
const USERS_TONL: &str = "data[2]{id:i32,name:str}:\n 1,Ada\n 2,\"Bob, Jr.\"\n";

#[test]
fn a_json_file_becomes_a_tonl_file_beside_it() {
    let sandbox = Sandbox::with("users.json", USERS);
    assert_snapshot!(sandbox.tonl(&["convert", "users.json"]), @r#"
    exit 0
    --- stdout
    --- stderr
    users.json (json) -> users.tonl (tonl)
    2 rows; 50 bytes -> 47 bytes, saved 6.0 %
    "#);
    assert_eq!(sandbox.read("users.tonl"), USERS_TONL);
    assert_eq!(sandbox.names(), ["users.json", "users.tonl"]);
}

#[test]
fn a_tonl_file_becomes_indented_json() {
    let sandbox = Sandbox::with("users.tonl", USERS_TONL);
    assert_snapshot!(sandbox.tonl(&["convert", "users.tonl", "-"]), @r#"
    exit 0
    --- stdout
    [
      {
        "id": 1,
        "name": "Ada"
      },
      {
        "id": 2,
        "name": "Bob, Jr."
      }
    ]
    --- stderr
    users.tonl (tonl) -> standard output (json)
    2 rows; 47 bytes -> 88 bytes, saved -87.2 %
    "#);
}

#[test]
fn compact_json_has_no_white_space() {
    let sandbox = Sandbox::with("users.tonl", USERS_TONL);
    let outcome = sandbox.tonl(&["convert", "users.tonl", "-", "--compact"]);
    assert_eq!(outcome.data().trim_end(), USERS);
}

#[test]
fn the_name_of_the_output_decides_the_format() {
    let sandbox = Sandbox::with("users.tonl", USERS_TONL);
    assert_eq!(
        sandbox.tonl(&["convert", "users.tonl", "users.yaml"]).code,
        Some(0)
    );
    assert_snapshot!(sandbox.read("users.yaml"), @r#"
    - id: 1
      name: Ada
    - id: 2
      name: Bob, Jr.
    "#);
}

#[test]
fn every_format_finds_its_way_to_tonl() {
    let sandbox = Sandbox::with("a.ndjson", "{\"id\":1}\n{\"id\":2}\n")
        .and("b.yaml", "- id: 1\n- id: 2\n")
        .and("c.csv", "id\n1\n2\n")
        .and("d.tsv", "id\n1\n2\n")
        .and("e.json", "[{\"id\":1},{\"id\":2}]")
        .and("f.toon", "[2]{id}:\n  1\n  2");
    for name in ["a.ndjson", "b.yaml", "c.csv", "d.tsv", "e.json", "f.toon"] {
        let text = sandbox.tonl(&["convert", name, "-"]).data();
        let back = sandbox
            .fed(&["convert", "-", "--from", "tonl", "--compact"], &text)
            .data();
        assert_eq!(back.trim_end(), r#"[{"id":1},{"id":2}]"#, "{name}: {text}");
    }
}

#[test]
fn toon_is_written_and_read_by_name_and_tells_what_it_changed() {
    let json = r#"{"users":[{"id":1,"at":1.50},{"id":2,"at":2e3}]}"#;
    let sandbox = Sandbox::with("a.json", json);
    let arguments = ["convert", "a.json", "-", "--to", "toon"];
    assert_snapshot!(sandbox.tonl(&arguments), @"
    exit 0
    --- stdout
    users[2]{id,at}:
      1,1.5
      2,2000--- stderr
    a.json (json) -> standard output (toon)
    48 bytes -> 33 bytes, saved 31.2 %
    warning: a.json: 2 numbers got TOON's spelling, which is the same value in another text: 1.50 became 1.5
    ");
    let text = sandbox.tonl(&arguments).data();
    let back = [
        "convert",
        "-",
        "--from",
        "toon",
        "--to",
        "json",
        "--compact",
    ];
    let back = sandbox.fed(&back, text).data();
    let same_values = r#"{"users":[{"id":1,"at":1.5},{"id":2,"at":2000}]}"#;
    assert_eq!(back.trim_end(), same_values);
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "a.toon", "--verify"]), @"
    exit 2
    --- stdout
    --- stderr
    error: the output does not decode to the input: expected 1 elements of the input, found 1 elements, element 1 is the first that differs
    hint: the target format cannot hold this value exactly; TONL and JSON can
    ");
    assert_eq!(sandbox.names(), ["a.json"]);
}

#[test]
fn a_pipe_is_recognised_by_its_content() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.fed(&["convert", "-"], USERS).data(), USERS_TONL);
    let json = sandbox
        .fed(&["convert", "-", "--compact"], USERS_TONL)
        .data();
    assert_eq!(json.trim_end(), USERS);
}

#[test]
fn a_byte_order_mark_and_crlf_are_no_errors() {
    let sandbox = Sandbox::with(
        "a.json",
        format!("\u{feff}{}", USERS.replace(",{", ",\r\n{")),
    );
    assert_eq!(sandbox.tonl(&["convert", "a.json", "-"]).data(), USERS_TONL);
    let text = format!("\u{feff}{}", USERS_TONL.replace('\n', "\r\n"));
    let json = sandbox
        .fed(&["convert", "-", "--from", "tonl", "--compact"], text)
        .data();
    assert_eq!(json.trim_end(), USERS);
}

#[test]
fn the_writer_takes_a_name_a_profile_and_types() {
    let sandbox = Sandbox::new();
    let run = |options: &[&str]| {
        let arguments = [&["convert", "-"], options].concat();
        sandbox.fed(&arguments, USERS).data()
    };
    let named = run(&["-n", "app-users", "--types", "never"]);
    assert_eq!(named, "app-users[2]{id,name}:\n 1,Ada\n 2,\"Bob, Jr.\"\n");
    let classic = run(&["--profile", "classic"]);
    assert_eq!(
        classic,
        "data[2]{id:i8,name:str}:\n  1, Ada\n  2, \"Bob, Jr.\"\n"
    );
}

#[test]
fn flat_is_a_short_spelling_of_the_flat_profile() {
    let sandbox = Sandbox::new();
    let nested = r#"[{"id":1,"at":{"x":1,"y":2}},{"id":2,"at":{"x":3,"y":4}}]"#;
    let flat = sandbox.fed(&["convert", "-", "--flat"], nested).data();
    let profile = sandbox
        .fed(&["convert", "-", "--profile", "flat"], nested)
        .data();
    let compact = sandbox.fed(&["convert", "-"], nested).data();
    assert_eq!(flat, profile);
    assert_ne!(flat, compact);
}

#[test]
fn a_name_with_another_character_is_refused() {
    let sandbox = Sandbox::with("a.json", USERS);
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "-n", "app logs"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'app logs' for '--name <NAME>': expected a label of 1 to 256 letters, digits, '_' or '-', found "app logs" (header-syntax)

    For more information, try '--help'.
    "#);
}

#[test]
fn text_cells_keep_csv_as_it_is_written() {
    let sandbox = Sandbox::with("a.csv", "n\n1\n");
    let inferred = sandbox
        .tonl(&["convert", "a.csv", "-", "--to", "json", "--compact"])
        .data();
    assert_eq!(inferred.trim_end(), r#"[{"n":1}]"#);
    let text = [
        "convert",
        "a.csv",
        "-",
        "--to",
        "json",
        "--compact",
        "--text-cells",
    ];
    assert_eq!(sandbox.tonl(&text).data().trim_end(), r#"[{"n":"1"}]"#);
}

#[test]
fn compressed_files_are_read_and_written() {
    let sandbox = Sandbox::with("users.json", USERS);
    for name in ["a.tonl.gz", "a.tonl.zst"] {
        assert_eq!(
            sandbox.tonl(&["convert", "users.json", name]).code,
            Some(0),
            "{name}"
        );
        assert!(std::fs::read(sandbox.path(name)).unwrap() != USERS_TONL.as_bytes());
        let back = sandbox.tonl(&["convert", name, "-", "--compact"]).data();
        assert_eq!(back.trim_end(), USERS, "{name}");
    }
}

#[test]
fn verify_says_that_the_result_reads_back() {
    let sandbox = Sandbox::with("users.json", USERS);
    let outcome = sandbox.tonl(&["convert", "users.json", "--verify"]);
    assert!(outcome.stderr.contains("reads back unchanged"), "{outcome}");
}

#[test]
fn the_report_for_machines_is_one_line_of_json() {
    let sandbox = Sandbox::with("users.json", USERS);
    assert_snapshot!(sandbox.tonl(&["convert", "users.json", "--json"]), @r#"
    exit 0
    --- stdout
    {"input":"users.json","output":"users.tonl","from":"json","to":"tonl","records":2,"bytes_in":50,"bytes_out":47,"saved_percent":6.0,"skipped":0,"skipped_lines":[],"verified":false,"warnings":[],"losses":[],"tokens":null,"decision":null}
    --- stderr
    "#);
}

#[test]
fn the_report_leaves_standard_output_to_the_data() {
    let sandbox = Sandbox::with("users.json", USERS);
    let outcome = sandbox.tonl(&["convert", "users.json", "-", "--json"]);
    assert_eq!(outcome.stdout, USERS_TONL);
    assert!(outcome.stderr.starts_with("{\"input\":"), "{outcome}");
}

#[test]
fn a_quiet_run_says_nothing() {
    let sandbox = Sandbox::with("users.json", USERS);
    let outcome = sandbox.tonl(&["convert", "users.json", "--quiet"]);
    assert_eq!(
        (outcome.code, outcome.stdout, outcome.stderr),
        (Some(0), String::new(), String::new())
    );
}

#[test]
fn an_output_that_is_larger_is_an_honest_negative_saving() {
    let sandbox = Sandbox::with("a.json", "1");
    let outcome = sandbox.tonl(&["convert", "a.json"]);
    assert!(outcome.stderr.contains("saved -"), "{outcome}");
}

#[test]
fn an_existing_file_is_not_replaced_without_force() {
    let sandbox = Sandbox::with("a.json", USERS).and("a.tonl", "precious\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl exists already
    hint: use --force to replace it
    "#);
    assert_eq!(sandbox.read("a.tonl"), "precious\n");
    assert_eq!(
        sandbox.tonl(&["convert", "a.json", "--force"]).code,
        Some(0)
    );
    assert_eq!(sandbox.read("a.tonl"), USERS_TONL);
}

#[test]
fn a_failed_run_leaves_the_old_file_and_nothing_else() {
    let sandbox = Sandbox::with("a.json", "[{\"id\":1},{\"id\":2}").and("a.tonl", "precious\n");
    assert_eq!(
        sandbox.tonl(&["convert", "a.json", "--force"]).code,
        Some(2)
    );
    assert_eq!(sandbox.read("a.tonl"), "precious\n");
    assert_eq!(sandbox.names(), ["a.json", "a.tonl"]);
}

#[test]
fn two_files_of_one_format_are_not_taken_for_input_and_output() {
    let sandbox = Sandbox::with("a.json", USERS).and("b.json", "[]");
    assert_snapshot!(sandbox.tonl(&["convert", "--force", "a.json", "b.json"]), @r#"
    exit 64
    --- stdout
    --- stderr
    error: a.json and b.json are both json
    hint: to convert several files use --output-dir
    hint: to replace the second by the first add --to json
    "#);
    assert_eq!(sandbox.read("b.json"), "[]");
}

#[test]
fn the_figures_are_exported_as_lines_of_json_or_as_csv() {
    let sandbox = Sandbox::with("a.json", USERS)
        .and("=b.json", "[1,2]")
        .and("bad.json", "[1,");
    let all = ["convert", "*.json", "--output-dir", "out", "-q"];
    let exported = |name: &str| {
        let outcome = sandbox.tonl(&[&all[..], &["--force", "--export", name]].concat());
        assert_eq!(outcome.code, Some(2), "one file is bad: {outcome}");
        sandbox.read(name)
    };
    assert_snapshot!(exported("figures.CSV"), @"
    Input,Output,From,To,Records,Bytes In,Bytes Out,Saved Bytes %,Skipped Lines,Model,Original Tokens,Compressed Tokens,Saved Tokens,Savings %
    '=b.json,out/=b.tonl,json,tonl,2,5,12,-140.0,0,gpt-5,5,7,-2,-40.0
    a.json,out/a.tonl,json,tonl,2,50,47,6.0,0,gpt-5,21,23,-2,-9.5
    ");
    let lines = exported("figures.ndjson");
    let printed = sandbox.tonl(&[&all[..], &["--force", "-s", "--json"]].concat());
    assert_eq!(lines, printed.stdout, "the lines are those of --json");
}

#[test]
fn an_export_never_takes_the_place_of_data() {
    let sandbox = Sandbox::with("a.json", USERS).and("figures.csv", "mine");
    let refused = |arguments: &[&str]| {
        let outcome = sandbox.tonl(&[&["convert", "a.json"], arguments].concat());
        assert_ne!(outcome.code, Some(0), "{outcome}");
        outcome.stderr
    };
    let told = [
        refused(&["--export", "figures.csv"]),
        refused(&["--export", "a.json", "--force"]),
        refused(&["b.tonl", "--export", "b.tonl"]),
        refused(&["--export", "no/such/folder.csv"]),
    ];
    assert_snapshot!(told.concat(), @"
    error: figures.csv exists already
    hint: use --force to replace it
    error: a.json is a file of the conversion itself
    hint: name another file with --export
    error: b.tonl is a file of the conversion itself
    hint: name another file with --export
    error: cannot write no/such/folder.csv: no such file or directory
    hint: create the folder first
    ");
    assert_eq!(
        sandbox.names(),
        ["a.json", "figures.csv"],
        "nothing was converted"
    );
    assert_eq!(sandbox.read("figures.csv"), "mine");
    let linked = refused(&["--export", "./a.json", "--force"]);
    assert!(
        linked.contains("is a file of the conversion itself"),
        "{linked}"
    );
    let derived = refused(&["--export", "a.tonl"]);
    assert!(
        derived.contains("a.tonl is a file of the conversion itself"),
        "{derived}"
    );
    let again = refused(&["--export", "./a.tonl", "--force"]);
    assert!(
        again.contains("is a file of the conversion itself"),
        "{again}"
    );
    assert!(sandbox.read("a.tonl").starts_with("data"));
    let failing = sandbox.tonl(&[
        "convert",
        "missing.json",
        "--force",
        "--export",
        "figures.csv",
    ]);
    assert_eq!(failing.code, Some(2), "{failing}");
    assert_eq!(sandbox.read("figures.csv"), "mine", "there were no figures");
}
