//! Decoders of content codings behind one small interface, in pieces of a bounded size.
//!
//! A decoder neither limits what it makes nor keeps more input than a few bytes; both are for
//! [`super::guarded`]. Whatever bytes come, it makes progress, asks for more, or says what is wrong.

use super::brotli::Brotli;
use super::coding::Coding;
use super::gzip::Gzip;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

/// What is wrong with coded bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// They are not of this coding.
    Malformed,
    /// They follow after the end.
    Trailing,
}

/// A decoder that is given bytes as they come.
pub(super) trait Decode: Send {
    /// Decodes some of `input` and appends to `out`, at most up to its capacity. Returns how many
    /// bytes of `input` were used. A call that uses nothing and appends nothing wants more input.
    fn decode(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Fault>;

    /// Whether the data may end here.
    fn is_complete(&self) -> bool;

    /// How many bytes it holds, most of them its window.
    fn held(&self) -> u64;
}

/// The decoder of a coding; none for bytes that are not coded.
pub(super) fn decoder(coding: Coding) -> Option<Box<dyn Decode>> {
    match coding {
        Coding::Identity => None,
        Coding::Gzip => Some(Box::new(Gzip::new())),
        Coding::Deflate => Some(Box::new(Zlib::new())),
        Coding::Zstd => Some(Box::new(Zstd::default())),
        Coding::Brotli => Some(Box::new(Brotli::new())),
    }
}

/// RFC 1950.
struct Zlib {
    inflate: Decompress,
    ended: bool,
}

impl Zlib {
    fn new() -> Self {
        Self {
            inflate: Decompress::new(true),
            ended: false,
        }
    }
}

impl Decode for Zlib {
    fn decode(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Fault> {
        if self.ended {
            return after_end(input);
        }
        let (used, ended) = inflate(&mut self.inflate, input, out)?;
        self.ended = ended;
        Ok(used)
    }

    fn is_complete(&self) -> bool {
        self.ended
    }

    fn held(&self) -> u64 {
        INFLATE_BYTES
    }
}

/// What a decoder of deflate data holds: a window of 32 KiB and its tables.
pub(super) const INFLATE_BYTES: u64 = 44 * 1024;

/// One step of inflating: how many bytes were used, and whether the deflate data ended with them.
pub(super) fn inflate(
    inflate: &mut Decompress,
    input: &[u8],
    out: &mut Vec<u8>,
) -> Result<(usize, bool), Fault> {
    let before = inflate.total_in();
    let status = inflate
        .decompress_vec(input, out, FlushDecompress::None)
        .map_err(|_| Fault::Malformed)?;
    let used = usize::try_from(inflate.total_in() - before).map_err(|_| Fault::Malformed)?;
    Ok((used, matches!(status, Status::StreamEnd)))
}

/// Nothing may follow after the end.
pub(super) fn after_end(input: &[u8]) -> Result<usize, Fault> {
    if input.is_empty() {
        Ok(0)
    } else {
        Err(Fault::Trailing)
    }
}

/// RFC 8878: frames and skippable frames, one after another.
#[derive(Default)]
struct Zstd {
    /// Made with the first byte, so that making it can fail as a step of the stream.
    context: Option<DCtx<'static>>,
    /// How many frames are complete.
    frames: u64,
    /// Whether a frame has begun and is not complete.
    inside: bool,
}

impl Zstd {
    fn context(&mut self) -> Result<&mut DCtx<'static>, Fault> {
        if self.context.is_none() {
            let mut context = DCtx::try_create().ok_or(Fault::Malformed)?;
            context
                .set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))
                .map_err(|_| Fault::Malformed)?;
            self.context = Some(context);
        }
        self.context.as_mut().ok_or(Fault::Malformed)
    }
}

impl Decode for Zstd {
    fn decode(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Fault> {
        if !self.inside {
            match input.first() {
                None => return Ok(0),
                // The first bytes of the magic numbers of frames and of skippable frames.
                Some(0x28 | 0x50..=0x5f) => {}
                Some(_) if self.frames > 0 => return Err(Fault::Trailing),
                Some(_) => return Err(Fault::Malformed),
            }
        }
        let mut source = InBuffer::around(input);
        let filled = out.len();
        let mut target = OutBuffer::around_pos(out, filled);
        let hint = self
            .context()?
            .decompress_stream(&mut target, &mut source)
            .map_err(|_| Fault::Malformed)?;
        let used = source.pos();
        let progress = used > 0 || target.pos() > filled;
        if progress {
            self.inside = hint != 0;
            self.frames += u64::from(hint == 0);
        }
        Ok(used)
    }

    fn is_complete(&self) -> bool {
        self.frames > 0 && !self.inside
    }

    fn held(&self) -> u64 {
        self.context
            .as_ref()
            .map_or(0, |context| context.sizeof() as u64)
    }
}

/// The largest window of a zstd frame, as a power of two: 8 MiB (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;
