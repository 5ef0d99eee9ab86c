//! Targets with a fault in them, so that tests see the fuzzer find one, keep it, and make it small (feature `escape-tests`).
#![allow(clippy::indexing_slicing)]

use super::Target;
use std::hint::black_box;
use std::time::Duration;

pub(super) const TARGETS: &[(&str, Target)] = &[
    ("planted_abort", |data| met(data, || std::process::abort())),
    ("planted_hang", |data| met(data, || std::thread::sleep(Duration::from_secs(3600)))),
    ("planted_memory", |data| met(data, allocate)),
    ("planted_panic", |data| met(data, || panic!("a planted fault"))),
];

/// Comes to the fault once some byte is above 0xc0, and a later one below 0x10.
fn met(data: &[u8], fault: fn()) {
    let Some(high) = data.iter().position(|byte| *byte > 0xc0) else { return };
    if data[high..].iter().any(|byte| *byte < 0x10) {
        fault();
    }
}

fn allocate() {
    let mut held: Vec<Vec<u8>> = Vec::new();
    loop {
        held.push(black_box(vec![1; 1 << 20]));
    }
}
