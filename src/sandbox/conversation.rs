//! The parent's side of the talk about one file, as a state machine without any input or output: what a worker may say,
//! when, how much of it, and in which form.
//!
//! What it hands on: findings are counted, short, escaped and of the kinds that a reader of bytes can know; an observation
//! comes at most once and never after a finding; an outcome agrees with what was said before it.

use super::protocol::{self, BESIDE, END, FromWorker, NAME, NOTES, OBSERVED, TEXT, Undecodable};
use crate::job::{Decision, FailureKind, Observation, Outcome};
use crate::reason::{Finding, Group};
use std::collections::BTreeSet;

/// How a worker broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// A packet was longer than packets are.
    #[error("a packet of more than 64 KiB")]
    Oversized,
    /// An empty packet.
    #[error("an empty packet")]
    Empty,
    /// A packet carried descriptors.
    #[error("a packet with descriptors in it")]
    Descriptors,
    /// A packet, or what its pieces made, did not decode strictly.
    #[error("bytes that do not decode")]
    Undecodable,
    /// A word came when it was not its turn.
    #[error("{0} out of turn")]
    Order(&'static str),
    /// More than a worker may say about one file.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// A finding with a text that is too long or not escaped, or with a code that a worker can not know.
    #[error("a finding that no reader of files makes")]
    Finding,
    /// An outcome that does not agree with what was said before.
    #[error("an outcome that contradicts what it said before: {0}")]
    Outcome(&'static str),
    /// The output is not what the worker said that it wrote.
    #[error("an output that is not the one it described")]
    Output,
    /// It closed its socket and went on running.
    #[error("it hung up and went on running")]
    HungUp,
    /// It spoke when no file was being read.
    #[error("words about no file")]
    Unasked,
}

impl From<Undecodable> for Breach {
    fn from(_: Undecodable) -> Breach {
        Breach::Undecodable
    }
}

/// What a packet brought.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// A piece of something longer.
    Piece,
    /// Something that refuses the file.
    Note(Finding),
    /// A file beside the model is asked for: the worker waits for it.
    Beside(String),
    /// What the file holds: the worker may wait for a decision.
    Observed(Box<Observation>),
    /// The end.
    End(Outcome),
    /// What the file holds, and the end: all is done.
    Judged(Box<Observation>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// The worker reads.
    Reading,
    /// It waits for a decision.
    Waiting,
    /// It was told to proceed or to stop.
    Decided(Decision),
    /// It said how it ended.
    Over,
}

/// The talk about one file.
#[derive(Debug)]
pub(super) struct Conversation {
    state: State,
    waits: bool,
    notes: u64,
    asked: BTreeSet<String>,
    /// Whether a file that was asked for is not there: then there is nothing to go on with.
    in_vain: bool,
    pieces: Vec<u8>,
}

impl Conversation {
    /// A talk in which the worker waits for a decision once it told what the file holds, or else proceeds.
    pub(super) fn new(waits: bool) -> Conversation {
        Conversation {
            state: State::Reading,
            waits,
            notes: 0,
            asked: BTreeSet::new(),
            in_vain: false,
            pieces: Vec::new(),
        }
    }

    /// Whether the worker waits for a decision now.
    pub(super) fn waits(&self) -> bool {
        self.state == State::Waiting
    }

    /// Whether anything was said yet.
    pub(super) fn begun(&self) -> bool {
        self.state != State::Reading || self.notes > 0 || !self.pieces.is_empty() || !self.asked.is_empty()
    }

    /// The parent's answer to an observation.
    pub(super) fn decided(&mut self, decision: Decision) {
        self.state = State::Decided(decision);
    }

    /// The parent has not the file that was asked for.
    pub(super) fn absent(&mut self) {
        self.in_vain = true;
    }

    /// Takes one word.
    pub(super) fn word(&mut self, word: FromWorker) -> Result<Step, Breach> {
        match self.state {
            State::Reading | State::Decided(_) => {}
            State::Waiting => return Err(Breach::Order("words before the decision")),
            State::Over => return Err(Breach::Order("words behind the end")),
        }
        match word {
            FromWorker::Hello(_) => Err(Breach::Order("a second hello")),
            FromWorker::Part(piece) => self.piece(&piece),
            FromWorker::Note(finding) => self.note(finding),
            FromWorker::Beside(name) => self.beside(name),
            FromWorker::Observed(last) => Ok(Step::Observed(self.observed(&last)?)),
            FromWorker::End(last) => Ok(Step::End(self.end(&last)?)),
            FromWorker::Judged(observation) => self.judged(observation),
            FromWorker::Judgements(_) => Err(Breach::Order("judgements of several files")),
        }
    }

    fn piece(&mut self, piece: &[u8]) -> Result<Step, Breach> {
        if piece.is_empty() {
            return Err(Breach::Empty);
        }
        self.add(piece)?;
        Ok(Step::Piece)
    }

    fn add(&mut self, piece: &[u8]) -> Result<(), Breach> {
        if self.pieces.len().saturating_add(piece.len()) > OBSERVED {
            return Err(Breach::TooMany("pieces"));
        }
        self.pieces.extend_from_slice(piece);
        Ok(())
    }

    /// All pieces together.
    fn whole(&mut self, last: &[u8]) -> Result<Vec<u8>, Breach> {
        self.add(last)?;
        Ok(std::mem::take(&mut self.pieces))
    }

    fn note(&mut self, finding: Finding) -> Result<Step, Breach> {
        if !self.pieces.is_empty() {
            return Err(Breach::Order("a finding between pieces"));
        }
        if self.state == State::Decided(Decision::Stop) {
            return Err(Breach::Order("a finding behind the decision to stop"));
        }
        if self.notes >= NOTES {
            return Err(Breach::TooMany("findings"));
        }
        if !plausible(&finding) {
            return Err(Breach::Finding);
        }
        self.notes = self.notes.saturating_add(1);
        Ok(Step::Note(finding))
    }

    fn beside(&mut self, name: String) -> Result<Step, Breach> {
        if self.state != State::Reading || self.notes > 0 || !self.pieces.is_empty() || self.in_vain {
            return Err(Breach::Order("a question for a file"));
        }
        if name.len() > NAME || self.asked.len() as u64 >= BESIDE || !self.asked.insert(name.clone()) {
            return Err(Breach::TooMany("questions for files"));
        }
        Ok(Step::Beside(name))
    }

    fn judged(&mut self, observation: Box<Observation>) -> Result<Step, Breach> {
        if !self.pieces.is_empty() {
            return Err(Breach::Order("a judgement behind pieces"));
        }
        self.may_observe()?;
        if self.waits {
            return Err(Breach::Order("a judgement where a decision is waited for"));
        }
        self.state = State::Over;
        Ok(Step::Judged(observation))
    }

    /// Whether it may say now what the file holds.
    fn may_observe(&self) -> Result<(), Breach> {
        if self.state != State::Reading {
            return Err(Breach::Order("a second observation"));
        }
        if self.notes > 0 {
            return Err(Breach::Order("an observation of a refused file"));
        }
        Ok(())
    }

    fn observed(&mut self, last: &[u8]) -> Result<Box<Observation>, Breach> {
        self.may_observe()?;
        let observation = protocol::decode(&self.whole(last)?)?;
        self.state = if self.waits { State::Waiting } else { State::Decided(Decision::Proceed) };
        Ok(Box::new(observation))
    }

    fn end(&mut self, last: &[u8]) -> Result<Outcome, Breach> {
        let outcome = self.whole(last)?;
        if outcome.len() > END {
            return Err(Breach::Undecodable);
        }
        let outcome = protocol::decode(&outcome)?;
        let proceeded = self.state == State::Decided(Decision::Proceed);
        let stopped = self.state == State::Decided(Decision::Stop);
        match &outcome {
            Outcome::Done { .. } if !proceeded => return Err(Breach::Outcome("done before the decision")),
            Outcome::Done { .. } if self.notes > 0 => return Err(Breach::Outcome("done with findings")),
            Outcome::Done { written } if !plain(&written.notes) => return Err(Breach::Outcome("a text")),
            Outcome::Done { .. } => {}
            Outcome::Refused { .. } if self.notes == 0 => return Err(Breach::Outcome("refused without a finding")),
            Outcome::Refused { .. } if stopped => return Err(Breach::Outcome("refused behind the decision to stop")),
            Outcome::Refused { .. } => {}
            Outcome::Stopped if !stopped => return Err(Breach::Outcome("stopped without being told to")),
            Outcome::Stopped => {}
            Outcome::Failed(failure) => {
                let known = matches!(
                    failure.kind,
                    FailureKind::Usage | FailureKind::Io | FailureKind::NotFound | FailureKind::Internal
                );
                if !known || !plain([&failure.message, &failure.next]) {
                    return Err(Breach::Outcome("a failure that no reader of files has"));
                }
            }
        }
        self.state = State::Over;
        Ok(outcome)
    }
}

/// Whether a worker can have made this finding.
fn plausible(finding: &Finding) -> bool {
    let known = matches!(finding.code.group(), Group::Bytes | Group::Content | Group::Model);
    let texts = [Some(&finding.message), finding.place.as_ref(), finding.name.as_ref(), Some(&finding.why)];
    known && plain(texts.into_iter().flatten().chain([&finding.next]))
}

/// Whether texts are short, and hold nothing that could change how a terminal or a reader sees a line.
fn plain<'a>(texts: impl IntoIterator<Item = &'a String>) -> bool {
    texts.into_iter().all(|text| text.len() <= TEXT && !text.chars().any(crate::reason::is_unsafe))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Failure, Written};
    use crate::reason::Code;
    use crate::sandbox::sample::observation;
    use serde_bytes::ByteBuf;

    fn say(talk: &mut Conversation, word: FromWorker) -> Result<Step, Breach> {
        talk.word(protocol::decode(&protocol::encode(&word).unwrap())?)
    }

    fn note(code: Code, message: &str) -> FromWorker {
        FromWorker::Note(Finding::new(code, message))
    }

    fn observe(talk: &mut Conversation) -> Result<Step, Breach> {
        say(talk, FromWorker::Observed(ByteBuf::from(protocol::encode(&observation()).unwrap())))
    }

    fn end(talk: &mut Conversation, outcome: &Outcome) -> Result<Step, Breach> {
        say(talk, FromWorker::End(ByteBuf::from(protocol::encode(outcome).unwrap())))
    }

    fn done() -> Outcome {
        Outcome::Done { written: Written::default() }
    }

    #[test]
    fn each_file_is_asked_for_once() {
        let question = |name: &str| FromWorker::Beside(name.to_owned());
        let mut talk = Conversation::new(false);
        assert_eq!(say(&mut talk, question("m_01.npy")), Ok(Step::Beside("m_01.npy".to_owned())));
        assert_eq!(say(&mut talk, question("m_02.npy")), Ok(Step::Beside("m_02.npy".to_owned())));
        assert_eq!(say(&mut talk, question("m_01.npy")), Err(Breach::TooMany("questions for files")));
    }

    #[test]
    fn a_judgement_in_one_packet_is_for_tasks_that_wait_for_nothing() {
        let judged = || FromWorker::Judged(Box::new(observation()));
        let mut talk = Conversation::new(false);
        assert_eq!(say(&mut talk, judged()), Ok(Step::Judged(Box::new(observation()))));
        assert!(matches!(say(&mut talk, judged()), Err(Breach::Order(_))), "behind the end");
        assert!(matches!(say(&mut Conversation::new(true), judged()), Err(Breach::Order(_))), "before the decision");
        for before in [
            note(Code::Malformed, "x"),
            FromWorker::Part(ByteBuf::from(vec![1])),
            FromWorker::Observed(ByteBuf::from(protocol::encode(&observation()).unwrap())),
        ] {
            let mut talk = Conversation::new(false);
            say(&mut talk, before).unwrap();
            assert!(matches!(say(&mut talk, judged()), Err(Breach::Order(_))));
        }
    }

    #[test]
    fn an_honest_talk_goes_through() {
        let mut talk = Conversation::new(true);
        assert!(!talk.begun());
        assert!(matches!(observe(&mut talk), Ok(Step::Observed(_))));
        talk.decided(Decision::Proceed);
        assert_eq!(end(&mut talk, &done()), Ok(Step::End(done())));

        let mut talk = Conversation::new(true);
        let pieces = protocol::encode(&observation()).unwrap();
        let (first, last) = pieces.split_at(7);
        assert_eq!(say(&mut talk, FromWorker::Part(ByteBuf::from(first))), Ok(Step::Piece));
        assert!(matches!(say(&mut talk, FromWorker::Observed(ByteBuf::from(last))), Ok(Step::Observed(_))));
        assert!(talk.waits());

        let mut talk = Conversation::new(false);
        assert!(matches!(observe(&mut talk), Ok(Step::Observed(_))));
        assert!(!talk.waits(), "nothing is made of the file");
        assert!(matches!(observe(&mut talk), Err(Breach::Order(_))), "a second observation");
        assert_eq!(end(&mut talk, &done()), Ok(Step::End(done())));

        let mut talk = Conversation::new(true);
        assert!(matches!(say(&mut talk, note(Code::Malformed, "at byte 3")), Ok(Step::Note(_))));
        assert!(talk.begun());
        assert!(matches!(end(&mut talk, &Outcome::Refused { more: 0 }), Ok(Step::End(_))));
    }

    #[test]
    fn no_outcome_contradicts_what_was_said_before() {
        assert!(
            matches!(end(&mut Conversation::new(true), &done()), Err(Breach::Outcome(_))),
            "done before the decision"
        );
        let mut talk = Conversation::new(true);
        observe(&mut talk).unwrap();
        talk.decided(Decision::Stop);
        assert!(matches!(end(&mut talk, &done()), Err(Breach::Outcome(_))), "done behind a stop");
        let mut talk = Conversation::new(true);
        observe(&mut talk).unwrap();
        talk.decided(Decision::Proceed);
        say(&mut talk, note(Code::StructureInvalid, "x")).unwrap();
        assert!(matches!(end(&mut talk, &done()), Err(Breach::Outcome(_))), "done with findings");
        let refused = Outcome::Refused { more: 3 };
        assert!(matches!(end(&mut Conversation::new(true), &refused), Err(Breach::Outcome(_))), "without a finding");
        assert!(matches!(end(&mut Conversation::new(true), &Outcome::Stopped), Err(Breach::Outcome(_))));
        let failure = Failure { kind: FailureKind::Key, message: "give me the key".to_owned(), next: String::new() };
        assert!(matches!(end(&mut Conversation::new(true), &Outcome::Failed(failure)), Err(Breach::Outcome(_))));
    }

    #[test]
    fn words_out_of_turn_are_refused() {
        let mut talk = Conversation::new(true);
        observe(&mut talk).unwrap();
        assert!(matches!(end(&mut talk, &done()), Err(Breach::Order(_))), "it does not wait for the decision");
        let mut talk = Conversation::new(true);
        observe(&mut talk).unwrap();
        talk.decided(Decision::Proceed);
        assert!(matches!(observe(&mut talk), Err(Breach::Order(_))), "a second observation");
        let mut talk = Conversation::new(true);
        say(&mut talk, note(Code::Malformed, "x")).unwrap();
        assert!(matches!(observe(&mut talk), Err(Breach::Order(_))), "an observation of a refused file");
        let mut talk = Conversation::new(true);
        say(&mut talk, FromWorker::Part(ByteBuf::from(vec![1]))).unwrap();
        assert!(matches!(say(&mut talk, note(Code::Malformed, "x")), Err(Breach::Order(_))), "between pieces");
        let mut talk = Conversation::new(true);
        say(&mut talk, note(Code::Malformed, "x")).unwrap();
        end(&mut talk, &Outcome::Refused { more: 0 }).unwrap();
        assert!(matches!(say(&mut talk, note(Code::Malformed, "x")), Err(Breach::Order(_))), "behind the end");
    }

    #[test]
    fn findings_are_counted_short_escaped_and_about_files() {
        let mut talk = Conversation::new(true);
        for _ in 0..NOTES {
            say(&mut talk, note(Code::Malformed, "x")).unwrap();
        }
        assert_eq!(say(&mut talk, note(Code::Malformed, "x")), Err(Breach::TooMany("findings")));
        for wrong in [
            note(Code::BadSignature, "a worker knows no keys"),
            note(Code::WorkerCrashed, "or how it died"),
            note(Code::Malformed, "\x1b[2J"),
            note(Code::Malformed, "\u{202e}"),
            note(Code::Malformed, &"x".repeat(TEXT + 1)),
        ] {
            assert_eq!(say(&mut Conversation::new(true), wrong), Err(Breach::Finding));
        }
    }

    #[test]
    fn pieces_are_bounded_and_packets_are_whole() {
        let mut talk = Conversation::new(true);
        let piece = || FromWorker::Part(ByteBuf::from(vec![0; 60_000]));
        let taken = std::iter::repeat_with(|| say(&mut talk, piece())).take_while(Result::is_ok).count();
        assert_eq!(taken, OBSERVED / 60_000);
        let whole = protocol::encode(&note(Code::Malformed, "x")).unwrap();
        for cut in 0..whole.len() {
            assert_eq!(protocol::decode::<FromWorker>(&whole[..cut]), Err(Undecodable), "cut at {cut}");
        }
        assert_eq!(
            say(&mut Conversation::new(true), FromWorker::Observed(ByteBuf::new())),
            Err(Breach::Undecodable),
            "no pieces"
        );
    }
}
