//! Archives and arrays of numpy's: built from decisions, so that a fuzzer need not find lengths and checksums.

use super::Bytes;
use super::files;
use std::io::Write;

/// A `.npy` with any header, of the right length.
pub(super) fn array(data: &[u8]) -> Vec<u8> {
    let mut data = Bytes::new(data);
    let version = data.byte() % 4 + 1;
    let length = usize::from(data.byte()) * 2;
    let header = data.take(length);
    let mut out = [b"\x93NUMPY", &[version, 0][..]].concat();
    match version {
        1 => out.extend(u16::try_from(header.len()).unwrap_or(0).to_le_bytes()),
        _ => out.extend(u32::try_from(header.len()).unwrap_or(0).to_le_bytes()),
    }
    out.extend_from_slice(header);
    out.extend_from_slice(data.rest());
    out
}

/// An archive as Python writes it, of at most eight members; and whether it was damaged.
pub(super) fn archive(data: &[u8]) -> (Vec<u8>, bool) {
    let mut data = Bytes::new(data);
    let mut damage = Bytes::new(data.take(6));
    let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0u16);
    while !data.is_empty() && count < 8 {
        let kind = data.byte();
        let length = usize::from(data.byte());
        let values = data.take(length);
        let shape = values.len();
        let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape},), }}\n");
        let mut content = [b"\x93NUMPY\x01\0", &u16::try_from(header.len()).unwrap_or(0).to_le_bytes()[..]].concat();
        content.extend_from_slice(header.as_bytes());
        content.extend_from_slice(values);
        member(&mut out, &mut directory, count, kind, &content);
        count += 1;
    }
    let (length, at) = (directory.len(), out.len());
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([word(length), word(at)].concat());
    out.extend([0, 0]);
    let damaged = count == 0 || damage.byte() & 1 == 1;
    if damaged {
        damage.damage(&mut out);
    }
    (out, damaged)
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(0).to_le_bytes()
}

/// A member: stored or deflated, with its numbers behind it or before it, in 64 bits or 32.
fn member(out: &mut Vec<u8>, directory: &mut Vec<u8>, index: u16, kind: u8, content: &[u8]) {
    let (deflated, streamed, wide) = (kind & 1 != 0, kind & 2 != 0, kind & 4 != 0);
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let packed = if deflated {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).and_then(|()| encoder.finish()).unwrap_or_default()
    } else {
        content.to_vec()
    };
    let name = format!("{index}.npy");
    let flags = if streamed { 8u16 } else { 0 };
    let head = [flags.to_le_bytes(), [if deflated { 8 } else { 0 }, 0], [0, 0], [0x21, 0]].concat();
    let crc = crc.sum().to_le_bytes();
    let numbers = [crc, word(packed.len()), word(content.len())].concat();
    let names = [u8::try_from(name.len()).unwrap_or(0), 0];
    let at = word(out.len());
    let sizes = if streamed { (0, 0) } else { (packed.len() as u64, content.len() as u64) };
    out.extend([b"PK\x03\x04\x2d\0", &head[..]].concat());
    out.extend(if streamed { [0; 4] } else { crc });
    if wide {
        out.extend([0xff; 8]);
    } else {
        out.extend(if streamed { vec![0; 8] } else { [word(packed.len()), word(content.len())].concat() });
    }
    out.extend(names);
    out.extend([if wide { 20 } else { 0 }, 0]);
    out.extend(name.as_bytes());
    if wide {
        out.extend([1, 0, 16, 0]);
        out.extend([sizes.1.to_le_bytes(), sizes.0.to_le_bytes()].concat());
    }
    out.extend(&packed);
    if streamed {
        out.extend(b"PK\x07\x08");
        out.extend(crc);
        if wide {
            out.extend([(packed.len() as u64).to_le_bytes(), (content.len() as u64).to_le_bytes()].concat());
        } else {
            out.extend([word(packed.len()), word(content.len())].concat());
        }
    }
    directory.extend([b"PK\x01\x02\x2d\x03\x2d\0", &head[..], &numbers, &names].concat());
    directory.extend([0; 12]);
    directory.extend(at);
    directory.extend(name.as_bytes());
}

/// An archive keeps the promises of any file; undamaged it is accepted.
pub(super) fn judge(data: &[u8]) {
    let (bytes, damaged) = archive(data);
    files::machine(&bytes);
    if !damaged {
        assert!(files::is_accepted(&bytes), "an archive as Python writes it is refused");
    }
}
