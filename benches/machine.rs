//! How long the machine takes for an opcode: reads a pickle of 15 million opcodes in this process, several times, and prints
//! the median.
//!
//! `cargo bench --bench machine`

use coldload::bytes::{Budget, Input, Limits};
use coldload::format::{Ctx, Keep, Parsed, read};
use coldload::vocabulary::Vocabulary;
use std::time::Instant;

/// Times that the pickle is read.
const RUNS: usize = 7;
/// Dicts in the pickle.
const DICTS: u32 = 520_000;

/// `[{key: (i, float(i), [i % 256, i % 100, None, True]), "v": [… six numbers …]}, …]` in protocol 4, memoised as Python
/// memoises it; and its number of opcodes.
fn pickle() -> (Vec<u8>, u64) {
    let mut out = Out { bytes: b"\x80\x04".to_vec(), opcodes: 1 };
    out.op(&[b']', 0x94]).op(b"(");
    for i in 0..DICTS {
        let key = format!("k{}", i % 500);
        out.op(&[b'}', 0x94]).op(b"(");
        out.op(&[&[0x8c, key.len() as u8], key.as_bytes()].concat()).op(&[0x94]);
        out.int(i).op(&[&b"G"[..], &f64::from(i).to_be_bytes()].concat());
        out.op(&[b']', 0x94]).op(b"(").int(i % 256).int(i % 100).op(b"N").op(&[0x88]).op(b"e");
        out.op(&[0x87, 0x94]);
        out.op(b"\x8c\x01v").op(&[b']', 0x94]).op(b"(");
        (0..6).for_each(|n| {
            out.int(i.wrapping_mul(2_654_435_761).rotate_left(n) & 0xf_ffff);
        });
        out.op(b"e").op(b"u");
    }
    out.op(b"e").op(b".");
    (out.bytes, out.opcodes)
}

struct Out {
    bytes: Vec<u8>,
    opcodes: u64,
}

impl Out {
    /// One opcode with its argument; two, where the second one is MEMOIZE.
    fn op(&mut self, bytes: &[u8]) -> &mut Out {
        self.bytes.extend_from_slice(bytes);
        self.opcodes += if bytes.len() == 2 && bytes[1] == 0x94 { 2 } else { 1 };
        self
    }

    fn int(&mut self, value: u32) -> &mut Out {
        match value {
            0..=0xff => self.op(&[b'K', value as u8]),
            0x100..=0xffff => self.op(&[&b"M"[..], &(value as u16).to_le_bytes()].concat()),
            _ => self.op(&[&b"J"[..], &value.to_le_bytes()].concat()),
        }
    }
}

fn main() {
    let (bytes, opcodes) = pickle();
    let vocabulary = Vocabulary::default();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let mut events = ();
            let budget = Budget::new(&Limits::default(), bytes.len() as u64);
            let mut ctx = Ctx::new(&vocabulary, budget, Keep::Shapes, &mut events);
            let (mut input, mut parsed) = (Input::from_bytes(&bytes, usize::MAX), Parsed::default());
            let began = Instant::now();
            read(&mut input, &mut ctx, &mut parsed).expect("the pickle is well formed");
            began.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let median = times[RUNS / 2];
    println!(
        "machine: {opcodes} opcodes, {} MB, median of {RUNS}: {:.3} s, {:.1} ns an opcode",
        bytes.len() / 1_000_000,
        median,
        median * 1e9 / opcodes as f64
    );
}
