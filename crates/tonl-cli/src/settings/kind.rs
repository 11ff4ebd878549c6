//! What the values of a setting are, and how text becomes one.

use crate::args::size::Size;
use std::net::IpAddr;
use std::time::Duration;

/// The kind of a setting's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number from the first to the second.
    Count(u64, u64),
    /// A time in milliseconds, at most a year.
    Milliseconds,
    /// A time in seconds, at most a year.
    Seconds,
    /// A number of bytes; `KiB`, `MiB`, `GiB` and `MB` are understood.
    Bytes,
    /// An IP address.
    Address,
    /// A port from 1 to 65535.
    Port,
    /// A port to listen on: the same, or 0 for any free one.
    ListenPort,
    /// The name of a file.
    Path,
    /// Items with commas between them.
    List,
    /// Items on a line each, or on one line with `|` between them; an item may hold commas.
    Lines,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any text on one line.
    Text,
    /// Text that is never shown.
    Secret,
}

/// The longest time a setting may ask for.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Kind {
    /// What a value must be, for messages and tables.
    pub(crate) fn expected(self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::Count(least, most) => format!("a whole number from {least} to {most}"),
            Self::Milliseconds => "whole milliseconds, at most a year".to_owned(),
            Self::Seconds => "whole seconds, at most a year".to_owned(),
            Self::Bytes => "a number of bytes, such as 52428800 or 50MiB".to_owned(),
            Self::Address => "an IP address, such as 127.0.0.1 or ::".to_owned(),
            Self::Port => "a port from 1 to 65535".to_owned(),
            Self::ListenPort => "a port from 1 to 65535, or 0 for any free one".to_owned(),
            Self::Path => "the name of a file".to_owned(),
            Self::List => "items with commas between them".to_owned(),
            Self::Lines => "items on a line each, or with | between them".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Text | Self::Secret => "text on one line".to_owned(),
        }
    }

    /// The unit in which values are given, for tables.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Bytes => "bytes",
            _ => "",
        }
    }

    /// Whether a text is a value of this kind.
    pub(crate) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Switch => switch(text).is_some(),
            Self::Count(least, most) => count(text).is_some_and(|n| (least..=most).contains(&n)),
            Self::Milliseconds => milliseconds(text).is_some(),
            Self::Seconds => seconds(text).is_some(),
            Self::Bytes => bytes(text).is_some(),
            Self::Address => address(text).is_some(),
            Self::Port => port(text).is_some(),
            Self::ListenPort => listen_port(text).is_some(),
            Self::OneOf(words) => words.contains(&text),
            Self::Lines => lines(text).all(is_plain),
            Self::Secret => is_plain(trimmed(text)),
            Self::Path | Self::List | Self::Text => is_plain(text),
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.contains(char::is_control)
}

/// A secret without a byte order mark and without one line end: what files and `echo` add to it.
pub(crate) fn trimmed(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => text,
    }
}

/// The items of a text: its lines, or if it is a single line without a line end, the parts between
/// `|`. Empty ones are left out.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let separator = if text.contains('\n') { '\n' } else { '|' };
    text.split(separator)
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// Whether a text is the number zero, with a unit or without.
pub(crate) fn is_zero(text: &str) -> bool {
    bytes(text) == Some(0)
}

/// `true` or `false`.
pub(crate) fn switch(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Digits alone.
pub(crate) fn count(text: &str) -> Option<u64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

/// Milliseconds as a time.
pub(crate) fn milliseconds(text: &str) -> Option<Duration> {
    count(text)
        .map(Duration::from_millis)
        .filter(|time| *time <= YEAR)
}

/// Seconds as a time.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    count(text)
        .map(Duration::from_secs)
        .filter(|time| *time <= YEAR)
}

/// A number of bytes, perhaps with a unit.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    text.parse().ok().map(Size::bytes)
}

/// An address, in brackets or not.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    if text == "localhost" {
        return Some(IpAddr::from([127, 0, 0, 1]));
    }
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text).parse().ok()
}

/// A port that can be asked for.
pub(crate) fn port(text: &str) -> Option<u16> {
    listen_port(text).filter(|port| *port > 0)
}

/// A port to listen on.
pub(crate) fn listen_port(text: &str) -> Option<u16> {
    count(text).and_then(|port| u16::try_from(port).ok())
}

#[cfg(test)]
mod tests {
    use super::super::table::ALL;
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_kind() {
        for setting in ALL {
            let fits = setting.default.is_empty() || setting.kind.accepts(setting.default);
            assert!(fits, "{}", setting.name());
        }
    }

    #[test]
    fn garbage_is_no_value() {
        let cases: &[(Kind, &[&str])] = &[
            (Kind::Switch, &["", "yes", "TRUE", "1"]),
            (
                Kind::Count(1, 10),
                &["", "0", "11", "-1", "+1", "1e1", " 1"],
            ),
            (Kind::Milliseconds, &["", "1s", "99999999999999"]),
            (Kind::Seconds, &["0.5", "31536001"]),
            (Kind::Bytes, &["", "-1", "x"]),
            (Kind::Address, &["", "localhost:1", "1.2.3", "::g"]),
            (Kind::Port, &["0", "65536", "http"]),
            (Kind::ListenPort, &["", "-1", "65536", "3000 "]),
            (Kind::Text, &["a\nb", "\u{1b}[0m"]),
        ];
        for (kind, texts) in cases {
            for text in *texts {
                assert!(!kind.accepts(text), "{kind:?} {text:?}");
            }
        }
    }

    // S41
    #[test]
    fn a_secret_may_end_with_one_line_end_and_begin_with_a_byte_order_mark() {
        for text in ["abc", "abc\n", "abc\r\n", "\u{feff}abc\n"] {
            assert!(Kind::Secret.accepts(text), "{text:?}");
            assert_eq!(trimmed(text), "abc", "{text:?}");
        }
        for text in ["abc\n\n", "a\nb", "abc\r", "\nabc", "a\0b"] {
            assert!(!Kind::Secret.accepts(text), "{text:?}");
        }
    }

    // S26, S29
    #[test]
    fn an_item_on_its_own_line_may_hold_commas_and_bars() {
        let items = |text| lines(text).collect::<Vec<_>>();
        assert_eq!(items("A: 1, 2|B: 3"), ["A: 1, 2", "B: 3"]);
        assert_eq!(items("A: 1 | 2\nB: 3"), ["A: 1 | 2", "B: 3"]);
        assert_eq!(items("A: 1 | 2\n"), ["A: 1 | 2"]);
        assert_eq!(items(""), [""; 0]);
        assert!(Kind::Lines.accepts("A: 1\r\nB: 2\n"));
        assert!(!Kind::Lines.accepts("A: \u{1b}[0m"));
    }

    #[test]
    fn values_are_what_they_say() {
        assert_eq!(
            address("[::1]"),
            Some(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]))
        );
        assert_eq!(bytes("50MiB"), Some(52_428_800));
        assert_eq!(milliseconds("1500"), Some(Duration::from_millis(1_500)));
        assert_eq!(port("3000"), Some(3_000));
    }
}
