//! Files: whatever the bytes, the answer is the same twice and for every window, and stays within its limits.

use super::Bytes;
use crate::bytes::{Absent, Budget, Input, InputStream, Limits, Sibling, Stream, Window};
use crate::format::compress::{Codec, ZFILE_PREFIX, decoder, zfile};
use crate::format::{self, Ctx, Keep, Parsed};
use crate::job::{self, Decision, Emit, Job, Observation, Outcome, Task};
use crate::model::{self, Data, Matrix, Model, Rows};
use crate::reason::{Code, Finding};
use crate::vocabulary::Vocabulary;
use std::io::Write;

/// Pieces in which parsers get the bytes.
pub(super) const WINDOWS: [usize; 4] = [usize::MAX, 1, 7, 4096];

/// Everything that a job tells of a file.
#[derive(Debug, Default, PartialEq)]
struct Told {
    findings: Vec<Finding>,
    observed: Vec<Observation>,
    outcome: Option<Outcome>,
    /// Files beside it that were asked for.
    asked: Vec<String>,
}

impl Emit for Told {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn observed(&mut self, observation: Box<Observation>) -> Decision {
        self.observed.push(*observation);
        Decision::Proceed
    }

    fn beside(&mut self, name: &str) -> Result<Sibling, Absent> {
        self.asked.push(name.to_owned());
        Err(Absent::Alone)
    }
}

/// Small limits, so that no input takes long; memory as everyone has it.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    for limit in ["decoded=4MiB", "values=1000000", "globals=1000"] {
        assert_eq!(limits.set(limit), Ok(()));
    }
    limits
}

fn judge(data: &[u8], window: usize) -> Told {
    judge_within(data, window, limits())
}

fn judge_within(data: &[u8], window: usize, limits: Limits) -> Told {
    let job = Job { task: Task::Judge, limits, allow: Vec::new(), allow_sets: Vec::new() };
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
    for (index, name) in told.asked.iter().enumerate() {
        let plain = !name.is_empty() && name != ".." && !name.contains(['/', '\\', '\0']);
        assert!(plain && !told.asked[..index].contains(name), "{name:?} is asked for");
    }
    for finding in &told.findings {
        assert!(!finding.message.is_empty() && !finding.why.is_empty() && !finding.next.is_empty(), "{finding:?}");
        assert!(!finding.message.chars().any(char::is_control), "{finding:?} is not escaped");
    }
}

/// A file under limits that its first bytes lower: it is judged as it is under wide ones, or a limit refuses it. So no memory that
/// is not there, and no count that is too high, makes another verdict.
pub fn limited(data: &[u8]) {
    let mut choices = Bytes::new(data);
    let mut narrow = limits();
    for name in ["memory", "values", "depth", "nested", "globals", "decoded", "file"] {
        let (which, value) = (choices.byte(), u64::from(choices.number()));
        if which & 3 == 0 {
            assert_eq!(narrow.set(&format!("{name}={}", value << (which >> 4))), Ok(()));
        }
    }
    let file = choices.rest();
    let told = judge_within(file, usize::MAX, narrow.clone());
    assert_eq!(judge_within(file, 7, narrow), told, "the answer depends on the window");
    if !told.findings.iter().any(|finding| finding.code == Code::LimitExceeded) {
        assert_eq!(told, judge(file, usize::MAX), "a limit that was not met changes the answer");
    }
}

/// A file of joblib before 0.10: `ZF`, a length that may be wrong, zlib; in it wrappers whose arrays stand in files beside it.
pub(super) fn old_joblib(data: &mut Bytes<'_>) -> Vec<u8> {
    const WRAPPER: &[u8] =
        b"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}(U\x08filenameU\x08m_01.npyU\x08subclasscnumpy\nndarray\nub";
    const STUFF: &[u8] = b"cjoblib.numpy_pickle\nZNDArrayWrapper\n)\x81}(U\x08filenameU\x0am_01.npy.zU\x09init_args(cnumpy\nndarray\nK\x00\x85U\x01btU\x05state(K\x01K\x03\x85NNtub";
    let mut damage = Bytes::new(data.take(12));
    let (choice, lie) = (damage.byte(), damage.byte());
    let mut pickle = match choice & 3 {
        0 => [b"\x80\x02", WRAPPER, b"."].concat(),
        1 => [b"\x80\x02(", WRAPPER, STUFF, b"l."].concat(),
        2 => [b"\x80\x02}(K\x01", STUFF, b"u."].concat(),
        _ => super::plan::pickle(data),
    };
    if choice & 4 != 0 {
        data.damage(&mut pickle);
    }
    let length = pickle.len() as u64 + u64::from(lie & 1);
    let pad = if lie & 2 == 0 { 19 } else { usize::from(lie >> 3) };
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let packed = encoder.write_all(&pickle).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut file = [format!("ZF{:pad$}", format!("{length:#x}")).into_bytes(), packed].concat();
    if choice & 8 != 0 {
        damage.damage(&mut file);
    }
    file
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
