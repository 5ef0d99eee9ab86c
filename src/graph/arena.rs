//! Texts and other short runs of bytes: in pages of 64 KiB, each behind its length; longer ones in a page of their own.

use crate::bytes::{Budget, Exceeded};

const PAGE: usize = 64 << 10;
/// Bytes that the first page has room for before it grows.
const FEW: usize = 1 << 10;
/// Longest run that shares a page.
const SHARED: usize = 8 << 10;
/// Offset that says that the run is the whole page.
const WHOLE: u64 = 0xffff;

/// Runs of bytes, each known by a reference of at most 48 bits.
#[derive(Debug, Default)]
pub(super) struct Arena {
    pages: Vec<Vec<u8>>,
    /// Index of the page that shared runs go to.
    open: Option<usize>,
}

impl Arena {
    /// Keeps a run and gives its reference.
    pub fn add(&mut self, run: &[u8], budget: &mut Budget) -> Result<u64, Exceeded> {
        if run.len() > SHARED {
            budget.memory(run.len() as u64)?;
            return Ok(self.adopt(run.to_vec()));
        }
        let needed = run.len().saturating_add(2);
        let open = self
            .open
            .filter(|open| self.pages.get(*open).is_some_and(|page| PAGE.saturating_sub(page.len()) >= needed));
        let index = match open {
            Some(open) => open,
            None => {
                budget.memory(PAGE as u64)?;
                self.pages.push(Vec::with_capacity(if self.pages.is_empty() { FEW } else { PAGE }));
                self.pages.len().saturating_sub(1)
            }
        };
        self.open = Some(index);
        let Some(page) = self.pages.get_mut(index) else { return Ok(0) };
        let offset = page.len() as u64;
        page.extend_from_slice(&u16::try_from(run.len()).unwrap_or(0).to_le_bytes());
        page.extend_from_slice(run);
        Ok((index as u64) << 16 | offset)
    }

    /// Keeps a run that was paid for already.
    pub fn adopt(&mut self, run: Vec<u8>) -> u64 {
        self.pages.push(run);
        (self.pages.len().saturating_sub(1) as u64) << 16 | WHOLE
    }

    /// Whether a run is longer than [`SHARED`], or paid for before: told by its reference alone.
    #[inline]
    pub fn is_whole(reference: u64) -> bool {
        reference & WHOLE == WHOLE
    }

    /// The run behind a reference.
    pub fn get(&self, reference: u64) -> &[u8] {
        let page = usize::try_from(reference >> 16).ok().and_then(|index| self.pages.get(index));
        let Some(page) = page else { return &[] };
        if reference & WHOLE == WHOLE {
            return page;
        }
        let run = usize::try_from(reference & WHOLE).ok().and_then(|offset| page.get(offset..));
        let Some((length, rest)) = run.and_then(|run| run.split_first_chunk::<2>()) else { return &[] };
        rest.get(..usize::from(u16::from_le_bytes(*length))).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Limits;

    #[test]
    fn runs_of_every_length_come_back() {
        let mut budget = Budget::new(&Limits::default(), 1 << 20);
        let mut arena = Arena::default();
        let runs: Vec<Vec<u8>> = (0..300usize).map(|n| vec![n as u8; n * 40]).collect();
        let references: Vec<u64> = runs.iter().map(|run| arena.add(run, &mut budget).unwrap()).collect();
        for (run, reference) in runs.iter().zip(references) {
            assert_eq!(arena.get(reference), run);
        }
        assert_eq!(arena.get(u64::MAX), b"");
    }
}
