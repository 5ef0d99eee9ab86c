//! Inputs by chance, without a look at the program: seeds with a few edits, and bytes for the targets that build from them.
//!
//! Each input is a function of the seeds, the number that all chance comes from, and its own number: a run can be repeated.

use super::attack::LONGEST;
use super::{Bytes, ops, seeds};
use crate::twin::Chance;

/// Makes inputs for one target.
pub(super) struct Maker {
    seeds: Vec<Vec<u8>>,
    seed: u64,
}

/// Numbers at which lengths and counts turn.
const TURNS: [u64; 12] =
    [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 40, u64::MAX];

impl Maker {
    /// With the target's own seeds, and others.
    pub(super) fn new(target: &str, others: Vec<Vec<u8>>, seed: u64) -> Maker {
        let mut all = seeds::of(target);
        all.extend(others.into_iter().filter(|seed| seed.len() <= LONGEST));
        Maker { seeds: all, seed }
    }

    /// The input with this number.
    pub(super) fn make(&self, number: u64) -> Vec<u8> {
        let mut chance = Chance::new(self.seed, number);
        let mut input = match self.seeds.len() {
            seeds if seeds > 0 && chance.below(4) > 0 => self.seeds[chance.below(seeds)].clone(),
            _ => {
                let length = 1 << chance.below(10);
                chance.bytes(length)
            }
        };
        for _ in 0..chance.below(5) {
            self.edit(&mut input, &mut chance);
        }
        input.truncate(LONGEST);
        input
    }

    fn edit(&self, input: &mut Vec<u8>, chance: &mut Chance) {
        let at = chance.below(input.len() + 1);
        match chance.below(10) {
            0 => {
                let (module, name) = ops::NAMES[chance.below(ops::NAMES.len())];
                input.splice(at..at, ops::global(module, name));
            }
            1 => {
                let turn = TURNS[chance.below(TURNS.len())].to_le_bytes();
                let width = (1 << chance.below(4)).min(input.len() - at);
                input[at..at + width].copy_from_slice(&turn[..width]);
            }
            2 if !self.seeds.is_empty() => {
                let other = &self.seeds[chance.below(self.seeds.len())];
                input.truncate(at);
                input.extend_from_slice(&other[chance.below(other.len() + 1)..]);
            }
            _ => Bytes::new(&chance.bytes(24)).damage(input),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_numbers_make_the_same_inputs_and_others_make_others() {
        let inputs = |seed| (0..2000).map(move |number| Maker::new("machine", Vec::new(), seed).make(number));
        assert!(inputs(1).eq(inputs(1)));
        assert!(inputs(1).zip(inputs(2)).filter(|(one, other)| one == other).count() < 100);
        let different: std::collections::BTreeSet<Vec<u8>> = inputs(1).collect();
        assert!(different.len() > 1500, "only {} of 2000 inputs are different", different.len());
    }

    #[test]
    fn seeds_are_used_and_long_ones_are_not() {
        let seeds = vec![b"a seed that is unlike any other".to_vec(), vec![7; LONGEST + 1]];
        let maker = Maker::new("no such target", seeds, 1);
        assert_eq!(maker.seeds.len(), 1);
        assert!((0..100).any(|number| maker.make(number) == maker.seeds[0]));
    }
}
