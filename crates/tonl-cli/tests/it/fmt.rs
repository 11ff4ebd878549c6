//! `tonl fmt`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

const CLASSIC: &str = "users[2]{id:i8,name:str}:\n  1, Ada\n  2, Bob\n";
const COMPACT: &str = "users[2]{id:i32,name:str}:\n 1,Ada\n 2,Bob\n";

#[test]
fn a_file_is_printed_in_the_profile_and_keeps_its_label() {
    let sandbox = Sandbox::with("a.tonl", CLASSIC);
    assert_eq!(sandbox.tonl(&["fmt", "a.tonl"]).data(), COMPACT);
    let back = sandbox
        .fed(&["fmt", "-", "--profile", "classic"], COMPACT)
        .data();
    assert_eq!(back, CLASSIC);
    assert_eq!(sandbox.read("a.tonl"), CLASSIC);
}

#[test]
fn check_names_the_files_that_would_change() {
    let sandbox = Sandbox::with("a.tonl", CLASSIC).and("b.tonl", COMPACT);
    assert_snapshot!(sandbox.tonl(&["fmt", "--check", "a.tonl", "b.tonl"]), @r#"
    exit 1
    --- stdout
    --- stderr
    a.tonl would change
    "#);
    assert_eq!(sandbox.read("a.tonl"), CLASSIC);
}

#[test]
fn write_replaces_the_files_that_change() {
    let sandbox = Sandbox::with("a.tonl", CLASSIC).and("b.tonl", COMPACT);
    assert_snapshot!(sandbox.tonl(&["fmt", "--write", "*.tonl"]), @r#"
    exit 0
    --- stdout
    --- stderr
    a.tonl is written again
    "#);
    assert_eq!(sandbox.read("a.tonl"), COMPACT);
    assert_eq!(
        sandbox.tonl(&["fmt", "--check", "a.tonl", "b.tonl"]).code,
        Some(0)
    );
}

#[test]
fn standard_input_cannot_be_replaced() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.fed(&["fmt", "--write", "-"], COMPACT), @r#"
    exit 64
    --- stdout
    --- stderr
    error: standard input has no file to compare with or to replace
    "#);
}

#[test]
fn a_broken_file_is_left_as_it_is() {
    let sandbox = Sandbox::with("a.tonl", "users[2]{id}:\n 1\n");
    assert_snapshot!(sandbox.tonl(&["fmt", "--write", "a.tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl: line 3, column 1: expected row 2 of 2, found the end after row 1 of 2 (truncated)
    hint: the text ends too early: get the whole file again, or add what is missing
    "#);
    assert_eq!(sandbox.read("a.tonl"), "users[2]{id}:\n 1\n");
}

#[test]
fn a_missing_file_is_an_error() {
    let sandbox = Sandbox::with("users.tonl", COMPACT);
    assert_snapshot!(sandbox.tonl(&["fmt", "user.tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot find user.tonl
    hint: did you mean users.tonl?
    "#);
}
