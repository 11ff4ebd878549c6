//! What a scribe writes into: text, or only its length.

/// Takes the bytes of a text in order.
pub(crate) trait Ink {
    /// Takes some bytes.
    fn put(&mut self, bytes: &[u8]);

    /// Takes one byte.
    fn put_byte(&mut self, byte: u8);

    /// Takes the bytes `start..end` of a text; short parts of long texts are the fast case.
    fn put_part(&mut self, text: &[u8], start: usize, end: usize);

    /// Takes what `write` appends to a text: this one, or `scratch` if there is none.
    fn put_written<R>(&mut self, scratch: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> R)
    -> R;
}

/// Parts up to this length are copied as a block of it, whose rest is then cut off: that is
/// quicker than a copy of unknown length.
const BLOCK: usize = 32;

impl Ink for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn put_byte(&mut self, byte: u8) {
        self.push(byte);
    }

    #[expect(
        clippy::inline_always,
        reason = "a few instructions for almost every cell"
    )]
    #[inline(always)]
    fn put_part(&mut self, text: &[u8], start: usize, end: usize) {
        let block = text.get(start..).and_then(<[u8]>::first_chunk::<BLOCK>);
        match block {
            Some(block) if end - start <= BLOCK => {
                let len = self.len() + (end - start);
                self.extend_from_slice(block);
                self.truncate(len);
            }
            _ => put_long_part(self, text, start, end),
        }
    }

    #[inline]
    fn put_written<R>(&mut self, _scratch: &mut Self, write: impl FnOnce(&mut Self) -> R) -> R {
        write(self)
    }
}

#[inline(never)]
fn put_long_part(out: &mut Vec<u8>, text: &[u8], start: usize, end: usize) {
    let blocks = text
        .get(start..)
        .and_then(<[u8]>::first_chunk::<{ 2 * BLOCK }>);
    match blocks {
        Some(blocks) if end - start <= 2 * BLOCK => {
            let len = out.len() + (end - start);
            out.extend_from_slice(blocks);
            out.truncate(len);
        }
        _ => out.extend_from_slice(text.get(start..end).unwrap_or_default()),
    }
}

/// The number of bytes a text would have.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Length(pub(crate) u64);

impl Ink for Length {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }

    #[inline]
    fn put_byte(&mut self, _byte: u8) {
        self.0 += 1;
    }

    #[inline]
    fn put_part(&mut self, _text: &[u8], start: usize, end: usize) {
        self.0 += (end - start) as u64;
    }

    #[inline]
    fn put_written<R>(
        &mut self,
        scratch: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> R,
    ) -> R {
        scratch.clear();
        let result = write(scratch);
        self.0 += scratch.len() as u64;
        result
    }
}
