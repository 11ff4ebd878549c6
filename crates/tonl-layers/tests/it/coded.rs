//! Coded request bodies: whole, cut anywhere, damaged, or made of anything at all.

use crate::raw::{Act, CODINGS, Got, Scripted, encode, lines, read};
use flate2::GzBuilder;
use http::{HeaderMap, HeaderValue};
use std::io::Write;
use tonl_layers::body::{BodyConfig, BodyError, BodyLimit, Coding, GuardedBody};
use tonl_testkit::Random;

async fn decode(coding: Coding, raw: Scripted) -> Got<BodyError> {
    read(GuardedBody::new(raw, coding, BodyConfig::default())).await
}

async fn decode_whole(coding: Coding, bytes: &[u8]) -> Got<BodyError> {
    decode(coding, Scripted::cut(bytes, &[])).await
}

#[tokio::test]
async fn every_coding_is_decoded_at_every_cut() {
    let text = b"{\"id\":1,\"name\":\"anna\"}\n{\"id\":2,\"name\":\"anna\"}\n";
    for coding in CODINGS {
        let coded = encode(coding, text);
        for place in 0..=coded.len() {
            let got = decode(coding, Scripted::cut(&coded, &[place])).await;
            assert!(
                got.error.is_none(),
                "{coding} cut at {place}: {:?}",
                got.error
            );
            assert_eq!(got.bytes, text, "{coding} cut at {place}");
        }
        let every: Vec<usize> = (1..coded.len()).collect();
        let got = decode(coding, Scripted::cut(&coded, &every)).await;
        assert!(
            got.error.is_none(),
            "{coding} byte by byte: {:?}",
            got.error
        );
        assert_eq!(got.bytes, text, "{coding} byte by byte");
    }
}

#[tokio::test]
async fn large_bodies_come_in_small_pieces_whatever_the_cuts() {
    let mut random = Random::new(1);
    for coding in CODINGS {
        for size in [0, 1, 65_535, 65_536, 65_537, 1_500_000] {
            let text = lines(&mut random, size);
            let raw = Scripted::torn(&encode(coding, &text), &mut random);
            let got = decode(coding, raw).await;
            assert!(got.error.is_none(), "{coding}: {:?}", got.error);
            assert!(got.bytes == text, "{coding} of {size} bytes");
            assert!(got.largest <= 65_536, "{coding}: {}", got.largest);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_coded_passes_with_its_trailers() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("7"));
    for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd] {
        let coded = match coding {
            Coding::Identity => b"text".to_vec(),
            coding => encode(coding, b"text"),
        };
        let mut raw = Scripted::cut(&coded, &[2]);
        raw.0.push_back(Act::Trailers(trailers.clone()));
        let got = decode(coding, raw).await;
        assert!(got.error.is_none());
        assert_eq!(got.bytes, b"text");
        assert_eq!(got.trailers.as_ref(), Some(&trailers));
    }
}

#[tokio::test]
async fn a_coded_body_cut_short_anywhere_is_an_error() {
    let mut random = Random::new(2);
    let text = lines(&mut random, 300);
    for coding in CODINGS {
        let coded = encode(coding, &text);
        assert!(decode_whole(coding, b"").await.error.is_none());
        for end in 1..coded.len() {
            let got = decode_whole(coding, &coded[..end]).await;
            assert!(
                matches!(got.error, Some(BodyError::Truncated { .. })),
                "{coding} of {end}: {:?}",
                got.error
            );
            assert!(text.starts_with(&got.bytes));
        }
    }
}

#[tokio::test]
async fn bytes_after_the_end_are_an_error_in_any_frame() {
    for coding in CODINGS {
        for garbage in [&b"\0"[..], b"\0\0\0\0\0\0\0\0", b"{\"id\":1}\n"] {
            let mut coded = encode(coding, b"text");
            let end = coded.len();
            coded.extend_from_slice(garbage);
            for places in [&[][..], &[end]] {
                let got = decode(coding, Scripted::cut(&coded, places)).await;
                assert!(
                    matches!(got.error, Some(BodyError::Trailing { .. })),
                    "{coding}: {:?}",
                    got.error
                );
            }
        }
    }
}

#[tokio::test]
async fn gzip_members_and_zstd_frames_may_follow_one_another() {
    for coding in [Coding::Gzip, Coding::Zstd] {
        let mut coded = encode(coding, b"one ");
        coded.extend(encode(coding, b""));
        coded.extend(encode(coding, b"two"));
        for place in 0..=coded.len() {
            let got = decode(coding, Scripted::cut(&coded, &[place])).await;
            assert!(got.error.is_none(), "{coding} at {place}: {:?}", got.error);
            assert_eq!(got.bytes, b"one two");
        }
        let mut twice = encode(coding, b"one");
        twice.extend(&encode(coding, b"two")[..3]);
        let got = decode_whole(coding, &twice).await;
        assert!(matches!(got.error, Some(BodyError::Truncated { .. })));
    }
}

#[tokio::test]
async fn a_gzip_head_with_every_field_is_skipped() {
    let mut member = GzBuilder::new()
        .filename("a.json")
        .comment("a comment")
        .extra(vec![7; 300])
        .mtime(5)
        .write(Vec::new(), flate2::Compression::default());
    member.write_all(b"text").unwrap();
    let coded = member.finish().unwrap();
    for place in 0..=coded.len() {
        let got = decode(Coding::Gzip, Scripted::cut(&coded, &[place])).await;
        assert!(got.error.is_none(), "at {place}: {:?}", got.error);
        assert_eq!(got.bytes, b"text");
    }
    // With a checksum of the head: flags, then the low half of the CRC-32 of what is before it.
    let plain = encode(Coding::Gzip, b"text");
    let mut head = plain[..10].to_vec();
    head[3] |= 2;
    let mut sum = flate2::Crc::new();
    sum.update(&head);
    let low = u16::try_from(sum.sum() & 0xffff).unwrap();
    for (low, sound) in [(low, true), (low ^ 1, false)] {
        let member = [&head[..], &low.to_le_bytes(), &plain[10..]].concat();
        let coded = member.repeat(2);
        for place in 0..=coded.len() {
            let got = decode(Coding::Gzip, Scripted::cut(&coded, &[place])).await;
            assert_eq!(got.error.is_none(), sound, "at {place}: {:?}", got.error);
        }
    }
}

#[tokio::test]
async fn a_wrong_checksum_or_length_is_an_error() {
    // All codings but brotli, which has no checksum.
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Zstd] {
        let coded = encode(coding, b"some text, some text");
        let tail = if coding == Coding::Gzip { 8 } else { 4 };
        for place in coded.len() - tail..coded.len() {
            let mut damaged = coded.clone();
            damaged[place] ^= 0x10;
            let got = decode_whole(coding, &damaged).await;
            assert!(
                matches!(got.error, Some(BodyError::Malformed { .. })),
                "{coding} at {place}: {:?}",
                got.error
            );
        }
    }
}

#[tokio::test]
async fn other_data_under_a_coding_is_malformed() {
    let json = b"{\"id\":1,\"name\":\"not compressed at all\"}";
    for coding in CODINGS {
        let got = decode_whole(coding, json).await;
        assert!(got.error.is_some(), "{coding}");
        assert!(got.bytes.is_empty());
    }
    // Bare deflate has neither head nor checksum; RFC 9110 gives the name to the zlib format.
    let bare = &encode(Coding::Deflate, b"text")[2..];
    let got = decode_whole(Coding::Deflate, bare).await;
    assert!(matches!(got.error, Some(BodyError::Malformed { .. })));
    // A code twice is one code for the layer, and so is not decoded twice.
    let twice = encode(Coding::Gzip, &encode(Coding::Gzip, b"text"));
    let got = decode_whole(Coding::Gzip, &twice).await;
    assert_eq!(got.bytes[..2], [0x1f, 0x8b]);
}

// S62
#[tokio::test]
async fn a_zstd_frame_with_a_window_beyond_8_mib_is_refused_before_it_is_made() {
    for (log, sound) in [(23, true), (24, false), (27, false)] {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder
            .set_parameter(zstd::stream::raw::CParameter::WindowLog(log))
            .unwrap();
        encoder.include_contentsize(false).unwrap();
        encoder.write_all(b"te").unwrap();
        encoder.flush().unwrap();
        encoder.write_all(b"xt").unwrap();
        let coded = encoder.finish().unwrap();
        let got = decode_whole(Coding::Zstd, &coded).await;
        assert_eq!(got.error.is_none(), sound, "2^{log}: {:?}", got.error);
        assert_eq!(got.bytes.is_empty(), !sound);
    }
}

// S62
#[tokio::test]
async fn brotlis_large_window_is_refused() {
    for (large_window, sound) in [(false, true), (true, false)] {
        let parameters = brotli::enc::BrotliEncoderParams {
            large_window,
            lgwin: if large_window { 30 } else { 24 },
            ..Default::default()
        };
        let mut coded = Vec::new();
        brotli::BrotliCompress(&mut &b"text"[..], &mut coded, &parameters).unwrap();
        let got = decode_whole(Coding::Brotli, &coded).await;
        assert_eq!(got.error.is_none(), sound, "{:?}", got.error);
    }
}

// S62
#[tokio::test]
async fn arbitrary_bytes_end_in_data_or_an_error_in_every_coding() {
    let mut random = Random::new(3);
    let config = BodyConfig {
        limit: BodyLimit::Bytes(200_000),
        ..BodyConfig::default()
    };
    for round in 0..3_000 {
        let coding = CODINGS[round % CODINGS.len()];
        let size = random.below(2_000);
        let mut bytes = encode(coding, &lines(&mut random, size));
        if random.chance(30) {
            bytes.clear();
        }
        for _ in 0..random.below(6) {
            let place = random.below(bytes.len() + 1);
            let byte = random.bits().to_le_bytes()[0];
            match random.below(3) {
                0 => bytes.insert(place, byte),
                1 if place < bytes.len() => bytes[place] = byte,
                _ => {
                    let noise = (0..random.below(40)).map(|_| random.bits().to_le_bytes()[0]);
                    bytes.extend(noise.collect::<Vec<u8>>());
                }
            }
        }
        let raw = Scripted::torn(&bytes, &mut random);
        let got = read(GuardedBody::new(raw, coding, config)).await;
        assert!(got.bytes.len() <= 200_000);
    }
}
