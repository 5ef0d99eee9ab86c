//! The trace of a file against what Python's own readers did with it: `tests/interop/oracle_child.py` records those, a driver
//! (`tests/interop/differential.rs`) brings both together.
//!
//! - P1: what is accepted has the same trace, and their reader comes to the end, after as many opcodes.
//! - P2: what is refused by policy has the same trace up to where it was refused, in one of their readers; another one may have
//!   stopped before.
//! - P3: what is refused for its form is refused by their reader too, at the same opcode or before; or the rule that it breaks
//!   is one of the closed list [`Strictness`], and the traces are the same as far as both go.

use crate::bytes::{Budget, Input, Limits, StreamFault};
use crate::format::{self, Act, Consumer, Ctx, Fault, Keep, Parsed, Strictness};
use crate::graph::{Name, NameId};
use crate::vocabulary::{self, Role, Vocabulary};
use serde::Deserialize;
use std::sync::LazyLock;

/// Classes that stand for an array whose elements follow: a file with one of them is read by joblib alone.
const WRAPPERS: [&str; 2] =
    ["joblib.numpy_pickle.NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper"];

/// With every named set, so that more is accepted and compared to its end.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let sets: Vec<String> = vocabulary::sets().map(str::to_owned).collect();
    Vocabulary::new(&[], &sets).unwrap_or_default()
});

/// An event and the name that it is about, as traces print them.
pub type Event = (String, String);

/// What one of Python's readers did with a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Answer {
    /// Which reader.
    pub reader: String,
    /// How many opcodes it began, if it can tell.
    pub opcodes: Option<u64>,
    /// What stopped it; nothing, if it came to the end of the file.
    pub error: Option<String>,
    /// What it did.
    pub events: Vec<Event>,
}

/// How coldload ended with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It read the file to its end, and nothing refuses it.
    Accepted,
    /// It refuses what the file would do, or cost.
    Policy(String),
    /// It refuses the file's form, and says so; by a rule that not all readers have.
    Form(String, Option<Strictness>),
}

/// What coldload says that Python would do with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The events, in order.
    pub events: Vec<Event>,
    /// How many opcodes were begun before the events ended.
    pub opcodes: u64,
    /// How it ended.
    pub end: End,
    /// Whether it is compressed; `None`, if it is no pickle: nothing else has a trace.
    pub compressed: Option<bool>,
}

/// What an agreement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// P1, P2, or P3 without a rule.
    Whole,
    /// Their reader reads on, by this rule.
    By(Strictness),
}

#[derive(Default)]
struct Recorder {
    events: Vec<Event>,
    opcodes: u64,
    /// Opcodes that were begun when the last event was told.
    told: u64,
}

impl Consumer for Recorder {
    fn event(&mut self, _: u64, act: Act, _: NameId, name: &Name) {
        self.told = self.opcodes + 1;
        self.events.push((act.text().to_owned(), name.dotted()));
    }

    fn opcode(&mut self, _: u64, head: &[u8], _: u64) {
        self.opcodes += u64::from(!head.is_empty());
    }
}

/// Offsets of a file's opcodes, if it is accepted and not compressed.
pub(super) fn opcodes(data: &[u8]) -> Vec<usize> {
    struct Offsets(Vec<usize>);
    impl Consumer for Offsets {
        fn event(&mut self, _: u64, _: Act, _: NameId, _: &Name) {}
        fn opcode(&mut self, at: u64, _: &[u8], _: u64) {
            self.0.extend(usize::try_from(at));
        }
    }
    let (mut offsets, mut parsed) = (Offsets(Vec::new()), Parsed::default());
    let mut input = Input::from_bytes(data, usize::MAX);
    let mut ctx = Ctx::new(&VOCABULARY, Budget::new(&Limits::default(), input.size()), Keep::Shapes, &mut offsets);
    ctx.list_opcodes = true;
    let read = format::read(&mut input, &mut ctx, &mut parsed);
    drop(ctx);
    if read.is_err() || parsed.compressor.is_some() { Vec::new() } else { offsets.0 }
}

/// What coldload says of a file.
pub fn trace(data: &[u8]) -> Trace {
    let (mut recorder, mut parsed) = (Recorder::default(), Parsed::default());
    let mut input = Input::from_bytes(data, usize::MAX);
    let mut ctx = Ctx::new(&VOCABULARY, Budget::new(&Limits::default(), input.size()), Keep::Shapes, &mut recorder);
    ctx.list_opcodes = true;
    let fault = format::read(&mut input, &mut ctx, &mut parsed).err();
    let refused = !ctx.suspects.is_empty();
    drop(ctx);
    let end = match &fault {
        // Behind a name that refuses the file there are no events: they end there, whatever else is wrong.
        _ if refused => End::Policy("a name".to_owned()),
        None => End::Accepted,
        Some(fault) if is_of_form(fault) => End::Form(fault.to_string(), fault.strictness()),
        Some(fault) => End::Policy(fault.to_string()),
    };
    let compressed = (parsed.container.is_none() && !data.starts_with(b"PK")).then_some(parsed.compressor.is_some());
    let opcodes = if refused { recorder.told } else { recorder.opcodes };
    Trace { events: squeezed(recorder.events), opcodes, end, compressed }
}

fn is_of_form(fault: &Fault) -> bool {
    match fault {
        Fault::Malformed { .. } | Fault::Archive(_) => true,
        // What is no pickle because it asks for something from outside is refused for that.
        Fault::Trailing { because, .. } | Fault::Unknown { because } => {
            because.as_ref().is_none_or(|fault| is_of_form(fault))
        }
        Fault::LineEndBehind { because, .. } => is_of_form(because),
        Fault::Stream(fault) => matches!(fault, StreamFault::Damaged { .. } | StreamFault::Trailing { .. }),
        _ => false,
    }
}

/// The same with runs of one object's `setitem`, or `add`, made one: the C reader tells each item.
fn squeezed(mut events: Vec<Event>) -> Vec<Event> {
    events.dedup_by(|event, before| event == before && matches!(event.0.as_str(), "setitem" | "add"));
    events
}

/// Compares a trace with what one reader after the other did.
///
/// # Errors
///
/// With what is not the same.
pub fn compare(ours: &Trace, theirs: &[Answer]) -> Result<Agreement, String> {
    let is_wrapper = |event: &Event| WRAPPERS.contains(&event.1.as_str());
    let joblib = |answer: &&Answer| answer.reader.starts_with("joblib");
    let joblibs = ours.events.iter().any(is_wrapper)
        || theirs.iter().filter(joblib).any(|answer| answer.events.iter().any(is_wrapper));
    let (mut agreement, mut whole, mut shorter) = (Agreement::Whole, false, None);
    for answer in theirs {
        let answer = Answer { events: squeezed(answer.events.clone()), ..answer.clone() };
        let usual = answer.reader.starts_with("joblib") || !joblibs;
        let compared = if usual { agree(ours, &answer) } else { fetches_nothing_dangerous(ours, &answer) };
        match compared {
            Ok(Agreement::Whole) => whole |= usual,
            Ok(by) => agreement = by,
            Err(difference) => {
                let difference = format!("{}: {difference}", answer.reader);
                let earlier = answer.error.is_some() && ours.events.starts_with(&answer.events);
                if !(usual && earlier && matches!(ours.end, End::Policy(_))) {
                    return Err(difference);
                }
                shorter = Some(difference);
            }
        }
    }
    // Where readers disagree, what is reported is what the one does that goes furthest.
    shorter.filter(|_| !whole).map_or(Ok(agreement), Err)
}

fn agree(ours: &Trace, theirs: &Answer) -> Result<Agreement, String> {
    let we_begin_them = theirs.events.starts_with(&ours.events);
    let they_begin_us = ours.events.starts_with(&theirs.events);
    let stopped = || theirs.error.as_deref().map_or("comes to the end".to_owned(), |error| format!("stops: {error}"));
    // Out of memory or depth: what was done before is said, what would be done after is not.
    let void = theirs.error.as_deref().is_some_and(|e| e.starts_with("MemoryError") || e.starts_with("RecursionError"));
    if void && (we_begin_them || they_begin_us) {
        return Ok(Agreement::Whole);
    }
    let began = |count: Option<u64>| count.unwrap_or(ours.opcodes);
    let count = || format!("{} opcodes, not {}, and {}", began(theirs.opcodes), ours.opcodes, stopped());
    match &ours.end {
        End::Accepted if ours.events != theirs.events => Err(format!("accepted, but {}", differ(ours, theirs))),
        End::Accepted if theirs.error.is_some() => Err(format!("accepted, but it {}", stopped())),
        End::Accepted if began(theirs.opcodes) != ours.opcodes => Err(format!("accepted, but it reads {}", count())),
        End::Policy(why) if !we_begin_them => Err(format!("refused ({why}), but {}", differ(ours, theirs))),
        End::Policy(why) if began(theirs.opcodes) < ours.opcodes => {
            Err(format!("refused ({why}), but it reads {}", count()))
        }
        End::Form(..) if they_begin_us && theirs.error.is_some() && began(theirs.opcodes) <= ours.opcodes => {
            Ok(Agreement::Whole)
        }
        End::Form(_, Some(rule)) if we_begin_them || they_begin_us => Ok(Agreement::By(*rule)),
        End::Form(why, _) if they_begin_us => Err(format!("refused for its form ({why}), but it reads {}", count())),
        End::Form(why, _) => Err(format!("refused for its form ({why}), but {}", differ(ours, theirs))),
        _ => Ok(Agreement::Whole),
    }
}

/// `pickle.load` on a file that is joblib's: it may go its own way, but where the file is accepted it fetches nothing on it that
/// runs code.
fn fetches_nothing_dangerous(ours: &Trace, theirs: &Answer) -> Result<Agreement, String> {
    if ours.end != End::Accepted {
        return Ok(Agreement::Whole);
    }
    let is_dangerous = |(event, found): &&Event| {
        let mut splits = found.match_indices('.').map(|(dot, _)| (&found[..dot], &found[dot + 1..]));
        event == "find"
            && splits.any(|(module, qualname)| {
                let name = |mapped| Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped, at: 0 };
                [true, false].iter().any(|mapped| matches!(VOCABULARY.role(&name(*mapped)), Role::Dangerous(_)))
            })
    };
    match theirs.events.iter().find(is_dangerous) {
        Some((_, found)) => Err(format!("accepted, but pickle.load on it fetches {}", crate::reason::escape(found))),
        None => Ok(Agreement::Whole),
    }
}

/// The first place at which two traces differ.
fn differ(ours: &Trace, theirs: &Answer) -> String {
    let same = ours.events.iter().zip(&theirs.events).take_while(|(ours, theirs)| ours == theirs).count();
    let show = |events: &[Event]| match events.get(same) {
        Some((event, name)) => format!("{event} {}", crate::reason::escape(name)),
        None => "the end".to_owned(),
    };
    let error = theirs.error.as_ref().map(|error| format!(", where it stops: {error}")).unwrap_or_default();
    format!("event {same} is ours {}, theirs {}{error}", show(&ours.events), show(&theirs.events))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(error: Option<&str>, opcodes: u64, events: &[(&str, &str)]) -> Vec<Answer> {
        let events = events.iter().map(|(event, name)| ((*event).to_owned(), (*name).to_owned())).collect();
        vec![Answer { reader: "joblib".to_owned(), opcodes: Some(opcodes), error: error.map(str::to_owned), events }]
    }

    #[test]
    fn each_property_can_fail() {
        let found = ("find", "collections.OrderedDict");
        let (accepted, refused) = (trace(b"ccollections\nOrderedDict\n."), trace(b"cposix\nsystem\nN\xff"));
        let broken = trace(b"\x80\x04ccollections\nOrderedDict\n\xff");
        let strict = trace(b"\x80\x04ccollections\nOrderedDict\nI 1\n.");
        assert_eq!(compare(&accepted, &answer(None, 2, &[found])), Ok(Agreement::Whole));
        for (ours, error, opcodes, events) in [
            (&accepted, None, 2, &[][..]),
            (&accepted, None, 3, &[found]),
            (&accepted, Some("stopped"), 2, &[found]),
            (&refused, None, 3, &[found]),
            (&refused, Some("stopped"), 0, &[("find", "posix.system")]),
            (&broken, None, 3, &[found]),
            (&broken, Some("stopped"), 4, &[found]),
            (&broken, Some("stopped"), 3, &[found, ("call", "posix.system")]),
            (&strict, None, 3, &[("find", "posix.system")]),
        ] {
            let compared = compare(ours, &answer(error, opcodes, events));
            assert!(compared.is_err(), "{ours:?}, {events:?}");
        }
        let (suspect, evil) = (("find", "posix.system"), ("call", "posix.system"));
        assert_eq!(compare(&refused, &answer(None, 3, &[suspect, evil])), Ok(Agreement::Whole));
        assert_eq!(compare(&broken, &answer(Some("stopped"), 2, &[found])), Ok(Agreement::Whole));
        let by = Ok(Agreement::By(Strictness::NumberSpelling));
        assert_eq!(compare(&strict, &answer(None, 4, &[found, evil])), by);
    }
}
