//! Running a target many times in a worker: what `coldload fuzz --target` asks for.
//!
//! An input is written to the output *before* it is run, so that the parent has it when the worker is dead. There is no clock
//! here: the parent says how many inputs it wants, and ends a worker that takes too long.

use super::make::Maker;
use super::{Target, find};
use crate::bytes::{Hasher, Input, ReadFault};
use crate::job::{
    Assurance, Attack, Decision, Emit, Failure, FailureKind, Inputs, Observation, Outcome, Summary, Written,
};
use crate::manifest::{Arrays, Content, Observed, Schema};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// Longest input that is made, and longest seed that is used.
pub const LONGEST: usize = 64 << 10;

/// Does an attack: [`Outcome::Done`] if every input went through.
pub(crate) fn attack(attack: &Attack, mut input: Input, out: Option<&File>, emit: &mut dyn Emit) -> Outcome {
    let Some(target) = find(&attack.target) else {
        return failed(FailureKind::Usage, "there is no such target".to_owned());
    };
    let file = match whole(&mut input) {
        Ok(file) => file,
        Err(fault) => return failed(FailureKind::Io, fault.to_string()),
    };
    if emit.observed(Box::new(nothing())) == Decision::Stop {
        return Outcome::Stopped;
    }
    match &attack.inputs {
        Inputs::Given => {
            target(&file);
            let sha256 = Hasher::default().finish().to_vec();
            Outcome::Done { written: Written { sha256, ..Written::default() } }
        }
        Inputs::Made { seed, first, count } => {
            let maker = Maker::new(&attack.target, unpack(&file), *seed);
            match run(target, &maker, *first..first.saturating_add(*count), out) {
                Ok(written) => Outcome::Done { written },
                Err(error) => failed(FailureKind::Io, error.to_string()),
            }
        }
    }
}

fn run(target: Target, maker: &Maker, numbers: std::ops::Range<u64>, out: Option<&File>) -> io::Result<Written> {
    let mut out = out.ok_or_else(|| io::Error::other("there is no output"))?;
    let mut held = Vec::new();
    for number in numbers {
        let input = maker.make(number);
        let record = record(number, &input);
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&record)?;
        held.resize(held.len().max(record.len()), 0);
        held[..record.len()].copy_from_slice(&record);
        target(&input);
    }
    Ok(Written { len: held.len() as u64, sha256: Hasher::digest(&held).to_vec(), ..Written::default() })
}

/// An input as it stands in the output: its number, its length, its bytes. What follows is left of a longer one before it.
fn record(number: u64, input: &[u8]) -> Vec<u8> {
    [&number.to_le_bytes()[..], &(input.len() as u32).to_le_bytes(), input].concat()
}

/// The number and the input that a worker wrote last.
pub fn last(record: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = record.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let input = rest.get(..u32::from_le_bytes(*length) as usize)?;
    Some((u64::from_le_bytes(*number), input))
}

/// Seeds, as they are handed to a worker: each with its length before it.
pub fn pack<'s>(seeds: impl IntoIterator<Item = &'s [u8]>) -> Vec<u8> {
    let mut packed = Vec::new();
    for seed in seeds {
        packed.extend((seed.len() as u32).to_le_bytes());
        packed.extend_from_slice(seed);
    }
    packed
}

fn unpack(mut packed: &[u8]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    while let Some((length, rest)) = packed.split_first_chunk() {
        let (seed, rest) = rest.split_at((u32::from_le_bytes(*length) as usize).min(rest.len()));
        seeds.push(seed.to_vec());
        packed = rest;
    }
    seeds
}

fn whole(input: &mut Input) -> Result<Vec<u8>, ReadFault> {
    let mut bytes = Vec::new();
    for index in 0..input.size().div_ceil(crate::bytes::CHUNK as u64) {
        bytes.extend_from_slice(&input.chunk(index)?);
    }
    input.finish()?;
    Ok(bytes)
}

fn failed(kind: FailureKind, message: String) -> Outcome {
    Outcome::Failed(Failure { kind, message, next: "coldload help fuzz".to_owned() })
}

/// What the file holds: nothing that anybody would sign.
fn nothing() -> Observation {
    let content = Content {
        format: "inputs".to_owned(),
        compressors: Vec::new(),
        protocols: Vec::new(),
        pickles: 0,
        names: Vec::new(),
        arrays: Arrays::default(),
    };
    Observation {
        observed: Observed { content, schema: Schema::default() },
        summary: Summary::default(),
        assurance: Assurance::Names,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_and_inputs_read_back() {
        let seeds = [&b"one"[..], b"", b"three"];
        assert_eq!(unpack(&pack(seeds)), seeds);
        assert_eq!(unpack(b"\x05\0\0\0ab"), [b"ab"], "what is cut is a shorter seed");
        let longer = [record(7, b"abc"), b"left".to_vec()].concat();
        assert_eq!(last(&longer), Some((7, &b"abc"[..])));
        assert_eq!(last(&longer[..14]), None);
    }
}
