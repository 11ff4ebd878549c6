//! What a scalar means under the core schema, and its exact number in JSON's grammar.
//!
//! *Source:* YAML 1.2.2, section 10.3.

use saphyr_parser::{ScalarStyle, Tag};
use std::borrow::Cow;
use tonl::scan::number::is_number;
use tonl::{Code, Error, Result};

/// A resolved scalar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// In JSON's grammar.
    Number(Cow<'a, str>),
    String(&'a str),
}

/// The tags that this crate obeys; every other is as if it were not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CoreTag {
    Str,
    Int,
    Float,
    Bool,
    Null,
    Map,
    Seq,
    Merge,
    /// `!`, which asks for the plainest kind: a scalar with it is a string.
    Plainest,
    /// None, or one that is ignored.
    Other,
}

impl CoreTag {
    pub(super) fn of(tag: Option<&Tag>) -> Self {
        const PREFIX: &str = "tag:yaml.org,2002:";
        let Some(tag) = tag else {
            return Self::Other;
        };
        let full = format!("{}{}", tag.handle, tag.suffix);
        match full.strip_prefix(PREFIX) {
            None if full == "!" => Self::Plainest,
            Some("str") => Self::Str,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("bool") => Self::Bool,
            Some("null") => Self::Null,
            Some("map") => Self::Map,
            Some("seq") => Self::Seq,
            Some("merge") => Self::Merge,
            _ => Self::Other,
        }
    }

    /// Refuses a tag that asks for something else than the mapping that bears it.
    pub(super) fn check_mapping(self) -> Result<()> {
        self.check_collection(Self::Map, "a mapping")
    }

    /// Refuses a tag that asks for something else than the sequence that bears it.
    pub(super) fn check_sequence(self) -> Result<()> {
        self.check_collection(Self::Seq, "a sequence")
    }

    fn check_collection(self, own: Self, found: &'static str) -> Result<()> {
        if self == own || matches!(self, Self::Other | Self::Plainest | Self::Merge) {
            return Ok(());
        }
        let expected = "what the tag says";
        Err(Error::new(Code::WrongType, expected, found).with_hint("remove or correct the tag"))
    }
}

/// Resolves a scalar by its text, style and tag.
///
/// # Errors
/// [`Code::WrongType`] if its tag asks for what its text is not; [`Code::Unrepresentable`] for
/// infinities and NaN.
pub(super) fn resolve(text: &str, style: ScalarStyle, tag: CoreTag) -> Result<Scalar<'_>> {
    let plain = || Ok(by_text(text)?.unwrap_or(Scalar::String(text)));
    let wanted = match tag {
        CoreTag::Str | CoreTag::Plainest => return Ok(Scalar::String(text)),
        CoreTag::Other | CoreTag::Merge if style != ScalarStyle::Plain => {
            return Ok(Scalar::String(text));
        }
        CoreTag::Other | CoreTag::Merge => return plain(),
        CoreTag::Int => "an integer, as the tag !!int says",
        CoreTag::Float => "a number, as the tag !!float says",
        CoreTag::Bool => "true or false, as the tag !!bool says",
        CoreTag::Null => "null or nothing, as the tag !!null says",
        CoreTag::Map => "a mapping, as the tag !!map says",
        CoreTag::Seq => "a sequence, as the tag !!seq says",
    };
    let scalar = plain()?;
    let fits = match (tag, &scalar) {
        (CoreTag::Int, Scalar::Number(number)) => !number.contains(['.', 'e', 'E']),
        (CoreTag::Float, Scalar::Number(_))
        | (CoreTag::Bool, Scalar::Bool(_))
        | (CoreTag::Null, Scalar::Null) => true,
        _ => false,
    };
    if fits {
        return Ok(scalar);
    }
    let shown: String = text.chars().take(40).collect();
    Err(Error::new(Code::WrongType, wanted, format!("{shown:?}")))
}

fn by_text(text: &str) -> Result<Option<Scalar<'_>>> {
    Ok(Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ if !matches!(
            text.as_bytes().first(),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.')
        ) =>
        {
            return Ok(None);
        }
        _ => return Ok(number(text)?.map(Scalar::Number)),
    }))
}

fn number(text: &str) -> Result<Option<Cow<'_, str>>> {
    if is_number(text.as_bytes()) {
        return Ok(Some(Cow::Borrowed(text)));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return based(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return based(digits, 8);
    }
    let (minus, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let is_nan = minus.is_empty() && text == unsigned && is_any(text, [".nan", ".NaN", ".NAN"]);
    if is_nan || is_any(unsigned, [".inf", ".Inf", ".INF"]) {
        let expected = "a number that JSON has";
        return Err(Error::new(Code::Unrepresentable, expected, text.to_owned())
            .with_hint("write null instead, or put quotes around it to keep it as a string"));
    }
    Ok(decimal(unsigned).map(|digits| Cow::Owned(format!("{minus}{digits}"))))
}

fn is_any(text: &str, names: [&str; 3]) -> bool {
    names.contains(&text)
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, in JSON's spelling.
fn decimal(text: &str) -> Option<String> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => text.split_at_checked(at)?,
        None => (text, ""),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let power = exponent.trim_start_matches(['e', 'E']);
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    let marks = usize::from(!exponent.is_empty());
    let has_power = exponent.len() - marks > 0 && !power.is_empty() && is_digits(power);
    let fits = is_digits(whole)
        && fraction.is_none_or(is_digits)
        && !(whole.is_empty() && fraction.is_none_or(str::is_empty))
        && (exponent.is_empty() || has_power);
    if !fits {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let made = match fraction {
        None => format!("{whole}{exponent}"),
        Some("") => format!("{whole}.0{exponent}"),
        Some(fraction) => format!("{whole}.{fraction}{exponent}"),
    };
    is_number(made.as_bytes()).then_some(made)
}

/// The most digits of a hexadecimal or octal integer; turning them into decimal ones costs time
/// in proportion to their square.
const MAX_BASED_DIGITS: usize = 65_536;

fn based(digits: &str, base: u32) -> Result<Option<Cow<'_, str>>> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return Ok(None);
    }
    if digits.len() > MAX_BASED_DIGITS {
        let expected = format!("at most {MAX_BASED_DIGITS} hexadecimal or octal digits");
        let found = digits.len().to_string();
        return Err(Error::new(Code::Unrepresentable, expected, found));
    }
    Ok(Some(Cow::Owned(to_decimal(digits, base))))
}

/// The decimal text of an integer of any size.
fn to_decimal(digits: &str, base: u32) -> String {
    const LIMB: u64 = 1_000_000_000;
    // Little-endian limbs of nine decimal digits. Seven digits at a time keep all within 64 bits.
    let mut limbs: Vec<u64> = vec![0];
    for chunk in digits.as_bytes().chunks(7) {
        let value = |sum: u64, digit: u8| {
            sum * u64::from(base) + u64::from(char::from(digit).to_digit(base).unwrap_or(0))
        };
        let mut carry = chunk.iter().fold(0, |sum, digit| value(sum, *digit));
        let factor = chunk.iter().fold(1, |factor, _| factor * u64::from(base));
        for limb in &mut limbs {
            carry += *limb * factor;
            *limb = carry % LIMB;
            carry /= LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut limbs = limbs.iter().rev();
    let first = limbs.next().copied().unwrap_or(0);
    let mut text = first.to_string();
    text.extend(limbs.map(|limb| format!("{limb:09}")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar<'_> {
        resolve(text, ScalarStyle::Plain, CoreTag::Other).unwrap()
    }

    #[test]
    fn numbers_keep_their_text_or_become_exact() {
        for (yaml, json) in [
            ("0", "0"),
            ("-0", "-0"),
            ("1.0", "1.0"),
            ("1e400", "1e400"),
            ("1E5", "1E5"),
            ("12345678901234567890.10", "12345678901234567890.10"),
            ("+12", "12"),
            ("012", "12"),
            ("-012", "-12"),
            ("00", "0"),
            ("+0", "0"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("+.5e-3", "0.5e-3"),
            ("1.", "1.0"),
            ("1.e3", "1.0e3"),
            ("012.50E+7", "12.50E+7"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("0x1f", "31"),
            ("0o0", "0"),
            ("0x00", "0"),
            (
                "0xFFFFFFFFFFFFFFFFFFFFFFFF",
                "79228162514264337593543950335",
            ),
            ("0o7777777777777777777777777", "37778931862957161709567"),
        ] {
            assert_eq!(plain(yaml), Scalar::Number(json.into()), "{yaml}");
        }
    }

    #[test]
    fn other_texts_are_strings_booleans_or_null() {
        for text in [
            "yes",
            "No",
            "on",
            "y",
            "nULL",
            "tRUE",
            "1_000",
            "0b11",
            "0x",
            "0o8",
            "0xG",
            "-0x1",
            "+0o7",
            ".",
            "-",
            "+",
            "e5",
            ".e5",
            "1e",
            "1e+",
            "1e5.0",
            "1.2.3",
            "--1",
            "+-1",
            "1 2",
            "inf",
            "nan",
            "-.nan",
            "+.nan",
            ".Nan",
            "12:30",
            "2024-01-01",
            "1e5e5",
            "1ee5",
        ] {
            assert_eq!(plain(text), Scalar::String(text));
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Scalar::Null);
        }
        for (text, value) in [("true", true), ("True", true), ("FALSE", false)] {
            assert_eq!(plain(text), Scalar::Bool(value));
        }
    }

    #[test]
    fn infinities_and_nan_are_refused_with_advice() {
        for text in [".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN"] {
            let error = resolve(text, ScalarStyle::Plain, CoreTag::Other).unwrap_err();
            assert_eq!(error.code(), Code::Unrepresentable, "{text}");
            assert!(error.hint().is_some());
            let quoted = resolve(text, ScalarStyle::DoubleQuoted, CoreTag::Other).unwrap();
            assert_eq!(quoted, Scalar::String(text));
        }
    }

    #[test]
    fn tags_decide_and_are_checked() {
        let quoted = |text, tag| resolve(text, ScalarStyle::DoubleQuoted, tag);
        assert_eq!(plain("12"), quoted("12", CoreTag::Int).unwrap());
        assert_eq!(
            quoted("12", CoreTag::Float).unwrap(),
            Scalar::Number("12".into())
        );
        assert_eq!(quoted("true", CoreTag::Bool).unwrap(), Scalar::Bool(true));
        assert_eq!(quoted("", CoreTag::Null).unwrap(), Scalar::Null);
        let text = resolve("12", ScalarStyle::Plain, CoreTag::Str).unwrap();
        assert_eq!(text, Scalar::String("12"));
        for (text, tag) in [
            ("1.5", CoreTag::Int),
            ("x", CoreTag::Int),
            ("x", CoreTag::Float),
            ("1", CoreTag::Bool),
            ("0", CoreTag::Null),
            ("x", CoreTag::Map),
            ("x", CoreTag::Seq),
        ] {
            let error = resolve(text, ScalarStyle::Plain, tag).unwrap_err();
            assert_eq!(error.code(), Code::WrongType, "{text}");
        }
    }

    #[test]
    fn a_hexadecimal_number_of_many_digits_is_exact_or_refused_quickly() {
        let long = format!("0x1{}", "0".repeat(MAX_BASED_DIGITS - 1));
        let Scalar::Number(number) = plain(&long) else {
            panic!("no number")
        };
        assert_eq!(number.len(), 78_913);
        assert!(number.ends_with('6'));
        let longer = format!("{long}0");
        assert!(resolve(&longer, ScalarStyle::Plain, CoreTag::Other).is_err());
    }
}
