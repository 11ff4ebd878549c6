//! Help, version, manual pages and completions.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

#[test]
fn the_command_prints_its_version() {
    let sandbox = Sandbox::new();
    for flag in ["--version", "-V", "-v"] {
        let text = sandbox.tonl(&[flag]).data();
        assert_eq!(text, concat!("tonl ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}

#[test]
fn the_command_alone_shows_its_help_as_an_error() {
    let outcome = Sandbox::new().tonl(&[]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("Usage: tonl"), "{outcome}");
}

#[test]
fn help_lists_the_commands_on_standard_output() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&["help"]), @"
    exit 0
    --- stdout
    Converts structured data to TONL and back: fewer tokens for a model, nothing lost

    Usage: tonl [OPTIONS] <COMMAND>

    Commands:
      convert      Convert files between TONL, JSON, NDJSON, YAML, CSV, TSV and TOON
      stream       Convert newline-delimited JSON to TONL rows as it arrives
      batch        Convert many files to TONL at the same time
      watch        Convert files to TONL again whenever they change
      check        Check that files are valid and survive the round trip
      fmt          Write TONL files again in one profile
      privacy      Try out what privacy policies hide
      count        Count the tokens of text files or of standard input
      models       List the models: how their tokens are counted and what they cost
      roi          Say what a saving of tokens is worth at a number of queries a day
      analyze      Say how many tokens, and how much money, TONL would save
      mcp          Serve MCP over standard input and output, or set up a client for it [alias: stdio]
      serve        Serve HTTP: stream conversion, metrics and the MCP endpoint
      doctor       Check the server's settings against the security checklist
      healthcheck  Ask a running server whether it is healthy
      audit        Look into audit logs of the server
      top          Watch a running server: load, conversions, errors, savings and latency
      token        Make a token for the server: 256 random bits, as 64 hexadecimal digits
      completions  Print a completion script for a shell
      man          Print the manual page, or write one page for each command into a folder
      help         Print this message or the help of the given subcommand(s)

    Options:
      -q, --quiet    Say nothing on standard error but errors
      -V, --version  Print the version [alias: -v]
      -h, --help     Print help

    Examples:
      tonl convert orders.json                 write orders.tonl beside it
      tonl convert orders.tonl -               print it as JSON again
      tail -f app.ndjson | tonl stream         rows as the records arrive
      tonl check data/*.json                   does every file survive the round trip?

    Exit codes: 0 success, 1 a negative finding, 2 an error, 64 options that do not fit together,
    130 interrupted.
    Data goes to standard output, everything for people to standard error.
    --- stderr
    ");
    let help = sandbox.tonl(&["help", "convert"]).data();
    assert_eq!(help, sandbox.tonl(&["convert", "--help"]).data());
    assert!(help.contains("Examples:"));
}

#[test]
fn an_unknown_command_is_answered_with_a_near_one() {
    assert_snapshot!(Sandbox::new().tonl(&["covert", "a.json"]), @"
    exit 2
    --- stdout
    --- stderr
    error: unrecognized subcommand 'covert'

      tip: some similar subcommands exist: 'count', 'convert'

    Usage: tonl [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn every_command_has_its_help_and_an_unknown_one_a_near_name() {
    let sandbox = Sandbox::new();
    for command in [
        "batch",
        "watch",
        "stream",
        "check",
        "fmt",
        "man",
        "completions",
    ] {
        let help = sandbox.tonl(&["help", command]).data();
        assert!(help.contains(&format!("Usage: tonl {command}")), "{help}");
    }
    assert_snapshot!(sandbox.tonl(&["help", "covert"]), @"
    exit 2
    --- stdout
    --- stderr
    error: unrecognized subcommand 'covert'

      tip: a similar subcommand exists: 'convert'

    Usage: tonl [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["help", "xyzzy"]), @"
    exit 2
    --- stdout
    --- stderr
    error: unrecognized subcommand 'xyzzy'

    Usage: tonl [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["help", "convert", "files"]), @"
    exit 2
    --- stdout
    --- stderr
    error: unrecognized subcommand 'files'

    Usage: tonl convert [OPTIONS] <INPUT> [OUTPUT]
           tonl convert [OPTIONS] --output-dir <DIR> <INPUT>...

    For more information, try '--help'.
    ");
}

#[test]
fn completions_are_printed_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = sandbox.tonl(&["completions", shell]).data();
        assert!(script.contains("convert"), "{shell}");
    }
}

#[test]
fn completions_for_an_unknown_shell_are_a_usage_error() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&["completions", "tcsh"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'tcsh' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    "#);
    assert_snapshot!(sandbox.tonl(&["completions"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: the following required arguments were not provided:
      <SHELL>

    Usage: tonl completions <SHELL>

    For more information, try '--help'.
    "#);
}

#[test]
fn the_manual_is_printed_or_written_as_pages() {
    let sandbox = Sandbox::new();
    let page = sandbox.tonl(&["man"]).data();
    assert!(page.contains(".TH tonl 1"), "{page}");
    assert_eq!(sandbox.tonl(&["man", "pages"]).code, Some(0));
    for name in [
        "tonl.1",
        "tonl-convert.1",
        "tonl-stream.1",
        "tonl-check.1",
        "tonl-fmt.1",
    ] {
        assert!(
            sandbox.read(&format!("pages/{name}")).contains(".TH"),
            "{name}"
        );
    }
}

#[test]
fn a_manual_that_cannot_be_written_is_an_error() {
    let sandbox = Sandbox::with("pages", "a file");
    assert_snapshot!(sandbox.tonl(&["man", "pages", "--markdown"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: the argument '[DIR]' cannot be used with '--markdown'

    Usage: tonl man <DIR>

    For more information, try '--help'.
    "#);
    assert_snapshot!(sandbox.tonl(&["man", "pages"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot create pages: file exists
    "#);
}

#[test]
fn colour_is_a_matter_of_the_environment() {
    let sandbox = Sandbox::new();
    let run = |variable: &str| {
        let mut command = sandbox.command(&["convert", "missing.json"]);
        let output = command.env(variable, "1").output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run("CLICOLOR_FORCE").contains('\u{1b}'));
    assert!(!run("NO_COLOR").contains('\u{1b}'));
}
