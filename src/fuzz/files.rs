//! Files: whatever the bytes, the answer is the same twice and for every window, and stays within its limits.

use super::Bytes;
use crate::bytes::{Budget, Input, InputStream, Limits, Stream, Window};
use crate::format::compress::{Codec, ZFILE_PREFIX, decoder, zfile};
use crate::format::{self, Ctx, Keep, Parsed};
use crate::job::{self, Decision, Emit, Job, Observation, Outcome, Task};
use crate::model::{self, Data, Matrix, Model, Rows};
use crate::reason::{Code, Finding};
use crate::vocabulary::Vocabulary;
use std::io::Write;

/// Pieces in which parsers get the bytes.
const WINDOWS: [usize; 4] = [usize::MAX, 1, 7, 4096];

/// Everything that a job tells of a file.
#[derive(Debug, Default, PartialEq)]
struct Told {
    findings: Vec<Finding>,
    observed: Vec<Observation>,
    outcome: Option<Outcome>,
}

impl Emit for Told {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn observed(&mut self, observation: &Observation) -> Decision {
        self.observed.push(observation.clone());
        Decision::Proceed
    }
}

/// Small limits, so that no input takes long; memory as everyone has it.
fn limits() -> Limits {
    let mut limits = Limits::default();
    for limit in ["decoded=4MiB", "values=1000000", "globals=1000"] {
        assert_eq!(limits.set(limit), Ok(()));
    }
    limits
}

fn judge(data: &[u8], window: usize) -> Told {
    let job = Job { task: Task::Judge, limits: limits(), allow: Vec::new(), allow_sets: Vec::new() };
    let mut told = Told::default();
    told.outcome = Some(job::run(&job, Input::from_bytes(data, window), None, None, &mut told));
    told
}

/// A file: pickle, joblib or neither.
pub fn machine(data: &[u8]) {
    let told = judge(data, WINDOWS[0]);
    for window in WINDOWS {
        assert_eq!(judge(data, window), told, "the answer depends on the window, {window}");
    }
    let refused = matches!(told.outcome, Some(Outcome::Refused { .. }));
    let done = matches!(told.outcome, Some(Outcome::Done { .. }));
    assert!(refused || done, "judging bytes that are in memory fails: {:?}", told.outcome);
    assert_eq!(refused, !told.findings.is_empty(), "a refusal has a reason, and a reason refuses");
    assert_eq!(done, told.observed.len() == 1, "what is accepted was observed");
    for finding in &told.findings {
        assert!(!finding.message.is_empty() && !finding.why.is_empty() && !finding.next.is_empty(), "{finding:?}");
        assert!(!finding.message.chars().any(char::is_control), "{finding:?} is not escaped");
    }
}

/// Whether a file is accepted.
pub(super) fn is_accepted(data: &[u8]) -> bool {
    judge(data, usize::MAX).findings.is_empty()
}

/// Judges a few opcodes that follow each other as they may: they are no damaged pickle, and meet no limit.
pub(super) fn never_malformed(data: &[u8]) {
    let told = judge(data, usize::MAX);
    let wrong = |code| matches!(code, Code::Malformed | Code::UnknownFormat | Code::LimitExceeded);
    let wrong = told.findings.iter().find(|finding| wrong(finding.code));
    assert_eq!(wrong, None, "a generator of legal opcodes made \"{}\"", crate::reason::escape_bytes(data));
}

/// A file whose model, if it holds one, answers rows: whatever the numbers in it, prediction ends, and gives a value a row.
pub fn predict(data: &[u8]) {
    const ROWS: usize = 5;
    let vocabulary = Vocabulary::default();
    let (mut nobody, mut parsed) = ((), Parsed::default());
    let mut input = Input::from_bytes(data, usize::MAX);
    let budget = Budget::new(&limits(), input.size());
    let mut ctx = Ctx::new(&vocabulary, budget, Keep::Bytes, &mut nobody);
    let read = format::read(&mut input, &mut ctx, &mut parsed);
    if read.is_err() || !ctx.suspects.is_empty() {
        return;
    }
    let Some(root) = parsed.roots.first() else { return };
    let Ok(choice) = model::choose(&ctx.heap, *root, None) else { return };
    let Ok(model) = Model::build(&ctx.heap, choice.value) else { return };
    let width = model.features().unwrap_or(1).clamp(1, 1000) as usize;
    let values = (0..ROWS * width).map(|n| match data.get(n % data.len().max(1)) {
        Some(0) | None => f64::NAN,
        Some(byte) => (f64::from(*byte) - 128.0) * 10f64.powi((n % 7) as i32 - 3),
    });
    let Some(matrix) = Matrix::new(values.collect(), width) else { return };
    let Ok(rows) = Rows::numbers(matrix, None) else { return };
    for method in model.methods() {
        let (Ok(answer), Ok(again)) = (model.run(*method, &rows), model.run(*method, &rows)) else { continue };
        assert_eq!(format!("{answer:?}"), format!("{again:?}"));
        let lengths: Vec<usize> = match &answer.data {
            Data::Numbers(numbers) => vec![numbers.values.len()],
            Data::Labels(picks) => picks.iter().map(|picks| picks.iter().count()).collect(),
            Data::Matrix(matrix, _) => vec![matrix.len()],
            Data::Matrices(all) => all.iter().map(|(matrix, _)| matrix.len()).collect(),
        };
        assert!(lengths.iter().all(|length| *length == ROWS), "{method:?} gives {lengths:?} for {ROWS} rows");
    }
}

/// What comes out of a decompressor, and with which fault it ends, does not depend on the window, and is no more than asked.
pub(super) fn decompress(file: &[u8]) {
    const MOST: u64 = 1 << 20;
    let codec = Codec::detect(file);
    if codec.is_none() && !file.starts_with(ZFILE_PREFIX) {
        return;
    }
    let decode = |window| {
        let mut input = Input::from_bytes(file, window);
        let input: Box<dyn Stream> = Box::new(InputStream::new(&mut input));
        let opened = match codec {
            Some(codec) => Ok(decoder(codec, input, 0, MOST, Window::default())),
            None => zfile(input, MOST, Window::default()),
        };
        let mut stream = match opened {
            Ok(stream) => stream,
            Err(fault) => return (Vec::new(), Some(fault.to_string())),
        };
        let mut decoded = Vec::new();
        loop {
            let length = match stream.fill() {
                Ok([]) => return (decoded, None),
                Ok(piece) => {
                    decoded.extend_from_slice(piece);
                    piece.len()
                }
                Err(fault) => return (decoded, Some(fault.to_string())),
            };
            assert!(decoded.len() as u64 <= MOST, "more came out than the limit");
            stream.consume(length);
        }
    };
    let whole = decode(usize::MAX);
    for window in WINDOWS {
        assert!(decode(window) == whole, "what is decoded depends on the window, {window}");
    }
}

/// Bytes behind the first ones of a compressor.
pub(super) fn headed(codec: u8, bytes: &[u8]) -> Vec<u8> {
    let codec = Codec::ALL.get(usize::from(codec)).map_or(&[][..], |codec| codec.prefix());
    // zlib and bz2 are known by more than joblib's prefix: the rest of a header that is right.
    let rest: &[u8] = match codec {
        b"\x78" => b"\x9c",
        b"BZ" => b"h9",
        _ => b"",
    };
    [codec, rest, bytes].concat()
}

/// A compressed file, damaged at most once.
pub(super) fn compressed(codec: u8, data: &mut Bytes<'_>) -> Vec<u8> {
    let mut damage = Bytes::new(data.take(5));
    let plain = data.rest();
    let level = flate2::Compression::fast();
    let written = match codec {
        0 => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        _ => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(plain).and_then(|()| encoder.finish().map_err(std::io::Error::other))
        }
    };
    let mut file = written.unwrap_or_default();
    if damage.byte() & 1 == 1 {
        damage.damage(&mut file);
    }
    file
}
