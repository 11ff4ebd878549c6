//! CSV loses nothing in silence: a table for which the sink reports no loss is read back as the same
//! value.

use crate::round_trip::{numbers, object, strings};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tonl::{Number, Value, ValueBuilder};
use tonl_convert::Input;
use tonl_convert::sink::{CsvColumns, CsvSink, TextSink};
use tonl_convert::source::csv::{CsvCells, CsvOptions, read};

fn write(value: &Value, separator: u8) -> (Vec<u8>, Vec<String>) {
    let mut columns = CsvColumns::new(4_096);
    value.emit(&mut columns).unwrap();
    let mut sink = CsvSink::new(columns, separator);
    value.emit(&mut sink).unwrap();
    sink.finish().unwrap();
    (std::mem::take(sink.buffer()), sink.losses())
}

fn read_back(csv: &[u8], separator: u8, cells: CsvCells) -> Value {
    let mut options = CsvOptions::default();
    options.separator = separator;
    options.cells = cells;
    let mut builder = ValueBuilder::new();
    read(&Input::from_bytes("t", csv), &options, &mut builder).unwrap();
    builder.take().pop().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_without_reported_losses_comes_back(table in tables(), tabs in any::<bool>()) {
        let separator = if tabs { b'\t' } else { b',' };
        let (csv, losses) = write(&table, separator);
        let found = read_back(&csv, separator, CsvCells::Inferred);
        if losses.is_empty() {
            prop_assert_eq!(&found, &table);
        } else {
            prop_assert_ne!(&found, &table, "nothing was lost, but reported: {:?}", losses);
        }
    }

    #[test]
    fn a_table_of_strings_comes_back_as_text(
        rows in vec(vec(strings(), 3), 1..8),
        tabs in any::<bool>(),
    ) {
        let separator = if tabs { b'\t' } else { b',' };
        let names = ["a", "b,\t\"", ""];
        let record = |cells: Vec<String>| {
            let members = names.iter().map(|name| (*name).to_owned());
            object(members.zip(cells.into_iter().map(Value::String)).collect())
        };
        let table = Value::Array(rows.into_iter().map(record).collect());
        let (csv, _) = write(&table, separator);
        prop_assert_eq!(read_back(&csv, separator, CsvCells::Text), table);
    }
}

/// Records of the same keys; each column draws from one kind of scalars, or from all.
fn tables() -> impl Strategy<Value = Value> {
    let names = strings().prop_map(|name| name.replace('\0', "0"));
    (btree_map(names, 0..6_usize, 1..4), 1..5_usize).prop_flat_map(|(columns, rows)| {
        let names: Vec<String> = columns.keys().cloned().collect();
        let record: Vec<BoxedStrategy<Value>> = columns.into_values().map(cells).collect();
        vec(record, rows).prop_map(move |rows| {
            let record = |cells: Vec<Value>| object(names.iter().cloned().zip(cells).collect());
            Value::Array(rows.into_iter().map(record).collect())
        })
    })
}

fn cells(kind: usize) -> BoxedStrategy<Value> {
    let number = numbers().prop_map(|text| Value::Number(Number::new(&text).unwrap()));
    let string = strings().prop_map(Value::String);
    let boolean = any::<bool>().prop_map(Value::Bool);
    let look_alike = prop_oneof![numbers(), Just("true".to_owned()), strings()];
    match kind {
        0 => number.boxed(),
        1 => boolean.boxed(),
        2 => string.boxed(),
        3 => look_alike.prop_map(Value::String).boxed(),
        4 => prop_oneof![number, Just(Value::Null)].boxed(),
        _ => prop_oneof![number, boolean, string, Just(Value::Null)].boxed(),
    }
}
