//! The one spelling that TOON has for a number (§2).
//!
//! The value is never computed: digits move around the point, so no digit is ever lost.

use std::borrow::Cow;

/// The spelling that a writer should use for this JSON number: without exponent and needless zeros
/// from 1e-6 to below 1e21, as it is outside of that.
pub(super) fn canonical(text: &str) -> Cow<'_, str> {
    let is_integer = !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    if is_integer && text != "-0" {
        return Cow::Borrowed(text);
    }
    let spelled = Parts::of(text).spelled();
    match spelled {
        Some(spelled) if spelled != text => Cow::Owned(spelled),
        _ => Cow::Borrowed(text),
    }
}

/// `0.DIGITS` times ten to the power of `point`, where the first and the last digit are not 0.
struct Parts {
    is_negative: bool,
    digits: String,
    point: i64,
}

impl Parts {
    fn of(text: &str) -> Self {
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        let leading = length(&all) - length(significant);
        Self {
            is_negative,
            digits: significant.trim_end_matches('0').to_owned(),
            point: power(exponent).saturating_add(length(whole) - leading),
        }
    }

    /// Nothing if the value is outside the range that has one spelling.
    fn spelled(&self) -> Option<String> {
        /// The powers of 1e-6 and of what is just below 1e21.
        const RANGE: std::ops::RangeInclusive<i64> = -5..=21;
        if self.digits.is_empty() {
            return Some("0".to_owned());
        }
        if !RANGE.contains(&self.point) {
            return None;
        }
        let sign = if self.is_negative { "-" } else { "" };
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        let whole = usize::try_from(self.point).unwrap_or(0);
        Some(match self.digits.split_at_checked(whole) {
            Some(("", digits)) => format!("{sign}0.{}{digits}", zeros(-self.point)),
            Some((whole, "")) => format!("{sign}{whole}"),
            Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
            None => format!(
                "{sign}{}{}",
                self.digits,
                zeros(self.point - length(&self.digits))
            ),
        })
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// The exponent; one beyond all range as a number that is far enough beyond it.
fn power(exponent: &str) -> i64 {
    const FAR: i64 = i64::MAX / 4;
    match exponent.parse::<i64>() {
        Ok(power) => power.clamp(-FAR, FAR),
        Err(_) if exponent.starts_with('-') => -FAR,
        Err(_) => FAR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_the_range_a_number_has_one_spelling() {
        for (text, spelled) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.0", "0"),
            ("-0e99", "0"),
            ("0.00E-9999999999999999999999", "0"),
            ("1.0", "1"),
            ("-1.50", "-1.5"),
            ("1e2", "100"),
            ("1E+2", "100"),
            ("12.5e1", "125"),
            ("12.5e0", "12.5"),
            ("1.25e1", "12.5"),
            ("125e-1", "12.5"),
            ("125e-3", "0.125"),
            ("125e-4", "0.0125"),
            ("0.00125e4", "12.5"),
            ("1e-6", "0.000001"),
            ("0.0000010", "0.000001"),
            ("1e20", "100000000000000000000"),
            ("999999999999999999999.0", "999999999999999999999"),
            ("1e6", "1000000"),
            ("0.5", "0.5"),
            ("100", "100"),
            (
                "0.333333333333333333333333333333333330",
                "0.33333333333333333333333333333333333",
            ),
        ] {
            assert_eq!(canonical(text), spelled, "{text}");
            assert_eq!(canonical(spelled), spelled);
        }
    }

    #[test]
    fn outside_the_range_the_text_stays() {
        for text in [
            "1e21",
            "1.0e21",
            "1000000000000000000000",
            "1000000000000000000000.0",
            "1e400",
            "-1E+9999999999999999999999999",
            "9.99e-7",
            "0.00000099",
            "1e-99999999999999999999999999",
        ] {
            assert_eq!(canonical(text), text);
        }
    }
}
