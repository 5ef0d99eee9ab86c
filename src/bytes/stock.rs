//! Memory that is made ready before it is asked for.
//!
//! The system gives a process memory where it writes first, and may take longer for that than a parser for what it writes
//! there. So while a parser fills its pages, threads of [`Ahead`] write to the next ones.

use super::ahead::{Ahead, Pages};
use std::sync::mpsc::Receiver;

/// Pages that are ordered at once: 2 MiB. Twice as much may be ready and not paid for.
const BATCH: usize = 64;

/// Pages of words for the values of one file, each empty and with room for [`Stock::WORDS`].
#[derive(Debug)]
pub(super) struct Stock {
    ahead: Ahead,
    /// Pages that were given, as far as it matters.
    given: usize,
    ready: Pages,
    coming: Option<Receiver<Pages>>,
}

impl Stock {
    /// Words of a page.
    pub const WORDS: usize = 4096;

    pub fn new(ahead: Ahead) -> Stock {
        Stock { ahead, given: 0, ready: Pages::new(), coming: None }
    }

    /// A page. Few pages are not worth a thread: the first ones are as the allocator gives them.
    pub fn page(&mut self) -> Vec<u64> {
        if self.given < BATCH {
            self.given = self.given.saturating_add(1);
            return Vec::with_capacity(Self::WORDS);
        }
        if self.ready.is_empty() {
            self.ready = self.coming.take().and_then(|coming| coming.recv().ok()).unwrap_or_default();
        }
        if self.coming.is_none() {
            self.coming = self.ahead.pages(BATCH, Self::WORDS);
        }
        self.ready.pop().unwrap_or_else(|| Vec::with_capacity(Self::WORDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_empty_and_has_room_whoever_made_it() {
        let mut stock = Stock::new(Ahead::start(2).unwrap());
        for given in 0..5 * BATCH {
            assert_eq!(stock.coming.is_some(), given > BATCH, "page {given}");
            let page = stock.page();
            assert!(page.is_empty() && page.capacity() >= Stock::WORDS, "page {given}");
        }
        assert_eq!(stock.ready.len(), 1, "the last of the third batch that the threads made");
    }
}
