//! A body that codes itself while it is read, and flushes when the body inside pauses.
//!
//! Invariant: at most one frame of the body inside, one piece of output and the encoder's own window
//! are held. An error of the body inside passes at once and the coded data stays without an end, so
//! that a client sees the break.

use super::Coding;
use crate::body::BoxError;
use bytes::{Buf, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use zstd::stream::raw::CParameter;
use zstd::stream::write::Encoder as ZstdEncoder;

pin_project! {
    /// The body of an answer behind an [`super::EncodeLayer`].
    pub struct EncodedBody<B> {
        #[pin]
        inner: B,
        // None for a body that stays as it is.
        coder: Option<Coder>,
    }
}

impl<B> EncodedBody<B> {
    pub(super) fn new(inner: B, encoder: Option<Encoder>) -> Self {
        let coder = encoder.map(|encoder| Coder {
            encoder: Some(encoder),
            input: Bytes::new(),
            state: State::Clean,
            trailers: None,
        });
        Self { inner, coder }
    }
}

impl<B: From<Bytes>> From<Bytes> for EncodedBody<B> {
    fn from(bytes: Bytes) -> Self {
        Self::new(B::from(bytes), None)
    }
}

impl<B> fmt::Debug for EncodedBody<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EncodedBody")
            .field("coded", &self.coder.is_some())
            .finish_non_exhaustive()
    }
}

impl<B> Body for EncodedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let Some(coder) = this.coder else {
            let polled = this.inner.poll_frame(context);
            return polled.map(|frame| frame.map(|frame| frame.map_err(Into::into)));
        };
        for _ in 0..STEPS_A_POLL {
            match coder.step() {
                Ok(Step::Give(frame)) => return Poll::Ready(Some(Ok(frame))),
                Ok(Step::Again) => {}
                Ok(Step::End) => return Poll::Ready(None),
                Ok(Step::Ask) => match this.inner.as_mut().poll_frame(context) {
                    Poll::Ready(came) => {
                        if let Err(error) = coder.receive(came) {
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                    Poll::Pending => match coder.flush() {
                        Ok(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                        Ok(None) => return Poll::Pending,
                        Err(error) => return Poll::Ready(Some(Err(coder.fail(error)))),
                    },
                },
                Err(error) => return Poll::Ready(Some(Err(coder.fail(error)))),
            }
        }
        // Much was read and nothing came of it: others have their turn first.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        match &self.coder {
            Some(coder) => matches!(coder.state, State::Closed),
            None => self.inner.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.coder {
            Some(_) => SizeHint::new(),
            None => self.inner.size_hint(),
        }
    }
}

/// What is known of a coded body between two polls.
struct Coder {
    /// None once its end is written.
    encoder: Option<Encoder>,
    /// What came and is not yet coded.
    input: Bytes,
    state: State,
    trailers: Option<HeaderMap>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything coded so far could be decoded from what was given out.
    Clean,
    /// The encoder holds bytes back.
    Dirty,
    /// The body inside is at its end.
    Ended,
    /// Nothing more is given out.
    Closed,
}

/// What a step came to.
enum Step {
    Give(Frame<Bytes>),
    Again,
    /// The body inside must be asked.
    Ask,
    End,
}

impl Coder {
    /// Does at most one piece of work with what is there.
    fn step(&mut self) -> io::Result<Step> {
        if self.state == State::Closed {
            return Ok(Step::End);
        }
        if !self.input.is_empty() {
            return self.encode();
        }
        if self.state != State::Ended {
            return Ok(Step::Ask);
        }
        if let Some(encoder) = self.encoder.take() {
            return Ok(Step::Give(Frame::data(Bytes::from(encoder.finish()?))));
        }
        self.state = State::Closed;
        Ok(match self.trailers.take() {
            Some(trailers) => Step::Give(Frame::trailers(trailers)),
            None => Step::End,
        })
    }

    fn encode(&mut self) -> io::Result<Step> {
        let piece = self.input.split_to(self.input.len().min(PIECE_BYTES));
        let Some(encoder) = &mut self.encoder else {
            return Ok(Step::Again);
        };
        encoder.write(&piece)?;
        if self.state == State::Clean {
            self.state = State::Dirty;
        }
        let output = encoder.output();
        if output.len() < GIVE_BYTES {
            return Ok(Step::Again);
        }
        Ok(Step::Give(Frame::data(std::mem::take(output).into())))
    }

    /// The body inside answered.
    fn receive<E: Into<BoxError>>(
        &mut self,
        came: Option<Result<Frame<Bytes>, E>>,
    ) -> Result<(), BoxError> {
        match came {
            None => self.state = State::Ended,
            Some(Err(error)) => {
                self.close();
                return Err(error.into());
            }
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) if data.has_remaining() => self.input = data,
                Ok(_) => {}
                Err(other) => {
                    self.trailers = other.into_trailers().ok();
                    self.state = State::Ended;
                }
            },
        }
        Ok(())
    }

    /// The body inside pauses: all that was coded leaves.
    fn flush(&mut self) -> io::Result<Option<Frame<Bytes>>> {
        let Some(encoder) = &mut self.encoder else {
            return Ok(None);
        };
        if self.state != State::Dirty {
            return Ok(None);
        }
        encoder.flush()?;
        self.state = State::Clean;
        let output = std::mem::take(encoder.output());
        Ok((!output.is_empty()).then(|| Frame::data(output.into())))
    }

    fn fail(&mut self, error: io::Error) -> BoxError {
        self.close();
        error.into()
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.encoder = None;
        self.input = Bytes::new();
        self.trailers = None;
    }
}

/// An encoder of one of our codings into memory.
pub(super) enum Encoder {
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(ZstdEncoder<'static, Vec<u8>>),
}

impl Encoder {
    /// A new encoder; `None` if there is no memory for it.
    pub(super) fn new(coding: Coding) -> Option<Self> {
        match coding {
            Coding::Gzip => Some(Self::Gzip(GzEncoder::new(Vec::new(), GZIP_LEVEL))),
            Coding::Zstd => {
                let mut encoder = ZstdEncoder::new(Vec::new(), ZSTD_LEVEL).ok()?;
                encoder
                    .set_parameter(CParameter::WindowLog(ZSTD_WINDOW_LOG))
                    .ok()?;
                Some(Self::Zstd(encoder))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.write_all(bytes),
            Self::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }

    fn output(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Zstd(encoder) => encoder.get_mut(),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

/// How many bytes are coded in one step: about half a millisecond of work.
const PIECE_BYTES: usize = 16 * 1024;

/// How many coded bytes are worth a frame of their own.
const GIVE_BYTES: usize = 16 * 1024;

/// How often one poll turns to the encoder or the body inside before others have their turn.
const STEPS_A_POLL: usize = 8;

/// Fast levels: the coding must not cost more than the conversion before it.
const GZIP_LEVEL: Compression = Compression::new(3);
const ZSTD_LEVEL: i32 = 1;

/// The window of our zstd data, as a power of two: 512 KiB, to keep an answer's memory small.
const ZSTD_WINDOW_LOG: u32 = 19;
