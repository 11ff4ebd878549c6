//! What a scribe writes into: text, or only its length.

/// Takes the bytes of a text in order.
pub(crate) trait Ink {
    /// Takes some bytes.
    fn put(&mut self, bytes: &[u8]);

    /// Takes one byte.
    fn put_byte(&mut self, byte: u8);
}

impl Ink for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn put_byte(&mut self, byte: u8) {
        self.push(byte);
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
}
