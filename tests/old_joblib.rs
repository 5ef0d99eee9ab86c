//! Files of joblib before 0.10: `ZF`, a length and a zlib stream.

mod opcodes;

use flate2::{Compression, write::ZlibEncoder};
use opcodes::*;
use std::io::Write;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/old").join(name)
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file as joblib 0.9 writes it, with this text for the length.
fn with_length(length: &str, bytes: &[u8]) -> Ops {
    ops![b"ZF", format!("{length:<19}"), zlib(bytes)]
}

fn zfile(bytes: &[u8]) -> Ops {
    with_length(&format!("{:#x}", bytes.len()), bytes)
}

#[test]
fn a_file_of_joblib_0_9_is_read() {
    let file = std::fs::read(data("compressed/model.pkl.z")).unwrap();
    let observed = accepted(&file).observed;
    assert_eq!(observed.content.format, "joblib");
    assert_eq!(observed.content.compressors, ["zf"]);
    assert_eq!((observed.content.arrays.count, observed.content.pickles), (8, 1));
    // Python 2 wrote one space more before the zlib stream.
    accepted(&ops![&file[..21], b" ", &file[21..]]);
    refused(&ops![&file[..21], b"  ", &file[21..]], "malformed", "no zlib stream follows its header");
}

#[test]
fn the_declared_length_is_the_right_one() {
    let pickle = pickle(3, text("abc"));
    let honest = zfile(&pickle);
    let length = pickle.len();
    let with = |length: &str| with_length(length, &pickle);
    told_apart(&with(&format!("{:#x}", length + 1)), "malformed", "less than its header says", &honest);
    told_apart(&with(&format!("{:#x}", length - 1)), "malformed", "more than its header says", &honest);
    let longer = ops![pickle, b"N."];
    told_apart(&with_length(&format!("{length:#x}"), &longer), "malformed", "more than its header says", &honest);
    for odd in ["0x0b", "0xB", "0x_b", "0xb L", "0x", "0x-b"] {
        refused(&with(odd), "malformed", "no length as joblib writes it");
    }
    refused(&honest[..10], "malformed", "its header is cut");
    refused(&ops![b"ZF0x1"], "malformed", "its header is cut");
    refused(&ops![b"ZFoo"], "unknown-format", "no format");
}

#[test]
fn nothing_follows_the_stream_of_an_old_file() {
    let honest = zfile(&pickle(3, text("abc")));
    told_apart(&ops![honest, b"x"], "trailing-data", "more bytes follow", &honest);
    told_apart(&honest[..honest.len() - 1], "malformed", "ends too early", &honest);
}

#[test]
fn what_an_old_file_holds_is_judged() {
    refused(&zfile(&pickle(3, attack())), "dangerous-global", "posix.system at byte 2");
    let nested = zfile(&zfile(&pickle(3, text("abc"))));
    refused(&nested, "malformed", "no opcode 0x5a");
}

#[test]
fn an_old_file_has_no_arrays_in_its_stream() {
    // The reader of old files knows no such wrapper: to it the elements are opcodes.
    let file = ops![b"\x80\x03", wrapper_with(&[], &[2], &dtype("f8")), [0u8; 16], b"."];
    told_apart(&zfile(&file), "misused-global", "a file of joblib before 0.10, which knows no such arrays", &file);
}
