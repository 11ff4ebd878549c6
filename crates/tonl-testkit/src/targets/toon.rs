//! TOON: a text is read as one value, which comes back, or it is refused with a place.

use super::checked::Checked;
use tonl::{Value, ValueBuilder};
use tonl_convert::sink::{TextSink as _, ToonSink};
use tonl_convert::toon::{self, Fidelity, Strictness, ToonReadOptions, ToonWriteOptions};

/// Any bytes as TOON, strict and lenient: no panic; a fault has a place; the events are those of one
/// value, and an exact text of that value is read as the same value. What a canonical text does not
/// hold is told.
///
/// # Panics
/// If one of that does not hold.
pub fn toon(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let strict = ToonReadOptions::default();
    for strictness in [Strictness::Strict, Strictness::Lenient] {
        let mut options = ToonReadOptions::default();
        options.strictness = strictness;
        let mut checked = Checked::default();
        if let Err(error) = toon::parse(text, &options, &mut checked) {
            assert!(error.position().is_some(), "{error}");
            continue;
        }
        checked.assert_one_value();
        let value = value_of(text, &options);
        let (exact, losses) = written(&value, Fidelity::Exact);
        assert!(losses.is_empty(), "an exact text loses nothing");
        assert_eq!(value_of(&exact, &strict), value, "{exact}");
        let (canonical, losses) = written(&value, Fidelity::Canonical);
        let is_same = value_of(&canonical, &strict) == value;
        assert_eq!(losses.is_empty(), is_same, "{losses:?}: {canonical}");
    }
}

fn value_of(text: &str, options: &ToonReadOptions) -> Value {
    let mut builder = ValueBuilder::new();
    if let Err(error) = toon::parse(text, options, &mut builder) {
        panic!("{error}: {text}");
    }
    builder.take().pop().unwrap_or_default()
}

fn written(value: &Value, fidelity: Fidelity) -> (String, Vec<String>) {
    let mut options = ToonWriteOptions::default();
    options.fidelity = fidelity;
    let mut sink = ToonSink::new(options);
    if let Err(error) = value.emit(&mut sink).and_then(|()| sink.finish()) {
        panic!("{error}");
    }
    let text = std::mem::take(sink.buffer());
    (String::from_utf8_lossy(&text).into_owned(), sink.losses())
}
