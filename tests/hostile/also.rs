//! Pickles that are something else, too, to a reader that goes by a file's name or by its first bytes.

use crate::opcodes::*;

/// A pickle of one run of bytes, in which everything else is hidden.
fn around(opcode: &[u8], hidden: &[u8]) -> Ops {
    ops![b"\x80\x04", opcode, (hidden.len() as u32).to_le_bytes(), hidden, b"."]
}

/// An archive with one stored member, and what is said of where its directory is: its length, and its own offset.
fn archive(member: &[u8], length: u32, offset: u32, comment: &[u8]) -> Vec<u8> {
    let numbers = [0, member.len() as u32, member.len() as u32].map(u32::to_le_bytes).concat();
    let common = ops![[20, 0, 0, 0, 0, 0, 0, 0, 0, 0], numbers, [1, 0, 0, 0]];
    let mut all = ops![b"PK\x03\x04", common, b"m", member];
    let directory = ops![b"PK\x01\x02\x14\0", common, [0u8; 14], b"m"];
    all.extend(&directory);
    let (length, offset) = (length.to_le_bytes(), offset.to_le_bytes());
    all.extend(ops![b"PK\x05\x06\0\0\0\0\x01\0\x01\0", length, offset, (comment.len() as u16).to_le_bytes(), comment]);
    all
}

#[test]
fn a_pickle_that_is_a_zip_archive_too_is_refused() {
    let directory = 47;
    for (member, comment) in [(&b"N."[..], &b""[..]), (&[b'N'; 70_000][..], &b"more"[..]), (b"N.", &[b'c'; 60_000])] {
        let with = |length, offset| around(b"B", &archive(member, length, offset, comment));
        // Python takes the directory's length; others its offset.
        let at = 7 + 31 + member.len() as u32;
        told_apart(&with(directory, 0), "malformed", "a zip archive too", &with(directory - 1, at - 1));
        refused(&with(0, at), "malformed", "a zip archive too");
    }
    // With 64-bit records, of which only their locator tells where the first one is: what else stands in it is between.
    let directory_at = 7 + 31 + 2;
    let wide = |locator: &[u8]| {
        let mut all = archive(b"N.", u32::MAX, u32::MAX, b"");
        let end = all.split_off(all.len() - 22);
        let numbers = [1u64, 1, directory.into(), directory_at].map(u64::to_le_bytes).concat();
        let record = ops![b"PK\x06\x06", 52u64.to_le_bytes(), [45, 0, 45, 0], [0u8; 8], numbers, b"whatever"];
        let at = 7 + all.len() as u64;
        around(b"B", &ops![all, record, locator, [0u8; 4], at.to_le_bytes(), [1, 0, 0, 0], end])
    };
    told_apart(&wide(b"PK\x06\x07"), "malformed", "a zip archive too", &wide(b"PK\x06\x08"));
    // No reader finds an archive that is further from the end than a comment is long.
    let archive = archive(b"N.", directory, 0, b"");
    let before = |count: u32| {
        let run = |bytes: &[u8]| ops![b"B", (bytes.len() as u32).to_le_bytes(), bytes];
        ops![b"\x80\x04", run(&archive), run(&vec![0; count as usize]), b"\x86."]
    };
    told_apart(&before(65_000), "malformed", "a zip archive too", &before(66_000));
}

#[test]
fn a_pickle_that_is_a_tar_archive_too_is_refused() {
    let header = |signed: bool| {
        let mut block = ops![b"\x80\x04B\xf8\x07\0\0"];
        block.resize(512, 0);
        block[90] = 0x9c;
        for (at, field) in [(100, &b"0000644\0"[..]), (124, b"00000000002\0"), (148, b"        "), (156, b"0")] {
            block[at..at + field.len()].copy_from_slice(field);
        }
        let unsigned: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        let negative = block.iter().filter(|byte| **byte > 127).count() as u32 * 256;
        let sum = if signed { unsigned - negative } else { unsigned };
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    };
    let with = |block: Vec<u8>| ops![block, b"N.", [0u8; 7 + 0x7f8 - 512 - 2], b"."];
    for signed in [false, true] {
        let hostile = header(signed);
        let mut honest = hostile.clone();
        honest[90] += 1;
        told_apart(&with(hostile.clone()), "malformed", "a tar archive too", &with(honest.clone()));
        // `model.tar.gz`, and what joblib compresses.
        let packed = |block: &[u8]| {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut out, &with(block.to_vec())).unwrap();
            out.finish().unwrap()
        };
        told_apart(&packed(&hostile), "malformed", "a tar archive too", &packed(&honest));
    }
}

#[test]
fn a_pickle_that_is_a_compressed_stream_too_is_refused() {
    // LONG1 of 128 bytes: properties and a dictionary of 128 bytes to liblzma, which pandas has find out the format of `model.xz`.
    let lzma =
        |length: u8| ops![b"\x8a", [length, 0, 0, 0], 5u64.to_le_bytes(), vec![1; usize::from(length) - 11], b"."];
    told_apart(&lzma(128), "malformed", "an lzma stream too", &lzma(127));
    // BINUNICODE of 1,592,618 bytes: a frame that zstd steps over, and what stands behind it.
    let zstd = |first: u8| ops![b"X", [first, 0x4d, 0x18, 0], vec![b'a'; 0x184d00 + usize::from(first)], b"."];
    told_apart(&zstd(0x2a), "malformed", "a zstd stream too", &zstd(0x2b));
}

#[test]
fn a_bz2_stream_that_is_a_pickle_of_bytes_too_is_refused() {
    use coldload::bytes::{Expectation, Input, Limits};
    use coldload::job::{Job, Task, run};
    // `pickle.load` takes `B` for BINBYTES, of 389 MB here: a file with holes, of which only the first chunk is read.
    let (head, length) = (b"BZh9\x17", 0x1739_685a + 5);
    for (size, words) in [(length + 1, "a pickle of bytes too"), (length, "bz2 stream is damaged")] {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, head).unwrap();
        file.set_len(size).unwrap();
        let input = Input::new(file, size, Expectation::unsigned(size)).unwrap();
        let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
        let mut judged = Judged::default();
        run(&job, input, None, None, &mut judged);
        assert_eq!(judged.codes(), ["malformed"]);
        assert!(judged.findings[0].message.contains(words), "{:?}", judged.findings);
    }
}

#[test]
fn a_pickle_that_is_an_hdf5_file_too_is_refused() {
    // What the maker of such a file may write before it takes 512 bytes, or twice as many, or twice that, and so on.
    let with = |signature: &[u8], at: usize| {
        let mut hidden = vec![0; at - 7];
        hidden.extend(signature);
        around(b"B", &ops![hidden, [0u8; 20]])
    };
    const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
    for at in [512, 1024, 65536, 4 << 20, 8 << 20] {
        told_apart(&with(SIGNATURE, at), "malformed", "an HDF5 file too", &with(b"\x89HDF\r\n\x1a\r", at));
    }
    for at in [511, 513, 1536, 5 << 20] {
        accepted(&with(SIGNATURE, at));
    }
}
