//! Reads a stream's text again while it is written: it must be TONL, with a row for each record.

use super::records::Counting;
use crate::error::{Error, Result};
use crate::sink::Nowhere;
use tonl::read::Reader;
use tonl::{Limits, ReadOptions};

/// A reader of what was written so far.
#[derive(Debug)]
pub(super) struct Reread {
    reader: Reader,
    counting: Counting,
}

impl Reread {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut options = ReadOptions::default();
        options.limits = *limits;
        Self {
            reader: Reader::new(options),
            counting: Counting::default(),
        }
    }

    /// Reads the next bytes.
    ///
    /// # Errors
    /// The first fault of the text.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let mut nowhere = Nowhere;
        let mut sink = self.counting.before(&mut nowhere);
        Ok(self.reader.push(bytes, &mut sink)?)
    }

    /// Ends the text, which must have had so many rows.
    ///
    /// # Errors
    /// Faults that only the end shows, and another number of rows.
    pub(super) fn finish(self, records: u64) -> Result<()> {
        let Self {
            mut reader,
            mut counting,
        } = self;
        reader.finish(&mut counting.before(&mut Nowhere))?;
        let rows = counting.records().unwrap_or_default();
        if rows == records {
            return Ok(());
        }
        Err(Error::different(
            format!("{records} rows"),
            format!("{rows} rows"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_row_for_each_record_passes() {
        let mut reread = Reread::new(&Limits::default());
        for part in ["data[]{a:i64}", ":\n 1\n 2\n* ", ""] {
            let part = part.replace("\n* ", "\n * 5\n");
            reread.push(part.as_bytes()).unwrap();
        }
        reread.finish(3).unwrap();
    }

    #[test]
    fn a_row_too_few_and_a_text_that_is_no_tonl_are_errors() {
        let mut reread = Reread::new(&Limits::default());
        reread.push(b"data[]{a:i64}:\n 1\n").unwrap();
        let error = reread.finish(2).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Different);
        let mut reread = Reread::new(&Limits::default());
        let fault = reread.push(b"data[]{a:i64}:\n x\n");
        assert!(fault.is_err() || reread.finish(1).is_err());
    }
}
