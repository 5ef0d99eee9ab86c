//! Sets of numbers, one bit each.

/// A set of numbers from 0 on, such as indices: it takes as many bits as the largest one says.
#[derive(Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// Adds a number; whether it was not there before.
    pub fn add(&mut self, number: u64) -> bool {
        let Some((word, bit)) = place(number) else { return false };
        if self.0.len() <= word {
            self.0.resize(word.saturating_add(1), 0);
        }
        let Some(word) = self.0.get_mut(word) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Takes a number away.
    pub fn remove(&mut self, number: u64) {
        if let Some((word, bit)) = place(number)
            && let Some(word) = self.0.get_mut(word)
        {
            *word &= !bit;
        }
    }

    /// Whether a number is there.
    pub fn has(&self, number: u64) -> bool {
        place(number).is_some_and(|(word, bit)| self.0.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// The word in which a number has its bit, and the bit.
fn place(number: u64) -> Option<(usize, u64)> {
    Some((usize::try_from(number / 64).ok()?, 1 << (number % 64)))
}
