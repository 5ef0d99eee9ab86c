//! A file for each rule of [`Strictness`], and its honest twin, which differs in the one thing.

use super::ops;
use crate::format::Strictness;
use std::io::Write;

const ORDERED: &[u8] = b"ccollections\nOrderedDict\n";

/// A file that breaks a rule, and one that does not.
pub fn example(rule: Strictness) -> [Vec<u8>; 2] {
    let frame = |length: u64, inside: &[u8]| [b"\x80\x04\x95", &length.to_le_bytes()[..], inside].concat();
    let ordered = |after: &[u8]| [ORDERED, after].concat();
    match rule {
        Strictness::FrameInFrame => {
            let inner = [b"\x95", &2u64.to_le_bytes()[..], b"N."].concat();
            [frame(11, &inner), frame(2, b"N.")]
        }
        Strictness::ArgumentCrossesFrame => [frame(3, b"\x8c\x05hello."), frame(8, b"\x8c\x05hello.")],
        Strictness::StopInFrame => [frame(3, b"N.0"), frame(2, b"N.")],
        Strictness::LineCutShort => [ORDERED[..ORDERED.len() - 1].to_vec(), ordered(b".")],
        Strictness::ArgumentsOfNew => [ordered(b"]\x81."), ordered(b")\x81.")],
        Strictness::NoItems => [b"}(e.".to_vec(), b"](e.".to_vec()],
        Strictness::ItemsOfSequence => [b"](NeK\0Ns.".to_vec(), b"}K\0Ns.".to_vec()],
        Strictness::ActOnValue => {
            let array = |after: &[u8]| [b"\x80\x02", &ops::wrapper(2, 0)[..], after].concat();
            [array(b"K\0K\x01s."), array(b".")]
        }
        Strictness::NewOfObject => [ordered(b")R)\x81."), ordered(b")\x81.")],
        Strictness::Key => [b"})\x85\x85\x85\x85\x85Ns.".to_vec(), b"})\x85\x85\x85Ns.".to_vec()],
        Strictness::NoState => [b"NNb.".to_vec(), b"N.".to_vec()],
        Strictness::NameText => [b"U\x02n\xe9U\x01n\x93.".to_vec(), b"U\x0bcollectionsU\x0bOrderedDict\x93.".to_vec()],
        Strictness::KeyWithoutValue => [ordered(b")R(K\x01NK\x02u."), ordered(b")R(K\x01NK\x02Nu.")],
        Strictness::NumberSpelling => [b"I 7\n.".to_vec(), b"I7\n.".to_vec()],
        Strictness::MixedIndices => [b"Np1\n0K\x01q\x010g1\n.".to_vec(), b"Np1\n0K\x01p1\n0g1\n.".to_vec()],
        Strictness::LineEnds => [b"\x80\x02Va\r\n.".to_vec(), b"\x80\x02Va\n.".to_vec()],
        Strictness::LongLine => [format!("F1.{}\n.", "0".repeat(70_000)).into_bytes(), b"F1.0\n.".to_vec()],
        Strictness::LongName => [format!("c{}\nn\n.", "m".repeat(1001)).into_bytes(), ordered(b".")],
        Strictness::FarIndex => [b"Nr\0\0\0\x08.".to_vec(), b"Nr\0\0\0\0.".to_vec()],
        Strictness::CompressedStream => {
            let packed = packed(b"\x80\x02N.");
            [[&packed[..], b"more"].concat(), packed]
        }
        // A number of one byte, which is taken from the stack again: to liblzma its properties and the size of its dictionary.
        Strictness::AlsoAnArchive => [b"\x8b\x01\0\0\0\x010(J\0\0\0\0t.".to_vec(), b"(J\0\0\0\0t.".to_vec()],
    }
}

/// A bz2 stream.
fn packed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(plain).and_then(|()| encoder.finish()).unwrap_or_default()
}
