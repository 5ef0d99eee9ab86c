//! Either side of the talk, fed with arbitrary packets (`crate::fuzz`).

use super::conversation::{Breach, Conversation, Step};
use super::protocol::{self, FromWorker, Listener, NAME, NOTES, TEXT, ToWorker};
use crate::fuzz::Bytes;
use crate::job::{Assurance, Decision, Failure, FailureKind, Observation, Outcome, Written};
use crate::manifest::{Arrays, Content, Observed, Schema};
use crate::reason::{Code, Finding};
use serde_bytes::ByteBuf;

/// The parent's side: whatever comes, what it hands on keeps the promises of [`Conversation`].
pub(crate) fn parent(data: &[u8]) {
    let packets = packets(data);
    let said = listen(&packets);
    assert_eq!(said, listen(&packets), "the same words mean the same");
    let (mut notes, mut observed, mut over) = (0, false, false);
    let mut asked = std::collections::BTreeSet::new();
    for step in said.iter().filter_map(|step| step.as_ref().ok()) {
        assert!(!over, "words behind the end");
        match step {
            Step::Piece => {}
            Step::Beside(name) => {
                assert!(!observed && notes == 0, "a question for a file behind the reading");
                assert!(name.len() <= NAME && asked.insert(name), "a long name, or one asked for twice");
            }
            Step::Note(finding) => {
                notes += 1;
                assert!(notes <= NOTES);
                for text in
                    [Some(&finding.message), finding.place.as_ref(), finding.name.as_ref()].into_iter().flatten()
                {
                    assert!(text.len() <= TEXT && !text.chars().any(char::is_control), "{text:?}");
                }
            }
            Step::Observed(_) => {
                assert!(!observed && notes == 0, "an observation of a refused file, or a second one");
                observed = true;
            }
            Step::Judged(_) => {
                assert!(!observed && notes == 0, "a judgement behind other words");
                over = true;
            }
            Step::End(outcome) => {
                over = true;
                match outcome {
                    Outcome::Done { .. } => assert!(observed && notes == 0, "done without an observation"),
                    Outcome::Refused { .. } => assert!(notes > 0, "refused without a reason"),
                    Outcome::Stopped => assert!(observed, "stopped before anything could be decided"),
                    Outcome::Failed(failure) => assert!(failure.message.len() <= TEXT),
                }
            }
        }
    }
}

/// What comes of packets, up to the first breach: the parent ends a worker that breaks the protocol.
fn listen(packets: &[(u8, Vec<u8>)]) -> Vec<Result<Step, Breach>> {
    let mut talk = Conversation::new(packets.len().is_multiple_of(2));
    let (mut listener, mut said) = (Listener::default(), Vec::new());
    for (kind, packet) in packets {
        let step = listener.word(packet).map_err(Breach::from).and_then(|word| talk.word(word));
        if talk.waits() {
            talk.decided(if kind & 0x80 == 0 { Decision::Proceed } else { Decision::Stop });
        }
        let breach = step.is_err();
        said.push(step);
        if breach {
            break;
        }
    }
    said
}

/// Packets of arbitrary bytes, or of words that hold them.
fn packets(data: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut data = Bytes::new(data);
    let mut packets = Vec::new();
    while !data.is_empty() && packets.len() < 64 {
        let kind = data.byte();
        let length = if kind & 0x10 == 0 { usize::from(data.byte()) } else { usize::from(data.number()) };
        let bytes = data.take(length);
        let text = || String::from_utf8_lossy(bytes).into_owned();
        let word = match kind % 8 {
            0 => {
                packets.push((kind, bytes.to_vec()));
                continue;
            }
            1 => FromWorker::Part(ByteBuf::from(bytes)),
            2 => FromWorker::Part(ByteBuf::from(protocol::encode(&observation(text())).unwrap_or_default())),
            3 => FromWorker::Part(ByteBuf::from(protocol::encode(&outcome(bytes, text())).unwrap_or_default())),
            4 => FromWorker::Observed(ByteBuf::from(protocol::encode(&observation(text())).unwrap_or_default())),
            5 if kind & 0x20 != 0 => FromWorker::Beside(text()),
            6 if kind & 0x20 != 0 => FromWorker::Judgements(vec![ByteBuf::from(bytes); 2]),
            6 => FromWorker::Judged(Box::new(observation(text()))),
            5 => FromWorker::End(ByteBuf::from(protocol::encode(&outcome(bytes, text())).unwrap_or_default())),
            _ => {
                let code = Code::ALL.get(bytes.len() % Code::ALL.len().max(1)).copied().unwrap_or(Code::Malformed);
                FromWorker::Note(Finding::new(if kind & 0x20 == 0 { Code::Malformed } else { code }, text()))
            }
        };
        let mut packet = protocol::encode(&word).unwrap_or_default();
        if kind & 0x40 != 0 {
            data.damage(&mut packet);
        }
        packets.push((kind, packet));
    }
    packets
}

fn observation(text: String) -> Observation {
    let content = Content {
        format: text,
        compressors: Vec::new(),
        protocols: vec![4],
        pickles: 1,
        names: Vec::new(),
        arrays: Arrays::default(),
    };
    Observation {
        observed: Observed { content, schema: Schema::default() },
        summary: Default::default(),
        assurance: Assurance::Shapes,
    }
}

fn outcome(bytes: &[u8], text: String) -> Outcome {
    match bytes.first().copied().unwrap_or(0) % 5 {
        0 => Outcome::Done { written: Written::default() },
        1 => Outcome::Done { written: Written { notes: vec![text], ..Written::default() } },
        2 => Outcome::Refused { more: bytes.len() as u64 },
        3 => Outcome::Stopped,
        _ => Outcome::Failed(Failure { kind: FailureKind::Usage, message: text, next: String::new() }),
    }
}

/// The worker's side: what is not exactly an order of its parent ends the talk.
#[cfg(target_os = "linux")]
pub(crate) fn worker(data: &[u8]) {
    let packets = orders(data);
    let read = || super::worker::read_orders(&packets).unwrap_or_default();
    let served = read();
    assert_eq!(served, read(), "the same orders mean the same");
    for order in served {
        let bytes = protocol::encode(&order).unwrap_or_default();
        assert_eq!(protocol::decode(&bytes), Ok(order), "an order has one spelling");
    }
}

/// Packets of arbitrary bytes, or of words that hold them, as a parent would send them.
#[cfg(target_os = "linux")]
fn orders(data: &[u8]) -> Vec<Vec<u8>> {
    use super::protocol::{Bundle, Bundled, Carried, Order, Pin};
    use crate::bytes::ChunkTable;
    use crate::job::{Job, Task};
    let mut data = Bytes::new(data);
    let mut packets = Vec::new();
    while !data.is_empty() && packets.len() < 16 {
        let kind = data.byte();
        let length = usize::from(data.byte());
        let bytes = data.take(length);
        let order = || Order {
            job: Some(Job {
                task: Task::Judge,
                limits: Default::default(),
                allow: vec![String::from_utf8_lossy(bytes).into_owned()],
                allow_sets: Vec::new(),
            }),
            size: length as u64,
            pin: Pin::Once,
        };
        let word = match kind % 7 {
            0 => {
                packets.push(bytes.to_vec());
                continue;
            }
            1 => ToWorker::Part(ByteBuf::from(bytes)),
            2 | 3 => ToWorker::Part(ByteBuf::from(protocol::encode(&order()).unwrap_or_default())),
            4 => ToWorker::Begin {
                order: ByteBuf::from(protocol::encode(&order()).unwrap_or_default()),
                rows: kind & 0x10 != 0,
                out: kind & 0x20 != 0,
            },
            5 => ToWorker::Bundle(Bundle {
                together: kind & 0x20 != 0,
                job: order().job.filter(|_| kind & 0x10 != 0),
                files: bytes
                    .chunks(usize::from(kind >> 5) + 1)
                    .map(|bytes| match ChunkTable::new(bytes.len() as u64, vec![7; 32]) {
                        Some(table) if bytes.first().is_some_and(|first| first % 2 == 1) => {
                            Bundled { pin: Pin::Signed(table), carried: Carried::Opened(bytes.len() as u64) }
                        }
                        _ => Bundled { pin: Pin::Once, carried: Carried::Bytes(ByteBuf::from(bytes)) },
                    })
                    .collect(),
            }),
            _ => ToWorker::Decide(Decision::Proceed),
        };
        let mut packet = protocol::encode(&word).unwrap_or_default();
        if kind & 0x40 != 0 {
            data.damage(&mut packet);
        }
        packets.push(packet);
    }
    packets
}
