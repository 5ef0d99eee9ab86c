//! What is known of all readers that are followed through a file.

use super::Found;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Where the arrays begin to which other readers came whose values are not ours.
pub type CameTo = Rc<RefCell<BTreeSet<u64>>>;

/// What the readers that are followed through a file have found, and how far they came.
#[derive(Debug, Default)]
pub struct Followed {
    /// What one of them would do with the bytes, if that runs code.
    pub found: Rc<Found>,
    /// Whether an old joblib came to a padded array, which it lives through or not.
    pub padded: bool,
    /// The arrays to which an old joblib comes that lived through the padding of another one.
    pub survived: CameTo,
    /// Whether one `Unpickler` on several pickles is followed already.
    pub one_on_several: bool,
    /// The arrays to which one `Unpickler` comes that has the memo of another pickle.
    pub shared: CameTo,
    /// The arrays to which `pickle.load` comes that has met none but empty ones.
    pub in_step: CameTo,
    /// Where they were followed, as far as it is not paid for yet.
    pub ways: Rc<RefCell<Ways>>,
}

/// The ways of readers through a file. They are fed ahead of the machine, in pieces of any length; what is paid for up to where
/// that stands is the same nevertheless.
#[derive(Debug, Default)]
pub struct Ways {
    /// Up to where they are paid for.
    paid: u64,
    /// How many readers are followed there.
    readers: u64,
    /// How many begin and end behind that, by offset.
    turns: BTreeMap<u64, (u64, u64)>,
}

impl Ways {
    /// A reader begins here.
    pub fn begin(&mut self, at: u64) {
        let (begun, _) = self.turns.entry(at).or_default();
        *begun = begun.saturating_add(1);
    }

    /// A reader that began has stopped here.
    pub fn end(&mut self, at: u64) {
        let (_, ended) = self.turns.entry(at).or_default();
        *ended = ended.saturating_add(1);
    }

    /// How many bytes all readers took together up to here since the last time.
    pub fn up_to(&mut self, at: u64) -> u64 {
        let later = self.turns.split_off(&at);
        let mut bytes = 0u64;
        for (turn, (begun, ended)) in std::mem::replace(&mut self.turns, later) {
            bytes = bytes.saturating_add(self.go_to(turn));
            self.readers = self.readers.saturating_add(begun).saturating_sub(ended);
        }
        bytes.saturating_add(self.go_to(at))
    }

    fn go_to(&mut self, at: u64) -> u64 {
        let length = at.saturating_sub(self.paid);
        self.paid = self.paid.max(at);
        length.saturating_mul(self.readers)
    }
}

#[cfg(test)]
mod tests {
    use super::Ways;

    #[test]
    fn ways_are_paid_for_as_far_as_they_are_gone() {
        let mut ways = Ways::default();
        ways.begin(10);
        ways.end(40);
        ways.begin(20);
        assert_eq!(ways.up_to(10), 0);
        assert_eq!(ways.up_to(30), 20 + 10);
        assert_eq!(ways.up_to(30), 0);
        ways.end(30);
        assert_eq!(ways.up_to(100), 10, "one ends at 30, one at 40");
    }
}
