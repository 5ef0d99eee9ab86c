//! The machine's events, for pickles written by hand: what CPython would do, in order, each at the offset of its opcode. A
//! refused file is told up to the act that refuses it.

mod opcodes;

use coldload::bytes::{Input, Limits};
use coldload::job::{Job, Outcome, Task, run};
use opcodes::*;
use std::io::{Read, Seek};
use std::process::Command;

/// The events of a file, as lines of JSON.
fn lines(bytes: &[u8], window: usize) -> String {
    listed(Task::Trace, bytes, window)
}

/// What a task writes of a file.
fn listed(task: Task, bytes: &[u8], window: usize) -> String {
    let job = Job { task, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let mut out = tempfile::tempfile().unwrap();
    let outcome = run(&job, Input::from_bytes(bytes, window), None, Some(&out), &mut Judged::default());
    assert!(matches!(outcome, Outcome::Done { .. } | Outcome::Refused { .. }), "{outcome:?}");
    let mut lines = String::new();
    out.rewind().unwrap();
    out.read_to_string(&mut lines).unwrap();
    lines
}

/// The events as `offset event name`, whatever pieces the file comes in.
#[track_caller]
fn trace(bytes: &[u8]) -> Vec<String> {
    let whole = lines(bytes, usize::MAX);
    for window in [1, 2, 7, 4096] {
        assert_eq!(lines(bytes, window), whole, "in pieces of {window}");
    }
    whole
        .lines()
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            format!("{} {} {}", event["at"], event["event"].as_str().unwrap(), event["name"].as_str().unwrap())
        })
        .collect()
}

/// The events without their offsets.
#[track_caller]
fn events(bytes: &[u8]) -> Vec<String> {
    trace(bytes).into_iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

const SCALER: &str = "sklearn.preprocessing._data.StandardScaler";
const ORDERED: &str = "collections.OrderedDict";

fn ordered() -> Ops {
    global("collections", "OrderedDict")
}

fn of(event: &str, name: &str) -> String {
    format!("{event} {name}")
}

#[test]
fn plain_data_does_nothing() {
    assert!(trace(&pickle4(dict(&[("a", list(&[int(1), tuple(&[text("b")])]))]))).is_empty());
    assert!(trace(&pickle4(ops![b"]", int(1), b"a}", int(1), int(2), b"s\x8f(", int(1), b"\x90\x87"])).is_empty());
}

#[test]
fn each_line_has_the_offset_of_its_opcode_the_event_and_the_name() {
    let file = b"\x80\x04ccollections\nOrderedDict\n)R\x8c\x01aK\x01s.";
    let expected = "{\"at\":2,\"event\":\"find\",\"name\":\"collections.OrderedDict\"}\n\
                    {\"at\":28,\"event\":\"call\",\"name\":\"collections.OrderedDict\"}\n\
                    {\"at\":34,\"event\":\"setitem\",\"name\":\"collections.OrderedDict\"}\n";
    assert_eq!(lines(file, usize::MAX), expected);
}

#[test]
fn reduce_is_a_call_and_newobj_is_new() {
    assert_eq!(events(&pickle4(call(ordered(), &[]))), [of("find", ORDERED), of("call", ORDERED)]);
    assert_eq!(events(&pickle4(new(scaler()))), [of("find", SCALER), of("new", SCALER)]);
    assert_eq!(events(&pickle4(ops![scaler(), b")}\x92"])), [of("find", SCALER), of("new", SCALER)]);
}

#[test]
fn a_state_is_told_with_the_name_of_what_was_called_to_make_the_object() {
    assert_eq!(
        events(&pickle4(build(new(scaler()), dict(&[("mean_", int(1))])))),
        [of("find", SCALER), of("new", SCALER), of("state", SCALER)]
    );
    let made = call(global("copyreg", "_reconstructor"), &[scaler(), global("builtins", "object"), NONE.into()]);
    assert_eq!(
        events(&pickle(2, build(made, dict(&[])))),
        [
            of("find", "copyreg._reconstructor"),
            of("find", SCALER),
            of("find", "builtins.object"),
            of("call", "copyreg._reconstructor"),
            of("state", "copyreg._reconstructor"),
        ]
    );
}

#[test]
fn inst_and_obj_are_new_without_arguments_and_a_call_with_some() {
    let inst = |module: &str, name: &str, arguments: Ops| ops![b"(", arguments, b"i", module, b"\n", name, b"\n."];
    let (module, name) = SCALER.rsplit_once('.').unwrap();
    assert_eq!(trace(&inst(module, name, Ops::new())), [format!("1 find {SCALER}"), format!("1 new {SCALER}")]);
    let set = inst("builtins", "set", list(&[]));
    assert_eq!(events(&set), [of("find", "builtins.set"), of("call", "builtins.set")]);
    let obj = |class: Ops, arguments: Ops| ops![b"(", class, arguments, b"o."];
    assert_eq!(events(&obj(scaler(), Ops::new())), [of("find", SCALER), of("new", SCALER)]);
    let set = obj(global("builtins", "set"), list(&[]));
    assert_eq!(events(&set), [of("find", "builtins.set"), of("call", "builtins.set")]);
}

#[test]
fn each_opcode_that_puts_items_into_an_object_is_one_event() {
    let pair = |key: &str| ops![text(key), int(1)];
    let filled = ops![call(ordered(), &[]), pair("a"), b"s(", pair("b"), pair("c"), b"u"];
    let wanted = [of("find", ORDERED), of("call", ORDERED), of("setitem", ORDERED), of("setitem", ORDERED)];
    assert_eq!(events(&pickle4(filled)), wanted);
}

#[test]
fn no_event_is_told_when_no_item_is_moved() {
    let empty = |opcode: &[u8]| pickle4(ops![call(ordered(), &[]), b"(", opcode]);
    for opcode in [b"u", b"e", b"\x90"] {
        assert_eq!(events(&empty(opcode)), [of("find", ORDERED), of("call", ORDERED)]);
    }
}

#[test]
fn items_that_an_object_does_not_take_are_told_before_they_refuse_it() {
    let into = |opcodes: Ops| events(&pickle4(ops![new(scaler()), opcodes]));
    let wanted = |event: &str| [of("find", SCALER), of("new", SCALER), of(event, SCALER)];
    assert_eq!(into(ops![int(1), b"a"]), wanted("append"));
    assert_eq!(into(ops![b"(", int(1), int(2), b"e"]), wanted("append"));
    assert_eq!(into(ops![int(1), int(2), b"s"]), wanted("setitem"));
    assert_eq!(into(ops![b"(", int(1), b"\x90"]), wanted("add"));
}

#[test]
fn names_are_told_as_they_are_written_each_time_that_they_are_asked_for() {
    let twice = pickle(2, ops![b"(", global("__builtin__", "set"), global("__builtin__", "set"), b"1", new(scaler())]);
    assert_eq!(
        events(&twice),
        [of("find", "__builtin__.set"), of("find", "__builtin__.set"), of("find", SCALER), of("new", SCALER)]
    );
    let memo = pickle4(ops![b"(", put(scaler(), 1), get(1), get(1), b"t"]);
    assert_eq!(events(&memo), [of("find", SCALER)], "the memo gives back what was found");
    assert_eq!(
        lines(&pickle4(stack_global("mod\u{e9}\n\"", "n\u{1f600}")), 1),
        "{\"at\":18,\"event\":\"find\",\"name\":\"mod\\u00e9\\u000a\\\".n\\ud83d\\ude00\"}\n"
    );
}

#[test]
fn the_events_of_nested_pickles_stand_where_they_happen() {
    let texts = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[text("a")])));
    let file = ops![b"\x80\x03(", wrapper(&[1], &dtype_of_objects()), pickle(2, texts), new(scaler()), b"t."];
    let wrapper = "joblib.numpy_pickle.NumpyArrayWrapper";
    let dtype = [of("find", "numpy.dtype"), of("call", "numpy.dtype"), of("state", "numpy.dtype")];
    let mut wanted = vec![of("find", wrapper), of("new", wrapper), of("find", "numpy.ndarray")];
    wanted.extend(dtype.clone());
    wanted.push(of("state", wrapper));
    let array = "numpy.core.multiarray._reconstruct";
    wanted.extend([of("find", array), of("find", "numpy.ndarray"), of("call", array)]);
    wanted.extend(dtype);
    wanted.extend([of("state", array), of("find", SCALER), of("new", SCALER)]);
    assert_eq!(events(&file), wanted);
}

#[test]
fn the_events_of_several_pickles_follow_one_another() {
    let file = ops![pickle4(new(scaler())), pickle(2, call(ordered(), &[]))];
    assert_eq!(events(&file), [of("find", SCALER), of("new", SCALER), of("find", ORDERED), of("call", ORDERED)]);
}

#[test]
fn a_refused_file_is_told_up_to_the_act_that_refuses_it() {
    let before = new(scaler());
    let told = |opcodes: Ops| events(&pickle4(ops![b"(", before, opcodes, new(scaler()), b"t"]));
    let first = [of("find", SCALER), of("new", SCALER)];
    let with = |event: &[&str]| [first.to_vec(), event.iter().map(|event| (*event).to_owned()).collect()].concat();
    // A name that refuses the file: its module is imported, and that is told; what is done with it is the report's.
    assert_eq!(told(attack()), with(&["find posix.system"]));
    assert_eq!(told(global("mypkg", "Thing")), with(&["find mypkg.Thing"]));
    // An act that refuses it is told too: Python does it.
    assert_eq!(told(call(scaler(), &[])), with(&[&of("find", SCALER), &of("call", SCALER)]));
    assert_eq!(
        told(build(call(ordered(), &[]), dict(&[]))),
        with(&[&of("find", ORDERED), &of("call", ORDERED), &of("state", ORDERED)])
    );
    // Bytes that break: what came before.
    assert_eq!(told(ops![b"\xff"]), first);
}

#[test]
fn the_program_prints_the_same_lines() {
    let folder = tempfile::tempdir().unwrap();
    for file in [pickle4(new(scaler())), pickle4(attack())] {
        std::fs::write(folder.path().join("model.pkl"), &file).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        let output = command.current_dir(folder.path()).args(["inspect", "model.pkl", "--trace"]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), lines(&file, usize::MAX));
    }
}

/// The opcodes as `offset name`, whatever pieces the file comes in.
fn opcodes(bytes: &[u8]) -> Vec<String> {
    let whole = listed(Task::Opcodes, bytes, usize::MAX);
    for window in [1, 7, 4096] {
        assert_eq!(listed(Task::Opcodes, bytes, window), whole, "in pieces of {window}");
    }
    let line = |line: &str| -> serde_json::Value { serde_json::from_str(line).unwrap() };
    whole.lines().map(line).map(|line| format!("{} {}", line["at"], line["opcode"].as_str().unwrap())).collect()
}

#[test]
fn opcodes_are_those_of_pickletools() {
    // Written by `pickletools.genops` of CPython 3.11.
    let wanted = include_str!("data/dump/plain-5.opcodes");
    assert_eq!(opcodes(include_bytes!("data/dump/plain-5.pkl")), wanted.lines().collect::<Vec<_>>());
}

#[test]
fn opcodes_are_listed_up_to_the_break_and_of_refused_files_too() {
    assert_eq!(
        opcodes(b"\x80\x02cposix\nsystem\nX\x02\0\0\0id\x85R."),
        ["0 PROTO", "2 GLOBAL", "16 BINUNICODE", "23 TUPLE1", "24 REDUCE", "25 STOP"]
    );
    assert_eq!(opcodes(b"K\x01\xffK\x02."), ["0 BININT1", "2 unknown"]);
    assert_eq!(opcodes(b"NX\xff\0\0\0short"), ["0 NONE", "1 BINUNICODE"]);
}

#[test]
fn the_elements_of_an_array_belong_to_the_opcode_before_them() {
    let model = include_bytes!("data/held/1.9.1/adaboost.joblib.xz");
    let listing = listed(Task::Opcodes, model, usize::MAX);
    let lines: Vec<serde_json::Value> = listing.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut next = 0;
    for line in &lines {
        assert_eq!(line["at"], next, "{line}");
        next += line["bytes"].as_u64().unwrap();
    }
    assert!(lines.iter().any(|line| line["opcode"] == "BUILD" && line["bytes"].as_u64() > Some(8)));
    assert_eq!(lines.last().unwrap()["opcode"], "STOP");
}
