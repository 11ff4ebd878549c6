//! RFC 7932.

use super::decode::{Decode, Fault, after_end};
use brotli_decompressor::{
    BrotliDecompressStream, BrotliResult, BrotliState, SliceWrapper, StandardAlloc,
};

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// A decoder of one brotli stream.
pub(super) struct Brotli {
    /// Large, so it lives on the heap.
    state: Box<State>,
    ended: bool,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        // Strict: without the large window, for which one head can ask for a gigabyte.
        Self {
            state: Box::new(State::new_strict(alloc(), alloc(), alloc())),
            ended: false,
        }
    }
}

impl Decode for Brotli {
    fn decode(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Fault> {
        if self.ended {
            return after_end(input);
        }
        let filled = out.len();
        // The decoder writes into initialised bytes only.
        out.resize(out.capacity(), 0);
        let (mut left, mut used) = (input.len(), 0);
        let (mut room, mut made) = (out.len() - filled, filled);
        let result = BrotliDecompressStream(
            &mut left,
            &mut used,
            input,
            &mut room,
            &mut made,
            out,
            &mut 0,
            &mut self.state,
        );
        out.truncate(made);
        match result {
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultFailure => return Err(Fault::Malformed),
        }
        Ok(used)
    }

    fn is_complete(&self) -> bool {
        self.ended
    }

    fn held(&self) -> u64 {
        let state = &self.state;
        let codes = [
            &state.literal_hgroup,
            &state.insert_copy_hgroup,
            &state.distance_hgroup,
        ];
        let codes: usize = codes
            .iter()
            .map(|group| size_of_val(group.codes.slice()))
            .sum();
        (size_of::<State>() + state.ringbuffer.slice().len() + codes) as u64
    }
}
