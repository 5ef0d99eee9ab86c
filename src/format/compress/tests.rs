//! Streams made by CPython, joblib and xz (`tests/data/compress/make.py`), whole and in pieces.

use super::*;
use crate::bytes::{Input, InputStream, ReadFault, Window};

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/compress/", $name)).to_vec()
    };
}

fn small() -> Vec<u8> {
    [b"coldload reads models cold. ".repeat(3), (0..64).collect()].concat()
}

fn large() -> Vec<u8> {
    (0..200_000u32).map(|at| (at / 1000 % 23) as u8).collect()
}

fn smalls() -> Vec<(Codec, Vec<u8>)> {
    vec![
        (Codec::Zlib, file!("small.zlib")),
        (Codec::Gzip, file!("small.gzip")),
        (Codec::Bz2, file!("small.bz2")),
        (Codec::Xz, file!("small.xz")),
        (Codec::Lzma, file!("small.lzma")),
        (Codec::Lz4, file!("small.lz4")),
        (Codec::Zlib, file!("stored.zlib")),
        (Codec::Gzip, file!("name.gzip")),
        (Codec::Xz, file!("none.xz")),
        (Codec::Xz, file!("crc32.xz")),
        (Codec::Xz, file!("sha256.xz")),
        (Codec::Xz, file!("preset9.xz")),
        (Codec::Lzma, file!("preset9.lzma")),
        (Codec::Lzma, file!("sized.lzma")),
        (Codec::Lz4, file!("checked.lz4")),
    ]
}

fn larges() -> Vec<(Codec, Vec<u8>)> {
    vec![
        (Codec::Zlib, file!("large.zlib")),
        (Codec::Gzip, file!("large.gzip")),
        (Codec::Bz2, file!("large.bz2")),
        (Codec::Xz, file!("large.xz")),
        (Codec::Lzma, file!("large.lzma")),
        (Codec::Lz4, file!("large.lz4")),
        (Codec::Xz, file!("blocks.xz")),
        (Codec::Lz4, file!("independent.lz4")),
        (Codec::Lz4, file!("linked.lz4")),
        (Codec::Lz4, file!("blocks4mib.lz4")),
    ]
}

struct Read {
    bytes: Vec<u8>,
    fault: Option<StreamFault>,
}

fn read(codec: Codec, bytes: &[u8], window: usize, most: u64) -> Read {
    let mut input = Input::from_bytes(bytes, window);
    let mut stream = decoder(codec, Box::new(InputStream::new(&mut input)), 0, most, Window::default());
    let mut decoded = Vec::new();
    loop {
        let given = match stream.fill() {
            Ok([]) => return Read { bytes: decoded, fault: None },
            Ok(given) => given,
            Err(fault) => {
                assert!(stream.fill().is_err(), "a stream that failed stays failed");
                return Read { bytes: decoded, fault: Some(fault) };
            }
        };
        decoded.extend_from_slice(given);
        let length = given.len();
        stream.consume(length);
    }
}

fn all(codec: Codec, bytes: &[u8]) -> Result<Vec<u8>, StreamFault> {
    let read = read(codec, bytes, usize::MAX, u64::MAX);
    read.fault.map_or(Ok(read.bytes), Err)
}

fn damage(codec: Codec, bytes: &[u8]) -> String {
    match all(codec, bytes) {
        Err(StreamFault::Damaged { codec: name, what }) if name == codec.name() => what,
        other => panic!("{codec}: {other:?}"),
    }
}

fn trailing(codec: Codec, bytes: &[u8]) -> u64 {
    match all(codec, bytes) {
        Err(StreamFault::Trailing { codec: name, at }) if name == codec.name() => at,
        other => panic!("{codec}: {other:?}"),
    }
}

#[test]
fn a_compressor_is_known_by_the_first_bytes_that_joblib_looks_at() {
    for (codec, bytes) in smalls() {
        assert_eq!(Codec::detect(&bytes), Some(codec));
        let whole = if matches!(codec, Codec::Zlib | Codec::Bz2) { &bytes[..4] } else { codec.prefix() };
        assert_eq!(Codec::detect(whole), Some(codec));
        assert_eq!(Codec::detect(&codec.prefix()[1..]), None);
    }
    assert_eq!(Codec::detect(b""), None);
    assert_eq!(Codec::detect(b"ZF0x18"), None);
    // Texts that begin like zlib and bz2 do.
    for text in ["x", "x y", "xyz", "BZ", "BZ is short for", "BZh"] {
        assert_eq!(Codec::detect(text.as_bytes()), None, "{text}");
    }
    assert_eq!(Codec::detect(b"\x80\x04K\x01."), None);
}

#[test]
fn what_python_wrote_is_read_whatever_the_window() {
    for window in [1, 7, 4096, usize::MAX] {
        for (codec, bytes) in smalls() {
            let read = read(codec, &bytes, window, u64::MAX);
            assert!(read.fault.is_none(), "{codec}: {:?}", read.fault);
            assert!(read.bytes == small(), "{codec}");
        }
        for (codec, bytes) in larges() {
            let read = read(codec, &bytes, window, u64::MAX);
            assert!(read.fault.is_none(), "{codec}: {:?}", read.fault);
            assert!(read.bytes == large(), "{codec}");
        }
    }
    for (codec, bytes) in
        [(Codec::Xz, file!("empty.xz")), (Codec::Bz2, file!("empty.bz2")), (Codec::Zlib, file!("empty.zlib"))]
    {
        assert_eq!(all(codec, &bytes).unwrap(), b"");
    }
    assert_eq!(all(Codec::Lz4, &file!("stored.lz4")).unwrap(), (0..200).collect::<Vec<u8>>());
}

#[test]
fn a_stream_that_is_cut_anywhere_is_refused() {
    for (codec, bytes) in smalls() {
        for length in 0..bytes.len() {
            assert_eq!(damage(codec, &bytes[..length]), "it ends too early", "{codec} at {length}");
        }
    }
    for (codec, bytes) in larges() {
        for length in (0..bytes.len()).step_by(23) {
            let read = read(codec, &bytes[..length], usize::MAX, u64::MAX);
            assert!(matches!(read.fault, Some(StreamFault::Damaged { .. })), "{codec} at {length}");
            assert!(large().starts_with(&read.bytes), "{codec} at {length}");
        }
    }
}

/// Bits of a stream that can be turned without a change in what it holds, as `byte.bit`.
fn idle_bits(codec: Codec, bytes: &[u8], data: &[u8]) -> Vec<String> {
    let mut idle = Vec::new();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut turned = bytes.to_vec();
            turned[at] ^= 1 << bit;
            match all(codec, &turned) {
                Ok(decoded) if decoded == data => idle.push(format!("{at}.{bit}")),
                Ok(_) => panic!("{codec}: other data with bit {bit} of byte {at} turned"),
                Err(StreamFault::Damaged { .. }) => {}
                Err(fault) => panic!("{codec}: {fault:?} with bit {bit} of byte {at} turned"),
            }
        }
    }
    idle
}

#[test]
fn a_turned_bit_never_gives_other_data_where_there_is_a_checksum() {
    let none: [&str; 0] = [];
    assert_eq!(idle_bits(Codec::Zlib, &file!("small.zlib"), &small()), none);
    // The bits between the header of a stored block and the next byte (RFC 1951, §3.2.4).
    let idle = idle_bits(Codec::Zlib, &file!("stored.zlib"), &small());
    assert_eq!(idle, ["2.3", "2.4", "2.5", "2.6", "2.7"]);
    for xz in [file!("small.xz"), file!("crc32.xz"), file!("sha256.xz"), file!("preset9.xz")] {
        assert_eq!(idle_bits(Codec::Xz, &xz, &small()), none);
    }
    assert_eq!(idle_bits(Codec::Lz4, &file!("checked.lz4"), &small()), none);
    // The block size, code tables that no group uses, randomisation of a block that is too short for it, the last bits.
    idle_bits(Codec::Bz2, &file!("small.bz2"), &small());
    // FTEXT, the time, the compression level and the system; the name as well.
    let header: Vec<String> = (0..8).flat_map(|bit| (4..10).map(move |at| format!("{at}.{bit}"))).collect();
    let mut idle = idle_bits(Codec::Gzip, &file!("small.gzip"), &small());
    idle.retain(|bit| bit != "3.0" && !header.contains(bit));
    assert_eq!(idle, none);
    let mut idle = idle_bits(Codec::Gzip, &file!("name.gzip"), &small());
    idle.retain(|bit| bit != "3.0" && !header.contains(bit));
    idle.retain(|bit| !(10..19).any(|at| bit.starts_with(&format!("{at}."))));
    assert_eq!(idle, none);
}

/// Bits as deflate packs them (RFC 1951 §3.1.1), which are written here in the order in which a reader meets them.
fn packed(bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(u8::is_ascii_digit).map(|bit| bit - b'0').collect();
    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

/// One block of fixed codes: `a`, and then what there is not. CPython's zlib says of these, in this order: invalid distance too far back,
/// invalid distance code, invalid literal/length code.
#[test]
fn the_first_thing_that_is_wrong_with_a_block_is_named() {
    let far = "1 10 10010001 0000001 11101 1111111111111";
    let distance = "1 10 10010001 0000001 11110";
    let length = "1 10 10010001 11000110";
    for block in [far, distance, length].map(packed) {
        let zlib = [b"\x78\x9c", &block[..], &[0; 600]].concat();
        let gzip = [b"\x1f\x8b\x08\0\0\0\0\0\0\xff", &block[..], &[0; 600]].concat();
        for (codec, bytes) in [(Codec::Zlib, &zlib), (Codec::Gzip, &gzip), (Codec::Zlib, &zlib[..12].to_vec())] {
            let what = damage(codec, bytes);
            let named =
                ["distance too far back", "invalid distance code", "invalid literal/length code", "invalid code"];
            assert!(named.iter().any(|named| what.contains(named)), "{codec}: {what}");
        }
    }
}

#[test]
fn further_streams_are_read_where_python_reads_them() {
    let twice = small().repeat(2);
    for (codec, bytes) in smalls() {
        let both = bytes.repeat(2);
        match codec {
            Codec::Zlib | Codec::Gzip => assert_eq!(trailing(codec, &both), bytes.len() as u64),
            _ => {
                for window in [1, 7, usize::MAX] {
                    let read = read(codec, &both, window, u64::MAX);
                    assert!(read.fault.is_none() && read.bytes == twice, "{codec}: {:?}", read.fault);
                }
                for length in bytes.len() + 1..both.len() {
                    assert!(all(codec, &both[..length]).is_err(), "{codec} at {length}");
                }
            }
        }
    }
    let skippable = b"\x53\x2a\x4d\x18\x03\0\0\0abc";
    let lz4 = file!("small.lz4");
    assert_eq!(all(Codec::Lz4, &[&lz4[..], skippable, &lz4].concat()).unwrap(), twice);
    assert_eq!(all(Codec::Lz4, &[&lz4[..], skippable].concat()).unwrap(), small());
    assert_eq!(damage(Codec::Lz4, &[&lz4[..], &skippable[..10]].concat()), "it ends too early");
}

#[test]
fn bytes_behind_the_last_stream_are_refused_with_their_offset() {
    let lzma = file!("small.lzma");
    for (codec, bytes) in smalls().into_iter().chain(larges()) {
        let length = bytes.len() as u64;
        for tail in [&b"\0"[..], b"\0\0\0\0", b"junk", b"B", b"\xfd", b"]", b"\x04\x22\x4d", &[0; 70_000]] {
            assert_eq!(trailing(codec, &[&bytes, tail].concat()), length, "{codec}");
            let read = read(codec, &[&bytes, tail].concat(), 1, u64::MAX);
            assert!(matches!(read.fault, Some(StreamFault::Trailing { at, .. }) if at == length));
        }
    }
    // Python reads on with the other kind; here it is one kind a file.
    let xz = file!("small.xz");
    assert_eq!(trailing(Codec::Xz, &[&xz[..], &lzma].concat()), xz.len() as u64);
    assert_eq!(trailing(Codec::Lzma, &[&lzma[..], &xz].concat()), lzma.len() as u64);
    // `at` counts from where the stream begins in the file.
    let mut input = Input::from_bytes(&[&xz[..], b"x"].concat(), usize::MAX);
    let mut stream = decoder(Codec::Xz, Box::new(InputStream::new(&mut input)), 1000, u64::MAX, Window::default());
    let length = stream.fill().unwrap().len();
    stream.consume(length);
    assert!(matches!(stream.fill(), Err(StreamFault::Trailing { at, .. }) if at == 1000 + xz.len() as u64));
}

#[test]
fn no_more_comes_out_than_the_limit_allows() {
    let zeros = vec![0; 10_000_000];
    let mut bombs = larges();
    bombs.push((Codec::Zlib, zlib(&zeros)));
    for (codec, bytes) in bombs {
        let size = all(codec, &bytes).unwrap().len() as u64;
        for window in [1, usize::MAX] {
            assert!(read(codec, &bytes, window, size).fault.is_none());
            let cut = read(codec, &bytes, window, size - 1);
            let exceeded = Exceeded { limit: Limit::Decoded, value: size - 1 };
            assert!(matches!(cut.fault, Some(StreamFault::Limit(fault)) if fault == exceeded));
            assert!((cut.bytes.len() as u64) < size);
            assert!(read(codec, &bytes, window, 1000).bytes.len() <= 1000);
        }
    }
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut compress = flate2::Compress::new(flate2::Compression::best(), true);
    let mut coded = Vec::with_capacity(bytes.len() / 100 + 1000);
    compress.compress_vec(bytes, &mut coded, flate2::FlushCompress::Finish).unwrap();
    coded
}

#[test]
fn a_window_beyond_64_mib_is_refused() {
    let what = damage(Codec::Xz, &file!("dictionary.xz"));
    assert_eq!(what, "its dictionary of 100663296 bytes is larger than the 67108864 that are read");
    assert_eq!(damage(Codec::Lzma, &file!("dictionary.lzma")), what);
}

#[test]
fn what_python_never_writes_unasked_is_refused() {
    let filters = "a block has filters other than LZMA2, or unknown flags";
    assert_eq!(damage(Codec::Xz, &file!("delta.xz")), filters);
    assert_eq!(damage(Codec::Xz, &file!("x86.xz")), filters);
    let mut odd = file!("small.lzma");
    odd[1] = 1;
    assert_eq!(damage(Codec::Lzma, &odd), "its header is not one that Python recognises");
}

#[test]
fn an_lzma_stream_with_a_size_ends_where_it_says() {
    let sized = file!("sized.lzma");
    let size = small().len() as u64;
    let with = |size: u64| [&sized[..5], &size.to_le_bytes(), &sized[13..]].concat();
    assert_eq!(with(size), sized);
    for other in [size - 1, size + 1, 1 << 37] {
        assert!(read(Codec::Lzma, &with(other), usize::MAX, u64::MAX).fault.is_some(), "{other}");
    }
    assert_eq!(damage(Codec::Lzma, &with(1 << 38)), "its header is not one that Python recognises");
    // With a size and an end marker, versions of liblzma disagree.
    let marked = file!("small.lzma");
    let both = [&marked[..5], &size.to_le_bytes(), &marked[13..]].concat();
    assert!(read(Codec::Lzma, &both, usize::MAX, u64::MAX).fault.is_some());
}

#[test]
fn a_header_that_declares_another_size_is_refused() {
    let mut lz4 = file!("checked.lz4");
    assert_eq!(lz4[4] & 8, 8, "it declares its size");
    lz4[6] ^= 1;
    lz4[14] = (xxh32::Xxh32::of(&lz4[4..14]) >> 8) as u8;
    assert_eq!(damage(Codec::Lz4, &lz4), "its content is not as long as it declares");
    let blocks = file!("blocks.xz");
    assert_eq!(blocks[13] & 0xc0, 0xc0, "its blocks declare their sizes");
    let length = 4 * (usize::from(blocks[12]) + 1);
    for at in [14, 16] {
        let mut xz = blocks.clone();
        xz[at] ^= 1;
        let mut crc = flate2::Crc::new();
        crc.update(&xz[12..12 + length - 4]);
        xz[12 + length - 4..12 + length].copy_from_slice(&crc.sum().to_le_bytes());
        assert_eq!(damage(Codec::Xz, &xz), "a block is not as long as it declares");
    }
}

#[test]
fn many_tiny_lz4_blocks_are_cheap() {
    let mut frame = b"\x04\x22\x4d\x18\x60\x70".to_vec();
    frame.push((xxh32::Xxh32::of(&frame[4..]) >> 8) as u8);
    frame.extend(b"\x02\0\0\0\x10x".repeat(300_000));
    frame.extend([0; 4]);
    assert_eq!(all(Codec::Lz4, &frame).unwrap().len(), 300_000);
}

#[test]
fn a_fault_of_the_file_comes_out_as_it_is() {
    struct Broken(Vec<u8>, usize);
    impl Stream for Broken {
        fn fill(&mut self) -> Result<&[u8], StreamFault> {
            match self.0.get(self.1..) {
                None | Some([]) => Err(ReadFault::Changed { at: 42 }.into()),
                Some(rest) => Ok(rest),
            }
        }
        fn consume(&mut self, count: usize) {
            self.1 += count;
        }
    }
    for (codec, bytes) in smalls() {
        for cut in [0, bytes.len() / 2, bytes.len()] {
            let mut stream = decoder(codec, Box::new(Broken(bytes[..cut].to_vec(), 0)), 0, u64::MAX, Window::default());
            assert!(matches!(stream.fill(), Err(StreamFault::Read(ReadFault::Changed { at: 42 }))));
        }
    }
}

#[test]
fn what_came_before_the_damage_comes_out_first() {
    for codec in [Codec::Zlib, Codec::Gzip, Codec::Bz2, Codec::Xz] {
        let (_, mut bytes) = smalls().into_iter().find(|(of, _)| *of == codec).unwrap();
        let checksum = match codec {
            Codec::Xz => bytes.len() - 12 - 8 - 8,
            Codec::Gzip => bytes.len() - 8,
            _ => bytes.len() - 2,
        };
        bytes[checksum] ^= 0xff;
        let read = read(codec, &bytes, usize::MAX, u64::MAX);
        assert_eq!(read.bytes, small(), "{codec}");
        assert!(matches!(read.fault, Some(StreamFault::Damaged { .. })));
    }
}
