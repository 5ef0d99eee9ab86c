//! bzip2: the checksums of each block and of the stream are compared by the decoder.

use super::{Member, Outcome, Step};
use bzip2::{Decompress, Error, Status};

pub(super) struct Bz2(Decompress);

impl Bz2 {
    pub(super) fn new() -> Bz2 {
        Bz2(Decompress::new(false))
    }
}

impl Member for Bz2 {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let result = self.0.decompress(input, output);
        let consumed = self.0.total_in().saturating_sub(before_in) as usize;
        let produced = self.0.total_out().saturating_sub(before_out) as usize;
        let outcome = match result {
            Ok(Status::StreamEnd) => Outcome::Ended(Vec::new()),
            Ok(Status::MemNeeded) => Outcome::Damaged("there is no memory for a block".to_owned()),
            Ok(_) => Outcome::More,
            Err(Error::DataMagic) => Outcome::Damaged("it does not begin as bzip2 does".to_owned()),
            Err(_) => Outcome::Damaged("invalid data or a wrong checksum".to_owned()),
        };
        Step { consumed, produced, outcome }
    }
}
