//! Outputs that cannot be written, and devices that are written directly.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use std::fs::OpenOptions;

const JSON: &str = "[{\"id\":1}]";

#[test]
fn a_missing_folder_is_named() {
    let sandbox = Sandbox::with("a.json", JSON);
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "none/a.tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot write none/a.tonl: no such file or directory
    hint: create the folder first
    "#);
}

#[test]
fn a_file_in_the_place_of_a_folder_is_named() {
    let sandbox = Sandbox::with("a.json", JSON);
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "a.json/a.tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot write a.json/a.tonl: not a directory
    "#);
}

#[test]
fn a_read_only_file_is_not_replaced_even_with_force() {
    let sandbox = Sandbox::with("a.json", JSON).and("a.tonl", "precious\n");
    let path = sandbox.path("a.tonl");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "--force"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot write a.tonl: the file is read-only
    hint: allow writing to it, or name another output
    "#);
    assert_eq!(sandbox.read("a.tonl"), "precious\n");
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions_and_its_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::with("a.json", JSON).and("real.tonl", "old\n");
    let path = sandbox.path("real.tonl");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    symlink("real.tonl", sandbox.path("a.tonl")).unwrap();
    assert_eq!(
        sandbox.tonl(&["convert", "a.json", "--force"]).code,
        Some(0)
    );
    assert!(sandbox.path("a.tonl").is_symlink());
    assert_eq!(sandbox.read("real.tonl"), "data: [{id:1}]\n");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_plainly() {
    let sandbox = Sandbox::with("a.json", JSON).and("a.ndjson", "{\"id\":1}\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "/dev/full"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot write /dev/full: no space left on device
    hint: free some space and run again
    "#);
    assert_snapshot!(sandbox.tonl(&["stream", "-i", "a.ndjson", "-o", "/dev/full"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot write /dev/full: no space left on device
    hint: free some space and run again
    "#);
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = sandbox
        .command(&["convert", "a.json", "-"])
        .stdout(full)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("no space left on device"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_written_directly() {
    let sandbox = Sandbox::with("a.json", JSON);
    let shown = sandbox.tonl(&["convert", "a.json", "/dev/stdout"]).data();
    assert_eq!(shown, "data: [{id:1}]\n");
    assert_eq!(
        sandbox.tonl(&["convert", "a.json", "/dev/null"]).code,
        Some(0)
    );
    assert_eq!(sandbox.names(), ["a.json"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_no_unfinished_file_behind() {
    let record = "{\"id\":1,\"message\":\"request finished in time\"}\n";
    let sandbox = Sandbox::with("many.ndjson", record.repeat(1_000_000));
    let mut child = sandbox
        .command(&["convert", "many.ndjson", "--verify"])
        .spawn()
        .unwrap();
    let unfinished = |name: &String| name.starts_with(".tonl-");
    while !sandbox.names().iter().any(unfinished) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it wrote");
    }
    let kill = format!("kill -TERM {}", child.id());
    let sent = std::process::Command::new("sh")
        .args(["-c", &kill])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(sandbox.names(), ["many.ndjson"]);
}
