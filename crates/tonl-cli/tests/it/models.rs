//! `tonl models`. The table has one home, so that nothing of it is repeated here.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use serde_json::Value;
use tonl_tokens::Model;
use tonl_tokens::model::MODELS;

#[test]
fn every_model_has_a_row_with_its_price_and_date() {
    let text = Sandbox::new().tonl(&["models"]).data();
    let mut rows = text.lines();
    let headings = rows.next().unwrap();
    assert!(headings.starts_with("model"), "{headings}");
    for model in MODELS {
        let row = rows.next().unwrap();
        assert!(row.starts_with(model.name), "{row}");
        assert!(row.contains(&model.counted_by()), "{row}");
        assert!(row.contains(&format!("{:.2}", model.price.output)), "{row}");
        assert!(row.ends_with(model.price.date), "{row}");
    }
    assert_eq!(rows.next(), None);
}

#[test]
fn the_table_for_machines_is_an_array() {
    let text = Sandbox::new().tonl(&["models", "--json"]).data();
    let models: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(models.len(), MODELS.len());
    for (value, model) in models.iter().zip(MODELS) {
        assert_eq!(value["name"], model.name);
        assert_eq!(value["inputCost"].as_f64(), Some(model.price.input));
        assert_eq!(value["priceDate"], model.price.date);
        assert_eq!(value["default"], model == Model::default_model());
    }
}

#[test]
fn what_it_does_not_take_is_a_usage_error() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&["models", "gpt-5"]), @"
    exit 2
    --- stdout
    --- stderr
    error: unexpected argument 'gpt-5' found

    Usage: tonl models [OPTIONS]

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["models", "--jsn"]), @"
    exit 2
    --- stdout
    --- stderr
    error: unexpected argument '--jsn' found

      tip: a similar argument exists: '--json'

    Usage: tonl models --json

    For more information, try '--help'.
    ");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let sandbox = Sandbox::new();
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = sandbox.command(&["models"]);
    let output = command.stdout(full.unwrap()).output().unwrap();
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    error: cannot write standard output: no space left on device
    hint: free some space and run again
    ");
    assert_eq!(output.status.code(), Some(2));
}
