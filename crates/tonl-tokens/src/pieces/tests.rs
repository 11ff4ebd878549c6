use super::*;

fn pieces(cut: Cut, text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = cut(text.as_bytes(), at);
        assert!(end > at, "{text:?} at {at}");
        pieces.push(text.get(at..end).unwrap());
        at = end;
    }
    pieces
}

#[test]
fn words_numbers_signs_and_space_are_pieces() {
    for (text, o200k_pieces, cl100k_pieces) in [
        (
            "Hello world",
            &["Hello", " world"][..],
            &["Hello", " world"][..],
        ),
        (
            "camelCase HTTPServer",
            &["camel", "Case", " HTTPServer"],
            &["camelCase", " HTTPServer"],
        ),
        (
            "don't DON'T",
            &["don't", " DON'T"],
            &["don", "'t", " DON", "'T"],
        ),
        ("12345", &["123", "45"], &["123", "45"]),
        (
            "{\"id\":1}",
            &["{\"", "id", "\":", "1", "}"],
            &["{\"", "id", "\":", "1", "}"],
        ),
        ("a  b", &["a", " ", " b"], &["a", " ", " b"]),
        ("a \n\n b", &["a", " \n\n", " b"], &["a", " \n\n", " b"]),
        ("a   ", &["a", "   "], &["a", "   "]),
        (",\n/x", &[",\n/", "x"], &[",\n", "/x"]),
        ("日本A", &["日本", "A"], &["日本A"]),
        ("e\u{301}a", &["e\u{301}a"], &["e", "\u{301}a"]),
        ("\u{301} a", &["\u{301}", " a"], &["\u{301}", " a"]),
        ("", &[], &[]),
    ] {
        assert_eq!(pieces(o200k, text), o200k_pieces, "o200k {text:?}");
        assert_eq!(pieces(cl100k, text), cl100k_pieces, "cl100k {text:?}");
    }
}
