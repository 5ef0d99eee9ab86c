//! What a job writes.

use super::Written;
use crate::bytes::Hasher;
use std::fs::File;
use std::io::{BufWriter, Write};

/// An output whose length and digest are known when it is done.
pub(super) struct Counted<'a> {
    out: Option<BufWriter<&'a File>>,
    hasher: Hasher,
    len: u64,
}

impl<'a> Counted<'a> {
    pub fn new(out: Option<&'a File>) -> Counted<'a> {
        Counted { out: out.map(BufWriter::new), hasher: Hasher::default(), len: 0 }
    }

    /// What was written; nothing is said of an output that there is not.
    pub fn finish(mut self) -> std::io::Result<Written> {
        if self.out.is_none() {
            return Ok(Written::default());
        }
        self.flush()?;
        Ok(Written { len: self.len, sha256: self.hasher.finish().to_vec(), ..Written::default() })
    }
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let out = self.out.as_mut().ok_or_else(|| std::io::Error::other("there is no output"))?;
        out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.len = self.len.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}
