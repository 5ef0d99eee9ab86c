//! Attacks written as opcodes, each beside an honest twin that differs in the one thing.

mod opcodes;

use coldload::reason::Code::{
    DangerousGlobal, DangerousOpcode, EmbeddedCode, Malformed, MisusedGlobal, NotFetched, TrailingData, UnknownFormat,
    UnknownGlobal,
};
use opcodes::*;

// ── An allowed name is not an allowed act ──────────────────────────────────────────────────────────────

/// The state of scipy's normal distribution with this program text, which its `__setstate__` runs.
fn distribution(template: &str) -> Vec<u8> {
    let parts =
        [text("shapes"), NONE.to_vec(), text("_parse_arg_template"), long_text(template), text("name"), text("norm")];
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    pickle(&[&build(&new(&name("scipy.stats._continuous_distns", "norm_gen")), &dict(&parts))])
}

/// What scipy itself writes there (scipy 1.17.1).
const TEMPLATE: &str = "\ndef _parse_args(self,  loc=0, scale=1):\n    return (), loc, scale\n\ndef _parse_args_rvs(self,  loc=0, scale=1, size=None):\n    return self._argcheck_rvs( loc, scale, size=size)\n\ndef _parse_args_stats(self,  loc=0, scale=1, moments='mv'):\n    return (), loc, scale, moments\n";

#[test]
fn code_in_the_state_of_a_scipy_distribution_is_refused() {
    accepted(&distribution(TEMPLATE));
    let finding = refused(&distribution(&format!("import os\nos.system('id')\n{TEMPLATE}")), MisusedGlobal);
    assert!(finding.message.contains("program text"), "{}", finding.message);
    refused(&distribution(&TEMPLATE.replace("loc=0", "loc=__import__('os').system('id')")), MisusedGlobal);
}

#[test]
fn another_callable_in_a_generators_constructor_is_refused() {
    let ctor = |second: &[u8]| {
        let make = name("numpy.random._pickle", "__generator_ctor");
        pickle(&[&call(&make, &[&text("PCG64"), second])])
    };
    accepted(&ctor(&name("numpy.random._pickle", "__bit_generator_ctor")));
    let finding = refused(&ctor(&name("numpy", "log1p")), MisusedGlobal);
    assert!(finding.message.contains("which it calls"), "{}", finding.message);
    refused(&ctor(&name("sklearn.tree._tree", "Tree")), MisusedGlobal);
}

#[test]
fn a_loader_as_a_transformers_function_is_refused() {
    let transformer = |function: &[u8]| {
        let class = name("sklearn.preprocessing._function_transformer", "FunctionTransformer");
        pickle(&[&build(&new(&class), &dict(&[&text("func"), function]))])
    };
    accepted(&transformer(&name("numpy", "log1p")));
    let finding = refused(&transformer(&name("joblib", "load")), DangerousGlobal);
    assert!(finding.why.contains("load another pickle"), "{}", finding.why);
    assert_eq!(finding.place.as_deref(), Some("func"));
}

// ── State ──────────────────────────────────────────────────────────────────────────────────────────────

fn with_state(items: &[&[u8]]) -> Vec<u8> {
    pickle(&[&build(&scaler(), &dict(items))])
}

#[test]
fn a_state_sets_plain_attributes_each_once() {
    accepted(&with_state(&[&text("copy"), TRUE, &text("with_std"), FALSE]));
    refused(&with_state(&[&text("copy"), TRUE, &text("copy"), FALSE]), MisusedGlobal);
    refused(&with_state(&[&text("__class__"), NONE]), MisusedGlobal);
    refused(&with_state(&[&text("__setstate__"), NONE]), MisusedGlobal);
    refused(&with_state(&[&text("fit"), NONE]), MisusedGlobal);
    refused(&with_state(&[&text("_build_f"), NONE]), MisusedGlobal);
    refused(&with_state(&[&int(1), NONE]), MisusedGlobal);
    refused(&with_state(&[&text("_sklearn_version"), &int(1)]), MisusedGlobal);
    refused(&pickle(&[&build(&scaler(), &tuple(&[NONE, &dict(&[&text("copy"), TRUE])]))]), MisusedGlobal);
}

#[test]
fn functions_stand_only_where_functions_belong() {
    let log = name("numpy", "log1p");
    accepted(&with_state(&[&text("func"), &log]));
    refused(&with_state(&[&text("mean_"), &log]), MisusedGlobal);
    refused(&with_state(&[&text("mean_"), &list(&[&dict(&[&text("deep"), &tuple(&[&log])])])]), MisusedGlobal);
    accepted(&with_state(&[&text("mean_"), &name("numpy", "float64")]));
}

#[test]
fn an_object_is_given_a_state_once_and_a_class_never() {
    let state = dict(&[&text("copy"), TRUE]);
    accepted(&pickle(&[&build(&scaler(), &state)]));
    refused(&pickle(&[&build(&build(&scaler(), &state), &state)]), MisusedGlobal);
    refused(&pickle(&[&build(&name("sklearn.preprocessing._data", "StandardScaler"), &state)]), MisusedGlobal);
}

#[test]
fn a_container_does_not_change_after_it_was_used() {
    let list = [b"]".as_slice(), b"\x94"].concat();
    let used = |after: &[u8]| {
        pickle(&[&list, b"0", &build(&scaler(), &dict(&[&text("mean_"), b"h\x00"])), b"h\x00", after, b"0"])
    };
    accepted(&used(b""));
    refused(&used(&[name("numpy", "log1p").as_slice(), b"a"].concat()), MisusedGlobal);
}

#[test]
fn items_go_only_into_what_takes_them() {
    let ordered = call(&name("collections", "OrderedDict"), &[]);
    accepted(&pickle(&[&ordered, b"(", &text("a"), NONE, b"u"]));
    refused(&pickle(&[&ordered, b"(", NONE, b"e"]), MisusedGlobal);
    refused(&pickle(&[&scaler(), b"(", &text("a"), NONE, b"u"]), MisusedGlobal);
    refused(&pickle(&[&scaler(), b"(", NONE, b"e"]), MisusedGlobal);
    refused(&pickle(&[&scaler(), b"(", NONE, b"\x90"]), MisusedGlobal);
    accepted(&pickle(&[&scaler(), b"(e"]));
}

// ── Calls ──────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn only_names_are_called_and_only_with_a_tuple() {
    let set = name("builtins", "set");
    accepted(&pickle(&[&call(&set, &[&list(&[&int(1)])])]));
    refused(&pickle(&[&set, &list(&[&list(&[&int(1)])]), REDUCE]), MisusedGlobal);
    refused(&pickle(&[&call(&scaler(), &[])]), MisusedGlobal);
    refused(&pickle(&[&call(&call(&set, &[&list(&[])]), &[])]), Malformed);
}

#[test]
fn empty_objects_are_made_without_arguments() {
    let class = name("sklearn.preprocessing._data", "StandardScaler");
    accepted(&pickle(&[&class, EMPTY, NEWOBJ]));
    refused(&pickle(&[&class, &tuple(&[&int(1)]), NEWOBJ]), MisusedGlobal);
    accepted(&pickle(&[&class, EMPTY, b"}\x92"]));
    refused(&pickle(&[&class, EMPTY, &dict(&[&text("copy"), NONE]), b"\x92"]), MisusedGlobal);
}

#[test]
fn helpers_of_python_are_used_as_python_uses_them() {
    let encode = |codec: &str| pickle(&[&call(&name("_codecs", "encode"), &[&text("abc"), &text(codec)])]);
    accepted(&encode("latin1"));
    refused(&encode("rot13"), MisusedGlobal);
    refused(&encode("idna"), MisusedGlobal);
    let array = |argument: &[u8]| pickle(&[&call(&name("builtins", "bytearray"), &[argument])]);
    accepted(&array(&bytes(b"abc")));
    refused(&array(b"\x8a\x06\x00\x10\xa5\xd4\xe8\x00"), MisusedGlobal);
    let scaler = name("sklearn.preprocessing._data", "StandardScaler");
    let made =
        |base: &[u8], state: &[u8]| pickle(&[&call(&name("copyreg", "_reconstructor"), &[&scaler, base, state])]);
    accepted(&made(&name("builtins", "object"), NONE));
    refused(&made(&name("builtins", "list"), &list(&[])), MisusedGlobal);
    refused(&made(&name("builtins", "object"), &int(1)), MisusedGlobal);
}

// ── Arrays ─────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_dtype_agrees_with_its_code() {
    let eight = bytes(&[0; 8]);
    accepted(&pickle(&[&array_with(&[1], &dtype("f8"), &eight)]));
    accepted(&pickle(&[&dtype_with("O8", "|", -1, -1, 63)]));
    // `u1` with the flags of objects: joblib would load a nested pickle where other readers see data.
    refused(&pickle(&[&dtype_with("u1", "|", -1, -1, 63)]), MisusedGlobal);
    refused(&pickle(&[&dtype_with("f8", "|", -1, -1, 0)]), MisusedGlobal);
    refused(&pickle(&[&dtype_with("f8", "<", 4, 4, 0)]), MisusedGlobal);
    refused(&pickle(&[&dtype_with("U2", "<", 4, 4, 8)]), MisusedGlobal);
    accepted(&pickle(&[&dtype_with("U2", "<", 8, 4, 8)]));
    refused(&pickle(&[&call(&name("numpy", "dtype"), &[&text("i8,O"), FALSE, TRUE])]), MisusedGlobal);
}

#[test]
fn a_dtype_does_not_change_after_it_was_used() {
    let plain = call(&name("numpy", "dtype"), &[&text("f8"), FALSE, TRUE]);
    let scalar = name("numpy._core.multiarray", "scalar");
    let state = tuple(&[&int(3), &text(">"), NONE, NONE, NONE, &int(-1), &int(-1), &int(0)]);
    let use_it = |before: &[u8], after: &[u8]| {
        let call = call(&scalar, &[b"h\x00", &bytes(&[0; 8])]);
        pickle(&[&plain, b"\x94", before, &call, b"0h\x00", after])
    };
    accepted(&use_it(&[state.as_slice(), BUILD].concat(), b""));
    refused(&use_it(b"", &[state.as_slice(), BUILD].concat()), MisusedGlobal);
}

#[test]
fn an_array_has_exactly_the_bytes_of_its_shape() {
    let f8 = dtype("f8");
    accepted(&pickle(&[&array_with(&[2], &f8, &bytes(&[0; 16]))]));
    refused(&pickle(&[&array_with(&[3], &f8, &bytes(&[0; 16]))]), MisusedGlobal);
    refused(&pickle(&[&array_with(&[1], &f8, &bytes(&[0; 16]))]), MisusedGlobal);
    refused(&pickle(&[&array_with(&[-1], &f8, &bytes(&[0; 16]))]), MisusedGlobal);
    let huge = [i32::MAX; 3];
    refused(&pickle(&[&array_with(&huge, &f8, &bytes(&[]))]), MisusedGlobal);
    let objects = dtype_with("O8", "|", -1, -1, 63);
    accepted(&pickle(&[&array_with(&[1], &objects, &list(&[NONE]))]));
    refused(&pickle(&[&array_with(&[2], &objects, &list(&[NONE]))]), MisusedGlobal);
    refused(&pickle(&[&array_with(&[1], &objects, &bytes(&[0; 8]))]), MisusedGlobal);
}

#[test]
fn a_scalar_has_exactly_the_bytes_of_its_dtype() {
    let scalar = |bytes: &[u8]| pickle(&[&call(&name("numpy._core.multiarray", "scalar"), &[&dtype("f8"), bytes])]);
    accepted(&scalar(&bytes(&[0; 8])));
    refused(&scalar(&bytes(&[0; 4])), MisusedGlobal);
}

#[test]
fn an_array_is_of_numpys_own_class() {
    let made = |class: &[u8], shape: &[u8], code: &[u8]| {
        pickle(&[&call(&name("numpy._core.multiarray", "_reconstruct"), &[class, shape, code])])
    };
    let (class, shape, code) = (name("numpy", "ndarray"), tuple(&[&int(0)]), bytes(b"b"));
    accepted(&made(&class, &shape, &code));
    refused(&made(&name("builtins", "list"), &shape, &code), MisusedGlobal);
    refused(&made(&class, &tuple(&[&int(9)]), &code), MisusedGlobal);
    refused(&made(&class, &shape, &bytes(b"O")), MisusedGlobal);
}

// ── Names ──────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_name_is_seen_however_it_is_spelt() {
    let ways: Vec<(&str, Vec<u8>)> = vec![
        ("GLOBAL", pickle(&[b"cposix\nsystem\n"])),
        ("STACK_GLOBAL", pickle(&[&text("posix"), &text("system"), b"\x93"])),
        ("through the memo", pickle(&[&text("posix"), b"\x940", &text("system"), b"\x940h\x00h\x01\x93"])),
        (
            "through an overwritten memo",
            pickle(&[NONE, b"q\x000", &text("posix"), b"q\x000h\x00", &text("system"), b"\x93"]),
        ),
        ("through DUP and POP", pickle(&[&text("posix"), b"20", &text("system"), b"2", b"0\x93"])),
        ("raw-unicode-escape", pickle(&[b"Vposi\\u0078\n", &text("system"), b"\x93"])),
        ("a Python 2 string with escapes", pickle(&[b"S'pos\\x69x'\n", &text("system"), b"\x93"])),
        ("INST", b"(S'id'\niposix\nsystem\n.".to_vec()),
        ("OBJ", b"(cposix\nsystem\nS'id'\no.".to_vec()),
        ("BINUNICODE8", pickle(&[b"\x8d\x05\0\0\0\0\0\0\0posix", &text("system"), b"\x93"])),
        ("behind a second PROTO", b"\x80\x02\x80\x04cposix\nsystem\n.".to_vec()),
        ("fetched and thrown away", pickle(&[b"cposix\nsystem\n0N"])),
        ("a dotted name", pickle(&[&text("os"), &text("path.os.system"), b"\x93"])),
        ("a second pickle", [b"\x80\x04N.".as_slice(), &pickle(&[b"cposix\nsystem\n"])].concat()),
        ("before a break", b"cposix\nsystem\n(S'id'\ntR\xff".to_vec()),
    ];
    for (way, content) in ways {
        let finding = refused(&content, DangerousGlobal);
        assert!(finding.name.is_some() && finding.offset.is_some(), "{way}: {finding:?}");
    }
    accepted(&pickle(&[&text("posix"), &text("system"), b"0"]));
}

#[test]
fn python_2_names_hold_only_below_protocol_3() {
    let set = |protocol: u8| [&[0x80, protocol], b"c__builtin__\nset\n(](K\x01etR.".as_slice()].concat();
    accepted(&set(2));
    refused(&set(3), UnknownGlobal);
    refused(b"c__builtin__\neval\n(S'1'\ntR.", DangerousGlobal);
}

#[test]
fn unknown_names_and_embedded_code_are_told_from_dangerous_ones() {
    let finding = refused(&pickle(&[&build(&new(&name("__main__", "Mine")), &dict(&[]))]), UnknownGlobal);
    assert!(finding.message.contains("a class that is given state"), "{}", finding.message);
    assert!(finding.next.contains("--allow __main__.Mine"), "{}", finding.next);
    refused(&pickle(&[&call(&name("cloudpickle.cloudpickle", "_make_function"), &[])]), EmbeddedCode);
    let mine = pickle(&[&build(&new(&name("mypkg", "Mine")), &dict(&[&text("a"), &int(1)]))]);
    refused(&mine, UnknownGlobal);
    let answer = judge(&mine, &[], &["mypkg.Mine"]);
    assert!(answer.findings.is_empty(), "{:?}", answer.findings);
    let called = pickle(&[&call(&name("mypkg", "mine"), &[&int(1)])]);
    assert_eq!(judge(&called, &[], &["mypkg.mine"]).findings[0].code, MisusedGlobal, "an allowed name is never called");
}

// ── Frames, opcodes, literals ──────────────────────────────────────────────────────────────────────────

fn framed(length: u64, body: &[u8]) -> Vec<u8> {
    [b"\x80\x04\x95".as_slice(), &length.to_le_bytes(), body].concat()
}

#[test]
fn an_argument_stays_in_its_frame() {
    accepted(&framed(6, b"\x8c\x03abc."));
    accepted(&framed(5, b"\x8c\x03abc."));
    refused(&framed(4, b"\x8c\x03abc."), Malformed);
    refused(&framed(1, b"\x8c\x03abc."), Malformed);
    accepted(&framed(5, b"I12\n."));
    refused(&framed(3, b"I12\n."), Malformed);
}

/// The C reader's buffer is 128 KiB: in a longer file an argument that crosses its frame makes it drop the frame's rest, and
/// run what a linear reader takes for text (python/cpython #154848).
#[test]
fn an_argument_that_crosses_a_frame_longer_than_the_c_readers_buffer_is_refused() {
    let hidden = b"0cposix\nsystem\n(S'id'\ntR.";
    let padding = "p".repeat(140_000);
    let mut body = [long_text(&padding), b"0".to_vec()].concat();
    let length = body.len() as u64 + 10;
    body.extend_from_slice(b"X\x40\0\0\0");
    body.extend_from_slice(&[b'x'; 5]);
    body.extend_from_slice(hidden);
    body.extend_from_slice(&[b'y'; 64]);
    refused(&framed(length, &body), Malformed);
    let honest = [long_text(&padding), b".".to_vec()].concat();
    accepted(&framed(honest.len() as u64, &honest));
}

#[test]
fn frames_do_not_nest_and_end_with_their_pickle() {
    refused(&framed(11, b"\x95\x02\0\0\0\0\0\0\0N."), Malformed);
    refused(&framed(3, b"N.N"), Malformed);
    refused(&framed(100, b"N."), Malformed);
    accepted(&framed(2, b"N."));
}

#[test]
fn what_asks_for_something_from_outside_is_refused() {
    for opcodes in [&b"Pid\n"[..], b"NQ", b"\x82\x01", b"\x83\x01\x00", b"\x84\x01\x00\x00\x00", b"\x97", b"C\x01a\x98"]
    {
        refused(&pickle(&[opcodes]), DangerousOpcode);
    }
}

#[test]
fn broken_pickles_are_refused() {
    let broken: &[&[u8]] = &[
        b"\x80\x06N.",
        b"\x80\x04",
        b"\x80\x04N",
        b"\x80\x04.",
        b"\x80\x04h\x00.",
        b"\x80\x04e.",
        b"\x80\x04\x8c\x02\xff\xfe.",
        b"\x80\x04]]\x8f(]\x90.",
        b"\x80\x04}(Nu.",
        b"\x80\x04}]Ns.",
        b"\x80\x04\x8b\xff\xff\xff\xff.",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
        b"\x80\x04K\x01K\x02a.",
        b"\x80\x04(N\x85R.",
        b"\x80\x02I0x10\n.",
        b"\x80\x02I 1\n.",
        b"\x80\x02F1_0\n.",
        b"\x80\x02S'a\n.",
        b"\x80\x02Np-1\n.",
    ];
    for content in broken {
        let answer = judge(content, &[], &[]);
        assert!(answer.findings.iter().any(|finding| finding.code == Malformed), "{content:x?}: {answer:?}");
    }
}

#[test]
fn line_ends_that_were_changed_are_named() {
    accepted(b"(lp0\nI1\na.");
    let finding = refused(b"(lp0\r\nI1\r\na.", Malformed);
    assert!(finding.message.contains("CR LF") && finding.next.contains("line ends"), "{finding:?}");
}

// ── Files ──────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn every_pickle_of_a_file_is_judged_and_what_is_none_is_refused() {
    accepted(b"\x80\x04N.\x80\x04K\x01.");
    let finding = refused(b"\x80\x04N.PK\x03\x04rest", TrailingData);
    assert_eq!(finding.offset, Some(4));
    refused(b"\x80\x04N.\0\0\0", TrailingData);
}

#[test]
fn what_is_no_model_is_named() {
    refused(b"", NotFetched);
    refused(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", NotFetched);
    refused(b"outs:\n- md5: 00\n  size: 1\n", NotFetched);
    refused(b"hello", UnknownFormat);
    refused(b"PK\x03\x04", UnknownFormat);
    refused(b"\x93NUMPY\x01\x00", UnknownFormat);
}
