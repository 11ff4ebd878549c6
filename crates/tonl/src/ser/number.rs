//! How a [`Number`] is handed to serializers.

use super::{JsonSerializer, NUMBER};
use crate::value::Number;
use serde::ser::{Serialize, Serializer};
use std::any::type_name;

/// To this crate's own serializer a number gives its text, so that no digit is lost. Others get an
/// `i64` or `u64` if it is one, else an `f64` if that has the same value as the text, else the text
/// as a string.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.as_str();
        // Serializers are not told apart by type, because they may borrow. A foreign one of the same
        // name would get the text in a newtype, which is a string: nothing worse than below.
        if type_name::<S>() == type_name::<&mut JsonSerializer<'_>>() {
            return serializer.serialize_newtype_struct(NUMBER, text);
        }
        if text != "-0" {
            if let Ok(value) = text.parse::<i64>() {
                return serializer.serialize_i64(value);
            }
            if let Ok(value) = text.parse::<u64>() {
                return serializer.serialize_u64(value);
            }
        }
        match text.parse::<f64>() {
            Ok(value) if is_same(text, value) => serializer.serialize_f64(value),
            _ => serializer.serialize_str(text),
        }
    }
}

/// Whether the shortest text of `value` stands for the same number as `text`.
fn is_same(text: &str, value: f64) -> bool {
    value.is_finite() && decimal(text) == decimal(&format!("{value:?}"))
}

/// A number's sign, its digits without zeros at the ends, and the power of ten of the last digit.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
    let fraction = i64::try_from(fraction.len()).ok()?;
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() {
        return Some((is_negative, String::new(), 0));
    }
    let power = exponent.checked_sub(fraction)?.checked_add(dropped)?;
    Some((is_negative, kept.to_owned(), power))
}
