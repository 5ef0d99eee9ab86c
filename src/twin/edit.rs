//! The attacks: edits of the decoded stream, or of the file.

use super::pack::{Packed, unpack};
use super::payload::{Function, global, name, text};
use super::survey::{FRAME_HEAD, Survey};
use super::{Ask, Chance, Kind, MARKER};
use crate::bytes::{Budget, Input, Limit, StreamFault};

/// More levels than this are not needed to go beyond a limit, whatever the limit was raised to.
const DEEPEST: u64 = 1 << 20;

/// Why a twin is not made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The file is larger than twins are made of, or can not be read again.
    #[error("{0}")]
    Read(#[from] StreamFault),
    /// A compressor failed.
    #[error("the twin can not be compressed: {0}")]
    Pack(#[from] std::io::Error),
}

/// The twin of a model in `input`, which was read to its end and accepted, and in which there are `pickles` one behind the other.
/// `None` if there is nothing in the model to which this can be done.
pub fn make(
    ask: &Ask,
    survey: &Survey,
    input: &mut Input,
    budget: &Budget,
    pickles: usize,
) -> Result<Option<Vec<u8>>, MakeError> {
    let (stream, packed) = unpack(input, budget)?;
    let mut chance = survey.chance();
    if let Some(file) = of_file(ask.kind, &stream, packed, survey, &mut chance)? {
        return Ok(file);
    }
    let twin = Edit { stream, survey, chance, only: pickles == 1 }.of_stream(ask.kind, packed, budget);
    Ok(twin.map(|twin| packed.pack(&twin)).transpose()?)
}

/// A twin that is no edit of opcodes; `Some(None)` where there is none of this kind.
#[allow(clippy::type_complexity)]
fn of_file(
    kind: Kind,
    stream: &[u8],
    packed: Packed,
    survey: &Survey,
    chance: &mut Chance,
) -> Result<Option<Option<Vec<u8>>>, MakeError> {
    let twin = match kind {
        Kind::Truncated => {
            let end = survey.stop.and_then(|stop| usize::try_from(stop).ok()).unwrap_or(stream.len());
            // Fewer bytes than a format's first ones are another format.
            let least = end.min(16);
            let end = least.saturating_add(chance.below(end.saturating_sub(least)));
            Some(packed.pack(stream.get(..end).unwrap_or_default())?)
        }
        Kind::Trailing => Some(packed.pack(&[stream, b"\xff\xfe", &chance.bytes(14)].concat())?),
        Kind::Checksum => {
            let mut file = packed.pack(stream)?;
            let at = match packed.checksum() {
                Some(from_end) => file.len().checked_sub(from_end),
                // The checksum of the first member (APPNOTE 4.3.7).
                None => file.starts_with(b"PK\x03\x04").then_some(14),
            };
            let bit = 1u8 << chance.below(8);
            at.and_then(|at| file.get_mut(at)).map(|byte| *byte ^= bit).map(|()| file)
        }
        _ if survey.is_empty() => None,
        _ => return Ok(None),
    };
    Ok(Some(twin))
}

/// A decoded stream that is edited.
struct Edit<'s> {
    stream: Vec<u8>,
    survey: &'s Survey,
    chance: Chance,
    /// There is one pickle, whose last opcode is the last one of the stream.
    only: bool,
}

impl Edit<'_> {
    fn of_stream(mut self, kind: Kind, packed: Packed, budget: &Budget) -> Option<Vec<u8>> {
        let chance = &mut self.chance;
        let function = Function::any(chance);
        match kind {
            Kind::CallFirst => {
                let call = function.call(chance);
                let first = self.survey.first?;
                self.insert(first, [call, pop()])
            }
            Kind::CallMiddle => {
                let call = function.call(chance);
                self.anywhere([call, pop()])
            }
            Kind::CallLast => {
                let call = function.call(chance);
                self.last([call, pop()])
            }
            Kind::Memo => {
                let parts = memo(function, self.survey.text_indices, chance);
                self.last([parts, pop()])
            }
            Kind::Inst => {
                let name = format!("i{}\n{}\n", function.module(), function.name()).into_bytes();
                let arguments = function.arguments(chance);
                self.anywhere([b"(".to_vec(), arguments, name, pop()])
            }
            Kind::Obj => {
                let parts = [b"(".to_vec(), function.fetch(chance), function.arguments(chance), b"o".to_vec()];
                self.anywhere([parts.concat(), pop()])
            }
            Kind::Partial => {
                let partial = name("functools", "partial", chance);
                let parts = [partial, b"(".to_vec(), function.fetch(chance), function.arguments(chance)];
                self.anywhere([parts.concat(), b"tR)R".to_vec(), pop()])
            }
            Kind::Build => {
                let function = Function::of_one(chance);
                let parts = [
                    name("collections", "OrderedDict", chance),
                    b")\x81}".to_vec(),
                    text("__setstate__", chance),
                    function.fetch(chance),
                    b"sb".to_vec(),
                    function.arguments(chance),
                    b"b".to_vec(),
                ];
                self.anywhere([parts.concat(), pop()])
            }
            Kind::Generator => {
                let function = Function::of_one(chance);
                let start = name("numpy.random._pickle", "__generator_ctor", chance);
                let parts = [start, b"(".to_vec(), function.arguments(chance), function.fetch(chance), b"tR".to_vec()];
                self.anywhere([parts.concat(), pop()])
            }
            Kind::NestedCall => {
                let nested = counted(&function.pickle(chance));
                self.anywhere([name("_pickle", "loads", &mut Chance::new(0, 0)), nested, b"\x85R".to_vec(), pop()])
            }
            Kind::NestedObjects => self.nested_objects(function, packed),
            Kind::NewFile => {
                let parts =
                    [name("numpy", "memmap", chance), b"(".to_vec(), text(MARKER, chance), text("uint8", chance)];
                let rest = [text("w+", chance), b"K\0K\x01\x85t\x81".to_vec()];
                self.anywhere([parts.concat(), rest.concat(), pop()])
            }
            Kind::UnknownClass => {
                let class = name("coldload_was_run", "Transformer", chance);
                self.anywhere([class, b")\x81}b".to_vec(), pop()])
            }
            Kind::Stored => {
                let parts = [
                    name("sklearn.preprocessing._function_transformer", "FunctionTransformer", chance),
                    b")\x81}".to_vec(),
                    text("func", chance),
                    name("joblib.numpy_pickle", "load", chance),
                    b"sb".to_vec(),
                ];
                self.anywhere([parts.concat(), pop()])
            }
            Kind::Codec => {
                let parts = [name("_codecs", "encode", chance), text(MARKER, chance), text("rot13", chance)];
                self.anywhere([parts.concat(), b"\x86R".to_vec(), pop()])
            }
            Kind::Bytes => {
                let class = name("builtins", "bytearray", chance);
                // 2^60, which no allocator gives.
                self.anywhere([class, b"\x8a\x08\0\0\0\0\0\0\0\x10\x85R".to_vec(), pop()])
            }
            Kind::Extension => self.anywhere([b"\x82\x01".to_vec(), pop()]),
            Kind::Persistent => self.anywhere([format!("P{MARKER}\n").into_bytes(), pop()]),
            Kind::Dtype => {
                let at = usize::try_from(self.survey.dtype?).ok()?;
                *self.stream.get_mut(at)? = b'O';
                Some(self.stream)
            }
            Kind::FrameCrossing => self.frame_crossing(),
            Kind::Length => self.last([b"\x8e\0\0\0\0\0\0\0\x10".to_vec(), pop()]),
            Kind::Depth => {
                let levels = budget.limit(Limit::Depth).saturating_add(1).min(DEEPEST);
                self.last([vec![0x85; usize::try_from(levels).ok()?]])
            }
            Kind::SecondPickle => {
                let second = function.pickle(chance);
                Some([self.stream, second].concat())
            }
            Kind::Truncated | Kind::Trailing | Kind::Checksum => None,
        }
    }

    /// Opcodes that leave the stack as it was, at any opcode that is read whatever the reader does with further pickles.
    fn anywhere<const N: usize>(self, parts: [Vec<u8>; N]) -> Option<Vec<u8>> {
        let at = if self.only { self.survey.middle.or(self.survey.first)? } else { self.survey.first? };
        self.insert(at, parts)
    }

    /// Opcodes before the STOP.
    fn last<const N: usize>(self, parts: [Vec<u8>; N]) -> Option<Vec<u8>> {
        let at = self.survey.stop.filter(|_| self.only)?;
        self.insert(at, parts)
    }

    /// Puts opcodes before the one at an offset. A frame in which they come to stand grows.
    fn insert<const N: usize>(mut self, at: u64, parts: [Vec<u8>; N]) -> Option<Vec<u8>> {
        let parts = parts.concat();
        if let Some((frame, length)) = self.frame_around(at) {
            self.set_frame(frame, length.saturating_add(parts.len() as u64))?;
        }
        let at = usize::try_from(at).ok().filter(|at| *at <= self.stream.len())?;
        self.stream.splice(at..at, parts);
        Some(self.stream)
    }

    /// The frame in which the opcode at an offset stands, and its length.
    fn frame_around(&self, at: u64) -> Option<(u64, u64)> {
        self.survey.frames.iter().copied().find(|(frame, length)| {
            let start = frame.saturating_add(FRAME_HEAD);
            (start..start.saturating_add(*length)).contains(&at)
        })
    }

    fn set_frame(&mut self, frame: u64, length: u64) -> Option<()> {
        let at = usize::try_from(frame).ok()?.checked_add(1)?;
        self.stream.get_mut(at..)?.first_chunk_mut::<8>().map(|old| *old = length.to_le_bytes())
    }

    /// Lets a frame end in the middle of an argument; where there is none, one begins before the opcode.
    fn frame_crossing(mut self) -> Option<Vec<u8>> {
        let (at, length) = self.survey.long?;
        // Within the argument: behind the opcode's first byte, before its last one.
        let inside = 1u64.saturating_add(self.chance.below(usize::try_from(length.saturating_sub(2)).ok()?) as u64);
        match self.frame_around(at) {
            Some((frame, _)) => {
                let start = frame.saturating_add(FRAME_HEAD);
                self.set_frame(frame, at.saturating_sub(start).saturating_add(inside))?;
                Some(self.stream)
            }
            None => {
                let frame = [&[0x95][..], &inside.to_le_bytes()].concat();
                let at = usize::try_from(at).ok()?;
                self.stream.splice(at..at, frame);
                Some(self.stream)
            }
        }
    }

    /// joblib's wrapper of one object, whose pickle follows it. It stands behind the end of the last frame: array bytes begin where
    /// the frame ends.
    fn nested_objects(mut self, function: Function, packed: Packed) -> Option<Vec<u8>> {
        if packed == Packed::ZFile {
            return None;
        }
        let at = self.survey.stop.filter(|_| self.only)?;
        if let Some((frame, _)) = self.frame_around(at) {
            let start = frame.saturating_add(FRAME_HEAD);
            self.set_frame(frame, at.saturating_sub(start))?;
        }
        let chance = &mut self.chance;
        let dtype = [
            global("numpy", "dtype"),
            text("O8", chance),
            b"\x89\x88\x87R(K\x03".to_vec(),
            text("|", chance),
            b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb".to_vec(),
        ];
        let state = [
            [text("subclass", chance), global("numpy", "ndarray")].concat(),
            [text("shape", chance), b"K\x01\x85".to_vec()].concat(),
            [text("order", chance), text("C", chance)].concat(),
            [text("dtype", chance), dtype.concat()].concat(),
            [text("allow_mmap", chance), vec![0x89]].concat(),
        ];
        let wrapper = [name("joblib.numpy_pickle", "NumpyArrayWrapper", chance), b")\x81}(".to_vec()].concat();
        let parts = [wrapper, state.concat(), b"ub".to_vec(), function.pickle(chance), pop()].concat();
        let at = usize::try_from(at).ok()?;
        self.stream.splice(at..at, parts);
        Some(self.stream)
    }
}

fn pop() -> Vec<u8> {
    b"0".to_vec()
}

/// Bytes, as protocol 3 writes them.
fn counted(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(0);
    [b"B", &length.to_le_bytes()[..], bytes].concat()
}

/// A call of a function whose name comes out of the memo: both halves are put there, among texts that are not, by indices as the
/// model has them.
fn memo(function: Function, text_indices: bool, chance: &mut Chance) -> Vec<u8> {
    let spelled = |in_text: char, in_bytes: u8, index: u32| {
        let index = index.saturating_add(0xff00);
        if text_indices {
            format!("{in_text}{index}\n").into_bytes()
        } else {
            [&[in_bytes][..], &index.to_le_bytes()].concat()
        }
    };
    let put =
        |index: u32, value: &str, chance: &mut Chance| [text(value, chance), spelled('p', b'r', index), pop()].concat();
    let parts = [
        put(1, "numpy", chance),
        put(2, function.name(), chance),
        put(1, function.module(), chance),
        spelled('g', b'j', 1),
        spelled('g', b'j', 2),
        b"\x93(".to_vec(),
        function.arguments(chance),
        b"tR".to_vec(),
    ];
    parts.concat()
}
