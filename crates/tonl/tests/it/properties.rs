//! What holds for every document, text and split of bytes.

use crate::strategies;
use proptest::prelude::*;
use proptest::sample::Index;
use tonl::{ReadOptions, Value, WriteOptions};
use tonl_testkit::{Random, codec, json, mutate, oracle, targets};

fn write_options() -> impl Strategy<Value = WriteOptions> {
    prop::sample::select(codec::all_write_options())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_as_it_was(value in strategies::document()) {
        for options in codec::all_write_options() {
            let text = codec::write(&value, &options).unwrap();
            let read = codec::read(text.as_bytes(), &ReadOptions::default());
            prop_assert_eq!(read.map_err(|error| error.to_string()), Ok(value.clone()), "{}", text);
        }
    }

    #[test]
    fn what_is_written_reads_as_it_was_by_the_oracle(
        value in strategies::document(),
        options in write_options(),
    ) {
        let text = codec::write(&value, &options).unwrap();
        prop_assert_eq!(oracle::decode(&text), Ok(value), "{}", text);
    }

    #[test]
    fn writing_is_deterministic_and_stable(
        value in strategies::document(),
        options in write_options(),
    ) {
        let once = codec::write(&value, &options).unwrap();
        let read = codec::read(once.as_bytes(), &ReadOptions::default()).unwrap();
        prop_assert_eq!(codec::write(&read, &options).unwrap(), once);
    }

    #[test]
    fn no_written_line_ends_with_white_space_that_is_no_cell(
        value in strategies::document(),
    ) {
        let text = codec::write(&value, &WriteOptions::default()).unwrap();
        prop_assert!(text.ends_with('\n'));
        for line in text.lines() {
            prop_assert!(!line.ends_with(char::is_whitespace), "{:?}", line);
        }
    }

    #[test]
    fn the_oracle_and_the_reader_agree_on_damaged_text(
        value in strategies::document(),
        options in write_options(),
        seed in any::<u64>(),
    ) {
        let text = codec::write(&value, &options).unwrap();
        let damaged = mutate::mutated(&text, &mut Random::new(seed));
        let read = codec::read(damaged.as_bytes(), &ReadOptions::default());
        targets::agrees_with_oracle(&damaged, &read);
    }

    #[test]
    fn any_two_cuts_of_the_bytes_give_the_same(
        value in strategies::document(),
        options in write_options(),
        cuts in any::<(Index, Index)>(),
    ) {
        let text = codec::write(&value, &options).unwrap();
        let bytes = text.as_bytes();
        let (a, b) = (cuts.0.index(bytes.len() + 1), cuts.1.index(bytes.len() + 1));
        let (a, b) = (a.min(b), a.max(b));
        let pieces = [&bytes[..a], &bytes[a..b], &bytes[b..]];
        let read = codec::read_in_pieces(&pieces, &ReadOptions::default());
        prop_assert_eq!(read.map_err(|error| error.to_string()), Ok(value));
    }

    #[test]
    fn a_stream_reads_as_its_records(
        records in strategies::records(),
        options in write_options(),
        seed in any::<u64>(),
    ) {
        targets::stream_is_strict(&records, &options, &mut Random::new(seed));
    }

    #[test]
    fn any_text_is_read_or_refused_as_by_the_oracle(text in "[ -~\n]{0,60}") {
        targets::reader(text.as_bytes());
        targets::reader(format!("data[1]{{a,b}}:\n {text}\n").as_bytes());
        targets::reader(format!("data: {text}\n").as_bytes());
    }

    #[test]
    fn strings_stand_bare_only_where_they_read_back(string in strategies::string()) {
        let places = [
            Value::String(string.clone()),
            Value::Array(vec![Value::String(string.clone())]),
            tonl_testkit::generate::object_of(vec![(string, Value::Null)]),
        ];
        for value in places {
            targets::round_trip(json::text(&value).as_bytes());
        }
    }

    #[test]
    fn numbers_keep_their_text(number in strategies::number()) {
        let text = codec::write(&number, &WriteOptions::default()).unwrap();
        prop_assert_eq!(text, format!("data: {}\n", json::text(&number)));
    }
}
