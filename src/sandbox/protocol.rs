//! The words of the two processes: one enum each way, CBOR in packets of at most 64 KiB, decoded strictly.
//!
//! A packet is what one `SOCK_SEQPACKET` send carries, so there is no framing to get wrong. What may be longer than a
//! packet (an order with its table, an observation, an outcome) goes ahead in [`FromWorker::Part`]s, and the packet with the
//! last piece says what they were. Strict means: after decoding, the value is encoded again and must give the same bytes, which
//! leaves no room for duplicate keys, trailing bytes or a second spelling of a number.

use super::room::Room;
use crate::bytes::{Absent, ChunkTable, Expectation};
use crate::job::{Decision, Job, Observation};
use crate::reason::Finding;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::io;

/// Version of this protocol.
pub(super) const PROTOCOL: u32 = 8;
/// What both sides have to be built from. A worker that can be told to leave walls out serves only its own tests.
pub(super) const BUILD: &str = match option_env!("COLDLOAD_BUILD_ID") {
    _ if cfg!(feature = "escape-tests") => concat!("coldload ", env!("CARGO_PKG_VERSION"), " for tests"),
    Some(id) => id,
    None => concat!("coldload ", env!("CARGO_PKG_VERSION")),
};
/// Longest packet.
pub(super) const PACKET: usize = 64 << 10;
/// Bytes in a [`FromWorker::Part`]: a packet without the room that its own words take.
pub(super) const PART: usize = PACKET - 64;
/// Most files beside the model that a worker may ask for.
pub(super) const BESIDE: u64 = 100_000;
/// Longest name of one, in bytes.
pub(super) const NAME: usize = 255;
/// Most findings that a worker may tell about one file.
pub(super) const NOTES: u64 = 1000;
/// Longest text in a finding, in bytes.
pub(super) const TEXT: usize = 4 << 10;
/// Longest order: the table of 1 TiB is 8 MiB.
pub(super) const ORDER: usize = 64 << 20;
/// Longest observation.
pub(super) const OBSERVED: usize = 8 << 20;
/// Longest outcome.
pub(super) const END: usize = 1 << 20;

/// What the parent says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum ToWorker {
    /// The first word: how much room the walls leave.
    Setup(Setup),
    /// A piece of the order that follows.
    Part(ByteBuf),
    /// The last piece of an [`Order`]; the descriptors of the file, the rows and the output come with this packet.
    Begin {
        /// The piece.
        order: ByteBuf,
        /// Rows are handed over.
        rows: bool,
        /// An output is handed over.
        out: bool,
    },
    /// The orders of several small files, whose bytes or descriptors come with it.
    Bundle(Bundle),
    /// The answer to an observation.
    Decide(Decision),
    /// The last piece of the answer to [`FromWorker::Beside`], a [`Found`]; the descriptor of the file comes with this packet, if
    /// there is one.
    Beside(ByteBuf),
}

/// A file beside the model, or why there is none.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Found {
    /// It was opened.
    Opened {
        /// Its size when it was.
        size: u64,
        /// What its bytes have to be.
        pin: Pin,
    },
    /// It is not read.
    Absent(Absent),
}

/// What a worker needs to know before it locks itself in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setup {
    /// The parent's [`PROTOCOL`].
    pub protocol: u32,
    /// The resource limits to set.
    pub room: Room,
    /// Threads to start that read large files ahead.
    pub readers: u8,
    /// Walls to leave out, so that a test sees the parent refuse.
    #[cfg(feature = "escape-tests")]
    pub without: Vec<super::report::Wall>,
}

/// A job over one file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// What to do; nothing, if it is what the order before said.
    pub job: Option<Job>,
    /// Size of the file when it was opened.
    pub size: u64,
    /// What the bytes have to be.
    pub pin: Pin,
}

/// Small files for one job, to be judged one after the other. What refuses one is said before the next one is looked at.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bundle {
    /// What to do; nothing, if it is what the order before said.
    pub job: Option<Job>,
    /// Whether judgements of several files may be said in one word, or else each before the next file is looked at.
    pub together: bool,
    /// The files.
    pub files: Vec<Bundled>,
}

/// One of them.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bundled {
    /// What the bytes have to be.
    pub pin: Pin,
    /// The file.
    pub carried: Carried,
}

/// How a file of a bundle comes with it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Carried {
    /// By all of its bytes.
    Bytes(ByteBuf),
    /// By a descriptor, the next one of those that travel with the packet. The number is the file's size when it was opened.
    Opened(u64),
}

/// An [`Expectation`] on its way.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Pin {
    /// The chunks of a seal's table.
    Signed(ChunkTable),
    /// Each byte is read once and kept.
    Once,
    /// The table is filled at the first reading.
    FirstRead,
}

impl From<&Expectation> for Pin {
    fn from(expectation: &Expectation) -> Pin {
        match expectation {
            Expectation::Signed(table) => Pin::Signed(table.clone()),
            Expectation::Once => Pin::Once,
            Expectation::FirstRead => Pin::FirstRead,
        }
    }
}

impl From<Pin> for Expectation {
    fn from(pin: Pin) -> Expectation {
        match pin {
            Pin::Signed(table) => Expectation::Signed(table),
            Pin::Once => Expectation::Once,
            Pin::FirstRead => Expectation::FirstRead,
        }
    }
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum FromWorker {
    /// The first word, after lock-down and before any byte of a model.
    Hello(Hello),
    /// Something that refuses the file.
    Note(Finding),
    /// A file beside the model holds one of its arrays. The worker waits for [`ToWorker::Beside`].
    Beside(String),
    /// A piece of the observation or outcome that follows.
    Part(ByteBuf),
    /// The last piece of a [`crate::job::Observation`]. The worker waits for [`ToWorker::Decide`], if its task makes
    /// something of the file.
    Observed(ByteBuf),
    /// The last piece of a [`crate::job::Outcome`]. The worker waits for the next order.
    End(ByteBuf),
    /// What the file holds, and that all is done, in one packet: of a task that makes nothing of the file.
    Judged(Box<Observation>),
    /// Several [`FromWorker::Judged`], each as it would be said alone: of files of a [`Bundle`] that stand one behind the other.
    Judgements(Vec<ByteBuf>),
}

/// What a worker says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    /// The worker's [`PROTOCOL`].
    pub protocol: u32,
    /// The worker's [`BUILD`].
    pub build: String,
    /// The walls that it found standing when it tried them.
    pub walls: super::report::Claim,
}

/// Bytes that are not, or not strictly, what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bytes that do not decode")]
pub(super) struct Undecodable;

/// Bytes of a usual word.
const USUAL: usize = 512;

/// The one encoding of a value.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Undecodable> {
    let mut bytes = Vec::with_capacity(USUAL);
    ciborium::into_writer(value, &mut bytes).map_err(|_| Undecodable)?;
    Ok(bytes)
}

/// The value of which these bytes are the one encoding.
pub(super) fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, Undecodable> {
    let value: T = ciborium::de::from_reader_with_recursion_limit(bytes, 64).map_err(|_| Undecodable)?;
    let mut rest = Rest(bytes);
    ciborium::into_writer(&value, &mut rest).map_err(|_| Undecodable)?;
    if rest.0.is_empty() { Ok(value) } else { Err(Undecodable) }
}

/// The rest of some bytes, behind those that were written: only what they begin with can be.
struct Rest<'a>(&'a [u8]);

impl io::Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decodes what a worker says. Models of one kind often say the same of themselves: what was said twice is known by its bytes,
/// also where it is one of several judgements.
#[derive(Debug, Default)]
pub(super) struct Listener {
    last: Vec<u8>,
    known: Option<FromWorker>,
}

impl Listener {
    /// The same as [`decode`].
    pub(super) fn word(&mut self, packet: &[u8]) -> Result<FromWorker, Undecodable> {
        if packet != self.last {
            let word = decode(packet)?;
            if !matches!(word, FromWorker::Judgements(_)) {
                self.last.clear();
                self.last.extend_from_slice(packet);
                self.known = None;
            }
            return Ok(word);
        }
        if self.known.is_none() {
            self.known = Some(decode(packet)?);
        }
        self.known.clone().ok_or(Undecodable)
    }
}

/// The packets that carry `bytes` in pieces, each made by `part`, and the last one by `last`.
pub(super) fn parts<T: Serialize>(
    bytes: &[u8],
    part: fn(ByteBuf) -> T,
    last: impl FnOnce(ByteBuf) -> T,
) -> Result<Vec<Vec<u8>>, Undecodable> {
    let rest = bytes.len().saturating_sub(1) / PART * PART;
    let (ahead, rest) = bytes.split_at(rest);
    let ahead = ahead.chunks(PART).map(|piece| encode(&part(ByteBuf::from(piece))));
    ahead.chain([encode(&last(ByteBuf::from(rest)))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_encoding_of_a_value_decodes() {
        let begin = || ToWorker::Begin { order: ByteBuf::from([1]), rows: true, out: false };
        let bytes = encode(&begin()).unwrap();
        assert_eq!(decode::<ToWorker>(&bytes), Ok(begin()));
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(decode::<ToWorker>(&longer), Err(Undecodable), "a trailing byte");
        assert_eq!(decode::<ToWorker>(&bytes[..bytes.len() - 1]), Err(Undecodable), "half a packet");
        assert_eq!(decode::<u8>(&[0x18, 0x01]), Err(Undecodable), "a long spelling of 1");
        assert_eq!(decode::<u8>(&[0x01]), Ok(1));
        let twice = [&[0xa2][..], &bytes[1..], &bytes[1..]].concat();
        assert_eq!(decode::<ToWorker>(&twice), Err(Undecodable), "a key twice");
        assert_eq!(decode::<ToWorker>(&[0x81; 5000]), Err(Undecodable), "deeper than any word is");
    }

    #[test]
    fn a_word_that_was_said_before_is_the_same_word() {
        let word = |at: u8| FromWorker::Part(ByteBuf::from([at]));
        let mut listener = Listener::default();
        for at in [1, 1, 1, 2, 1, 1, 2, 2] {
            assert_eq!(listener.word(&encode(&word(at)).unwrap()), Ok(word(at)));
        }
        for wrong in [&b""[..], &b"\xff"[..], &b"\xff"[..], &b""[..]] {
            assert_eq!(listener.word(wrong), Err(Undecodable));
        }
        assert_eq!(listener.word(&encode(&word(2)).unwrap()), Ok(word(2)));
    }

    #[test]
    fn pieces_fit_into_packets() {
        let pieces = parts(&[7; 3 * PACKET], FromWorker::Part, FromWorker::End).unwrap();
        assert_eq!(pieces.len(), 4);
        assert!(pieces.iter().all(|piece| piece.len() <= PACKET));
    }
}
