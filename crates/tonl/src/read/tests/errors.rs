//! Every error of the grammar with its code and place.

use super::{document, fails, fails_with, read_with, rows_fail};
use crate::error::Code;
use crate::options::ReadOptions;

#[test]
fn a_document_begins_with_a_root_entry() {
    fails("# only\n", Code::MissingHeader, 2, 1);
    fails("#a", Code::MissingHeader, 1, 3);
    fails("hello world\n", Code::HeaderSyntax, 1, 6);
    fails("{\"a\":1}\n", Code::HeaderSyntax, 1, 1);
    fails(" a: 1\n", Code::BadIndentation, 1, 2);
    fails(
        &format!("{}: 1\n", "x".repeat(257)),
        Code::HeaderSyntax,
        1,
        1,
    );
    fails("data\n", Code::HeaderSyntax, 1, 5);
}

#[test]
fn headers_are_checked() {
    for (header, column) in [
        ("data[01]{a}:", 6),
        ("data[+1]{a}:", 6),
        ("data[1,]{a}:", 7),
        ("data[1]{a}", 11),
        ("data[1]{a:int}:", 11),
        ("data[1]{a:}:", 11),
        ("data[1]{a", 10),
        ("data[1]{}:", 8),
        ("data[1]{g{}}:", 11),
        ("data[1]{t[]{}}:", 13),
        ("data[1]{t[x]{a}}:", 11),
        ("data[]:", 7),
        ("data[1:]:", 9),
        ("data[:]{a}:", 8),
        ("data[1]x:", 8),
        ("data{a}:", 5),
        ("data:x", 6),
        ("data[1]{a,}:", 11),
        ("data[1]{,a}:", 9),
    ] {
        fails(&format!("{header}\n"), Code::HeaderSyntax, 1, column);
    }
    fails("data[1]{a}:x\n", Code::HeaderSyntax, 1, 12);
    fails("data[1]{a}: \n", Code::TrailingSpace, 1, 12);
    fails("data:\n a[]{b}:\n", Code::HeaderSyntax, 2, 4);
    fails("data[99999999999999999999]{a}:\n", Code::RowLimit, 1, 6);
    fails("data[1]{a ,b}:\n", Code::HeaderSyntax, 1, 10);
    fails("data[1]{#a}:\n", Code::HeaderSyntax, 1, 9);
}

#[test]
fn a_column_stands_once_in_its_header() {
    fails("data[0]{a,\"a\"}:\n", Code::DuplicateColumn, 1, 11);
    fails("data[0]{g{x},g}:\n", Code::DuplicateColumn, 1, 14);
    fails("data[0]{g{x,\"\\u0078\"}}:\n", Code::DuplicateColumn, 1, 13);
}

#[test]
fn rows_have_as_many_cells_as_columns() {
    rows_fail("data[1]{a,b}: / 1", Code::ShortRow, 2, 3);
    rows_fail("data[1]{a,b}: / 1,2,3", Code::LongRow, 2, 5);
    rows_fail("data[1]{a}: / 1,", Code::LongRow, 2, 3);
    rows_fail("data[]{}: / 1", Code::LongRow, 2, 2);
    rows_fail("data[1:]{a}: / k", Code::ShortRow, 2, 3);
    rows_fail("data[1:]{a,b}: / k,1", Code::ShortRow, 2, 5);
}

#[test]
fn the_count_of_rows_is_checked() {
    rows_fail("data[1]{a}: / 1 / 2", Code::RowCount, 3, 2);
    rows_fail("data[2]{a}: / 1", Code::Truncated, 3, 1);
    fails("data[2]{a}:\n 1", Code::Truncated, 2, 3);
    rows_fail("data[0]{}: / * 1", Code::RowCount, 2, 2);
    fails("data:\n a[2]{b}:\n  1\n c: 1\n", Code::Truncated, 4, 2);
    rows_fail("data[2]: / 1", Code::Truncated, 3, 1);
    rows_fail("data[2]: 1", Code::Truncated, 1, 11);
    rows_fail("data[1]: 1,2", Code::RowCount, 1, 12);
    rows_fail("data[0]: 1", Code::RowCount, 1, 10);
    fails("data:\n", Code::Truncated, 2, 1);
    fails("data:\n a:\n b: 1\n", Code::BadIndentation, 3, 2);
    fails("data:\nb: 1\n", Code::BadIndentation, 2, 1);
    let error = read_with(b"data[3]{a}:\n 1\n", &ReadOptions::default()).unwrap_err();
    assert_eq!(error.found(), "the end after row 1 of 3");
}

#[test]
fn streams_are_checked() {
    fails("data[]{a}:\n 1\n 2", Code::Truncated, 3, 3);
    fails("data[]{a}:", Code::Truncated, 1, 11);
    fails("data[]{a}:\n 1\n#end 1", Code::Truncated, 3, 7);
    fails("data[]{a}:\n 1\n#end 2\n", Code::RowCount, 3, 6);
    fails("data[]{a}:\n 1\n#end 0\n", Code::RowCount, 3, 6);
    fails(
        "data[]{a}:\n 1\n#end 99999999999999999999\n",
        Code::RowCount,
        3,
        6,
    );
    fails(
        "data[]{a}:\n 1\n#end 1\ndata[]{a}:\n",
        Code::TrailingContent,
        4,
        1,
    );
    fails("data[]{a}:\n 1\n#end 1\n 2\n", Code::TrailingContent, 4, 2);
    fails("data[]{a}:\n 1\n# note\n 2\n", Code::MisplacedComment, 3, 1);
    fails("data[]{a}:\nother[]{a}:\n", Code::TrailingContent, 2, 1);
    fails("data[]{a}:\ndata[1]{a}:\n", Code::HeaderSyntax, 2, 6);
    fails("data[]{a}:\ndata: 1\n", Code::HeaderSyntax, 2, 5);
}

#[test]
fn blank_lines_stand_only_at_the_end() {
    fails("\ndata: 1\n", Code::BlankRow, 1, 1);
    fails("data[2]{a}:\n 1\n\n 2\n", Code::BlankRow, 3, 1);
    fails("data[1]{a}:\n \n", Code::Truncated, 3, 1);
    fails("data[1]{a,b}:\n 1,\n  \n# c\n", Code::BlankRow, 3, 1);
    fails("data: 1\n\n# c\n", Code::BlankRow, 2, 1);
}

#[test]
fn quotes_are_closed_and_escapes_known() {
    rows_fail("data[1]{a}: / \"x", Code::UnterminatedQuote, 2, 4);
    rows_fail("data[1]{a}: / \"x\\", Code::UnterminatedQuote, 2, 5);
    rows_fail("data[1]{a}: / \"x\\q\"", Code::BadEscape, 2, 4);
    rows_fail("data[1]{a}: / \"\\u00g0\"", Code::BadEscape, 2, 3);
    rows_fail("data[1]{a}: / \"\\ud800\"", Code::LoneSurrogate, 2, 3);
    rows_fail("data[1]{a}: / \"x\"y", Code::TrailingContent, 2, 5);
    rows_fail("data[1]{a}: / \"x\" ", Code::TrailingSpace, 2, 5);
    rows_fail("data[1]{a}: / \"a\tb\"", Code::ControlCharacter, 2, 4);
    rows_fail("data: \"x\"y", Code::TrailingContent, 1, 10);
}

#[test]
fn special_characters_need_quotes() {
    for cell in [
        "x\"y",
        "x\\y",
        "x{y",
        "x}y",
        "x[y",
        "x]y",
        "x\u{2028}y",
        "x\u{FEFF}y",
    ] {
        rows_fail(
            &format!("data[1]{{a}}: / {cell}"),
            Code::UnquotedCharacter,
            2,
            3,
        );
    }
    for cell in ["@x", "*x", "#x", "  x"] {
        rows_fail(
            &format!("data[1]{{z,a}}: / 1,{cell}"),
            Code::UnquotedCharacter,
            2,
            if cell == "  x" { 5 } else { 4 },
        );
    }
    for value in ["x\"y", "x\\y"] {
        rows_fail(&format!("data: {value}"), Code::UnquotedCharacter, 1, 8);
    }
    for value in [" x", "#x", "@x", "*x", "\u{3000}x"] {
        rows_fail(&format!("data: {value}"), Code::UnquotedCharacter, 1, 7);
    }
    rows_fail("data[1]{a}: / x\u{1}", Code::ControlCharacter, 2, 3);
    rows_fail("data[1]{a}: / x\u{85}y", Code::ControlCharacter, 2, 3);
    rows_fail("data[1]{a}: / x\u{7F}", Code::ControlCharacter, 2, 3);
    rows_fail("data[1:]{a}: / a:b,1", Code::UnquotedCharacter, 2, 3);
    rows_fail("data: / a|b: 1", Code::UnquotedCharacter, 2, 3);
    rows_fail("data[1]: {}", Code::UnquotedCharacter, 1, 10);
}

#[test]
fn an_escape_row_is_a_star_a_space_and_a_value() {
    rows_fail("data[1]{a}: / *{}", Code::UnquotedCharacter, 2, 2);
    rows_fail("data[1]{a}: / * ", Code::TrailingSpace, 2, 4);
    rows_fail("data[1]{a}: / *", Code::UnquotedCharacter, 2, 2);
    rows_fail("data[1]{a}: / * * x", Code::UnquotedCharacter, 2, 4);
    rows_fail("data[1:]{a}: / * k", Code::UnquotedCharacter, 2, 5);
    rows_fail("data[1:]{a}: / * k: 1", Code::UnquotedCharacter, 2, 6);
}

#[test]
fn spaces_at_the_end_are_refused_with_a_hint() {
    fails("data: x \n", Code::TrailingSpace, 1, 8);
    fails("data: \n", Code::TrailingSpace, 1, 7);
    rows_fail("data[1]{a,b}: / 1,x ", Code::TrailingSpace, 2, 5);
    rows_fail("data[1]{a,b}: / 1 ,x", Code::UnquotedCharacter, 2, 3);
    rows_fail("data[1]{a,b}: / 1,  ", Code::TrailingSpace, 2, 5);
    fails("data: x\u{A0}\n", Code::TrailingSpace, 1, 8);
    let error = read_with(b"data: x \n", &ReadOptions::default()).unwrap_err();
    assert!(error.hint().is_some());
}

#[test]
fn indentation_is_a_multiple_of_its_unit() {
    fails("data:\n   a:\n    b: 1\n", Code::BadIndentation, 3, 5);
    fails("data:\n a: 1\n  b: 1\n", Code::BadIndentation, 3, 3);
    fails("data:\n         a: 1\n", Code::BadIndentation, 2, 10);
    fails("data[1]{a}:\n 1\n   2\n", Code::BadIndentation, 3, 4);
    fails("data:\n\ta: 1\n", Code::Tab, 2, 1);
    fails("data:\n \ta: 1\n", Code::Tab, 2, 2);
    fails("data[1|]{a|b}:\n \t1|2\n", Code::Tab, 2, 2);
    fails("data[1\t]{a\tb}:\n\t1\t2\n", Code::Tab, 2, 1);
}

#[test]
fn no_key_stands_twice_in_an_object() {
    rows_fail("data: {a:1,\"\\u0061\":2}", Code::DuplicateKey, 1, 12);
    rows_fail("data: / a: 1 / b: 2 / a: 3", Code::DuplicateKey, 4, 2);
    rows_fail("data[2:]{n}: / k,1 / \"k\",2", Code::DuplicateKey, 3, 2);
    rows_fail("data[2:]{n}: / k,1 / * k:2", Code::DuplicateKey, 3, 4);
}

#[test]
fn comments_do_not_stand_among_the_lines_of_the_root() {
    fails("data[2]{a}:\n 1\n# c\n 2\n", Code::MisplacedComment, 3, 1);
    fails("data:\n# c\n a: 1\n", Code::MisplacedComment, 2, 1);
    fails("data:\n a: 1\n# c\n b: 1\n", Code::MisplacedComment, 3, 1);
    fails("data[1]{a}:\n # c\n", Code::MisplacedComment, 2, 2);
    fails("data:\n a: 1\n # c\n", Code::MisplacedComment, 3, 2);
}

#[test]
fn nothing_follows_the_root() {
    fails("data: 1\nmore: 2\n", Code::TrailingContent, 2, 1);
    fails("data: 1\n more: 2\n", Code::TrailingContent, 2, 2);
    fails("data[1]{a}:\n 1\nmore: 2\n", Code::TrailingContent, 3, 1);
    fails("data: 1\n# c\nmore: 2\n", Code::TrailingContent, 3, 1);
}

#[test]
fn flow_values_are_strict() {
    for (value, column) in [
        ("[1,,2]", 10),
        ("[1", 9),
        ("{a}", 9),
        ("{a:1", 11),
        ("[1}", 9),
        ("[,]", 8),
        ("[1,]", 10),
        ("{a:}", 10),
    ] {
        let code = if document(value).len() == column - 6 {
            Code::Truncated
        } else {
            Code::UnquotedCharacter
        };
        fails(&format!("data: {value}\n"), code, 1, column as u64);
    }
    fails("data: {a: 1}\n", Code::UnquotedCharacter, 1, 10);
    fails("data: [1, 2]\n", Code::UnquotedCharacter, 1, 10);
    fails("data: [1]x\n", Code::TrailingContent, 1, 10);
    fails("data: {:1}\n", Code::UnquotedCharacter, 1, 8);
    fails("data: {a:1,}\n", Code::UnquotedCharacter, 1, 12);
    fails("data: [a{b]\n", Code::UnquotedCharacter, 1, 9);
}

#[test]
fn delimiters_are_known() {
    fails("#delimiter x\ndata: 1\n", Code::HeaderSyntax, 1, 12);
    fails("#delimiter \ndata: 1\n", Code::HeaderSyntax, 1, 12);
}

#[test]
fn bytes_are_utf8_and_carriage_returns_have_line_feeds() {
    let options = ReadOptions::default();
    fails_with(
        b"data[1]{a}:\n \xC3\xA4\xFF\n",
        &options,
        Code::InvalidUtf8,
        (2, 3),
    );
    fails_with(b"data: 1\n# \xE2\x82", &options, Code::InvalidUtf8, (2, 3));
    fails_with(b"data: a\rb\n", &options, Code::LoneCarriageReturn, (1, 8));
    fails_with(b"data: a\r", &options, Code::LoneCarriageReturn, (1, 8));
    fails_with(b"data: a\r\r\n", &options, Code::LoneCarriageReturn, (1, 8));
}

#[test]
fn nothing_is_read_after_an_error() {
    let mut reader = crate::Reader::new(ReadOptions::default());
    let mut sink = crate::ValueBuilder::new();
    let first = reader.push(b"data: x \n", &mut sink).unwrap_err();
    let again = reader.push(b"data: 1\n", &mut sink).unwrap_err();
    assert_eq!(
        (first.code(), first.position()),
        (again.code(), again.position())
    );
    assert!(reader.finish(&mut sink).is_err());
}
