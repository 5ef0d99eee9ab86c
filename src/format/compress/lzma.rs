//! The `.lzma` format: 13 bytes of header, no checksum (`liblzma/common/alone_decoder.c`, `liblzma/common/auto_decoder.c`).
//!
//! Python and `xz --format=lzma` write no size and an end marker. Other tools, and Python 2's, write the size and no marker: such a
//! stream ends where its size says. One with both is refused, for versions of liblzma disagree on where it ends.

use super::{MOST_DICTIONARY, Member, Outcome, Step, gather};
use lzma_rust2::{Action, LzmaStream, Status};

const HEADER: usize = 13;

pub(super) struct Lzma {
    header: Vec<u8>,
    stream: Option<LzmaStream>,
}

impl Lzma {
    pub(super) fn new() -> Lzma {
        Lzma { header: Vec::with_capacity(HEADER), stream: None }
    }
}

impl Member for Lzma {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut rest = input;
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let Some(header) = gather(&mut self.header, &mut rest, HEADER) else {
                    return Step::more(input.len(), 0);
                };
                match begin(header) {
                    Ok(stream) => self.stream.insert(stream),
                    Err(what) => return Step { consumed: 0, produced: 0, outcome: Outcome::Damaged(what) },
                }
            }
        };
        let header = input.len().saturating_sub(rest.len());
        // Never `Action::Finish`: with it, a stream that lacks its last byte passes.
        match stream.process(rest, output, Action::Run) {
            Ok(result) => {
                let outcome = match result.status {
                    Status::Ok => Outcome::More,
                    Status::StreamEnd => Outcome::Ended(stream.unused_input().to_vec()),
                };
                let consumed = header.saturating_add(result.bytes_consumed);
                Step { consumed, produced: result.bytes_produced, outcome }
            }
            Err(error) => Step { consumed: 0, produced: 0, outcome: Outcome::Damaged(error.to_string()) },
        }
    }
}

fn begin(header: &[u8]) -> Result<LzmaStream, String> {
    let [properties, d0, d1, d2, d3, size @ ..] = header else { return Err("its header is cut".to_owned()) };
    if *properties != 0x5d {
        return Err("its header is not one that Python recognises".to_owned());
    }
    let dictionary = u32::from_le_bytes([*d0, *d1, *d2, *d3]);
    if u64::from(dictionary) > MOST_DICTIONARY {
        return Err(super::dictionary(u64::from(dictionary)));
    }
    // `auto_decoder.c` takes only 2^n and 2^n + 2^(n-1) for the header of such a stream.
    let simple = dictionary.is_power_of_two() || (dictionary % 3 == 0 && (dictionary / 3).is_power_of_two());
    if !simple {
        return Err("its header is not one that Python recognises".to_owned());
    }
    let size = <[u8; 8]>::try_from(size).map(u64::from_le_bytes).unwrap_or_default();
    // `auto_decoder.c` again: a larger one is no header to it.
    if size != u64::MAX && size >= 1 << 38 {
        return Err("its header is not one that Python recognises".to_owned());
    }
    LzmaStream::new_with_props(size, *properties, dictionary, None).map_err(|error| error.to_string())
}
