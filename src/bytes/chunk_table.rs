//! The table of chunk digests that pins a file: SHA-256 of each run of 4 MiB. 100 GB cost 0.8 MB of table.

use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::io::Read;

/// Length of a chunk; the last one of a file may be shorter.
pub const CHUNK: usize = 4 << 20;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// SHA-256, behind a name of ours so that nothing else depends on the crate that computes it.
#[derive(Debug, Clone, Default)]
pub struct Hasher(sha2::Sha256);

impl Hasher {
    /// Adds bytes to what is hashed.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds bytes to two hashes, a few to each in turn: each step of a hash waits for the one before it, and meanwhile the processor has
    /// time for the other.
    pub fn update_two(one: (&mut Hasher, &[u8]), two: (&mut Hasher, &[u8])) {
        let both = one.1.len().min(two.1.len());
        let (first, rest) = one.1.split_at(both);
        let (second, other) = two.1.split_at(both);
        for (first, second) in first.chunks(Hasher::TURN).zip(second.chunks(Hasher::TURN)) {
            one.0.update(first);
            two.0.update(second);
        }
        one.0.update(rest);
        two.0.update(other);
    }

    /// Bytes of a turn: two blocks of SHA-256.
    const TURN: usize = 128;

    /// The digest of all bytes that were added.
    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }

    /// The digest of these bytes.
    pub fn digest(bytes: &[u8]) -> Digest {
        sha2::Sha256::digest(bytes).into()
    }
}

/// A file's size and the digest of each of its chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkTable {
    size: u64,
    #[serde(with = "serde_bytes")]
    digests: Vec<u8>,
}

impl ChunkTable {
    /// The table of a file of `size` bytes whose chunks have these digests, 32 bytes each; `None` when their number does
    /// not fit the size.
    pub fn new(size: u64, digests: Vec<u8>) -> Option<ChunkTable> {
        let wanted = chunks(size).checked_mul(32)?;
        (u64::try_from(digests.len()).ok()? == wanted).then_some(ChunkTable { size, digests })
    }

    /// The table of what a reader yields until its end.
    pub fn of(mut reader: impl Read) -> std::io::Result<ChunkTable> {
        let (mut size, mut digests, mut buffer) = (0u64, Vec::new(), Vec::new());
        loop {
            buffer.clear();
            let read = reader.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
            if read == 0 {
                break;
            }
            digests.extend_from_slice(&Hasher::digest(&buffer));
            size = size.saturating_add(read as u64);
        }
        Ok(ChunkTable { size, digests })
    }

    /// Size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Number of chunks.
    pub fn chunks(&self) -> u64 {
        chunks(self.size)
    }

    /// All digests, one after the other.
    pub fn digests(&self) -> &[u8] {
        &self.digests
    }

    /// The digest of chunk `index`.
    pub fn digest(&self, index: u64) -> Option<&[u8]> {
        let start = usize::try_from(index).ok()?.checked_mul(32)?;
        self.digests.get(start..start.checked_add(32)?)
    }
}

/// Number of chunks of a file of `size` bytes.
fn chunks(size: u64) -> u64 {
    size.div_ceil(CHUNK as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_one_digest_a_chunk() {
        let table = ChunkTable::of(std::io::repeat(7).take(CHUNK as u64 + 1)).unwrap();
        assert_eq!((table.size(), table.chunks()), (CHUNK as u64 + 1, 2));
        assert_eq!(table.digest(1), Some(&Hasher::digest(&[7])[..]));
        assert_eq!(table.digest(2), None);
        assert_eq!(ChunkTable::of(&b""[..]).unwrap().chunks(), 0);
        assert!(ChunkTable::new(1, vec![0; 64]).is_none());
    }
}
