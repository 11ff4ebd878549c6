use super::*;

fn block(tokens: &[&str]) -> Vec<u8> {
    let tokens: Vec<Vec<u8>> = tokens
        .iter()
        .map(|token| token.as_bytes().to_vec())
        .collect();
    build(&tokens).unwrap()
}

#[test]
fn every_token_is_found_and_nothing_else() {
    let tokens: Vec<String> = (0..5_000)
        .map(|number| format!("t{}", number * 7))
        .collect();
    let block = block(&tokens.iter().map(String::as_str).collect::<Vec<_>>());
    let vocabulary = Vocabulary::new(&block).unwrap();
    assert_eq!(vocabulary.tokens(), 5_000);
    for (number, token) in (0..).zip(&tokens) {
        assert_eq!(vocabulary.find(token.as_bytes()), Some(number), "{token}");
        assert_eq!(vocabulary.token(number), Some(token.as_bytes()));
    }
    for other in (0..50_000).filter(|number| number % 7 != 0) {
        assert_eq!(vocabulary.find(format!("t{other}").as_bytes()), None);
    }
    assert_eq!(vocabulary.find(b""), None);
    assert_eq!(vocabulary.token(5_000), None);
}

#[test]
fn a_token_that_stands_twice_has_no_place() {
    let tokens = vec![b"a".to_vec(), b"b".to_vec(), b"a".to_vec()];
    let error = build(&tokens).unwrap_err();
    assert!(matches!(error, BuildError::NoPlace { .. }), "{error}");
}

#[test]
fn a_block_that_is_cut_or_of_another_layout_is_refused() {
    let block = block(&["a", "b", "ab"]);
    for end in 0..block.len() {
        assert!(Vocabulary::new(&block[..end]).is_none(), "{end} bytes");
    }
    let mut other = block.clone();
    other[7] = b'2';
    assert!(Vocabulary::new(&other).is_none());
    let mut endless = block;
    endless[12..16].copy_from_slice(&[0xFF; 4]);
    assert!(Vocabulary::new(&endless).is_none());
}
