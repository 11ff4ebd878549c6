use super::text;
use std::ffi::OsString;
use tonl_bench::measure::Meter;

fn meter() -> Meter {
    Meter::new(env!("CARGO_BIN_EXE_tonl-bench").into())
}

fn generate(size: &str) -> Vec<OsString> {
    [env!("CARGO_BIN_EXE_tonl-bench"), "generate", "logs", size]
        .map(OsString::from)
        .to_vec()
}

#[test]
fn time_is_that_of_the_child_and_grows_with_its_work() {
    let (small, large) = (
        meter().cost(&generate("1kB")),
        meter().cost(&generate("20MB")),
    );
    let (small, large) = (small.unwrap(), large.unwrap());
    assert!(large.cpu > small.cpu, "{small:?} {large:?}");
}

#[test]
fn the_peak_is_that_of_the_child_and_not_of_the_caller() {
    let ballast = vec![1_u8; 200 << 20];
    let peak = meter().cost(&generate("20MB")).unwrap().peak;
    assert!(
        (1 << 20..100 << 20).contains(&peak),
        "{peak} with {} here",
        ballast.len()
    );
}

#[test]
fn a_child_that_fails_is_an_error_with_its_words() {
    let error = meter().cost(&generate("nothing")).unwrap_err().to_string();
    assert!(error.contains("64MB or 8MiB"), "{error}");
    let missing = meter().cost(&["no-such-program-here".into()]).unwrap_err();
    assert!(text(missing.to_string().as_bytes()).contains("cannot start"));
}
