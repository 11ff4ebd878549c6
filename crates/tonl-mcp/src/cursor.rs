//! Long lists in pages. A cursor says where the next page begins; only who was given it, for the list
//! it was given for, and from this process, can use it.

use crate::context::IdentityKey;
use crate::seal::Seal;
use std::ops::Range;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The items of it, zero-based.
    pub items: Range<usize>,
    /// What asks for the next page, if there is one.
    pub next: Option<String>,
}

/// A cursor that was not given out to this caller for this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a cursor of this list, found another text; begin without a cursor")]
#[non_exhaustive]
pub struct BadCursor;

/// Gives out pages of lists.
#[derive(Debug)]
pub(crate) struct Pages {
    seal: Option<Seal>,
    size: usize,
}

impl Pages {
    /// Pages of so many items. Without a seal all of a list is one page.
    pub(crate) fn new(size: usize) -> Self {
        Self {
            seal: Seal::new(),
            size: size.max(1),
        }
    }

    /// The page of a list of this name and length that a cursor asks for; the first without one.
    pub(crate) fn page(
        &self,
        list: &str,
        len: usize,
        cursor: Option<&str>,
        identity: IdentityKey,
    ) -> Result<Page, BadCursor> {
        let start = match cursor {
            None => 0,
            Some(cursor) => self.start(list, cursor, identity).ok_or(BadCursor)?,
        };
        let Some(seal) = &self.seal else {
            return Ok(Page {
                items: 0..len,
                next: None,
            });
        };
        let start = start.min(len);
        let end = len.min(start.saturating_add(self.size));
        let next = (end < len).then(|| {
            let place = format!("{end:x}");
            let mark = seal.mark(list, identity, &place);
            format!("{mark}{place}")
        });
        Ok(Page {
            items: start..end,
            next,
        })
    }

    fn start(&self, list: &str, cursor: &str, identity: IdentityKey) -> Option<usize> {
        let (mark, place) = cursor.split_at_checked(32)?;
        let seal = self.seal.as_ref()?;
        if !seal.is_marked(mark, list, identity, place) {
            return None;
        }
        usize::from_str_radix(place, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> IdentityKey {
        IdentityKey::of("alice")
    }

    #[test]
    fn pages_follow_each_other_and_end() {
        let pages = Pages::new(3);
        let mut cursor = None;
        let mut seen = Vec::new();
        loop {
            let page = pages.page("tools", 8, cursor.as_deref(), alice()).unwrap();
            seen.push(page.items.clone());
            let Some(next) = page.next else { break };
            cursor = Some(next);
        }
        assert_eq!(seen, [0..3, 3..6, 6..8]);
        assert_eq!(
            Pages::new(3).page("tools", 0, None, alice()).unwrap().items,
            0..0
        );
    }

    #[test]
    fn a_cursor_of_another_list_identity_or_process_is_refused() {
        let pages = Pages::new(3);
        let cursor = pages.page("tools", 8, None, alice()).unwrap().next.unwrap();
        let bob = IdentityKey::of("bob");
        assert_eq!(
            pages.page("prompts", 8, Some(&cursor), alice()),
            Err(BadCursor)
        );
        assert_eq!(pages.page("tools", 8, Some(&cursor), bob), Err(BadCursor));
        let other = Pages::new(3);
        assert_eq!(
            other.page("tools", 8, Some(&cursor), alice()),
            Err(BadCursor)
        );
    }

    #[test]
    fn a_cursor_with_any_character_changed_is_refused() {
        let pages = Pages::new(3);
        let cursor = pages.page("tools", 8, None, alice()).unwrap().next.unwrap();
        for at in 0..cursor.len() {
            let mut bytes = cursor.clone().into_bytes();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            let page = pages.page("tools", 8, Some(&changed), alice());
            assert_eq!(page, Err(BadCursor), "{changed}");
        }
        for foreign in ["", "3", "äöü", &"f".repeat(10_000), cursor.split_at(32).0] {
            let page = pages.page("tools", 8, Some(foreign), alice());
            assert_eq!(page, Err(BadCursor), "{foreign}");
        }
    }
}
