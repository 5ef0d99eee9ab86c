//! Chance that can be repeated.

/// Numbers that look like chance, and are the same for the same start (SplitMix64: Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// The chance of the thing with this number.
    pub(crate) fn new(seed: u64, number: u64) -> Chance {
        Chance(Chance(seed).next() ^ number.wrapping_mul(STEP))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let z = self.0;
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `count`; 0 if that is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let rest = self.next().checked_rem(count as u64).unwrap_or(0);
        usize::try_from(rest).unwrap_or(0)
    }

    /// Whether the latest of `seen` things takes the place of the one that was kept, so that each is kept as likely (algorithm R).
    pub(crate) fn keeps(&mut self, seen: u64) -> bool {
        self.next().is_multiple_of(seen.max(1))
    }

    /// So many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        bytes.truncate(count);
        bytes
    }
}
