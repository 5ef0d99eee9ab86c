//! What is fuzzed (`docs/fuzzing.md`): one function a target, called by `fuzz/fuzz_targets/` with bytes that a fuzzer makes,
//! and by `cargo test` with every seed and every input that once failed.
//!
//! A target returns, or panics because a property does not hold. No target needs a file, a clock or a network.

mod archives;
mod attack;
mod bytes;
pub mod differential;
mod environment;
mod files;
mod graphs;
pub mod inputs;
mod make;
mod ops;
mod plan;
#[cfg(feature = "escape-tests")]
mod planted;
mod rows;
mod seals;
mod seeds;
mod spell;
pub mod strictness;
mod values;
mod verify;

pub(crate) use attack::attack;
pub use attack::{LONGEST, last, pack};
pub use environment::requirements;
pub use files::{limited, machine, predict};
pub use graphs::{dump, opcodes};
pub use rows::rows;
pub use seals::{manifest, seal, seal_mutate};
pub use values::values;
pub use verify::verify;

pub(crate) use bytes::Bytes;

/// A target: returns, or panics.
pub type Target = fn(&[u8]);

/// Every target, by its name in `fuzz/fuzz_targets/`, `fuzz/seeds/` and `fuzz/regressions/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("archive", archive),
    ("compress", compress),
    ("dump", dump),
    ("joblib", joblib),
    ("limited", limited),
    ("machine", machine),
    ("machine_ops", machine_ops),
    ("manifest", manifest),
    ("npy", npy),
    ("old_joblib", old_joblib),
    ("opcodes", opcodes),
    ("predict", predict),
    ("requirements", requirements),
    ("rows", rows),
    ("seal", seal),
    ("seal_mutate", seal_mutate),
    ("values", values),
    ("verify", verify),
    ("worker_messages", worker_messages),
    ("zip", zip),
];

/// A target that makes sockets, which no worker can: it is for cargo-fuzz and `cargo test`.
const OUTSIDE: &str = "worker_messages";

/// The names of the targets that a worker can run.
pub fn names() -> Vec<&'static str> {
    all().map(|(name, _)| *name).filter(|name| *name != OUTSIDE).collect()
}

/// The target with this name.
pub(crate) fn find(name: &str) -> Option<Target> {
    all().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

#[cfg(not(feature = "escape-tests"))]
fn all() -> impl Iterator<Item = &'static (&'static str, Target)> {
    TARGETS.iter()
}

/// With the ones that have faults, for tests of the fuzzer itself.
#[cfg(feature = "escape-tests")]
fn all() -> impl Iterator<Item = &'static (&'static str, Target)> {
    TARGETS.iter().chain(planted::TARGETS)
}

/// A compressed file. One that begins with a byte from 0 to 3 is a compressor, a damage, and what is to be compressed, for a
/// fuzzer does not find a checksum; from 16 to 21 it is any bytes behind a compressor's first ones.
fn unpacked(data: &[u8]) -> Vec<u8> {
    match data.split_first() {
        Some((codec @ 0..=3, rest)) => files::compressed(*codec, &mut Bytes::new(rest)),
        Some((codec @ 16..=21, rest)) => files::headed(codec - 16, rest),
        _ => data.to_vec(),
    }
}

/// An archive of arrays, as Python writes it, damaged at most once.
pub fn archive(data: &[u8]) {
    archives::judge(data);
}

/// An array with any header.
pub fn npy(data: &[u8]) {
    files::machine(&archives::array(data));
}

/// A file of joblib before 0.10.
pub fn old_joblib(data: &[u8]) {
    let file = files::old_joblib(&mut Bytes::new(data));
    files::decompress(&file);
    machine(&file);
}

/// Any bytes behind the first ones of an archive.
pub fn zip(data: &[u8]) {
    machine(&[b"PK\x03\x04", data].concat());
}

/// What a decompressor gives, without looking into it: many more inputs a second than [`joblib`].
pub fn compress(data: &[u8]) {
    files::decompress(&unpacked(data));
}

/// The same as [`machine`], and what the decompressor gives.
pub fn joblib(data: &[u8]) {
    let file = unpacked(data);
    files::decompress(&file);
    machine(&file);
}

/// Opcodes that follow each other as they may, made from `data`, with up to three damages; the properties of [`machine`],
/// and what is not damaged is never `malformed`.
pub fn machine_ops(data: &[u8]) {
    let (whole, damaged) = damaged_ops(data);
    files::never_malformed(&whole);
    machine(&damaged);
}

/// Opcodes that follow each other as they may, and the same damaged up to three times.
fn damaged_ops(data: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut data = Bytes::new(data);
    let damages = data.byte() % 4;
    let whole = plan::pickle(&mut data);
    let mut damaged = whole.clone();
    for _ in 0..damages {
        data.damage(&mut damaged);
    }
    (whole, damaged)
}

/// The words of the two processes, either side fed with what the other would never say.
pub fn worker_messages(data: &[u8]) {
    crate::sandbox::fuzzed::parent(data);
    #[cfg(target_os = "linux")]
    crate::sandbox::fuzzed::worker(data);
}
