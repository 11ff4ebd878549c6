//! Numbers as people read them.

/// A whole number with a comma between thousands: `38,531`.
pub(crate) fn grouped(number: u64) -> String {
    grouped_digits(&number.to_string())
}

/// The same with a sign if it is negative: `-1,234`.
pub(crate) fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// The digits of a whole number with a comma between thousands.
pub(crate) fn grouped_digits(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 record`, `120 records`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// The share of bytes saved, in percent; negative if the output is larger, 0 for an empty input.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share is shown with one decimal"
)]
pub(crate) fn saved_percent(bytes_in: u64, bytes_out: u64) -> f64 {
    if bytes_in == 0 {
        return 0.0;
    }
    100.0 * (1.0 - bytes_out as f64 / bytes_in as f64)
}

/// The saving in words: `37.7 % saved`, `12.0 % larger`.
pub(crate) fn saving(bytes_in: u64, bytes_out: u64) -> String {
    if bytes_in == bytes_out {
        return "the same size".to_owned();
    }
    format!("saved {:.1} %", saved_percent(bytes_in, bytes_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(signed(-12_345), "-12,345");
        assert_eq!(signed(7), "7");
    }

    #[test]
    fn a_count_agrees_with_its_noun() {
        assert_eq!(counted(1, "record"), "1 record");
        assert_eq!(counted(0, "record"), "0 records");
    }

    #[test]
    fn a_larger_output_is_a_negative_saving() {
        assert_eq!(saving(100, 75), "saved 25.0 %");
        assert_eq!(saving(100, 112), "saved -12.0 %");
        assert_eq!(saving(0, 0), "the same size");
    }
}
