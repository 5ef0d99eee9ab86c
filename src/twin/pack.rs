//! The decoded stream of a file, and the same compressor again.

use crate::bytes::{Budget, Input, InputStream, Stream, StreamFault};
use crate::format::compress::{Codec, ZFILE_PREFIX, decoder, zfile};
use std::io::{self, Write};

/// Largest decoded stream of which twins are made.
pub(super) const MOST: u64 = 256 << 20;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    /// Not at all.
    Plain,
    With(Codec),
    /// As joblib did before 0.10.
    ZFile,
}

/// The whole decoded stream.
pub(super) fn unpack(input: &mut Input, budget: &Budget) -> Result<(Vec<u8>, Packed), StreamFault> {
    let mut stream = InputStream::new(input);
    let head = stream.head(16)?;
    let packed = match Codec::detect(head) {
        _ if head.starts_with(ZFILE_PREFIX) => Packed::ZFile,
        Some(codec) => Packed::With(codec),
        None => Packed::Plain,
    };
    let window = budget.window();
    let mut stream: Box<dyn Stream + '_> = match packed {
        Packed::Plain => Box::new(stream),
        Packed::With(codec) => decoder(codec, Box::new(stream), 0, MOST, window),
        Packed::ZFile => zfile(Box::new(stream), MOST, window)?,
    };
    let mut decoded = Vec::new();
    loop {
        let piece = stream.fill()?;
        let length = piece.len();
        if length == 0 {
            return Ok((decoded, packed));
        }
        decoded.extend_from_slice(piece);
        stream.consume(length);
    }
}

impl Packed {
    /// Compresses a stream, as joblib does if nothing is asked of it.
    pub(super) fn pack(self, stream: &[u8]) -> io::Result<Vec<u8>> {
        let level = flate2::Compression::new(3);
        let codec = match self {
            Packed::Plain => return Ok(stream.to_vec()),
            Packed::ZFile => {
                let head = format!("ZF{:19}", format!("{:#x}", stream.len()));
                return Ok([head.into_bytes(), Packed::With(Codec::Zlib).pack(stream)?].concat());
            }
            Packed::With(codec) => codec,
        };
        match codec {
            Codec::Zlib => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(stream)?;
                encoder.finish()
            }
            Codec::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(stream)?;
                encoder.finish()
            }
            Codec::Bz2 => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(3));
                encoder.write_all(stream)?;
                encoder.finish()
            }
            Codec::Xz => {
                let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(3))?;
                writer.write_all(stream)?;
                writer.finish()
            }
            Codec::Lzma => {
                let options = lzma_rust2::LzmaOptions::with_preset(3);
                let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None)?;
                writer.write_all(stream)?;
                writer.finish()
            }
            Codec::Lz4 => {
                let info = lz4_flex::frame::FrameInfo::new().content_checksum(true);
                let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
                encoder.write_all(stream)?;
                encoder.finish().map_err(io::Error::other)
            }
            Codec::Deflate => Err(io::Error::other("no whole file is bare deflate")),
        }
    }

    /// Bytes from the end to one of a checksum; `None` if there is no checksum.
    pub(super) fn checksum(self) -> Option<usize> {
        match self {
            Packed::Plain | Packed::With(Codec::Lzma | Codec::Deflate) => None,
            // CRC32 and length of what was compressed (RFC 1952 §2.3.1).
            Packed::With(Codec::Gzip) => Some(6),
            // The footer: CRC32, size of the index, flags, `YZ`.
            Packed::With(Codec::Xz) => Some(12),
            // The checksum ends the file; with bz2 up to seven bits follow it.
            Packed::With(Codec::Zlib | Codec::Bz2 | Codec::Lz4) | Packed::ZFile => Some(2),
        }
    }
}
