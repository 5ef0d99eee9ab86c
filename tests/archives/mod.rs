//! Zip archives as `zipfile` writes them, member by member, so that a test shows what is changed in one.
#![allow(dead_code)] // Each test file uses its own part.

use super::opcodes::{Ops, ops};

/// What an archive says of a member.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
    pub packed: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    pub extra: Vec<u8>,
}

pub fn entry(name: &str, content: Ops) -> Entry {
    let mut crc = flate2::Crc::new();
    crc.update(&content);
    let packed = content.clone();
    Entry { name: name.into(), content, packed, method: 0, flags: 0, crc: crc.sum(), extra: Vec::new() }
}

pub fn deflated(name: &str, content: Ops) -> Entry {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&content).unwrap();
    Entry { method: 8, packed: encoder.finish().unwrap(), ..entry(name, content) }
}

pub fn numbers(entry: &Entry) -> Ops {
    let (packed, size) = (entry.packed.len() as u32, entry.content.len() as u32);
    ops![entry.crc.to_le_bytes(), packed.to_le_bytes(), size.to_le_bytes()]
}

pub fn local(entry: &Entry) -> Ops {
    let head = ops![b"PK\x03\x04\x14\0", entry.flags.to_le_bytes(), entry.method.to_le_bytes(), [0, 0, 0x21, 0]];
    let numbers = if entry.flags & 8 == 0 { numbers(entry) } else { vec![0; 12] };
    let lengths = ops![(entry.name.len() as u16).to_le_bytes(), (entry.extra.len() as u16).to_le_bytes()];
    ops![head, numbers, lengths, entry.name, entry.extra]
}

pub fn central(entry: &Entry, at: usize) -> Ops {
    let head =
        ops![b"PK\x01\x02\x14\x03\x14\0", entry.flags.to_le_bytes(), entry.method.to_le_bytes(), [0, 0, 0x21, 0]];
    let lengths = ops![(entry.name.len() as u16).to_le_bytes(), [0; 12], (at as u32).to_le_bytes()];
    ops![head, numbers(entry), lengths, entry.name]
}

pub fn end(count: usize, length: usize, at: usize) -> Ops {
    let count = (count as u16).to_le_bytes();
    ops![b"PK\x05\x06\0\0\0\0", count, count, (length as u32).to_le_bytes(), (at as u32).to_le_bytes(), [0, 0]]
}

pub fn archive(entries: &[Entry]) -> Ops {
    archive_of(entries, entries)
}

/// An archive whose directory describes its members as others.
pub fn archive_of(entries: &[Entry], described: &[Entry]) -> Ops {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (entry, described) in entries.iter().zip(described) {
        directory.extend(central(described, out.len()));
        out.extend(ops![local(entry), entry.packed]);
        if entry.flags & 8 != 0 {
            out.extend(ops![b"PK\x07\x08", numbers(entry)]);
        }
    }
    let (at, length) = (out.len(), directory.len());
    ops![out, directory, end(described.len(), length, at)]
}
