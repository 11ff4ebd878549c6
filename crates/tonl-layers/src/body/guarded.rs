//! A body that decodes and limits itself while it is read.
//!
//! Invariant: what was given out is never more than the limit, and at most one frame as sent and one
//! decoded piece are held. After an error the body is at its end.

use super::budget::{Permit, Share};
use super::coding::Coding;
use super::decode::{Decode, Fault, decoder};
use super::error::{BodyError, BoxError};
use super::pace::Pace;
use super::{BodyConfig, BodyLimit};
use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// The body of a request behind a [`super::BodyLayer`].
    pub struct GuardedBody<B> {
        #[pin]
        raw: B,
        flow: Flow,
        pace: Pace,
    }
}

impl<B> GuardedBody<B> {
    /// A body as sent in this coding, read under these limits.
    pub fn new(raw: B, coding: Coding, config: BodyConfig) -> Self {
        Self {
            raw,
            pace: Pace::new(&config),
            flow: Flow {
                config,
                coding,
                decoder: None,
                permit: None,
                input: Bytes::new(),
                piece: Vec::new(),
                stage: Stage::Open,
                received: 0,
                used: 0,
                made: 0,
            },
        }
    }

    /// Takes what its decoder holds out of this share.
    #[must_use]
    pub fn out_of(mut self, share: &Share) -> Self {
        self.flow.permit = Some(share.empty());
        self
    }
}

impl<B> fmt::Debug for GuardedBody<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GuardedBody")
            .field("coding", &self.flow.coding)
            .field("config", &self.flow.config)
            .field("received", &self.flow.received)
            .field("made", &self.flow.made)
            .finish_non_exhaustive()
    }
}

impl<B> Body for GuardedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut this = self.project();
        for _ in 0..STEPS_A_POLL {
            match this.flow.step() {
                Ok(Step::Give(frame)) => return Poll::Ready(Some(Ok(frame))),
                Ok(Step::Again) => {}
                Ok(Step::End) => return Poll::Ready(None),
                Ok(Step::Ask) => {
                    let Poll::Ready(came) = poll_raw(this.raw.as_mut(), this.pace, context) else {
                        // Thousands may wait for their clients, none of them with a room of its own.
                        this.flow.piece = Vec::new();
                        return Poll::Pending;
                    };
                    if let Err(error) = this.flow.receive(came) {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Err(error) => {
                    this.flow.close();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        // Much was read and nothing came of it: others have their turn first.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        match self.flow.stage {
            Stage::Closed => true,
            Stage::Open => self.flow.passes() && self.raw.is_end_stream(),
            Stage::Ended(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        if matches!(self.flow.stage, Stage::Open) && self.flow.passes() {
            return self.raw.size_hint();
        }
        let mut hint = SizeHint::new();
        if let BodyLimit::Bytes(limit) = self.flow.config.limit {
            hint.set_upper(limit.saturating_sub(self.flow.made));
        }
        hint
    }
}

/// Asks the raw body, and gives up when it is too slow.
fn poll_raw<B>(
    raw: Pin<&mut B>,
    pace: &mut Pace,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, BodyError>>>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let waker = pace.waker(context.waker());
    let Poll::Ready(came) = raw.poll_frame(&mut Context::from_waker(&waker)) else {
        return pace.poll_late(context).map(|error| Some(Err(error)));
    };
    let bytes = match &came {
        Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
        Some(Err(_)) | None => 0,
    };
    pace.came(bytes);
    Poll::Ready(came.map(|frame| frame.map_err(|error| BodyError::found_in(error.into()))))
}

/// What is known of a body between two polls.
struct Flow {
    config: BodyConfig,
    coding: Coding,
    /// Made with the first byte: a client that sends none gets no memory.
    decoder: Option<Box<dyn Decode>>,
    /// What the decoder holds is taken out of a share, if there is one.
    permit: Option<Permit>,
    /// What was received and not yet decoded or given out.
    input: Bytes,
    /// Where decoded bytes are put.
    piece: Vec<u8>,
    stage: Stage,
    /// Bytes as sent that came.
    received: u64,
    /// Bytes as sent that were decoded.
    used: u64,
    /// Decoded bytes.
    made: u64,
}

/// How far the raw body is.
enum Stage {
    Open,
    /// At its end, perhaps with trailers.
    Ended(Option<HeaderMap>),
    /// Nothing more is given out.
    Closed,
}

/// What a step came to.
enum Step {
    Give(Frame<Bytes>),
    /// Something was done, and there may be more to do.
    Again,
    /// The raw body must be asked.
    Ask,
    End,
}

impl Flow {
    /// Whether the raw body's next bytes are what is given out next.
    fn passes(&self) -> bool {
        self.coding == Coding::Identity && self.input.is_empty()
    }

    /// Does at most one piece of work with what is there.
    fn step(&mut self) -> Result<Step, BodyError> {
        if matches!(self.stage, Stage::Closed) {
            return Ok(Step::End);
        }
        let worked = if self.decoder.is_some() {
            self.decode()?
        } else {
            let data = std::mem::take(&mut self.input);
            (!data.is_empty()).then(|| Step::Give(Frame::data(data)))
        };
        match worked {
            Some(step) => Ok(step),
            None if matches!(self.stage, Stage::Open) => Ok(Step::Ask),
            None => self.finish(),
        }
    }

    /// Decodes at most one piece. `None` when the decoder wants more input.
    fn decode(&mut self) -> Result<Option<Step>, BodyError> {
        let coding = self.coding;
        let Some(decoder) = &mut self.decoder else {
            return Ok(None);
        };
        self.piece.clear();
        self.piece.reserve_exact(PIECE_BYTES);
        let used = match decoder.decode(&self.input, &mut self.piece) {
            Ok(used) => used.min(self.input.len()),
            Err(Fault::Malformed) => return Err(BodyError::Malformed { coding }),
            Err(Fault::Trailing) => return Err(BodyError::Trailing { coding }),
        };
        let held = decoder.held();
        if let Some(permit) = &mut self.permit
            && !permit.try_resize(held)
        {
            return Err(BodyError::Busy);
        }
        self.input.advance(used);
        self.used += used as u64;
        self.made += self.piece.len() as u64;
        self.judge()?;
        if !self.piece.is_empty() {
            return Ok(Some(Step::Give(Frame::data(self.take_piece()))));
        }
        match (used, self.input.is_empty()) {
            (0, true) => Ok(None),
            // A decoder that neither takes nor gives anything would be asked for ever.
            (0, false) => Err(BodyError::Malformed { coding }),
            (_, _) => Ok(Some(Step::Again)),
        }
    }

    fn judge(&self) -> Result<(), BodyError> {
        if let Some(limit) = self.config.limit.exceeded_by(self.made) {
            return Err(BodyError::TooLarge { limit });
        }
        let limit = self.config.ratio;
        let grown = self.made > self.used.saturating_mul(limit);
        if grown && self.made > self.config.ratio_after {
            return Err(BodyError::Ratio { limit });
        }
        Ok(())
    }

    /// The decoded bytes. A small piece is copied, so that it does not hold the whole room.
    fn take_piece(&mut self) -> Bytes {
        if self.piece.len() == self.piece.capacity() {
            Bytes::from(std::mem::take(&mut self.piece))
        } else {
            Bytes::copy_from_slice(&self.piece)
        }
    }

    /// The raw body answered.
    fn receive(&mut self, came: Option<Result<Frame<Bytes>, BodyError>>) -> Result<(), BodyError> {
        let frame = match came {
            None => {
                self.stage = Stage::Ended(None);
                return Ok(());
            }
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                self.close();
                return Err(error);
            }
        };
        match frame.into_data() {
            Ok(data) => {
                self.received += data.len() as u64;
                if let Some(limit) = self.config.limit.exceeded_by(self.received) {
                    self.close();
                    return Err(BodyError::TooLarge { limit });
                }
                if self.decoder.is_none() && !data.is_empty() {
                    self.decoder = decoder(self.coding);
                }
                self.input = data;
            }
            Err(other) => self.stage = Stage::Ended(other.into_trailers().ok()),
        }
        Ok(())
    }

    /// Everything is decoded and nothing more comes.
    fn finish(&mut self) -> Result<Step, BodyError> {
        // A head may name a coding for a body that has no bytes at all; then there is no decoder.
        if self
            .decoder
            .as_ref()
            .is_some_and(|decoder| !decoder.is_complete())
        {
            let coding = self.coding;
            return Err(BodyError::Truncated { coding });
        }
        let Stage::Ended(Some(trailers)) = std::mem::replace(&mut self.stage, Stage::Closed) else {
            self.close();
            return Ok(Step::End);
        };
        self.close();
        Ok(Step::Give(Frame::trailers(trailers)))
    }

    /// Ends the body and frees what was held for it.
    fn close(&mut self) {
        self.stage = Stage::Closed;
        self.decoder = None;
        self.permit = None;
        self.input = Bytes::new();
        self.piece = Vec::new();
    }
}

/// The most decoded bytes that one poll gives.
const PIECE_BYTES: usize = 64 * 1024;

/// How often one poll turns to the decoder or the raw body before it lets others have their turn.
const STEPS_A_POLL: usize = 32;
