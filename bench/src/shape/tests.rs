use super::*;

const SEED: u64 = 42;

#[test]
fn each_shape_has_its_published_size_per_record_within_a_tenth() {
    let published = [
        (Shape::Users, 97),
        (Shape::Logs, 679),
        (Shape::Rag, 929),
        (Shape::Nested, 307),
        (Shape::Drift, 679),
        (Shape::Hostile, 144),
    ];
    for (shape, published) in published {
        let lines = Records::new(shape, SEED).lines(8_000_000);
        let actual = lines.len() / memchr::memchr_iter(b'\n', &lines).count();
        println!(
            "{:8} {actual:4} bytes a record, published {published}",
            shape.name()
        );
        assert!(
            actual.abs_diff(published) * 10 <= published,
            "{}: {actual}",
            shape.name()
        );
    }
}

#[test]
fn every_record_is_one_valid_json_object_without_a_line_end() {
    for shape in Shape::TABLE.into_iter().chain([Shape::Wide]) {
        let mut records = Records::new(shape, SEED);
        for _ in 0..2000 {
            let mut record = Vec::new();
            records.append(&mut record);
            let value: serde_json::Value = serde_json::from_slice(&record).unwrap();
            assert!(
                value.is_object() && !record.contains(&b'\n'),
                "{}",
                shape.name()
            );
        }
    }
}

#[test]
fn the_bytes_depend_on_shape_and_seed_alone() {
    for shape in Shape::TABLE {
        let first = Records::new(shape, SEED).lines(100_000);
        assert_eq!(first, Records::new(shape, SEED).lines(100_000));
        assert_ne!(first, Records::new(shape, SEED + 1).lines(100_000));
    }
}

#[test]
fn a_fixed_seed_gives_the_bytes_of_the_published_figures() {
    let digest = |shape| {
        let lines = Records::new(shape, SEED).lines(100_000);
        lines.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let digests = Shape::TABLE.map(|shape| format!("{} {:016x}", shape.name(), digest(shape)));
    assert_eq!(digests.join("\n"), include_str!("digests.txt").trim_end());
}

#[test]
fn drift_has_the_documented_share_of_each_kind_of_record() {
    let mut records = Records::new(Shape::Drift, SEED);
    let (mut plain, mut missing, mut late) = (0, 0, 0);
    for index in 0..20_000 {
        let mut record = Vec::new();
        records.append(&mut record);
        let value: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&record).unwrap();
        let in_order = value.keys().map(String::as_str).eq(logs::KEYS);
        plain += u32::from(in_order && !value.values().any(serde_json::Value::is_null));
        missing += u32::from(value.len() < 15);
        late += u32::from(value.len() > 15);
        assert!(index >= 1000 || value.len() <= 15);
    }
    let share = |count: u32| f64::from(count) / 20_000.0;
    assert!((share(plain) - 0.82).abs() < 0.02, "{plain}");
    assert!((share(missing) - 0.10).abs() < 0.01, "{missing}");
    assert!((share(late) - 0.04).abs() < 0.01, "{late}");
}

#[test]
fn wide_records_hold_every_column_once_and_change_their_order() {
    let mut records = Records::wide(50, SEED);
    let mut orders = Vec::new();
    for _ in 0..2 {
        let mut record = Vec::new();
        records.append(&mut record);
        let value: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&record).unwrap();
        assert_eq!(value.len(), 50);
        orders.push(value.keys().cloned().collect::<Vec<_>>());
    }
    assert_ne!(orders[0], orders[1]);
}
