//! Every limit, and strict types.

use super::{fails_with, read_with};
use crate::error::Code;
use crate::limits::Limits;
use crate::options::{Ranges, ReadOptions};

fn with(change: impl FnOnce(&mut Limits)) -> ReadOptions {
    let mut options = ReadOptions::default();
    change(&mut options.limits);
    options
}

#[track_caller]
fn reads_with(text: &str, options: &ReadOptions) {
    if let Err(error) = read_with(text.as_bytes(), options) {
        panic!("{error} in {text:?}");
    }
}

#[test]
fn depth_counts_containers_of_every_form() {
    for (text, depth, column) in [
        ("d: 5\n", 0, None),
        ("d: []\n", 1, Some((1, 4))),
        ("d: [[1]]\n", 2, Some((1, 5))),
        ("d[0]{}:\n", 1, Some((1, 2))),
        ("d[1]{a}:\n 1\n", 2, Some((2, 2))),
        ("d[1]{a{b}}:\n 1\n", 3, Some((2, 2))),
        ("d[1]{a}:\n {}\n", 3, Some((2, 2))),
        ("d[1]{t[]{a}}:\n [(1)]\n", 4, Some((2, 3))),
        ("d[1]{t[]{a}}:\n []\n", 3, Some((2, 2))),
        ("d[1]{t[]{g{a}}}:\n [(1)]\n", 5, Some((2, 4))),
        ("d[1:]{a}:\n k,1\n", 2, Some((2, 4))),
        ("d[1]{a}:\n * []\n", 2, Some((2, 4))),
        ("d:\n a:\n  b: 1\n", 2, Some((2, 3))),
        ("d[1]: x\n", 1, Some((1, 7))),
        ("d[1]:\n []\n", 2, Some((2, 2))),
        ("d[1:]{a}:\n * k:[]\n", 2, Some((2, 6))),
    ] {
        reads_with(text, &with(|limits| limits.depth = depth));
        if let Some(place) = column {
            let options = with(|limits| limits.depth = depth - 1);
            fails_with(text.as_bytes(), &options, Code::DepthLimit, place);
        }
    }
}

#[test]
fn the_greatest_depth_does_not_exhaust_the_stack() {
    let options = with(|limits| limits.depth = usize::MAX);
    let flow = |depth: usize| format!("d: {}{}\n", "[".repeat(depth), "]".repeat(depth));
    reads_with(&flow(Limits::MAX_DEPTH), &options);
    fails_with(
        flow(100_000).as_bytes(),
        &options,
        Code::DepthLimit,
        (1, 4 + Limits::MAX_DEPTH as u64),
    );
    let tuples = |depth: usize| {
        format!(
            "d[1]{{{}a{}}}:\n {}{}\n",
            "t[]{".repeat(depth),
            "}".repeat(depth),
            "[(".repeat(depth),
            ")]".repeat(depth)
        )
    };
    reads_with(&tuples(1_000), &options);
    fails_with(
        tuples(1_500).as_bytes(),
        &options,
        Code::DepthLimit,
        (2, 2_048),
    );
    fails_with(
        tuples(100_000).as_bytes(),
        &options,
        Code::DepthLimit,
        (1, 6 + 4 * 2_048),
    );
    let groups = format!(
        "d[1]{{{}a{}}}:\n 1\n",
        "g{".repeat(2_046),
        "}".repeat(2_046)
    );
    reads_with(&groups, &options);
}

#[test]
fn columns_are_counted_with_groups_and_tuples() {
    let options = with(|limits| limits.columns = 3);
    reads_with("d[0]{a,g{b}}:\n", &options);
    fails_with(b"d[0]{a,g{b},c}:\n", &options, Code::ColumnLimit, (1, 13));
    fails_with(b"d[0]{t[]{a,b},c}:\n", &options, Code::ColumnLimit, (1, 15));
}

#[test]
fn rows_are_limited_whether_claimed_or_not() {
    let options = with(|limits| limits.rows = 2);
    reads_with("d[2]{a}:\n 1\n 2\n", &options);
    fails_with(b"d[3]{a}:\n 1\n", &options, Code::RowLimit, (1, 3));
    fails_with(b"d[]{a}:\n 1\n 2\n 3\n", &options, Code::RowLimit, (4, 2));
    fails_with(
        b"d[]{a}:\n 1\n 2\nd[]{b}:\n 3\n",
        &options,
        Code::RowLimit,
        (5, 2),
    );
}

#[test]
fn a_line_is_limited_without_its_line_end() {
    let options = with(|limits| limits.line_bytes = 7);
    reads_with("data: 1\r\n", &options);
    reads_with("\u{FEFF}data: 1\r\n", &options);
    fails_with(b"data: 12\n", &options, Code::LineLimit, (1, 8));
    fails_with(b"data: 12", &options, Code::LineLimit, (1, 8));
    fails_with(b"data: 1\n########\n", &options, Code::LineLimit, (2, 8));
}

#[test]
fn the_document_is_limited() {
    let options = with(|limits| limits.total_bytes = 8);
    reads_with("data: 1\n", &options);
    fails_with(b"data: 1\n\n", &options, Code::ByteLimit, (2, 1));
    fails_with(b"data: 123", &options, Code::ByteLimit, (1, 9));
}

#[test]
fn a_claimed_count_costs_no_memory() {
    fails_with(
        b"d[18446744073709551615]{a}:\n",
        &ReadOptions::default(),
        Code::Truncated,
        (2, 1),
    );
}

#[test]
fn strict_types_check_ranges() {
    let options = ReadOptions {
        ranges: Ranges::Checked,
        ..ReadOptions::default()
    };
    for (name, fits, does_not) in [
        ("i8", "-128", "128"),
        ("i16", "32767", "-32769"),
        ("i32", "2147483647", "2147483648"),
        ("i64", "-9223372036854775808", "9223372036854775808"),
        ("u8", "255", "-1"),
        ("u16", "0", "65536"),
        ("u32", "4294967295", "4294967296"),
        ("u64", "18446744073709551615", "18446744073709551616"),
        ("i32", "-0", "1.0"),
        ("i32", "1", "1e2"),
        ("f32", "1e38", "1e39"),
        ("f64", "1e308", "1e309"),
        ("f64", "5", "-1e400"),
        ("u64", "1", "99999999999999999999999999999999999999999999"),
    ] {
        reads_with(&format!("d[1]{{a:{name}}}:\n {fits}\n"), &options);
        let text = format!("d[1]{{a:{name}}}:\n {does_not}\n");
        fails_with(text.as_bytes(), &options, Code::OutOfRange, (2, 2));
        reads_with(&text, &ReadOptions::default());
    }
    reads_with(
        "d[3]{a:i8,b}:\n null,1\n ,1\n 1,99999999999999999999\n",
        &options,
    );
    fails_with(
        b"d[1]{t[]{a:i8}}:\n [(200)]\n",
        &options,
        Code::OutOfRange,
        (2, 4),
    );
}
