//! Bodies for tests, coders, and reading a body to its end.

use bytes::Bytes;
use flate2::Compression;
use http::HeaderMap;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tonl_layers::body::Coding;
use tonl_testkit::Random;

/// What a scripted body does next.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Data(Bytes),
    /// Is not ready, and wakes its reader at once.
    Pause,
    Trailers(HeaderMap),
    Fail(&'static str),
}

/// A body that follows a script.
#[derive(Clone, Debug)]
pub(crate) struct Scripted(pub(crate) VecDeque<Act>);

impl Scripted {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        Self(acts.into_iter().collect())
    }

    /// The bytes in pieces that end at these places.
    pub(crate) fn cut(bytes: &[u8], places: &[usize]) -> Self {
        let mut acts = VecDeque::new();
        let mut start = 0;
        for end in places.iter().copied().chain([bytes.len()]) {
            acts.push_back(Act::Data(Bytes::copy_from_slice(&bytes[start..end])));
            start = end;
        }
        Self(acts)
    }

    /// The bytes in pieces of random sizes, with pauses between some.
    pub(crate) fn torn(bytes: &[u8], random: &mut Random) -> Self {
        let mut acts = VecDeque::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let most = *random.pick(&[1, 10, 1_000, 100_000]);
            let (piece, left) = rest.split_at((1 + random.below(most)).min(rest.len()));
            acts.push_back(Act::Data(Bytes::copy_from_slice(piece)));
            if random.chance(30) {
                acts.push_back(Act::Pause);
            }
            rest = left;
        }
        Self(acts)
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(match self.0.pop_front() {
            None => None,
            Some(Act::Data(data)) => Some(Ok(Frame::data(data))),
            Some(Act::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Some(Act::Fail(text)) => Some(Err(io::Error::other(text))),
            Some(Act::Pause) => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }
}

/// A body that is made while it is read, until the function has no more.
pub(crate) struct Made<F>(pub(crate) F);

impl<F: FnMut() -> Option<Vec<u8>> + Unpin> Body for Made<F> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready((self.0)().map(|bytes| Ok(Frame::data(Bytes::from(bytes)))))
    }
}

/// What a body gave until its end or its error.
#[derive(Debug)]
pub(crate) struct Got<E> {
    pub(crate) bytes: Vec<u8>,
    pub(crate) largest: usize,
    pub(crate) trailers: Option<HeaderMap>,
    pub(crate) error: Option<E>,
}

/// Reads a body to its end; checks that nothing comes after the end.
pub(crate) async fn read<B: Body<Data = Bytes>>(body: B) -> Got<B::Error> {
    let mut body = std::pin::pin!(body);
    let mut got = Got {
        bytes: Vec::new(),
        largest: 0,
        trailers: None,
        error: None,
    };
    while let Some(frame) = body.as_mut().frame().await {
        assert!(got.error.is_none(), "a frame after an error");
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => {
                got.largest = got.largest.max(data.len());
                got.bytes.extend_from_slice(&data);
            }
            Ok(Err(other)) => got.trailers = Some(other.into_trailers().unwrap()),
            Err(error) => got.error = Some(error),
        }
    }
    assert!(
        body.as_mut().frame().await.is_none(),
        "a frame after the end"
    );
    got
}

/// All codings that are decoded.
pub(crate) const CODINGS: [Coding; 4] =
    [Coding::Gzip, Coding::Deflate, Coding::Zstd, Coding::Brotli];

/// Where a coder puts its output.
#[derive(Debug, Default)]
pub(crate) struct Coder {
    inner: Option<Inner>,
}

enum Inner {
    Gzip(flate2::write::GzEncoder<Vec<u8>>),
    Deflate(flate2::write::ZlibEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    Brotli(Box<brotli::CompressorWriter<Vec<u8>>>),
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Inner")
    }
}

impl Coder {
    pub(crate) fn new(coding: Coding) -> Self {
        let level = Compression::new(6);
        let out = Vec::new();
        Self {
            inner: Some(match coding {
                Coding::Gzip => Inner::Gzip(flate2::write::GzEncoder::new(out, level)),
                Coding::Deflate => Inner::Deflate(flate2::write::ZlibEncoder::new(out, level)),
                Coding::Zstd => {
                    let mut encoder = zstd::stream::write::Encoder::new(out, 3).unwrap();
                    encoder.include_checksum(true).unwrap();
                    Inner::Zstd(encoder)
                }
                Coding::Brotli => {
                    Inner::Brotli(Box::new(brotli::CompressorWriter::new(out, 4096, 4, 22)))
                }
                _ => panic!("no coder for {coding}"),
            }),
        }
    }

    /// Codes these bytes and gives what is there of the output.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let inner = self.inner.as_mut().unwrap();
        match inner {
            Inner::Gzip(encoder) => encoder.write_all(bytes).unwrap(),
            Inner::Deflate(encoder) => encoder.write_all(bytes).unwrap(),
            Inner::Zstd(encoder) => encoder.write_all(bytes).unwrap(),
            Inner::Brotli(encoder) => encoder.write_all(bytes).unwrap(),
        }
        std::mem::take(match inner {
            Inner::Gzip(encoder) => encoder.get_mut(),
            Inner::Deflate(encoder) => encoder.get_mut(),
            Inner::Zstd(encoder) => encoder.get_mut(),
            Inner::Brotli(encoder) => encoder.get_mut(),
        })
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        match self.inner.take().unwrap() {
            Inner::Gzip(encoder) => encoder.finish().unwrap(),
            Inner::Deflate(encoder) => encoder.finish().unwrap(),
            Inner::Zstd(encoder) => encoder.finish().unwrap(),
            Inner::Brotli(encoder) => encoder.into_inner(),
        }
    }
}

/// The bytes in this coding.
pub(crate) fn encode(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    let mut coder = Coder::new(coding);
    let mut coded = coder.push(bytes);
    coded.extend(coder.finish());
    coded
}

/// Lines that can be compressed, but not very much.
pub(crate) fn lines(random: &mut Random, bytes: usize) -> Vec<u8> {
    let mut text = Vec::new();
    while text.len() < bytes {
        let (id, name) = (random.below(1_000_000), random.below(1 << 30));
        writeln!(text, "{{\"id\":{id},\"name\":\"{name:x}\",\"ok\":true}}").unwrap();
    }
    text.truncate(bytes);
    text
}
