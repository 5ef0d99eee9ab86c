//! What the fuzz targets check, as functions: each target is three lines, and `cargo test` replays its seeds here.
//!
//! Every function panics if a promise is broken; returning says nothing more than that none was.

use crate::bytes::{Input, Limits, StreamFault};
use crate::format::compress::{Codec, decoder};
use crate::job::{self, Decision, Emit, Job, Observation, Outcome, Task};
use crate::manifest::Manifest;
use crate::reason::{Code, Finding};
use crate::seal::{HmacKey, Keyring, Sealed};

mod opcodes;

pub use opcodes::legal;

/// Sizes of the pieces in which input is read: the answer must not depend on them.
const WINDOWS: [usize; 3] = [1, 4096, usize::MAX];
/// Longest input of which every window is tried.
const LONG: usize = 1 << 20;

/// What a job told, and how it ended.
#[derive(Debug, PartialEq)]
struct Answer {
    findings: Vec<Finding>,
    observation: Option<Observation>,
    outcome: Outcome,
}

impl Emit for Answer {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn observed(&mut self, observation: &Observation) -> Decision {
        self.observation = Some(observation.clone());
        Decision::Proceed
    }
}

fn judge(data: &[u8], window: usize) -> Answer {
    let mut limits = Limits::default();
    for limit in ["decoded=64MiB", "memory=32MiB"] {
        assert!(limits.set(limit).is_ok());
    }
    let job = Job { task: Task::Judge, limits, allow: Vec::new() };
    let mut answer = Answer { findings: Vec::new(), observation: None, outcome: Outcome::Stopped };
    answer.outcome = job::run(&job, Input::from_bytes(data, window), None, None, &mut answer);
    answer
}

/// The machine, and every format that a file can be in: the same answer whatever the window, and always one of two: refused
/// with a reason, or accepted with an observation.
pub fn machine(data: &[u8]) {
    let whole = judge(data, usize::MAX);
    match &whole.outcome {
        Outcome::Done { .. } => assert!(whole.findings.is_empty() && whole.observation.is_some(), "{whole:?}"),
        Outcome::Refused { .. } => assert!(!whole.findings.is_empty(), "refused without a reason"),
        other => panic!("neither accepted nor refused: {other:?}"),
    }
    for finding in &whole.findings {
        assert!(!finding.message.is_empty() && !finding.why.is_empty() && !finding.next.is_empty(), "{finding:?}");
        assert!(!finding.message.chars().any(char::is_control), "{finding:?} is not escaped");
    }
    if data.len() <= LONG {
        for window in WINDOWS {
            assert_eq!(judge(data, window), whole, "window {window}");
        }
    }
}

/// The machine on mostly legal opcodes, which `data` chooses.
pub fn machine_ops(data: &[u8]) {
    machine(&legal(data));
}

/// Decompression: any bytes as each compressor's, with the same bytes and the same end whatever the window.
pub fn joblib(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let codec = Codec::ALL[usize::from(*first) % Codec::ALL.len()];
    // Half of the inputs get the right magic number, so that more than the first check is met.
    let prefixed = [codec.prefix(), rest].concat();
    let bytes = if *first < 128 { &prefixed } else { rest };
    let whole = decode(codec, bytes, usize::MAX);
    for window in WINDOWS {
        assert_eq!(decode(codec, bytes, window), whole, "window {window}");
    }
    machine(bytes);
}

fn decode(codec: Codec, bytes: &[u8], window: usize) -> (Vec<u8>, Option<String>) {
    const MOST: u64 = 4 << 20;
    let mut input = Input::from_bytes(bytes, window);
    let stream = Box::new(crate::bytes::InputStream::new(&mut input));
    let mut stream = decoder(codec, stream, 0, MOST, crate::bytes::Window::default());
    let mut decoded = Vec::new();
    loop {
        let piece = match stream.fill() {
            Ok([]) => return (decoded, None),
            Ok(piece) => piece,
            Err(fault @ (StreamFault::Damaged { .. } | StreamFault::Trailing { .. } | StreamFault::Limit(_))) => {
                return (decoded, Some(fault.to_string()));
            }
            Err(fault) => panic!("bytes in memory can be read: {fault}"),
        };
        decoded.extend_from_slice(piece);
        assert!(decoded.len() as u64 <= MOST, "more came out than the limit");
        let length = piece.len();
        stream.consume(length);
    }
}

/// Seals: what is accepted is encoded in exactly one way, and no edit of a valid seal is accepted.
pub fn seal(data: &[u8]) {
    if let Ok(sealed) = Sealed::decode(data) {
        let manifest = sealed.unverified_manifest();
        if let Ok(decoded) = Manifest::decode(manifest) {
            assert_eq!(decoded.encode().ok().as_deref(), Some(manifest), "two encodings of one manifest");
        }
    }
    let _ = Manifest::decode(data).map(|decoded| assert_eq!(decoded.encode().ok().as_deref(), Some(data)));

    let key = || HmacKey::from_bytes(&[7; 32]).ok();
    let Some(valid) = key().and_then(|key| crate::seal::mac(b"a manifest", &key).ok()) else {
        panic!("a seal can be made")
    };
    let mut trusted = Keyring::default();
    key().map(|key| trusted.share(key));
    assert!(Sealed::decode(&valid).is_ok_and(|sealed| sealed.verify(&trusted).is_ok()), "the valid seal is accepted");
    let edited = edit(&valid, data);
    if edited != valid {
        let accepted = Sealed::decode(&edited).is_ok_and(|sealed| sealed.verify(&trusted).is_ok());
        assert!(!accepted, "an edited seal is accepted: {edited:x?}");
    }
}

/// `valid`, edited as `data` says: pairs of a position and a byte, then what is put at the end.
fn edit(valid: &[u8], data: &[u8]) -> Vec<u8> {
    let mut edited = valid.to_vec();
    let (edits, tail) = data.split_at(data.len().min(8));
    for edit in edits.chunks_exact(2) {
        let at = usize::from(edit[0]) % edited.len();
        edited[at] ^= edit[1];
    }
    let keep = tail.first().map_or(edited.len(), |cut| edited.len() - usize::from(*cut) % edited.len());
    edited.truncate(keep);
    edited.extend_from_slice(tail.get(1..).unwrap_or_default());
    edited
}

/// Messages between parent and worker: whatever comes, the parent ends with an answer or a breach, and never hands on a
/// finding that is not the worker's to make.
pub fn worker_messages(data: &[u8]) {
    #[cfg(target_os = "linux")]
    for finding in crate::sandbox::fuzz_conversation(data) {
        assert!(!matches!(finding.code, Code::BadSignature | Code::Unsigned | Code::WrongModel), "{finding:?}");
        assert!(!finding.message.chars().any(char::is_control), "{finding:?} is not escaped");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (data, Code::ALL);
}
