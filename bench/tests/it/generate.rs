use super::{bench, text};

#[test]
fn data_goes_to_standard_output_and_the_summary_to_standard_error() {
    let output = bench(&["generate", "users", "1kB", "--seed", "7"]);
    assert!(output.status.success());
    assert!(output.stdout.len() <= 1000 && output.stdout.ends_with(b"}\n"));
    let lines = text(&output.stdout).lines().count();
    assert!(text(&output.stderr).starts_with(&format!("users: {lines} records, ")));
}

#[test]
fn the_file_holds_what_standard_output_would() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.json");
    let words = ["generate", "nested", "20kB", "--form", "array-pretty"];
    let direct = bench(&words);
    let to_file = bench(&[&words[..], &["-o", path.to_str().unwrap()]].concat());
    assert!(to_file.status.success() && to_file.stdout.is_empty());
    assert_eq!(std::fs::read(path).unwrap(), direct.stdout);
}

#[test]
fn an_unknown_shape_or_size_is_refused_with_the_choices() {
    assert!(text(&bench(&["generate", "clouds", "1MB"]).stderr).contains("hostile"));
    assert!(text(&bench(&["generate", "users", "1XB"]).stderr).contains("64MB or 8MiB"));
}
