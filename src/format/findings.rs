//! Findings: what a reader should know of the names and faults that refuse a file.

use super::ctx::Ctx;
use super::fault::{Fault, Malformed};
use super::suspects::{Suspect, Use};
use crate::bytes::{Absent, Exceeded, Limit, ReadFault, StreamFault};
use crate::graph::{Name, NameId, Value};
use crate::reason::{Code, Finding, escape};
use crate::vocabulary::{Role, is_written_as_a_name, own_attribute, set_of};

/// All findings of a file that was read: its names first, in the order in which they were asked for, then what ended the
/// reading.
pub fn findings(ctx: &Ctx<'_>, roots: &[Value], fault: Option<&Fault>) -> Vec<Finding> {
    let names = ctx.suspects.iter().map(|suspect| of_suspect(ctx, roots, suspect));
    let fault = fault.filter(|fault| !matches!(fault, Fault::Misused { .. }) || ctx.suspects.is_empty());
    names.chain(fault.map(|fault| of_fault(ctx, fault))).collect()
}

fn of_suspect(ctx: &Ctx<'_>, roots: &[Value], suspect: &Suspect) -> Finding {
    let Some(name) = ctx.heap.get_name(suspect.name) else { return Finding::new(Code::UnknownGlobal, "a name") };
    let used = match suspect.used {
        Use::Fetched => "which is fetched, and so its module imported".to_owned(),
        Use::Called(args) => format!("called with {}", ctx.heap.show(args)),
        Use::Made => "a class that is made empty".to_owned(),
        Use::GivenState => "a class that is given state".to_owned(),
    };
    let place = place(ctx, roots, suspect.name);
    let mut message = format!("{name} at byte {}, {used}", name.at);
    if let Some(place) = &place {
        message.push_str(&format!(", in {place}"));
    }
    let set = set_of(&name.dotted());
    let finding = match ctx.roles.get(suspect.name) {
        Role::Dangerous(danger) if danger.embedded => {
            let finding = Finding::new(Code::EmbeddedCode, message);
            match set {
                Some(set) => finding.next(format!("{name} alone brings no code with it: --allow-set {set}")),
                None => finding,
            }
        }
        Role::Dangerous(danger) => {
            let finding = Finding::new(Code::DangerousGlobal, message);
            let finding = finding.because(match suspect.used {
                Use::Fetched => format!("loading this file would fetch it, and calling it would {}", danger.why),
                _ => format!("loading this file would {}", danger.why),
            });
            match danger.next {
                Some(next) => finding.next(next),
                None => finding,
            }
        }
        _ => match set {
            Some(set) => in_set(message, &name.whole(), set),
            None => unknown(ctx, message, name, suspect.used),
        },
    };
    let finding = finding.at(name.at).about(name.whole());
    match place {
        Some(place) => finding.in_place(place),
        None => finding,
    }
}

fn in_set(message: String, name: &str, set: &str) -> Finding {
    let why = "the name is of another library, which coldload reads only if you say so";
    let next = format!("you expect a model of it?  --allow-set {set}   (or this name alone: --allow {name})");
    Finding::new(Code::UnknownGlobal, message).because(why).next(next)
}

fn unknown(ctx: &Ctx<'_>, message: String, found: &Name, used: Use) -> Finding {
    let (module, name) = (found.module.as_str(), found.whole());
    let does = match used {
        Use::Fetched => None,
        Use::Called(_) => Some("call it with these arguments"),
        Use::Made => Some("make an object of it"),
        Use::GivenState => Some("give it this state"),
    };
    let what = if matches!(used, Use::Made | Use::GivenState) { "class" } else { "name" };
    let source = if module == "__main__" { "take it from whatever program is running" } else { "import it" };
    let does = does.map(|does| format!(" and {does}")).unwrap_or_default();
    let why = format!("coldload does not know this {what}; Python would {source}{does}");
    let finding = Finding::new(Code::UnknownGlobal, message).because(why);
    if !is_written_as_a_name(&name) {
        return finding
            .next("no honest module has a name like this: do not load the file, and find out who could write it");
    }
    if let Some(part) = found.qualname.split('.').find(|part| own_attribute(part).is_some()) {
        return finding.next(format!(
            "{part} is an attribute of Python's own, which no honest file asks for: do not load the file, and find out who could write it"
        ));
    }
    // `Unpickler.find_class` goes down an attribute's dots from protocol 4 on.
    if found.mapped && found.qualname.contains('.') {
        return finding
            .next("Python finds no name with dots below protocol 4, so this file does not load: save it again");
    }
    let yours = if module == "__main__" { "yours? move it into a module and save again; " } else { "" };
    if let Use::Called(args) = used {
        let whole = |args: Value| {
            ctx.heap.as_tuple(args)?.exactly::<1>().filter(|[value]| ctx.heap.view(*value).int().is_some())
        };
        let class = found.qualname.trim_start_matches('_').starts_with(char::is_uppercase);
        if class && !found.qualname.contains('.') && whole(args).is_some() {
            return finding.next(format!(
                "{yours}is it a class of yours whose members are whole numbers (enum)?  --allow {name}; nothing else that is called can be allowed"
            ));
        }
        return finding.next(format!("{yours}a function that is called can not be allowed; save the model without it"));
    }
    if !name.is_ascii() {
        let shown: String = name.chars().flat_map(char::escape_default).collect();
        let look = format!("letters of this name are none of a to z, whatever they look like: {shown}");
        return finding.next(format!("{look}; only if it is yours: --allow {name}"));
    }
    finding
        .next(format!("{yours}only this once: --allow {name}   (it stays data: that step can not predict or convert)"))
}

/// Where in the model a name, or the first object of it, stands.
fn place(ctx: &Ctx<'_>, roots: &[Value], name: NameId) -> Option<String> {
    let depth = ctx.budget.limit(Limit::Depth).min(200);
    let mut wanted = |value| {
        let object = ctx.heap.as_object(value).is_some_and(|(_, object)| object.name == name);
        object || ctx.heap.as_name(value).is_some_and(|(found, _)| found == name)
    };
    let found = roots.iter().find_map(|root| ctx.heap.place(*root, depth, &mut wanted));
    found.filter(|place| !place.is_empty())
}

/// What to do where a pickle refers to what it does not hold.
const SEVERAL: &str = "fetch or save the file again; several models in one file need a pickle.dump each, for one Pickler writes the second \
                       with references into the first";

/// The finding that says what ended the reading. Failures to read are none: see [`Fault::is_failure`].
fn of_fault(ctx: &Ctx<'_>, fault: &Fault) -> Finding {
    let text = fault.to_string();
    match fault {
        Fault::Malformed { at, what } => {
            let finding = Finding::new(Code::Malformed, format!("{text}, at byte {at}")).at(*at);
            match what {
                Malformed::Ended | Malformed::EndedInLine => finding.next("the file was cut short: fetch or save it again"),
                Malformed::Also(_) => finding
                    .because("what goes by a file's name, such as pandas.read_pickle and read_hdf, unpacks it, and pickle.load unpacks nothing: they would load another pickle than the one judged here")
                    .next("do not load it, and find out who could write it"),
                Malformed::Replaced | Malformed::Encoded => {
                    finding.next("fetch the file again, as bytes: what was replaced can not be restored")
                }
                Malformed::LineEnd(_) | Malformed::LineEnds => {
                    finding.next("fetch the file again without changing its line ends (for git: mark it as binary)")
                }
                Malformed::Memo(_) => finding.next(SEVERAL),
                _ => finding,
            }
        }
        Fault::Misused { at, name, misuse } => {
            let named = name.and_then(|name| ctx.heap.get_name(name));
            let (what, honest) = misuse.parts();
            let finding = Finding::new(Code::MisusedGlobal, "");
            let finding = finding.because(format!("{}; {honest}", Code::MisusedGlobal.why()));
            match named {
                Some(name) => {
                    let mut finding = finding.at(name.at).about(name.whole());
                    finding.message = format!("{name} at byte {}: {what}, at byte {at}", name.at);
                    finding
                }
                None => {
                    let mut finding = finding.at(*at);
                    finding.message = format!("{what}, at byte {at}");
                    finding
                }
            }
        }
        Fault::Otherwise { at, .. } => Finding::new(Code::MisusedGlobal, format!("{text}, at byte {at}"))
            .at(*at)
            .because("pickle.load, an older joblib, or one Unpickler on several pickles could run code that was not judged; few honest files come to this, by numbers that happen to be opcodes or by several models in one file")
            .next("do not load it; save the model again from a Python that you trust, with pickle.dump, each in a file of its own"),
        Fault::Outside { at, .. } => Finding::new(Code::DangerousOpcode, format!("{text}, at byte {at}")).at(*at),
        Fault::Inside { file, fault } => {
            let mut finding = of_fault(ctx, fault);
            finding.message = format!("{}: {}", escape(file), finding.message);
            finding
        }
        Fault::Absent { why, .. } => of_absent(*why, text),
        Fault::LineEndBehind { at, .. } => Finding::new(Code::TrailingData, format!("{text}, at byte {at}"))
            .at(*at)
            .next("fetch the file again as it was saved; an editor, or a transfer as text, adds a line end"),
        Fault::Trailing { at, because } => {
            let finding = Finding::new(Code::TrailingData, format!("{text} at byte {at}")).at(*at);
            match because.as_deref() {
                Some(Fault::Malformed { what: Malformed::Memo(_), .. }) => finding.next(SEVERAL),
                Some(_) => finding,
                None => finding
                    .next("save it again; a .npy file holds one array: several are saved by numpy.savez, or each to its own"),
            }
        }
        Fault::NotFetched { next, .. } => Finding::new(Code::NotFetched, text).next(*next),
        Fault::Unknown { .. } => Finding::new(Code::UnknownFormat, text),
        Fault::Archive(known) => Finding::new(Code::UnknownFormat, text).next(known.next),
        Fault::Limit(exceeded) => limit(*exceeded),
        Fault::Stream(fault) => of_stream(fault, text),
    }
}

fn of_absent(why: Absent, text: String) -> Finding {
    let code = match why {
        Absent::Missing | Absent::Unreadable => Code::MissingFile,
        Absent::NotPlain => Code::UnsafePath,
        Absent::Foreign | Absent::Alone | Absent::Single => Code::ExternalData,
    };
    let finding = Finding::new(code, text);
    match why {
        Absent::Missing | Absent::Unreadable => finding
            .because("joblib before 0.10 wrote each array into a file of its own, and a model without one of them does not load")
            .next("fetch that file too, into the same folder; or save the model again with a newer joblib"),
        Absent::NotPlain => finding,
        Absent::Foreign => finding
            .because("joblib would read it from wherever it stands, and it belongs to another model")
            .next("a model that was renamed gets its old name back; or save it again with a newer joblib"),
        Absent::Alone => finding.next("name the model where its other files stand beside it"),
        Absent::Single => finding.next("put the model and its files into a folder, and name the folder"),
    }
}

fn of_stream(fault: &StreamFault, text: String) -> Finding {
    match fault {
        StreamFault::Read(fault) => of_read(fault),
        StreamFault::Limit(exceeded) => limit(*exceeded),
        StreamFault::Damaged { .. } => Finding::new(Code::Malformed, text).next("fetch or save the file again"),
        StreamFault::Trailing { at, .. } => Finding::new(Code::TrailingData, text).at(*at),
    }
}

/// The finding of bytes that are not the expected ones.
pub fn of_read(fault: &ReadFault) -> Finding {
    let code = match fault {
        ReadFault::Digest { .. } | ReadFault::Size { .. } => Code::DigestMismatch,
        ReadFault::Changed { .. } | ReadFault::Io { .. } => Code::ChangedWhileReading,
    };
    Finding::new(code, fault.to_string())
}

/// The finding of a limit that was met.
pub fn limit(exceeded: Exceeded) -> Finding {
    let more = match exceeded.limit.unit() {
        "bytes" => format!("{}MiB", exceeded.value.saturating_mul(4).div_ceil(1 << 20).max(1)),
        _ => exceeded.value.saturating_mul(4).max(1).to_string(),
    };
    Finding::new(Code::LimitExceeded, exceeded.to_string())
        .next(format!("if you expect a file like this: --limit {}={more}", exceeded.limit))
}

impl Fault {
    /// What the system said, if the file could not be read at all: no judgement of the model.
    pub fn failure(&self) -> Option<String> {
        match self {
            Fault::Stream(StreamFault::Read(fault @ ReadFault::Io { .. })) => Some(fault.to_string()),
            Fault::Absent { why: Absent::Unreadable, .. } => Some(self.to_string()),
            Fault::Inside { file, fault } => Some(format!("{}: {}", escape(file), fault.failure()?)),
            _ => None,
        }
    }
}
