//! zlib and gzip (RFC 1950, RFC 1952): Adler-32, CRC-32 and the length are compared by the decoder.

use super::{Member, Outcome, Step};
use flate2::{Decompress, FlushDecompress, Status};

pub(super) struct Deflate(Decompress);

impl Deflate {
    pub(super) fn zlib() -> Deflate {
        Deflate(Decompress::new(true))
    }

    pub(super) fn raw() -> Deflate {
        Deflate(Decompress::new(false))
    }

    pub(super) fn gzip() -> Deflate {
        Deflate(Decompress::new_gzip(15))
    }
}

/// What went wrong first. The decoder's fast loop names one of three faults of a block and is asked once more, which it answers
/// with this (`zlib-rs`, `inflate_fast_help`).
fn first(message: &str) -> &str {
    match message {
        "repeated call with bad state" => "invalid distance too far back, or invalid code",
        message => message,
    }
}

impl Member for Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let result = self.0.decompress(input, output, FlushDecompress::None);
        let consumed = self.0.total_in().saturating_sub(before_in) as usize;
        let produced = self.0.total_out().saturating_sub(before_out) as usize;
        let outcome = match result {
            Ok(Status::StreamEnd) => Outcome::Ended(Vec::new()),
            Ok(Status::Ok | Status::BufError) => Outcome::More,
            Err(error) if error.needs_dictionary().is_some() => Outcome::Damaged("it needs a dictionary".to_owned()),
            Err(error) => Outcome::Damaged(first(error.message().unwrap_or("invalid data")).to_owned()),
        };
        Step { consumed, produced, outcome }
    }
}
