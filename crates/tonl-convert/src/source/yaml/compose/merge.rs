//! Merge keys (`<<`). A mapping that has one is held back from that key on: only its end shows which
//! members it has itself. Then its tape goes on with the members merged and its own.

use super::{Awaits, Composer, Mapping, duplicate_key};
use crate::source::yaml::tape::{Mark, Step};
use std::collections::HashSet;
use std::ops::Range;
use tonl::Result;

/// A merge key: behind the jump at `mark` on the tape stand its value and then the mapping's own
/// members.
pub(super) struct Merge {
    pub(super) mark: Mark,
    pub(super) value_end: usize,
    anchors_before: usize,
}

impl Composer<'_> {
    /// Holds the innermost mapping back from here on.
    pub(super) fn begin_merge(&mut self) -> Result<()> {
        let merge = Merge {
            mark: self.tape.prepare_jump(),
            value_end: 0,
            anchors_before: self.anchors.len(),
        };
        self.held += 1;
        match self.mapping() {
            Some(mapping) if mapping.merge.is_none() => {
                mapping.merge = Some(merge);
                mapping.awaits = Awaits::MergeValue;
                Ok(())
            }
            _ => Err(duplicate_key("<<")
                .with_hint("merge several mappings with a sequence: << : [*a, *b]")),
        }
    }

    /// If the innermost mapping, which ends now, has a merge key, puts its members behind a jump:
    /// those merged, then its own.
    pub(super) fn resolve_merge(&mut self) -> Result<()> {
        let Some(Mapping { keys, merge, .. }) = self.mapping() else {
            return Ok(());
        };
        let Some(merge) = merge.take() else {
            return Ok(());
        };
        let mut keys = std::mem::take(keys);
        let own = merge.value_end..self.tape.len();
        let value = merge.mark.steps + 1..merge.value_end;
        self.tape.land(merge.mark);
        for mapping in self.tape.mappings(value).unwrap_or_default() {
            self.copy_members(mapping, &mut keys)?;
        }
        self.copy(own)?;
        self.held -= 1;
        if self.held == 0 {
            self.forward(merge.mark.steps)?;
            if self.recorded == 0 && self.anchors.len() == merge.anchors_before {
                self.tape.truncate(merge.mark);
            }
        }
        Ok(())
    }

    /// Appends the members of a recorded mapping whose keys are not among `keys`.
    fn copy_members(&mut self, mapping: Range<usize>, keys: &mut HashSet<String>) -> Result<()> {
        let Some((_, mut at)) = self.tape.step(mapping.start, mapping.end) else {
            return Ok(());
        };
        while let Some((Step::Key(name), value)) = self.tape.step(at, mapping.end) {
            let end = self.tape.value_end(value, mapping.end);
            let name = self.tape.text(name);
            if !keys.contains(name) {
                keys.insert(name.to_owned());
                self.copy(at..end)?;
            }
            at = end;
        }
        Ok(())
    }

    fn copy(&mut self, range: Range<usize>) -> Result<()> {
        let mut at = range.start;
        while let Some((step, next)) = self.tape.step(at, range.end) {
            if let Some((_, bytes)) = self.tape.event(step) {
                self.budget.spend(bytes)?;
            }
            self.tape.push(step);
            at = next;
        }
        Ok(())
    }

    /// Sends what the tape holds from `start` to its end.
    fn forward(&mut self, start: usize) -> Result<()> {
        let mut at = start;
        while let Some((step, next)) = self.tape.step(at, self.tape.len()) {
            if let Some((event, _)) = self.tape.event(step) {
                self.sink.event(event)?;
            }
            at = next;
        }
        Ok(())
    }
}
