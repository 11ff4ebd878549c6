//! Lenient reading: each deviation, what it reads as, and that it is reported.

use super::{Shown, fails, fails_with, reads};
use crate::Reader;
use crate::error::{Code, Error};
use crate::options::{ReadOptions, Strictness};

fn lenient() -> ReadOptions {
    ReadOptions {
        strictness: Strictness::Lenient,
        ..ReadOptions::default()
    }
}

/// What the text reads as, and the codes of the warnings.
fn read(text: &str, options: ReadOptions) -> Result<(String, Vec<Code>), Error> {
    let mut shown = Shown::default();
    let mut reader = Reader::new(options);
    reader.push(text.as_bytes(), &mut shown)?;
    reader.finish(&mut shown)?;
    let codes = reader.warnings().iter().map(Error::code).collect();
    Ok((shown.text, codes))
}

/// Checks that the text is refused strictly, and reads leniently as this JSON with these warnings.
#[track_caller]
fn takes(text: &str, json: &str, codes: &[Code]) {
    assert!(
        read(text, ReadOptions::default()).is_err(),
        "{text:?} is valid"
    );
    match read(text, lenient()) {
        Ok((shown, warned)) => assert_eq!((shown.as_str(), warned.as_slice()), (json, codes)),
        Err(error) => panic!("{error} in {text:?}"),
    }
}

#[test]
fn valid_documents_read_the_same_without_warnings() {
    for text in [
        "data[2]{a:str,b}:\n ,1\n \"\",\"x, y\"\n",
        "data:\n a: \"x\"\n b[1]: c\n",
        "data[]{a}:\n 1\n# c\n#end 1\n",
        "# c\n#optimize x\ndata: [1,{a:b}]\n# d\n\n",
        "data[2:]{a}:\n k,1\n * l:[]\n",
        "data[1]{t[]{a}}:\n [(1),()]\n",
    ] {
        let strict = read(text, ReadOptions::default()).unwrap();
        assert_eq!(read(text, lenient()).unwrap(), strict, "of {text:?}");
        assert_eq!(strict.1, []);
    }
}

#[test]
fn cells_missing_at_the_end_are_missing() {
    takes(
        "d[2]{a,b,c}:\n 1\n 1,2\n",
        r#"[{"a":1},{"a":1,"b":2}]"#,
        &[Code::ShortRow, Code::ShortRow],
    );
    takes(
        "d[1]{a,g{b,c}}:\n 1\n",
        r#"[{"a":1,"g":{}}]"#,
        &[Code::ShortRow],
    );
    takes("d[1:]{a,b}:\n k,1\n", r#"{"k":{"a":1}}"#, &[Code::ShortRow]);
}

#[test]
fn too_many_cells_stay_an_error() {
    fails_with(b"d[1]{a}:\n 1,2\n", &lenient(), Code::LongRow, (2, 3));
}

#[test]
fn unknown_types_are_none() {
    takes(
        "d[1]{a:uuid,b:i32}:\n x,1\n",
        r#"[{"a":"x","b":1}]"#,
        &[Code::HeaderSyntax],
    );
}

#[test]
fn a_wrong_count_is_a_warning() {
    takes("d[3]{a}:\n 1\n", r#"[{"a":1}]"#, &[Code::Truncated]);
    takes(
        "d[1]{a}:\n 1\n 2\n 3\n",
        r#"[{"a":1},{"a":2},{"a":3}]"#,
        &[Code::RowCount],
    );
    takes("d[1]: a, b\n", r#"["a","b"]"#, &[Code::RowCount]);
    takes("d[3]: a, b\n", r#"["a","b"]"#, &[Code::Truncated]);
    takes(
        "d:\n a[2]{b}:\n  1\n c: 1\n",
        r#"{"a":[{"b":1}],"c":1}"#,
        &[Code::Truncated],
    );
}

#[test]
fn blank_lines_are_nothing() {
    takes(
        "\nd[2]{a}:\n\n 1\n  \n 2\n",
        r#"[{"a":1},{"a":2}]"#,
        &[Code::BlankRow; 3],
    );
}

#[test]
fn directives_and_comments_among_the_lines_are_nothing() {
    takes(
        "d[2]{a}:\n 1\n#optimize x\n 2\n",
        r#"[{"a":1},{"a":2}]"#,
        &[Code::MisplacedComment],
    );
    takes(
        "d[2]{a}:\n 1\n #optimize x\n 2\n",
        r#"[{"a":1},{"a":2}]"#,
        &[Code::MisplacedComment],
    );
    takes(
        "d[]{a}:\n 1\n# x\n 2\n",
        r#"[{"a":1},{"a":2}]"#,
        &[Code::MisplacedComment],
    );
    takes(
        "#delimiter \"|\"\nd[1]{a|b}:\n 1|2\n",
        r#"[{"a":1,"b":2}]"#,
        &[],
    );
}

#[test]
fn inline_values_lost_their_quotes() {
    let header = "d[1]{a:obj,b:arr,c:str}:\n  ";
    let take =
        |row: &str, json: &str, code: Code| takes(&format!("{header}{row}\n"), json, &[code]);
    take(
        "{k: v}, [a, b], x",
        r#"[{"a":{"k":"v"},"b":["a","b"],"c":"x"}]"#,
        Code::UnquotedCharacter,
    );
    take(
        "{name:Bob, Jr.,n:1}, [], x",
        r#"[{"a":{"name":"Bob, Jr.","n":1},"b":[],"c":"x"}]"#,
        Code::UnquotedCharacter,
    );
    take(
        "{k:a\"b,e:}, [x,,{y: 1}], x",
        r#"[{"a":{"k":"a\"b","e":""},"b":["x","",{"y":1}],"c":"x"}]"#,
        Code::UnquotedCharacter,
    );
}

#[test]
fn bare_strings_may_hold_anything_but_the_delimiter() {
    takes(
        "d[1]{a:str,b:i32}:\n #x[1]{2},5\n",
        r##"[{"a":"#x[1]{2}","b":5}]"##,
        &[Code::UnquotedCharacter],
    );
    takes(
        "d[1]{a:str,b:str}:\n *x,@y\n",
        r#"[{"a":"*x","b":"@y"}]"#,
        &[Code::UnquotedCharacter],
    );
    takes(
        "d[1]{a:str,b:str}:\n [x,y\n",
        r#"[{"a":"[x","b":"y"}]"#,
        &[Code::WrongType],
    );
    takes(
        "d[1]{a:str}:\n [REDACTED]\n",
        r#"[{"a":"[REDACTED]"}]"#,
        &[Code::WrongType],
    );
    takes(
        "d: say \"hi\" \n",
        r#""say \"hi\"""#,
        &[Code::UnquotedCharacter],
    );
    takes(
        "d[1|]{a|b}:\n  Item, A | 10\n",
        r#"[{"a":"Item, A","b":10}]"#,
        &[Code::UnquotedCharacter],
    );
}

#[test]
fn an_empty_cell_with_a_space_behind_it_is_the_empty_string_in_a_text_column() {
    let (json, warned) = read("d[2]{a:str,b:i32,c:str}:\n  , 5, x\n  y, , \n", lenient()).unwrap();
    assert_eq!(json, r#"[{"a":"","b":5,"c":"x"},{"a":"y"}]"#);
    assert_eq!(warned, [Code::ShortRow]);
    let (json, warned) = read("d[1]{a:str,b:i32}:\n ,5\n", lenient()).unwrap();
    assert_eq!(
        (json.as_str(), warned.as_slice()),
        (r#"[{"b":5}]"#, [].as_slice())
    );
}

#[test]
fn the_other_cells_of_a_row_with_an_empty_string_read_as_ever() {
    let (json, warned) = read("d[1]{a:str,b:i32,c}:\n , 5, {\"}\":1}\n", lenient()).unwrap();
    assert_eq!(json, r#"[{"a":"","b":5,"c":{"}":1}}]"#);
    assert_eq!(warned, [Code::ShortRow]);
    let quoted = "d[1]{a:str,b}:\n \", ,\",\"x: , ,\"\n";
    let (json, warned) = read(quoted, lenient()).unwrap();
    assert_eq!(json, r#"[{"a":", ,","b":"x: , ,"}]"#);
    assert_eq!(warned, []);
    takes(
        "d[1]{a:str,b:str,c:obj}:\n , , {k: v,}\n",
        r#"[{"a":"","b":"","c":{"k":"v,"}}]"#,
        &[Code::ShortRow, Code::ShortRow, Code::UnquotedCharacter],
    );
}

#[test]
fn faults_of_meaning_stay_errors() {
    fails_with(
        b"d[1]{a:str}:\n \"x\n",
        &lenient(),
        Code::UnterminatedQuote,
        (2, 4),
    );
    fails_with(b"d: {a:1,a:2}\n", &lenient(), Code::DuplicateKey, (1, 9));
    fails_with(b"d[1]{a:i32}:\n x\n", &lenient(), Code::WrongType, (2, 2));
    fails_with(
        b"d[1]{a:i32}:\n x[\n",
        &lenient(),
        Code::UnquotedCharacter,
        (2, 3),
    );
    fails_with(
        b"d[1]{a:obj}:\n {k: v}}\n",
        &lenient(),
        Code::UnquotedCharacter,
        (2, 5),
    );
    fails_with(b"d: \"\\ud800\"\n", &lenient(), Code::LoneSurrogate, (1, 5));
    fails_with(
        b"d:\n a: 1\n   b: 1\n",
        &lenient(),
        Code::BadIndentation,
        (3, 4),
    );
}

#[test]
fn quotes_may_be_doubled() {
    takes(
        "d[1]{a,b}:\n \"say \"\"hi\"\"\",1\n",
        r#"[{"a":"say \"hi\"","b":1}]"#,
        &[Code::TrailingContent],
    );
    takes(
        "d: \"a\"\"\"\"b\\n\"\n",
        r#""a\"\"b\n""#,
        &[Code::TrailingContent],
    );
}

#[test]
fn strings_in_three_quotes_span_lines() {
    takes(
        "root:\n  code: \"\"\"f() {\n\n  # x, \\\"\"\" y\n}\"\"\"\n  b: \"\"\"z\"\"\"\n",
        r#"{"code":"f() {\n\n  # x, \"\"\" y\n}","b":"z"}"#,
        &[Code::TrailingContent, Code::TrailingContent],
    );
    takes(
        "d[1]{a,b}:\n  \"\"\"x\ny\"\"\", 5\n",
        r#"[{"a":"x\ny","b":5}]"#,
        &[Code::TrailingContent],
    );
    fails_with(
        b"d: \"\"\"x\ny\n",
        &lenient(),
        Code::UnterminatedQuote,
        (1, 10),
    );
    fails("d: \"\"\"x\"\"\"\n", Code::TrailingContent, 1, 6);
}

#[test]
fn blocks_may_name_their_columns() {
    takes(
        "#version 1.0\nroot{user,tags}:\n  user{name,age:u32}:\n    name: Ada\n    age: 30\n  tags[2]: a, b\n",
        r#"{"user":{"name":"Ada","age":30},"tags":["a","b"]}"#,
        &[Code::HeaderSyntax; 2],
    );
    takes(
        "root{s,n,b}: s: hello world n: 42 b: \"x n: y\"\n",
        r#"{"s":"hello world","n":42,"b":"x n: y"}"#,
        &[Code::HeaderSyntax],
    );
    takes(
        "root{a,b}: 1, x\n",
        r#"{"a":1,"b":"x"}"#,
        &[Code::HeaderSyntax],
    );
}

#[test]
fn elements_may_be_indexed() {
    takes(
        "root{items}:\n  items[4]:\n    [0]: text\n    [1]{id,n}:\n      id: 1\n      n[1]: x\n    [2][2]: 1, 2\n    [3]: [5]\n",
        r#"{"items":["text",{"id":1,"n":["x"]},[1,2],[5]]}"#,
        &[Code::HeaderSyntax; 2],
    );
    reads("d[2]:\n [0]\n [1]\n", "[[0],[1]]");
}

#[test]
fn warnings_are_bounded_and_counted() {
    let mut reader = Reader::new(lenient());
    let mut sink = Shown::default();
    reader.push(b"d[200]{a,b}:\n", &mut sink).unwrap();
    for _ in 0..150 {
        reader.push(b" 1\n", &mut sink).unwrap();
    }
    reader.finish(&mut sink).unwrap();
    assert_eq!(
        (reader.warnings().len(), reader.warning_count()),
        (100, 151)
    );
    assert_eq!(reader.warnings()[0].position().unwrap().line, 2);
}
