//! Policies on the command line: what is hidden, what is said, and that nothing leaks.

use crate::sandbox::{Outcome, Sandbox};
use insta::assert_snapshot;

const USERS: &str = r#"[{"id":1,"email":"alice@company.com","ssn":"123-45-6789","tags":["vip-one"]},
 {"id":2,"email":"bob@company.com","note":"call +1 555-123-4567, or mail bob@company.com"}]
"#;

const POLICY: &str = "mode = \"mask\"\ndetectors = [\"email\"]\nhash_key = { env = \"POLICY_KEY\" }\n\
                      [[rules]]\npath = \"ssn\"\nmode = \"hash\"\n[[rules]]\npath = \"tags[]\"\nmode = \"remove\"\n";

#[test]
fn fields_are_redacted_and_counted() {
    let sandbox = Sandbox::with("users.json", USERS);
    let arguments = ["convert", "users.json", "-", "--anonymize", "email,ssn"];
    assert_snapshot!(sandbox.tonl(&arguments), @r#"
    exit 0
    --- stdout
    data: [{id:1,email:"[REDACTED]",ssn:"[REDACTED]",tags:[vip-one]},{id:2,email:"[REDACTED]",note:"call +1 555-123-4567, or mail bob@company.com"}]
    --- stderr
    users.json (json) -> standard output (tonl)
    2 rows; 170 bytes -> 145 bytes, saved 14.7 %
    hidden: 3 values: email 2 (redact), ssn 1 (redact)
    "#);
}

#[test]
fn mask_turns_redaction_into_masks_or_names_its_own_fields() {
    let sandbox = Sandbox::with("users.json", USERS);
    let both = [
        "convert",
        "users.json",
        "-",
        "--anonymize",
        "email,ssn",
        "--mask",
    ];
    let alone = ["convert", "users.json", "-", "--mask=email,ssn"];
    let text = sandbox.tonl(&both).data();
    assert!(
        text.contains("a***@company.com") && text.contains("***-**-6789"),
        "{text}"
    );
    assert_eq!(text, sandbox.tonl(&alone).data());
}

#[test]
fn mask_without_fields_is_refused() {
    let sandbox = Sandbox::with("users.json", USERS);
    assert_snapshot!(sandbox.tonl(&["convert", "users.json", "-", "--mask"]), @"
    exit 64
    --- stdout
    --- stderr
    error: --mask alone hides nothing
    hint: name the fields: --mask=email,ssn, or --anonymize email,ssn --mask
    ");
}

#[test]
fn a_list_without_a_field_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::with("users.json", USERS);
    for option in [
        &["--anonymize", ""][..],
        &["--anonymize", " , "],
        &["--mask="],
        &["--anonymize", "ssn", "--mask="],
        &["--anonymize", "email", "--anonymize", ""],
    ] {
        let convert = sandbox.tonl(&[&["convert", "users.json", "-"], option].concat());
        let stream = sandbox.fed(&[&["stream"], option].concat(), USERS);
        for outcome in [convert, stream] {
            assert_eq!(outcome.code, Some(64), "{option:?}: {outcome}");
            assert_eq!(outcome.stdout, "");
        }
    }
    assert_snapshot!(sandbox.tonl(&["convert", "users.json", "-", "--anonymize", ","]), @"
    exit 64
    --- stdout
    --- stderr
    error: --anonymize names no field
    hint: name at least one, or leave the option out; is a variable not set?
    ");
}

#[test]
fn a_mask_with_fields_weakens_nothing_else() {
    let sandbox = Sandbox::with("users.json", USERS);
    let run = |more: &[&str]| sandbox.tonl(&[&["convert", "users.json", "-"], more].concat());
    let text = run(&["--anonymize", "ssn", "--mask=email", "--detect", "phone"]).data();
    assert!(text.contains("ssn:\"[REDACTED]\""), "{text}");
    assert!(text.contains("email:a***@company.com"), "{text}");
    assert!(text.contains("call [REDACTED], or"), "{text}");
    let text = run(&["--anonymize", "ssn", "--mask=ssn"]).data();
    assert!(text.contains("ssn:\"[REDACTED]\""), "{text}");
}

#[test]
fn a_field_behind_mask_is_not_taken_for_the_output() {
    let sandbox = Sandbox::with("users.json", USERS);
    let run = |output| {
        let arguments = ["convert", "users.json", "--anonymize", "ssn", "--mask"];
        sandbox.tonl(&[&arguments[..], &[output]].concat())
    };
    assert_snapshot!(run("email"), @"
    exit 64
    --- stdout
    --- stderr
    error: email is taken as the output file, not as a field of --mask
    hint: write --mask=email to mask this field, or ./email for the file
    ");
    assert_eq!(run("email,ssn").code, Some(64));
    assert_eq!(sandbox.names(), ["users.json"]);
    assert_eq!(run("users.tonl").code, Some(0));
    assert_eq!(run("./email").code, Some(0));
}

#[test]
fn a_path_that_cannot_be_read_is_explained() {
    let sandbox = Sandbox::with("users.json", USERS);
    let arguments = ["convert", "users.json", "-", "--anonymize", "user..email"];
    assert_snapshot!(sandbox.tonl(&arguments), @r#"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'user..email' for '--anonymize <FIELDS>': character 6 of the path "user..email": expected a key, found '.'; an empty key is written ""

    For more information, try '--help'.
    "#);
}

#[test]
fn a_detector_that_is_not_known_is_answered_with_a_near_one() {
    let sandbox = Sandbox::with("users.json", USERS);
    let outcome = sandbox.tonl(&["convert", "users.json", "-", "--detect", "emial"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("a similar value exists: 'email'"),
        "{outcome}"
    );
}

fn with_key(sandbox: &Sandbox, arguments: &[&str], key: &str) -> Outcome {
    let mut command = sandbox.command(arguments);
    Outcome::from(command.env("POLICY_KEY", key).output().unwrap())
}

#[test]
fn a_policy_file_says_what_is_hidden_and_where_its_key_is() {
    let sandbox = Sandbox::with("users.json", USERS).and("policy.toml", POLICY);
    let arguments = [
        "convert",
        "users.json",
        "-",
        "--policy",
        "policy.toml",
        "--verify",
    ];
    let outcome = with_key(&sandbox, &arguments, "0123456789abcdef0123456789abcdef");
    assert_snapshot!(outcome, @r#"
    exit 0
    --- stdout
    data: [{id:1,email:a***@company.com,ssn:hash:a04542429ddf8db2f9297f0aa984f97d,tags:[]},{id:2,email:b***@company.com,note:"call +1 555-123-4567, or mail b***@company.com"}]
    --- stderr
    users.json (json) -> standard output (tonl)
    2 rows; 170 bytes -> 172 bytes, saved -1.2 %; reads back unchanged
    hidden: 5 values: ssn 1 (hash), tags[] 1 (remove), detector email 3 (mask)
    "#);
    let other = with_key(&sandbox, &arguments, "another key of thirty two bytes!").data();
    assert_ne!(outcome.stdout, other, "another key gives other names");
}

#[test]
fn a_key_file_is_read_without_its_line_end() {
    let policy = |key: &str| POLICY.replace("{ env = \"POLICY_KEY\" }", key);
    let sandbox = Sandbox::with("users.json", USERS)
        .and("env.toml", POLICY)
        .and("file.toml", policy("{ file = \"key\" }"))
        .and("key", "0123456789abcdef\n");
    let by_file = ["convert", "users.json", "-", "--policy", "file.toml"];
    let by_env = ["convert", "users.json", "-", "--policy", "env.toml"];
    let from_env = with_key(&sandbox, &by_env, "0123456789abcdef").data();
    assert_eq!(sandbox.tonl(&by_file).data(), from_env);
}

#[test]
fn a_bad_configuration_ends_with_its_own_code() {
    let sandbox = Sandbox::with("users.json", USERS)
        .and("policy.toml", POLICY)
        .and("slip.toml", "mode = \"msak\"\n")
        .and("empty.toml", "mode = \"mask\"\n")
        .and("secret.toml", "hash_key = \"hunter2hunter2hunter2\"\n")
        .and(
            "env.toml",
            "hash_key = { env = \"hunter2hunter2hunter2\" }\n",
        )
        .and(
            "file.toml",
            "hash_key = { file = \"hunter2hunter2hunter2\" }\n",
        )
        .and("missing.toml", "hash_key = { file = \"no-key\" }\n");
    let run = |policy: &str| {
        let arguments = ["convert", "users.json", "-", "--policy", policy];
        let outcome = with_key(&sandbox, &arguments, "hunter2");
        assert_eq!(outcome.code, Some(64), "{policy}: {outcome}");
        assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
        assert!(outcome.stdout.is_empty());
        outcome.stderr
    };
    for name in ["env.toml", "file.toml"] {
        assert!(run(name).contains("hash_key."));
    }
    let all = ["slip", "empty", "secret", "missing", "policy", "none"];
    let told: Vec<String> = all
        .iter()
        .map(|name| run(&format!("{name}.toml")))
        .collect();
    assert_snapshot!(told.concat(), @r#"
    error: slip.toml: mode: expected a mode: redact, mask, hash, remove, found "msak"
    hint: did you mean mask?
    error: the policy hides nothing
    hint: give it rules, detectors or presets; see docs/privacy.md
    error: secret.toml: hash_key: expected { env = "NAME" } or { file = "PATH" }, found something else
    hint: the key itself does not belong into the policy file
    error: hash_key.file: cannot read it: no such file or directory
    error: hash_key.env: expected a hash key of at least 16 bytes, found 7 bytes
    hint: make one, for example with: openssl rand -hex 32
    error: cannot read the policy none.toml: no such file or directory
    "#);
}

#[test]
fn the_report_for_machines_counts_hits() {
    let sandbox = Sandbox::with("users.json", USERS);
    let arguments = [
        "convert",
        "users.json",
        "--anonymize",
        "email",
        "--detect",
        "phone",
        "--json",
    ];
    let report = sandbox.tonl(&arguments).data();
    let hits = r#""privacy":[{"path":"email","mode":"redact","hits":2,"first_record":1},{"detector":"phone","mode":"redact","hits":1,"first_record":2}]"#;
    assert!(report.contains(hits), "{report}");
}

#[test]
fn a_test_shows_rules_places_and_records_but_no_value() {
    let sandbox = Sandbox::with("users.json", USERS);
    let arguments = [
        "privacy",
        "test",
        "users.json",
        "--anonymize",
        "email,tags[],fax",
        "--detect",
        "phone,email",
    ];
    let outcome = sandbox.tonl(&arguments);
    assert_snapshot!(outcome, @"
    exit 0
    --- stdout
         hits  first record  mode    rule
            2             1  redact  email
            2             1            at email
            1             1  redact  tags[]
            1             1            at tags[]
            0             -  redact  fax
            1             2  redact  detector phone
            1             2            at note
            1             2  redact  detector email
            1             2            at note
    --- stderr
    users.json: 5 values would be hidden
    ");
    let json = sandbox.tonl(&[&arguments[..], &["--json"]].concat());
    assert_snapshot!(json, @r#"
    exit 0
    --- stdout
    {"file":"users.json","hits":5,"rules":[{"path":"email","mode":"redact","hits":2,"first_record":1,"places":[{"path":"email","hits":2,"first_record":1}],"elsewhere":0},{"path":"tags[]","mode":"redact","hits":1,"first_record":1,"places":[{"path":"tags[]","hits":1,"first_record":1}],"elsewhere":0},{"path":"fax","mode":"redact","hits":0,"first_record":null,"places":[],"elsewhere":0},{"detector":"phone","mode":"redact","hits":1,"first_record":2,"places":[{"path":"note","hits":1,"first_record":2}],"elsewhere":0},{"detector":"email","mode":"redact","hits":1,"first_record":2,"places":[{"path":"note","hits":1,"first_record":2}],"elsewhere":0}]}
    --- stderr
    users.json: 5 values would be hidden
    "#);
    for text in [&outcome, &json].map(ToString::to_string) {
        assert!(
            !text.contains("company.com") && !text.contains("vip"),
            "{text}"
        );
    }
}

#[test]
fn a_test_without_hits_is_a_negative_finding() {
    let sandbox = Sandbox::with("users.json", USERS);
    let outcome = sandbox.tonl(&["privacy", "test", "users.json", "--mask=fax"]);
    assert_snapshot!(outcome, @"
    exit 1
    --- stdout
         hits  first record  mode    rule
            0             -  mask    fax
    --- stderr
    users.json: 0 values would be hidden
    ");
}

#[test]
fn a_test_of_nothing_is_refused() {
    let sandbox = Sandbox::with("users.json", USERS);
    assert_snapshot!(sandbox.tonl(&["privacy", "test", "users.json"]), @"
    exit 64
    --- stdout
    --- stderr
    error: there is nothing to try out
    hint: say what to hide with --policy, --anonymize, --mask=FIELDS or --detect
    ");
}

#[test]
fn a_test_of_a_broken_file_shows_no_line_of_it() {
    let sandbox = Sandbox::with("users.json", "[{\"email\":\"alice@company.com\",x}]");
    let outcome = sandbox.tonl(&["privacy", "test", "users.json", "--anonymize", "email"]);
    assert_snapshot!(outcome, @"
    exit 2
    --- stdout
    --- stderr
    error: users.json: line 1, column 31: expected a key in quotes, found something else, not shown because a privacy policy is in force (json-syntax)
    hint: correct the text there, or name its format with --from
    ");
}

#[test]
fn a_stream_hides_and_counts() {
    let sandbox = Sandbox::new();
    let lines = "{\"id\":1,\"email\":\"alice@company.com\"}\n{\"email\":\"alice@\n{\"id\":2,\"email\":null}\n";
    assert_snapshot!(sandbox.fed(&["stream", "--anonymize", "email,fax"], lines), @r#"
    exit 0
    --- stdout
    data[]{id:i64,email:str}:
     1,"[REDACTED]"
     2,null
    --- stderr
    warning: skipped 1 line that is not valid: line 2
    hidden: 1 value: email 1 (redact)
    warning: nothing is at fax that no earlier rule hides
    "#);
    let strict = ["stream", "--anonymize", "email", "--no-skip-invalid"];
    assert_snapshot!(sandbox.fed(&strict, lines), @r#"
    exit 2
    --- stdout
    data[]{id:i64,email:str}:
     1,"[REDACTED]"
    --- stderr
    error: standard input: line 2, column 17: expected '"', found the end of the text (unterminated-quote)
    hint: close the string with a double quote
    "#);
}

/// Records whose hidden values all hold the word `leak`, with broken lines between them.
fn records(count: usize, is_broken: impl Fn(usize) -> bool) -> String {
    let record = |number: usize| {
        let broken = if is_broken(number) {
            "{\"email\":\"leak\",leak}\n{\"secret\":[\"leak\"\n"
        } else {
            ""
        };
        format!(
            "{{\"id\":{number},\"email\":\"leak{number}@x.example\",\"user\":{{\"card\":\"leak\"}},\
             \"secret\":[\"leak\",{{\"leak\":1}}],\"note\":\"to leak.{number}@x.example\"}}\n{broken}"
        )
    };
    (0..count).map(record).collect()
}

const HIDING: [&str; 4] = ["--anonymize", "email,user.card,secret", "--detect", "email"];

#[track_caller]
fn assert_no_leak(outcome: &Outcome) {
    let text = outcome.to_string();
    let around = text
        .find("leak")
        .map(|at| text.get(at.saturating_sub(80)..at + 20));
    assert_eq!(around, None);
}

#[test]
fn nothing_hidden_leaks_from_ten_thousand_records_of_any_output() {
    let sandbox = Sandbox::with("good.ndjson", records(10_000, |_| false))
        .and("bad.ndjson", records(10_000, |number| number == 9_000));
    for format in ["tonl", "json", "ndjson", "yaml", "csv", "tsv"] {
        let run =
            |file| sandbox.tonl(&[&["convert", file, "-", "--to", format], &HIDING[..]].concat());
        let good = run("good.ndjson");
        assert_eq!(good.code, Some(0));
        assert_no_leak(&good);
        assert!(
            good.stderr.contains("hidden: 40,000 values"),
            "{}",
            good.stderr
        );
        let bad = run("bad.ndjson");
        assert_eq!(bad.code, Some(2));
        assert!(bad.stderr.contains("line 9002"), "{}", bad.stderr);
        assert_no_leak(&bad);
    }
}

#[test]
fn nothing_hidden_leaks_from_a_stream_with_broken_lines() {
    let lines = records(10_000, |number| number % 50 == 7);
    let sandbox = Sandbox::with("bad.ndjson", &lines);
    let outcome = sandbox.fed(&[&["stream", "--stats"], &HIDING[..]].concat(), &lines);
    assert_eq!(outcome.code, Some(0));
    assert_no_leak(&outcome);
    assert!(
        outcome.stderr.contains("skipped 400 lines"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("hidden: 40,000 values"),
        "{}",
        outcome.stderr
    );
    let strict = ["stream", "-i", "bad.ndjson", "--no-skip-invalid"];
    let outcome = sandbox.tonl(&[&strict[..], &HIDING].concat());
    assert_eq!(outcome.code, Some(2));
    assert_no_leak(&outcome);
    let json = ["privacy", "test", "bad.ndjson", "--json"];
    let outcome = sandbox.tonl(&[&json[..], &HIDING].concat());
    assert_eq!(outcome.code, Some(2));
    assert_no_leak(&outcome);
}
