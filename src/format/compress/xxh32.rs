//! XXH32 with seed 0, the checksum of LZ4 frames (`xxhash/doc/xxhash_spec.md`).

const P1: u32 = 0x9e37_79b1;
const P2: u32 = 0x85eb_ca77;
const P3: u32 = 0xc2b2_ae3d;
const P4: u32 = 0x27d4_eb2f;
const P5: u32 = 0x1656_67b1;
const STRIPE: usize = 16;

pub(super) struct Xxh32 {
    lanes: [u32; 4],
    waiting: Vec<u8>,
    length: u64,
}

impl Xxh32 {
    pub(super) fn new() -> Xxh32 {
        let lanes = [P1.wrapping_add(P2), P2, 0, 0u32.wrapping_sub(P1)];
        Xxh32 { lanes, waiting: Vec::with_capacity(STRIPE), length: 0 }
    }

    pub(super) fn of(bytes: &[u8]) -> u32 {
        let mut hash = Xxh32::new();
        hash.update(bytes);
        hash.value()
    }

    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if !self.waiting.is_empty() {
            let waiting = &mut self.waiting;
            let Some(stripe) = super::gather(waiting, &mut bytes, STRIPE) else { return };
            stripes(&mut self.lanes, stripe);
            self.waiting.clear();
        }
        self.waiting.extend_from_slice(stripes(&mut self.lanes, bytes));
    }

    pub(super) fn value(&self) -> u32 {
        let [a, b, c, d] = self.lanes;
        let mixed = a.rotate_left(1).wrapping_add(b.rotate_left(7));
        let mixed = mixed.wrapping_add(c.rotate_left(12)).wrapping_add(d.rotate_left(18));
        let start = if self.length < STRIPE as u64 { P5 } else { mixed };
        let mut hash = start.wrapping_add(self.length as u32);
        let words = self.waiting.chunks_exact(4);
        let tail = words.remainder();
        for word in words {
            hash = hash.wrapping_add(little(word).wrapping_mul(P3)).rotate_left(17).wrapping_mul(P4);
        }
        for byte in tail {
            hash = hash.wrapping_add(u32::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
        }
        hash = (hash ^ (hash >> 15)).wrapping_mul(P2);
        hash = (hash ^ (hash >> 13)).wrapping_mul(P3);
        hash ^ (hash >> 16)
    }
}

/// Takes up all whole stripes of `bytes`, and gives the rest.
fn stripes<'b>(lanes: &mut [u32; 4], bytes: &'b [u8]) -> &'b [u8] {
    let whole = bytes.chunks_exact(STRIPE);
    let rest = whole.remainder();
    for stripe in whole {
        for (lane, word) in lanes.iter_mut().zip(stripe.chunks_exact(4)) {
            *lane = lane.wrapping_add(little(word).wrapping_mul(P2)).rotate_left(13).wrapping_mul(P1);
        }
    }
    rest
}

fn little(word: &[u8]) -> u32 {
    u32::from_le_bytes(word.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_are_those_of_the_reference() {
        assert_eq!(Xxh32::of(b""), 0x02cc_5d05);
        assert_eq!(Xxh32::of(b"a"), 0x550d_7456);
        assert_eq!(Xxh32::of(b"Nobody inspects the spammish repetition"), 0xe229_3b2f);
        let mut hash = Xxh32::new();
        b"Nobody inspects the spammish repetition".chunks(5).for_each(|piece| hash.update(piece));
        assert_eq!(hash.value(), 0xe229_3b2f);
    }
}
