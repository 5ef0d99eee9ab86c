//! A fuzzer's bytes, taken as decisions; zeros when they are used up.

/// What is left of the bytes.
#[derive(Debug)]
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Bytes<'a> {
        Bytes(data)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    pub(crate) fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// One of `count` choices.
    pub(crate) fn choose(&mut self, count: usize) -> usize {
        let number = if count <= 256 { self.byte().into() } else { usize::from(self.number()) };
        number % count.max(1)
    }

    /// At most `most` bytes.
    pub(crate) fn take(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        self.take(usize::MAX)
    }

    /// Changes one thing in `target`.
    pub(crate) fn damage(&mut self, target: &mut Vec<u8>) {
        let kind = self.byte();
        let at = usize::from(self.number()) % target.len().max(1);
        let end = (at + usize::from(self.byte())).min(target.len());
        match kind % 7 {
            0 => target.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (kind >> 5)),
            1 => {
                let byte = self.byte();
                target.iter_mut().skip(at).take(1).for_each(|old| *old = byte);
            }
            2 => target.truncate(at),
            3 => drop(target.drain(at..end)),
            4 => {
                let inserted = self.take(16);
                target.splice(at..at, inserted.iter().copied());
            }
            5 => {
                let again = target.get(at..end).unwrap_or_default().to_vec();
                target.splice(at..at, again);
            }
            // One off, as a length would be.
            _ => target
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte = byte.wrapping_add((kind >> 6) * 2).wrapping_sub(1)),
        }
    }
}
