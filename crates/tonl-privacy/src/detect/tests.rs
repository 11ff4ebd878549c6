//! What is found, what is left alone, and what it costs.

use super::*;

/// The text with every occurrence in angle brackets.
fn marked(text: &str, detectors: &[Detector]) -> String {
    let mut found = Vec::new();
    find(text, detectors.iter().copied(), &mut found);
    let (mut out, mut at) = (String::new(), 0);
    for one in &found {
        let occurrence = text.get(one.start..one.end).unwrap();
        out += text.get(at..one.start).unwrap();
        out.extend(["<", occurrence, ">"]);
        at = one.end;
    }
    out + text.get(at..).unwrap()
}

#[track_caller]
fn check(detector: Detector, cases: &[&str]) {
    for marked_text in cases {
        let plain = marked_text.replace(['<', '>'], "");
        assert_eq!(marked(&plain, &[detector]), *marked_text);
    }
}

#[test]
fn emails_are_found_inside_texts() {
    check(
        Detector::Email,
        &[
            "<alice@example.com>",
            "write to <bob.smith+x@mail.example.co.uk>, please.",
            "(<a@b.cd>) or '<o'brien@example.org>'",
            "联系 <张三@例子.公司> 。",
            "<jörg@bücher.example>.",
            "a mailto:<x@y.example>?subject=1",
            "<a@x.com@y.com> and <a@secret@b.com>",
            "user@localhost, @handle, a@b.c, me @ home.com, @example.com",
            "<x@y.com>@z",
            "-<a@b.example>-",
            "<jose\u{301}@example.com> <alice@exa\u{301}mple.com> <สมชาย@ตัวอย่าง.ไทย>",
            "<देवेन्द्र@उदाहरण.भारत> <a@b.cde\u{301}>",
            "<o!brien@example.com> <pierre.d/rh@example.com>",
            "<bounce+alice=example.com@list.org>",
            "{<a@b.example>|<c@d.example>} *<a@b.example>* <a@b.example>/<c@d.example>",
        ],
    );
}

#[test]
fn phones_are_found_with_their_separators() {
    check(
        Detector::Phone,
        &[
            "call <+49 30 1234567> or <+1 (555) 123-4567>!",
            "<555-123-4567>, <(555) 123-4567>, <1-555-123-4567>, <555.123.4567>",
            "<+4930123456>",
            "5551234567 2025-01-31 123-45-6789 +12 34",
            "+1234567890123456 a+4930123456",
            "555-123-4567-8 0x555-123-4567",
        ],
    );
}

#[test]
fn social_security_numbers_of_issued_ranges_are_found() {
    check(
        Detector::Ssn,
        &[
            "ssn <123-45-6789>.",
            "<123 45 6789>",
            "000-45-6789 666-45-6789 912-45-6789 123-00-6789 123-45-0000",
            "123-45 6789 1123-45-6789 123-45-67890 123-45-6789-1 123456789",
        ],
    );
}

#[test]
fn cards_are_found_by_issuer_and_check_digit() {
    check(
        Detector::Card,
        &[
            "<4111111111111111>",
            "pay 12 <4111 1111 1111 1111> now",
            "<3782-822463-10005>, <30569309025904>, <5555 5555 5555 4444>",
            "4111111111111112 1700000000000 0000000000000000",
            "x4111111111111111 41111111111111111 4111111111111111x 0.4111111111111111",
            "<6011 0009 9013 9424>: ok",
        ],
    );
}

#[test]
fn account_numbers_are_found_by_country_and_check_digits() {
    check(
        Detector::Iban,
        &[
            "<DE89370400440532013000>",
            "to <DE89 3704 0044 0532 0130 00> and more",
            "<gb82west12345698765432>",
            "DE89370400440532013001 XX89370400440532013000 DE8937040044053201300",
            "ADE89370400440532013000 DE893704004405320130001",
            "<NO9386011117947>",
        ],
    );
}

#[test]
fn addresses_of_machines_are_found() {
    check(
        Detector::Ipv4,
        &[
            "from <10.0.0.1>:8080 to <192.168.178.255>.",
            "<10.0.0.1>..<10.0.0.20>, <10.0.0.1>...<10.0.0.20>, <10.0.0.1>-<10.0.0.20>",
            "256.1.1.1 1.2.3 1.2.3.4.5 v1.2.3.4 01.2.3.4 1.2.3.4a",
        ],
    );
    check(
        Detector::Ipv6,
        &[
            "<fe80::1>: up, [<2001:db8:0:0:0:0:2:1>]:443, <::ffff:10.0.0.1>, <::1>.",
            "ip:<2001:db8::8a2e:370:7334>",
            "source:<2001:db8::1> ip6:<2001:db8::1> node:<2001:0db8:0:0:0:0:0:1>",
            "dead:<2001:0db8:0:0:0:0:0:1> <2001:db8::1>..<2001:db8::20>",
            "std::vec 12:34:56 :: a:b aa:bb:cc:dd:ee:ff g2001::1 x::dead::beef",
        ],
    );
}

#[test]
fn tokens_and_keys_are_found_by_their_beginning() {
    check(
        Detector::Jwt,
        &[
            "Bearer <eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbU_>",
            "<eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.>",
            "eyJhbGci.other.part eyJhbGci keyJhbGci.eyJzdWIi.x",
        ],
    );
    check(
        Detector::ApiKey,
        &[
            "key=<sk-proj-abcdefghijklmnopqrst>",
            "<ghp_abcdefghijklmnopqrstuvwxyz0123456789>",
            "\"<AKIAIOSFODNN7EXAMPLE>\" <xoxb-123456789012-abc>",
            "<AIzaSyA1234567890abcdefghijklmnopqrstuv>",
            "sk-short ghp_ task-abcdefghijklmnopqrst AKIA",
        ],
    );
}

#[test]
fn occurrences_that_overlap_are_hidden_as_one() {
    let all = Detector::ALL;
    assert_eq!(
        marked("4111111111111111@example.com", all),
        "<4111111111111111@example.com>"
    );
    assert_eq!(marked("+1 555-123-4567", all), "<+1 555-123-4567>");
    let mut found = Vec::new();
    find("10.0.0.1@example.com", all.iter().copied(), &mut found);
    assert_eq!(found.len(), 1);
}

#[test]
fn every_detector_is_read_back_from_its_name() {
    for (detector, name) in Detector::ALL.iter().zip(Detector::NAMES) {
        assert_eq!(name.parse(), Ok(*detector));
        assert_eq!(detector.as_str(), *name);
    }
    let error = "emial".parse::<Detector>().unwrap_err();
    assert_eq!(error.hint(), Some("did you mean email?"));
}

/// Bytes read by one detector on this pattern, repeated to a length.
fn reads(detector: Detector, pattern: &str, bytes: usize) -> u64 {
    let text = pattern.repeat(bytes / pattern.len());
    let text = Text::new(&text);
    find_in(&text, std::iter::once(detector), &mut Vec::new());
    text.reads()
}

#[test]
fn no_text_makes_a_detector_read_a_byte_more_than_a_few_times() {
    let patterns = [
        "@",
        "1",
        "a",
        "1 ",
        "1-",
        "+",
        "(",
        "+1",
        "a@",
        "a@b.",
        "@b.c",
        "a@b.cd@",
        ".",
        "-",
        ":",
        "1:",
        "f::",
        "1.",
        "10.0.0.",
        "eyJ",
        "eyJ.",
        "eyJ-",
        "eyJa.eyJb-",
        "sk-",
        "ghp_",
        "AKIA",
        "DE89",
        "DE89 ",
        "DE8",
        "555-",
        "555-123-",
        "4111 1111 1111 1112 ",
        "é",
        "漢@",
        "4",
        "9-",
        "+4 9 3 ",
        "((",
        "a.b@c.d.",
        "a@b.cd/",
        "=",
        "e\u{301}@",
        "..",
        "a:b::1..",
    ];
    for detector in Detector::ALL {
        for pattern in patterns {
            let (small, large) = (1 << 12, 1 << 16);
            let (few, many) = (
                reads(*detector, pattern, small),
                reads(*detector, pattern, large),
            );
            let per_byte = many / large as u64;
            assert!(per_byte <= 120, "{detector} {pattern:?}: {per_byte} a byte");
            assert!(many <= few * 17, "{detector} {pattern:?}: {few} {many}");
        }
    }
}

#[test]
fn a_megabyte_of_signs_or_digits_is_read_in_proportion() {
    for pattern in ["@", "7"] {
        for detector in Detector::ALL {
            let steps = reads(*detector, pattern, 1 << 20);
            assert!(steps <= 12 << 20, "{detector} {pattern}: {steps}");
        }
    }
}
