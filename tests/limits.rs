//! What one file may cost: each limit is met by a file, named in the refusal and raised by what the refusal says; and no
//! file costs more than 16 bytes and one step for each of its bytes.

#[path = "limits/every_command.rs"]
mod every_command;
mod opcodes;
#[path = "limits/outputs.rs"]
mod outputs;

use coldload::bytes::{Limit, Limits};
use opcodes::*;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

fn coldload(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    for name in ["COLDLOAD_KEY", "COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME", "COLDLOAD_OUTPUT_FORMAT"] {
        command.env_remove(name);
    }
    command.current_dir(folder).args(args).output().unwrap()
}

fn first_result(output: &Output) -> Value {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    document["results"][0].clone()
}

fn scan(file: &[u8], options: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.pkl"), file).unwrap();
    let mut args = vec!["scan", "model.pkl", "--json"];
    args.extend_from_slice(options);
    first_result(&coldload(folder.path(), &args))
}

/// Under this limit the first file is refused, and the refusal names the limit and an option under which the file is
/// accepted; the second one is accepted as it is.
#[track_caller]
fn met(limit: &str, beyond: &[u8], below: &[u8]) {
    let name = limit.split_once('=').unwrap().0;
    let honest = scan(below, &["--limit", limit]);
    assert_eq!(honest["verdict"], "accepted", "{honest}");
    let refused = scan(beyond, &["--limit", limit]);
    let [reason] = refused["reasons"].as_array().unwrap().as_slice() else { panic!("{refused}") };
    assert_eq!(reason["code"], "limit-exceeded", "{refused}");
    let (message, next) = (reason["message"].as_str().unwrap(), reason["next"].as_str().unwrap());
    assert!(message.contains(&format!("the limit {name} (")), "{message}");
    let option = next.split_once("--limit ").unwrap_or_else(|| panic!("{next}")).1;
    assert!(option.starts_with(&format!("{name}=")), "{next}");
    let raised = scan(beyond, &["--limit", option]);
    assert_eq!(raised["verdict"], "accepted", "with --limit {option}: {raised}");
}

/// A list in a list in …
/// A tuple in a tuple in …
fn tuples(depth: usize) -> Ops {
    ops![b")", vec![0x85; depth - 1]]
}

fn nested(depth: usize) -> Ops {
    pickle4(ops![vec![b']'; depth], vec![b'a'; depth - 1]])
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_limit_file_is_met_by_its_size() {
    let file = pickle4(int(1));
    met(&format!("file={}", file.len() - 1), &file, &pickle4(NONE));
}

#[test]
fn the_limit_decoded_is_met_by_what_comes_out_of_a_compressor() {
    let file = |length: usize| zlib(&pickle4(bytes(&vec![0; length])));
    assert!(file(500_000).len() < 1000);
    met("decoded=400KiB", &file(500_000), &file(400_000));
}

#[test]
fn the_limit_memory_is_met_by_what_is_made_of_a_file() {
    met("memory=1MiB", &pickle4(list(&vec![float(1.5); 60_000])), &pickle4(list(&vec![float(1.5); 10_000])));
}

#[test]
fn the_limit_values_is_met_by_items() {
    met("values=100", &pickle4(list(&vec![int(1); 101])), &pickle4(list(&vec![int(1); 100])));
}

#[test]
fn the_limit_depth_is_met_by_containers_in_containers() {
    met("depth=5", &nested(6), &nested(5));
    met("depth=10000", &nested(10_001), &nested(10_000));
    // Of tuples it is known without a walk how deep they are, up to 255.
    for depth in [5, 254, 255, 256, 300] {
        met(&format!("depth={depth}"), &pickle4(tuples(depth + 1)), &pickle4(tuples(depth)));
        let in_list = |depth| pickle4(ops![b"]", tuples(depth), b"a"]);
        met(&format!("depth={}", depth + 1), &in_list(depth + 1), &in_list(depth));
    }
    // What a file leaves behind, Python takes apart like the rest.
    for (before, behind) in [(&b""[..], &b"0N"[..]), (b"", b"q\x000N"), (b"(N", b"1N"), (b"N", b"00N")] {
        let left = |depth: usize| pickle4(ops![before, vec![b']'; depth], vec![b'a'; depth - 1], behind]);
        met("depth=5", &left(6), &left(5));
    }
    let deep = judge(&nested(10_001));
    assert_eq!(deep.codes(), ["limit-exceeded"], "the default");
}

#[test]
fn the_limit_depth_is_met_by_the_longest_way_to_a_container() {
    let list = |index: u8| ops![b"]q", [index]];
    // Each list is met by a short way first; the last one lets go of all of them, one in another.
    let short_ways = |depth: u8| {
        let chain = (2..depth).map(|index| ops![list(index), b"h", [index - 1], b"a0"]);
        let held = (1..depth).map(|index| ops![b"h", [index]]);
        pickle4(ops![list(1), b"0", chain.collect::<Vec<_>>().concat(), b"](", held.collect::<Vec<_>>().concat(), b"e"])
    };
    met("depth=5", &short_ways(6), &short_ways(5));
    // They were put into each other when nothing on the stack led to them any more.
    let in_the_memo = |depth: u8| {
        let lists = (1..=depth).map(|index| ops![list(index), b"0"]);
        let chain = (1..depth).map(|index| ops![b"h", [index], b"h", [index + 1], b"a0"]);
        pickle4(ops![lists.collect::<Vec<_>>().concat(), chain.collect::<Vec<_>>().concat(), NONE])
    };
    met("depth=5", &in_the_memo(6), &in_the_memo(5));
    // They stay on the stack below what is returned.
    let below = |depth: usize| pickle4(ops![vec![b']'; depth], vec![b'a'; depth - 1], NONE]);
    met("depth=5", &below(6), &below(5));
}

#[test]
fn the_limit_depth_is_met_by_containers_in_a_circle() {
    // The cycle collector may come to each of them by all the others, whichever way is shown here.
    let queue = |index: u8| ops![b"h\0)Rq", [index], b"0"];
    let link = |from: u8, to: u8| ops![b"h", [from], b"h", [to], b"a0"];
    let star = |arms: u8| {
        let made: Ops = (1..=arms + 1).flat_map(queue).collect();
        let links: Ops = (2..=arms + 1).flat_map(|arm| ops![link(1, arm), link(arm, 1)]).collect();
        pickle4(ops![put(global("collections", "deque"), 0), b"0", made, links, get(1)])
    };
    met("depth=8", &star(12), &star(4));
}

#[test]
fn the_limit_nested_is_met_by_pickles_in_pickles() {
    let texts = pickle(2, build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[text("a")]))));
    let file = ops![b"\x80\x03", wrapper(&[1], &dtype_of_objects()), texts, b"."];
    met("nested=1", &file, &pickle4(int(1)));
}

#[test]
fn the_limit_globals_is_met_by_different_names() {
    let one = || global("builtins", "str");
    met("globals=1", &pickle4(tuple(&[one(), global("builtins", "int")])), &pickle4(tuple(&[one(), one()])));
}

/// Objects that are all given one and the same dict of 1000 attributes: much work for few bytes.
fn work(objects: usize) -> Ops {
    let names: Vec<String> = (0..1000).map(|number| format!("a{number}")).collect();
    let state: Vec<(&str, Ops)> = names.iter().map(|name| (name.as_str(), int(1))).collect();
    let first = ops![b"(", put(global("types", "SimpleNamespace"), 1), put(dict(&state), 2)];
    pickle4(ops![first, ops![get(1), b")\x81", get(2), b"b"].repeat(objects), b"t"])
}

#[test]
fn the_limit_time_is_met_by_work() {
    let below = scan(&work(10), &["--limit", "time=4"]);
    assert_eq!(below["verdict"], "accepted", "{below}");
    let refused = scan(&work(90_000), &["--limit", "time=0"]);
    let reason = &refused["reasons"][0];
    assert_eq!(reason["code"], "limit-exceeded", "{refused}");
    assert!(reason["message"].as_str().unwrap().contains("the limit time ("), "{reason}");
    let next = reason["next"].as_str().unwrap();
    let option = next.split_once("--limit ").unwrap_or_else(|| panic!("{next}")).1;
    assert!(option.starts_with("time="), "{next}");
}

#[test]
fn the_limit_seal_is_met_by_a_seal() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| coldload(folder.path(), args);
    std::fs::write(folder.path().join("model.pkl"), pickle4(int(1))).unwrap();
    assert!(run(&["keygen", "-o", "key"]).status.success());
    assert!(run(&["sign", "model.pkl", "-k", "key"]).status.success());
    let size = std::fs::metadata(folder.path().join("model.pkl.seal")).unwrap().len();
    let verify =
        |limit: &str| first_result(&run(&["verify", "model.pkl", "-k", "key.pub", "--json", "--limit", limit]));
    assert_eq!(verify(&format!("seal={size}"))["verdict"], "accepted");
    let refused = verify(&format!("seal={}", size - 1));
    assert_eq!(refused["reasons"][0]["code"], "limit-exceeded", "{refused}");
    assert!(refused["reasons"][0]["message"].as_str().unwrap().contains("the limit seal ("));
    let next = refused["reasons"][0]["next"].as_str().unwrap();
    let option = next.split_once("--limit ").unwrap().1;
    assert_eq!(verify(option)["verdict"], "accepted", "{option}");
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let (limits, mib) = (Limits::default(), 1u64 << 20);
    for (limit, size, value) in [
        (Limit::File, 0, 1 << 40),
        (Limit::Decoded, 0, 16 << 30),
        (Limit::Memory, 1000, 16 * 1000 + 64 * mib),
        (Limit::Values, 0, 100_000_000),
        (Limit::Depth, 0, 10_000),
        (Limit::Nested, 0, 8),
        (Limit::Globals, 0, 100_000),
        (Limit::Time, 0, 4),
        (Limit::Time, 100_000_000, 9),
        (Limit::Seal, 0, 16 * mib),
    ] {
        assert_eq!(limits.value(limit, size), value, "{limit}");
    }
    assert_eq!((limits.kept(1000), limits.kept(1 << 30)), (1 << 30, 16 << 30));
}

// ---- the bound of memory

/// `unit`, as often as it fits.
fn filled(length: usize, before: &[u8], unit: &[u8], after: &[u8]) -> Ops {
    let count = (length - before.len() - after.len() - 3) / unit.len();
    pickle4(ops![before, unit.repeat(count), after])
}

/// Numbered units, as many as fit.
fn numbered(length: usize, before: &[u8], unit: impl Fn(u32) -> Ops, after: &[u8]) -> Ops {
    let mut all = before.to_vec();
    for number in 0.. {
        let unit = unit(number);
        if all.len() + unit.len() + after.len() + 3 > length {
            break;
        }
        all.extend_from_slice(&unit);
    }
    pickle4(ops![all, after])
}

fn long_put(index: u32) -> Ops {
    ops![b"r", index.to_le_bytes()]
}

/// Files of about this length that make as much as they can of each byte.
fn greedy(length: usize) -> Vec<(&'static str, Ops)> {
    let known = ops![put(scaler(), 0), b"0"];
    let ordered = ops![put(global("collections", "OrderedDict"), 0), b"0"];
    let set = ops![put(global("builtins", "set"), 0), b"0"];
    let repeated = |before: &[u8], unit: &[u8], after: &[u8]| filled(length, before, unit, after);
    vec![
        ("EMPTY_LIST", repeated(b"", b"]", b"")),
        ("EMPTY_DICT", repeated(b"", b"}", b"")),
        ("EMPTY_SET", repeated(b"", b"\x8f", b"")),
        ("EMPTY_TUPLE", repeated(b"", b")", b"")),
        ("MARK", repeated(b"", b"(", b"")),
        ("NONE", repeated(b"", b"N", b"")),
        ("DUP", repeated(b"]", b"2", b"")),
        ("MARK LIST", repeated(b"", b"(l", b"")),
        ("MARK DICT", repeated(b"", b"(d", b"")),
        ("MARK FROZENSET", repeated(b"", b"(\x91", b"")),
        ("MARK TUPLE", repeated(b"", b"(t", b"")),
        ("TUPLE1", repeated(b"", b")\x85", b"")),
        ("TUPLE1 in TUPLE1", repeated(b"N", b"\x85", b"")),
        ("TUPLE2", repeated(b"", b"N2\x86", b"")),
        ("TUPLE3", repeated(b"", b"N22\x87", b"")),
        ("MEMOIZE", repeated(b"N", b"\x94", b"")),
        ("NONE MEMOIZE", repeated(b"", b"N\x94", b"")),
        ("EMPTY_LIST MEMOIZE", repeated(b"", b"]\x94", b"")),
        ("BINPUT", repeated(b"N", b"q\xff", b"")),
        ("LONG_BINPUT in turn", numbered(length, b"N", long_put, b"")),
        ("LONG_BINPUT far apart", numbered(length, b"N", |number| long_put(number.wrapping_mul(1_000_003)), b"")),
        ("LONG_BINPUT backwards", numbered(length, b"N", |number| long_put(u32::MAX - number), b"")),
        ("LONG_BINPUT in steps of two", numbered(length, b"N", |number| long_put(2 * number), b"")),
        ("PUT", numbered(length, b"N", |number| ops![format!("p{number}\n")], b"")),
        ("BINFLOAT", repeated(b"", &float(1.5), b"")),
        ("BININT1", repeated(b"", b"K\x01", b"")),
        ("LONG1 of nothing", repeated(b"", b"\x8a\0", b"")),
        ("LONG1 of eight bytes", repeated(b"", b"\x8a\x08\x01\x02\x03\x04\x05\x06\x07\x08", b"")),
        ("LONG1 of nine bytes", repeated(b"", b"\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09", b"")),
        ("INT", repeated(b"", b"I7\n", b"")),
        ("SHORT_BINUNICODE of nothing", repeated(b"", b"\x8c\0", b"")),
        ("SHORT_BINUNICODE", repeated(b"", b"\x8c\x01a", b"")),
        ("BINUNICODE of many bytes", repeated(b"", &text(&"a".repeat(9000)), b"")),
        ("SHORT_BINSTRING", repeated(b"", b"U\0", b"")),
        ("SHORT_BINSTRING of latin1", repeated(b"", b"U\x01\xe9", b"")),
        ("UNICODE", repeated(b"", b"V\n", b"")),
        ("SHORT_BINBYTES of nothing", repeated(b"", b"C\0", b"")),
        ("SHORT_BINBYTES", repeated(b"", b"C\x01a", b"")),
        ("BINBYTES of many bytes", repeated(b"", &bytes(&[0; 20_000]), b"")),
        ("BYTEARRAY8", repeated(b"", b"\x96\0\0\0\0\0\0\0\0", b"")),
        ("a list", repeated(b"](", b"N", b"e")),
        ("a list, item by item", repeated(b"]", b"Na", b"")),
        ("lists of one", repeated(b"", b"]Na", b"")),
        ("lists of two", repeated(b"", b"](NNe", b"")),
        ("lists of three", repeated(b"", b"](NNNe", b"")),
        ("lists of five", repeated(b"", b"](NNNNNe", b"")),
        ("a dict", repeated(b"}(", b"NN", b"u")),
        ("a dict, pair by pair", repeated(b"}", b"NNs", b"")),
        ("dicts of one", repeated(b"", b"}NNs", b"")),
        ("dicts of two", repeated(b"", b"}(NNNNu", b"")),
        ("a set", repeated(b"\x8f(", b"N", b"\x90")),
        ("sets of one", repeated(b"", b"\x8f(N\x90", b"")),
        ("a frozenset", repeated(b"(", b"N", b"\x91")),
        ("GLOBAL", repeated(b"", b"cnumpy\nndarray\n", b"")),
        ("NEWOBJ", repeated(&known, b"h\0)\x81", b"")),
        ("NEWOBJ_EX", repeated(&known, b"h\0)}\x92", b"")),
        ("OBJ", repeated(&known, b"(h\0o", b"")),
        ("BUILD", repeated(&known, b"h\0)\x81}b", b"")),
        ("REDUCE", repeated(&ordered, b"h\0)R", b"")),
        ("REDUCE and items", repeated(&ordered, b"h\0)RNNs", b"")),
        ("REDUCE of sets", repeated(&set, b"h\0]\x85R", b"")),
    ]
}

#[test]
fn no_opcode_costs_more_than_16_bytes_a_byte() {
    const LENGTH: usize = 1 << 20;
    // Pages are taken whole, so a little more than the product; far less than the default's 64 MiB.
    let tight = limits(&[&format!("memory={}", 16 * LENGTH + (512 << 10))]);
    let mut over = Vec::new();
    for (name, file) in greedy(LENGTH) {
        let judged = judge_with(&file, &tight, usize::MAX);
        let limit = judged.findings.iter().find(|finding| finding.message.contains("the limit memory"));
        over.extend(limit.map(|finding| format!("{name}: {}", finding.message)));
    }
    assert!(over.is_empty(), "{over:#?}");
}

#[test]
fn no_opcode_takes_more_than_a_steady_number_of_steps() {
    // Eight times the file, about eight times the time; what grows with the square takes sixty-four.
    let long_name = "a.".repeat(400_000);
    let heavy = |scale: usize| -> Vec<(&'static str, Ops)> {
        let nones = 100_000 * scale;
        vec![
            (
                "tuples under many dropped values",
                pickle4(ops![b"(", vec![b'N'; nones], b"1", b"(Nt0".repeat(25_000 * scale), b"N"]),
            ),
            ("shared tuples", pickle4(ops![b")", b"2\x86".repeat(50_000 * scale)])),
            (
                "a long name, again and again",
                pickle4(ops![put(text(&long_name), 1), ops![get(1), get(1), b"\x930"].repeat(500 * scale)]),
            ),
        ]
    };
    for ((name, once), (_, eight)) in heavy(1).into_iter().zip(heavy(8)) {
        let time = |file: &Ops| {
            (0..3)
                .map(|_| {
                    let began = processor_time();
                    judge(file);
                    processor_time().saturating_sub(began)
                })
                .min()
                .unwrap()
        };
        let (once, eight) = (time(&once), time(&eight));
        assert!(
            eight < once * 20 + Duration::from_millis(50),
            "{name}: {once:?}, and {eight:?} for eight times the file"
        );
    }
}

/// The time that the processor spent on this thread: what else runs on the machine does not count.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap()
}

#[test]
fn work_that_does_not_come_from_bytes_counts_as_values() {
    // 200,000 objects with one dict of 1000 attributes would be 200 million look-ups for a megabyte.
    let judged = judge_with(&work(2000), &limits(&["values=1000000"]), usize::MAX);
    assert_eq!(judged.codes(), ["limit-exceeded"]);
    accepted(&work(100));
}

#[test]
fn a_state_with_a_hundred_thousand_attributes_is_paid_for() {
    let attribute = |number| ops![text(&format!("{number:x}z")), NONE];
    let state = numbered(1 << 20, &ops![scaler(), b")\x81}("], attribute, b"ub");
    let judged = judge_with(&state, &limits(&["memory=18MiB"]), usize::MAX);
    assert_eq!(judged.codes(), ["limit-exceeded"]);
    assert!(judged.findings[0].message.contains("the limit memory"), "{:?}", judged.findings);
}

#[test]
fn what_python_copies_again_and_again_is_paid_for() {
    const LENGTH: usize = 100_000;
    let keys: Ops = (0..LENGTH / 10).flat_map(|key| ops![text(&key.to_string()), int(1)]).collect();
    let large = || put(bytes(&vec![7; LENGTH]), 0);
    let dict = || ops![b"}(", keys, b"uq\x000"];
    let big_endian = || build(dtype_call("f8"), dtype_state(">", -1, -1, 0));
    let swapped = array_state(&[i32::try_from(LENGTH / 8).unwrap()], &big_endian(), get(0));
    let typed = tuple(&[global("array", "array"), text("d"), int(1), get(0)]);
    let made = |module: &str, name: &str, arguments: Ops| ops![call(global(module, name), &[]), arguments, b"b"];
    for (name, before, again) in [
        ("bytearray", ops![large(), b"0"], call(global("builtins", "bytearray"), &[get(0)])),
        ("typed array", ops![large(), b"0"], ops![global("array", "_array_reconstructor"), typed, b"R"]),
        ("array", ops![large(), b"0"], build(empty_array(), swapped)),
        ("Counter", dict(), call(global("collections", "Counter"), &[get(0)])),
        ("namespace", dict(), made("types", "SimpleNamespace", get(0))),
    ] {
        let file = |count: usize| pickle4(ops![before, b"](", again.repeat(count), b"e"]);
        assert_eq!(judge(&file(1)).codes(), [""; 0], "{name}");
        assert_eq!(judge(&file(3000)).codes(), ["limit-exceeded"], "{name}");
    }
}

#[test]
fn what_takes_python_long_with_the_same_arguments_is_paid_for() {
    let made = |module: &str, name: &str, number: &str, count: usize| {
        let (class, argument) = (put(global(module, name), 0), put(tuple(&[text(number)]), 1));
        judge(&pickle4(ops![class, b"0", argument, b"0](", b"h\0h\x01R".repeat(count), b"e"])).codes()
    };
    let fraction = |digits: usize| format!("{}/{}", "7".repeat(digits), "9".repeat(digits));
    assert_eq!(made("fractions", "Fraction", &fraction(2000), 5000), ["limit-exceeded"]);
    assert_eq!(made("fractions", "Fraction", &fraction(2000), 5), [""; 0]);
    assert_eq!(made("fractions", "Fraction", &fraction(10), 5000), [""; 0]);
    assert_eq!(made("decimal", "Decimal", &"7".repeat(4000), 100_000), ["limit-exceeded"]);
    assert_eq!(made("decimal", "Decimal", &"7".repeat(4000), 1000), [""; 0]);
}

#[test]
fn a_set_that_is_made_again_and_again_is_paid_for() {
    let many = ops![put(global("builtins", "set"), 0), b"0", put(list(&vec![NONE.to_vec(); 10_000]), 1), b"0"];
    let judged = judge(&filled(200_000, &many, b"h\0h\x01\x85R", b""));
    assert_eq!(judged.codes(), ["limit-exceeded"]);
}

#[test]
fn objects_that_python_makes_large_are_paid_for() {
    for (module, name) in [("random", "Random"), ("numpy.random", "__RandomState_ctor"), ("collections", "deque")] {
        let many = |length: usize| judge(&filled(length, &put(global(module, name), 0), b"h\0)R", b""));
        assert_eq!(many(2_000_000).codes(), ["limit-exceeded"], "{name}");
        assert_eq!(many(8000).codes(), [""; 0], "{name}");
    }
    // A random state of the name of a generator makes one; a zone that is not fetched from the cache is read anew.
    let made = ops![put(global("numpy.random._pickle", "__randomstate_ctor"), 0), put(tuple(&[text("MT19937")]), 1)];
    let states = |length: usize| judge(&filled(length, &made, b"h\0h\x01R", b""));
    assert_eq!([states(2_000_000).codes(), states(8000).codes()], [vec!["limit-exceeded"], Vec::new()]);
    let method = call(global("builtins", "getattr"), &[global("zoneinfo", "ZoneInfo"), text("_unpickle")]);
    let zones = |cached: &[u8]| {
        let zone = ops![put(&method, 0), put(tuple(&[text("Europe/Paris"), cached.to_vec()]), 1)];
        judge(&filled(200_000, &zone, b"h\0h\x01R", b"")).codes()
    };
    assert_eq!([zones(FALSE), zones(TRUE)], [vec!["limit-exceeded"], Vec::new()]);
}

#[test]
fn keys_that_python_compares_for_long_are_paid_for() {
    let long = "x".repeat(1 << 20);
    let texts = |count: usize| {
        let pair = ops![put(text(&long), 0), b"0", put(text(&long), 1), b"0"];
        pickle4(ops![pair, b"}h\0Ns(", b"h\x01N".repeat(count), b"u"])
    };
    assert_eq!(judge(&texts(100_000)).codes(), ["limit-exceeded"]);
    assert_eq!(judge(&texts(100)).codes(), [""; 0]);
    // Of one hash, fewer than are refused, in many sets.
    let sets = |count: usize| {
        let keys: Ops = (0..900).flat_map(|_| float(f64::NAN)).collect();
        let set = ops![put(ops![b"](", keys, b"e"], 0), b"0", put(global("builtins", "set"), 1), b"0"];
        pickle4(ops![set, b"](", b"h\x01h\0\x85R".repeat(count), b"e"])
    };
    assert_eq!(judge(&sets(1000)).codes(), ["limit-exceeded"]);
    assert_eq!(judge(&sets(10)).codes(), [""; 0]);
}

#[test]
fn structures_of_structures_are_paid_for_where_numpy_goes_through_them() {
    // A structure of thirty that are the one before, so many times.
    let structure = |levels: usize| {
        let mut made = put(dtype("i1"), 0);
        let mut size = 1i32;
        for _ in 0..levels {
            let fields: Ops =
                (0..30).flat_map(|at| ops![text(&format!("f{at}")), get(0), int(at * size), b"\x86"]).collect();
            let names: Ops = (0..30).flat_map(|at| text(&format!("f{at}"))).collect();
            size *= 30;
            let state = [
                int(3),
                text("|"),
                NONE.into(),
                ops![b"(", names, b"t"],
                ops![b"}(", fields, b"u"],
                int(size),
                int(1),
                int(16),
            ];
            made = ops![made, b"0", put(build(dtype_call(&format!("V{size}")), tuple(&state)), 0)];
        }
        made
    };
    refused(&pickle4(structure(4)), "misused-global", "more fields stand in one another");
    accepted(&pickle4(structure(3)));
    let keys = |count: usize| pickle4(ops![structure(2), b"0}(", b"h\0N".repeat(count), b"u"]);
    assert_eq!(judge(&keys(20_000)).codes(), ["limit-exceeded"]);
    assert_eq!(judge(&keys(10)).codes(), [""; 0]);
}

#[test]
fn places_that_python_passes_in_a_table_are_paid_for() {
    // Python goes from place i to 5i + 1, and by what is left of the hash. The first third of the places are taken along that way; each of the
    // other keys is led over places that are taken until nothing is left of it, and then along that way.
    const MASK: u64 = (1 << 15) - 1;
    const THIRD: usize = 10_922;
    let way: Vec<u64> = std::iter::successors(Some(0), |place| Some((place * 5 + 1) & MASK)).take(THIRD).collect();
    let taken: std::collections::HashSet<u64> = way.iter().copied().collect();
    let is_led = |hash: u64| {
        let (mut place, mut rest) = (hash & MASK, hash);
        while rest > 0 && taken.contains(&place) {
            rest >>= 5;
            place = (place * 5 + rest + 1) & MASK;
        }
        rest == 0 && taken.contains(&place)
    };
    let led = (1 << 15..1 << 25).filter(|hash| is_led(*hash)).take(THIRD - 2);
    let dict = |keys: &mut dyn Iterator<Item = u64>| {
        pickle4(ops![b"}(", keys.flat_map(|key| ops![b"\x8a\x08", key.to_le_bytes(), NONE]).collect::<Ops>(), b"u"])
    };
    let limits = limits(&["values=5000000"]);
    let hostile = dict(&mut way.iter().copied().chain(led));
    assert_eq!(judge_with(&hostile, &limits, usize::MAX).codes(), ["limit-exceeded"]);
    for honest in [|number: u64| number, |number| number << 20, |number| number * 86_400_000_000_000] {
        let honest = dict(&mut (0..2 * THIRD as u64).map(honest));
        assert_eq!(judge_with(&honest, &limits, usize::MAX).codes(), [""; 0]);
    }
}

#[test]
fn what_classes_keep_or_take_apart_is_paid_for() {
    let logger = |part: &str, count: usize| {
        let call =
            |number: usize| call(global("logging", "getLogger"), &[text(&format!("{number}{}", part.repeat(100)))]);
        judge(&pickle4(ops![b"](", (0..count).flat_map(call).collect::<Ops>(), b"e"])).codes()
    };
    assert_eq!([logger(".a", 2000), logger("aa", 2000)], [vec!["limit-exceeded"], Vec::new()]);
    let address = |count: usize| {
        let made = ops![put(global("ipaddress", "IPv6Interface"), 0), b"0", put(tuple(&[text("::1/64")]), 1), b"0"];
        judge(&pickle4(ops![made, b"](", b"h\0h\x01R".repeat(count), b"e"])).codes()
    };
    assert_eq!([address(250_000), address(10_000)], [vec!["limit-exceeded"], Vec::new()]);
    let criterion = |outputs: i32| pickle4(call(global("sklearn.tree._criterion", "MAE"), &[int(outputs), int(1)]));
    assert_eq!(judge(&criterion(1 << 20)).codes(), ["limit-exceeded"]);
    accepted(&criterion(100));
}

#[test]
fn arrays_that_many_objects_copy_are_paid_for() {
    let count = |made: &dyn Fn(usize) -> Ops, few: usize, many: usize| {
        let limited = |number| judge(&made(number)).codes().contains(&"limit-exceeded");
        assert_eq!([limited(few), limited(many)], [false, true]);
    };
    // Each tree has nodes and values of its own (`Tree.__setstate__`).
    let node = packed(&[("left_child", "i8"), ("right_child", "i8"), ("feature", "i8"), ("threshold", "f8")]);
    let values = array_of(&[1, 1, 20_000], &dtype("f8"), &[0; 160_000]);
    let nodes = array_of(&[1], &node, &[0; 32]);
    let state = dict(&[("max_depth", int(1)), ("node_count", int(1)), ("nodes", get(52)), ("values", get(50))]);
    let classes = array_of(&[1], &dtype("i8"), &[1, 0, 0, 0, 0, 0, 0, 0]);
    let tree = call(global("sklearn.tree._tree", "Tree"), &[int(1), get(51), int(1)]);
    let trees = |number: usize| {
        let before = ops![put(values.clone(), 50), b"0", put(classes.clone(), 51), b"0", put(nodes.clone(), 52), b"0"];
        pickle4(ops![before, b"](", build(tree.clone(), state.clone()).repeat(number), b"e"])
    };
    count(&trees, 20, 600);
    // joblib makes a dtype anew for each array that it turns round.
    let turned = |number: usize| {
        let big = |at: usize| tuple(&[get(50), int(i32::try_from(at).unwrap())]);
        let names: Vec<String> = (0..500).map(|field| format!("f{field}")).collect();
        let fields: Vec<(&str, Ops)> = names.iter().map(|name| (name.as_str(), big(0))).collect();
        let all: Vec<Ops> = names.iter().map(|name| text(name)).collect();
        let parts = [int(3), text("|"), NONE.into(), tuple(&all), dict(&fields), int(2), int(1), int(16)];
        let structure = build(dtype_call("V2"), tuple(&parts));
        let field = build(dtype_call("i2"), dtype_state(">", -1, -1, 0));
        let array = ops![wrapper(&[1], &get(51)), [0, 0]];
        ops![b"\x80\x03", put(field, 50), b"0", put(structure, 51), b"0](", array.repeat(number), b"e."]
    };
    count(&turned, 10, 800);
    // pytz keeps each time of a zone, and goes through all of them for the next.
    let times = |number: usize| {
        let time = |at: usize| {
            let parts = [text("Europe/Paris"), int(i32::try_from(at).unwrap()), int(0), text("X")];
            call(global("pytz", "_p"), &parts)
        };
        pickle4(ops![b"](", (0..number).flat_map(time).collect::<Ops>(), b"e"])
    };
    count(&times, 500, 12_000);
}

#[test]
fn a_label_is_paid_for_part_by_part() {
    // One name for many columns, which is looked at each time.
    let label = |parts: usize| ops![b"(", b"N".repeat(parts), b"(", b"N".repeat(parts), b"tt"];
    let series = |parts: usize| {
        let made = build(ops![get(3), b")\x81"], dict(&[("_name", get(1))]));
        let before = ops![put(label(parts), 1), b"0", put(global("pandas.core.series", "Series"), 3), b"0"];
        judge_with(&pickle4(ops![before, b"](", made.repeat(5000), b"e"]), &limits(&["values=1000000"]), usize::MAX)
    };
    assert_eq!(series(200).codes(), ["limit-exceeded"]);
    assert!(!series(2).codes().contains(&"limit-exceeded"));
}

/// How much memory real workers take.
#[cfg(target_os = "linux")]
mod resident {
    use super::*;
    use coldload::bytes::Expectation;
    use coldload::job::{Decision, Emit, Job, Observation, Task};
    use coldload::reason::Finding;
    use coldload::sandbox::{Level, Sandbox, Work, Worker};

    /// Looks at the worker when it has read the file and waits for what it is told.
    #[derive(Default)]
    struct Look(u64);

    impl Look {
        /// The most memory that the only worker of this process ever had, in bytes (`VmHWM`).
        fn look(&mut self) {
            // A process that another test is just starting still shows the memory of this one, and its name.
            let own = format!("PPid:\t{}\n", std::process::id());
            let is_worker = |status: &String| status.contains(&own) && status.starts_with("Name:\tcoldload\n");
            let processes =
                std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let status =
                |process: String| std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
            let workers: Vec<String> = processes.map(status).filter(is_worker).collect();
            let peaks = workers.iter().filter_map(|status| {
                let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
                peak.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
            });
            self.0 = self.0.max(peaks.max().unwrap_or(0) << 10);
        }
    }

    impl Emit for Look {
        fn finding(&mut self, _: Finding) {
            self.look();
        }
        fn observed(&mut self, _: Box<Observation>) -> Decision {
            self.look();
            Decision::Proceed
        }
    }

    #[test]
    fn a_worker_takes_no_more_than_the_file_allows() {
        const LENGTH: usize = 2 << 20;
        // Not in this test's way: memory is looked at, and a machine may be slow.
        let limits = limits(&["time=600"]);
        let job = Job { task: Task::Judge, limits, allow: Vec::new(), allow_sets: Vec::new() };
        let program = Sandbox::Program(env!("CARGO_BIN_EXE_coldload").into());
        let mut over = Vec::new();
        for (name, bytes) in greedy(LENGTH) {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            let size = bytes.len() as u64;
            let expectation = Expectation::unsigned(size);
            let work =
                Work { beside: 0, job: &job, file: &file, size, expectation: &expectation, rows: None, out: None };
            let mut look = Look::default();
            let mut worker = Worker::start(&program, Level::Required).unwrap();
            worker.run(&work, &mut look).unwrap();
            assert!(look.0 > size, "{name}: the worker was not seen");
            let most = 16 * size + (32 << 20);
            if look.0 > most {
                over.push(format!("{name}: {} MiB for a file of {} MiB", look.0 >> 20, size >> 20));
            }
        }
        assert!(over.is_empty(), "{over:#?}");
    }
}
