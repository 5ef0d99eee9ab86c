//! The bytes of a pickle: frames, ends, lines, and files that are something else.

use crate::opcodes::*;
use std::io::Write;

#[test]
fn an_argument_does_not_cross_the_end_of_its_frame() {
    // One reader takes the attack for the rest of the text, the other for opcodes.
    let long = "a".repeat(60);
    let with = |inside: usize| {
        let body = ops![text(&long), b"."];
        ops![b"\x80\x04\x95", (inside as u64).to_le_bytes(), body]
    };
    told_apart(&with(40), "malformed", "crosses the end of its frame", &with(63));
    for cut in [1, 2] {
        refused(&with(cut), "malformed", "crosses the end of its frame");
    }
}

#[test]
fn an_argument_longer_than_the_readers_buffer_does_not_cross_its_frame() {
    // CPython's C reader has a buffer of 131,072 bytes, and behaves differently beyond it.
    for (length, opcode) in [(131_073u32, b'X'), (300_000, b'X'), (300_000, b'B')] {
        let body = ops![[opcode], length.to_le_bytes(), vec![b'a'; length as usize], b"."];
        let framed = |inside: usize| ops![b"\x80\x04\x95", (inside as u64).to_le_bytes(), body];
        told_apart(&framed(131_072), "malformed", "crosses the end of its frame", &framed(body.len()));
        refused(&framed(body.len() - 2), "malformed", "crosses the end of its frame");
        accepted(&ops![b"\x80\x04", body]); // No frame at all, as its writers do for what is large.
    }
}

#[test]
fn lines_numbers_and_names_do_not_cross_their_frame_either() {
    for body in [ops![b"I1000\n."], ops![b"J\x01\x02\x03\x04."], global("numpy", "ndarray"), ops![b"\x8a\x02\x01\x02."]]
    {
        let framed = |inside: usize| ops![b"\x80\x04\x95", (inside as u64).to_le_bytes(), body];
        for inside in 1..body.len() - 1 {
            let judged = judge(&framed(inside));
            assert_eq!(judged.codes(), ["malformed"], "{inside}");
            assert!(judged.findings[0].message.contains("crosses the end"), "{:?}", judged.findings);
        }
    }
}

#[test]
fn a_frame_does_not_begin_in_a_frame() {
    let inner = frame(ops![b"N"]);
    let nested = ops![b"\x80\x04", frame(ops![inner, b"."])];
    let in_turn = ops![b"\x80\x04", frame(ops![b"N"]), frame(ops![b"."])];
    told_apart(&nested, "malformed", "a frame begins inside a frame", &in_turn);
}

#[test]
fn a_pickle_does_not_stop_before_its_frame_ends() {
    // What is left of the frame is dropped by one reader and read as the next pickle by another.
    let stops = ops![b"\x80\x04", frame(ops![b"N.", attack(), b"."])];
    told_apart(&stops, "malformed", "stops before its frame ends", &ops![b"\x80\x04", frame(ops![b"N."])]);
}

#[test]
fn a_frame_longer_than_the_file_is_refused() {
    let with = |length: u64| ops![b"\x80\x04\x95", length.to_le_bytes(), b"N."];
    accepted(&with(2));
    for length in [3, 1 << 40, u64::MAX] {
        assert_eq!(judge(&with(length)).codes(), ["malformed"], "{length}");
    }
}

#[test]
fn what_follows_the_last_pickle_is_refused_if_it_is_none() {
    let honest = pickle4(int(1));
    for rest in [&b"\0"[..], b"rest", b"\x80\x04", b"\x80\x09N.", b"PK\x03\x04"] {
        told_apart(&ops![honest, rest], "trailing-data", "more bytes follow", &honest);
    }
}

#[test]
fn each_of_several_pickles_is_judged() {
    let honest = ops![pickle4(int(1)), pickle(2, text("two")), pickle(0, int(3))];
    let hostile = ops![pickle4(int(1)), pickle(2, attack()), pickle(0, int(3))];
    told_apart(&hostile, "dangerous-global", "posix.system", &honest);
    assert_eq!(accepted(&honest).observed.content.pickles, 3);
    let broken = ops![pickle4(int(1)), b"\x80\x04", attack()];
    assert_eq!(judge(&broken).codes(), ["dangerous-global", "malformed"]);
}

#[test]
fn the_second_pickle_has_neither_memo_nor_stack_of_the_first() {
    let first = pickle4(put(text("posix"), 1));
    let finding =
        refused(&ops![first, b"\x80\x04", get(1), b"."], "trailing-data", "more bytes follow the end of the pickle");
    assert!(finding.next.contains("need a pickle.dump each"), "{finding:?}");
    refused(&ops![first, b"\x80\x04\x93."], "trailing-data", "more bytes follow the end");
    accepted(&ops![first, pickle4(put(text("posix"), 1))]);
}

#[test]
fn a_protocol_that_does_not_exist_is_refused() {
    told_apart(&pickle(6, NONE), "malformed", "no protocol 6", &pickle(5, NONE));
    refused(&pickle(255, NONE), "malformed", "no protocol 255");
}

#[test]
fn line_ends_that_were_changed_are_named_so() {
    let honest = b"(lp0\nI1\na.".to_vec();
    let changed = String::from_utf8(honest.clone()).unwrap().replace('\n', "\r\n");
    told_apart(changed.as_bytes(), "malformed", "ends in CR LF", &honest);
    // A binary pickle too: its lengths are wrong then, and what breaks first says nothing.
    let honest = pickle(3, list(&[bytes(b"a\nb\nc\nd\ne\nf"), int(10)]));
    let mut changed = Vec::new();
    for byte in &honest {
        changed.extend(if *byte == b'\n' { &b"\r\n"[..] } else { std::slice::from_ref(byte) });
    }
    told_apart(&changed, "malformed", "every line of the file ends in CR LF", &honest);
    // One line feed without it, and it is another damage.
    refused(&ops![changed[..changed.len() - 1], b"\n"], "malformed", "there is no opcode");
    // Python to 3.6 writes a text that ends in a carriage return so, below protocol 1: [u'spam\r', u'ham'], and a date.
    accepted(b"(lp0\nVspam\r\np1\naVham\np2\na.");
    accepted(b"cdatetime\ndate\np0\n(c_codecs\nencode\np1\n(V\x07\xd0\x01\r\np2\nVlatin1\np3\ntp4\nRp5\ntp6\nRp7\n.");
    // Before the first line that ends otherwise, nobody knows; and what is no text never ends so.
    refused(b"(Va\r\nVb\nl.", "malformed", "the line of UNICODE ends in CR LF");
    refused(b"(Va\nI1\r\nl.", "malformed", "the line of INT ends in CR LF");
    refused(b"(Va\nS'b'\r\nl.", "malformed", "the line of STRING ends in CR LF");
}

/// CPython's readers stop at STOP and look at nothing behind it; of the numbers they take `I1` and a carriage return for 1, and the C reader
/// fails on such a float, a long number and `I01`.
#[test]
fn a_line_end_that_was_added_behind_the_end_is_named_so() {
    let dumps: [&[u8]; 6] = [
        b"(lp0\nI1\naF2.5\naVa\np1\na.",
        b"I1\n.",
        b"N.",
        b"L1000000000000000000000000000000L\n.",
        b"\x80\x02]q\x00K\x01a.",
        b"\x80\x04\x95\x04\x00\x00\x00\x00\x00\x00\x00\x8c\x01a.",
    ];
    for dump in dumps {
        for end in [&b"\n"[..], b"\r\n"] {
            told_apart(&[dump, end].concat(), "trailing-data", "a line end follows the end", dump);
        }
        for other in [&b"\r"[..], b"\n\n", b"\n ", b"\r\r", b" "] {
            let judged = judge(&[dump, other].concat());
            let remembers = dump.contains(&b'p');
            let code = if dump[0] == 0x80 || remembers { "trailing-data" } else { "unknown-format" };
            assert_eq!(judged.codes(), [code], "{other:?}");
            assert!(!judged.findings[0].message.contains("a line end"), "{:?}", judged.findings);
        }
    }
    // With the line ends of the numbers changed too, what breaks first is named.
    for (line, at) in [
        ("(lp0\r\nI1\r\na.\n", "PUT"),
        ("(I1\r\nI2\r\ntp0\r\n.\n", "INT"),
        ("I1\r\n.\n", "INT"),
        ("F1.5\r\n.\r\n", "FLOAT"),
    ] {
        refused(line.as_bytes(), "malformed", &format!("the line of {at} ends in CR LF"));
    }
    // Other texts whose first letter is an opcode are no pickles.
    for text in ["I am.\r\nYou are.\r\n", "I1\r\n2\r\n", "L\r\n."] {
        refused(text.as_bytes(), "unknown-format", "");
    }
}

#[test]
fn a_pickle_that_was_taken_for_text_is_named_so() {
    let honest = pickle(4, list(&[int(200), text("a")]));
    let latin1: String = honest.iter().map(|byte| char::from(*byte)).collect();
    told_apart(latin1.as_bytes(), "malformed", "from Latin-1 to UTF-8", &honest);
    let replaced = String::from_utf8_lossy(&honest).into_owned();
    told_apart(replaced.as_bytes(), "malformed", "bytes of the file were replaced", &honest);
}

#[test]
fn a_placeholder_says_that_the_model_was_not_fetched() {
    for (placeholder, what) in [
        (&b""[..], "an empty file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "a Git LFS pointer"),
        (b"outs:\n- md5: 0123\n  size: 1\n  path: model.pkl\n", "a DVC pointer"),
        (b"outs:\r\n- hash: md5\r\n  md5: 0123\r\n", "a DVC pointer"),
        (b"/annex/objects/SHA256E-s1--00.pkl\n", "a git-annex pointer"),
        (b"\n\n<!DOCTYPE html>\n<html lang=\"en\">", "an HTML page"),
        (b"\xef\xbb\xbf<HTML><head><title>404</title>", "an HTML page"),
        (
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code></Error>",
            "the error message of a server, in XML",
        ),
        (b"{\"message\": \"Not Found\", \"status\": \"404\"}", "the error message of a server, in JSON"),
        (b"{\n  \"error\": {\"code\": 403}}", "the error message of a server, in JSON"),
    ] {
        told_apart(placeholder, "not-fetched", what, &pickle4(NONE));
    }
}

#[test]
fn what_is_no_pickle_is_of_an_unknown_format() {
    for file in [
        &b"hello world\n"[..],
        b"\x89PNG\r\n\x1a\n",
        b"\x7fELF",
        b"{\"a\": 1}",
        b"{\"errorless\": 1}",
        b"<?xml version=\"1.0\"?>\n<PMML/>",
        b"<svg>",
    ] {
        told_apart(file, "unknown-format", "no format", &pickle4(NONE));
    }
    told_apart(b"PK\x03\x04rest", "unknown-format", "a zip archive", &pickle4(NONE));
}

#[test]
fn a_text_whose_letters_happen_to_be_opcodes_is_of_an_unknown_format() {
    for text in
        ["Python reads this\n", "N.B. read this first\n", "Introduction\r\n\r\nText\r\n", "change log\r\n", "KKR.\n"]
    {
        refused(text.as_bytes(), "unknown-format", "no format");
    }
    // With PROTO, or behind a name, it is a pickle that breaks.
    assert_eq!(judge(b"\x80\x02Pid\n.").codes(), ["dangerous-opcode"]);
    assert_eq!(judge(b"cnumpy\nndarray\nPid\n.").codes(), ["dangerous-opcode"]);
    assert_eq!(judge(b"cnumpy\r\nndarray\r\n.").codes(), ["malformed"]);
}

#[test]
fn a_broken_pickle_is_malformed_and_not_of_an_unknown_format() {
    let whole = pickle4(list(&[int(1), text("abc")]));
    for length in 1..whole.len() {
        assert_eq!(judge(&whole[..length]).codes(), ["malformed"], "{length}");
    }
    accepted(&whole);
}

#[test]
fn the_stack_and_the_marks_hold_what_is_taken_from_them() {
    for (wrong, honest) in [
        (&b"0N"[..], &b"N0N"[..]),
        (b"2", b"N2"),
        (b"t", b"(t"),
        (b"N\x86", b"NN\x86"),
        (b"(N\x86", b"(NN\x86t"),
        (b"Na", b"]Na"),
        (b"](Na", b"](Ne"),
        (b"}Ns", b"}NNs"),
        (b"}(NNNu", b"}(NNu"),
        (b"(Nd", b"(NNd"),
        (b"](N(e", b"](Ne"),
        (b"h\x00", b"Nq\x00h\x00"),
        (b"g7\n", b"Np7\ng7\n"),
        (b"j\0\0\0\0", b"Nr\0\0\0\0j\0\0\0\0"),
        (b"\x94N", b"N\x94"),
        (b"1N", b"(1N"),
        (b"o", b")"),
        (b"b", b")"),
        (b"R", b")"),
        (b"N)\x81", b")"),
        (b"(", b"(t"),
    ] {
        accepted(&pickle4(honest));
        assert_eq!(judge(&pickle4(wrong)).codes(), ["malformed"], "{wrong:?}");
    }
}

#[test]
fn what_python_can_not_hash_is_no_key_and_no_member() {
    for (wrong, honest) in [
        (ops![b"}]Ns"], ops![b"})Ns"]),
        (ops![b"(}Nd"], ops![b"(NNd"]),
        (ops![b"\x8f(]\x90"], ops![b"\x8f()\x90"]),
        (ops![b"(}\x91"], ops![b"(N\x91"]),
        (ops![b"}", tuple(&[list(&[])]), b"Ns"], ops![b"}", tuple(&[int(1)]), b"Ns"]),
    ] {
        told_apart(&pickle4(wrong), "malformed", "Python can not hash", &pickle4(honest));
    }
    let key = |key: Ops| pickle4(ops![b"}", key, b"Ns"]);
    let slice = call(global("builtins", "slice"), &[NONE.into(), NONE.into(), NONE.into()]);
    let bunch = new(global("sklearn.utils", "Bunch"));
    let time = || build(dtype_call("S8"), dtype_state("|", 8, 1, 0));
    for object in [call(global("collections", "OrderedDict"), &[]), slice, bunch, empty_array(), new(scaler())] {
        told_apart(&key(object), "malformed", "Python can not hash", &key(time()));
    }
    accepted(&key(call(global("numpy.core.multiarray", "scalar"), &[time(), bytes(b"abcdefgh")])));
    accepted(&key(call(global("builtins", "complex"), &[float(1.0), float(2.0)])));
}

#[test]
fn a_class_that_was_allowed_makes_keys() {
    let with = |key: Ops| judge_allowing(&pickle4(ops![b"}", key, b"Ns\x85"]), &["shop.Id"], &[]).codes();
    assert_eq!(with(build(new(global("shop", "Id")), dict(&[("number", int(1))]))), [""; 0]);
    assert_eq!(with(list(&[])), ["malformed"]);
}

#[test]
fn a_compressed_text_is_no_pickle_and_a_compressed_pickle_that_breaks_is() {
    let zlib = |bytes: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    // `The ` is BINSTRING, and a length of more than a gigabyte.
    for text in [&b"The MIT License is a text"[..], b"alpha,beta\n1,2\n", b">seq1\nACGT\n", &[0; 40]] {
        refused(&zlib(text), "unknown-format", "begins like no format");
    }
    told_apart(&zlib(b"\x80\x04N"), "malformed", "ends", &zlib(b"\x80\x04N."));
    assert_eq!(judge(&zlib(b"cos\nsystem\n(Vid\nt")).codes(), ["dangerous-global", "malformed"]);
    // Python reads a number that begins with a space, and what stands behind it; of a word it reads none.
    for (goes_on, text) in
        [(&b"I 5\n"[..], &b"Installation\n"[..]), (b"L+5L\n", b"Licence\n"), (b"F 1_0.5\n", b"Files\n")]
    {
        let file = |line: &[u8]| ops![line, b"0cos\nsystem\n(Vid\ntR."];
        refused(&zlib(&file(goes_on)), "malformed", "holds no number");
        refused(&file(goes_on), "malformed", "holds no number");
        refused(&zlib(&file(text)), "unknown-format", "begins like no format");
        refused(&file(text), "unknown-format", "begins like no format");
    }
    // Who holds as much as it says is judged, whatever it begins with.
    let long = ops![b"T", (300u32 << 20).to_le_bytes(), vec![b'a'; 300 << 20], b"0cos\nsystem\n(Vid\ntR."];
    refused(&zlib(&long), "limit-exceeded", "the limit memory");
}

#[test]
fn a_length_below_zero_or_beyond_the_file_is_refused() {
    for opcode in [
        &b"T\xff\xff\xff\xff"[..],
        b"\x8b\xff\xff\xff\xff",
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        refused(&pickle4(opcode), "malformed", "has the length");
    }
    for opcode in [
        &b"X\x01\0\0\0"[..],
        b"X\0\0\x01\0",
        b"B\xff\xff\xff\x7f",
        b"X\xff\xff\xff\x7f",
        b"\x8e\x01\0\0\0\0\0\0\x10",
        b"\x96\x01\0\0\0\0\0\0\x10",
    ] {
        refused(&ops![b"\x80\x04", opcode], "malformed", "ends in the middle");
    }
    // Where nobody can say what is left, it is looked for without being kept.
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&pickle4(b"X\xff\xff\xff\x7f")).unwrap();
    refused(&encoder.finish().unwrap(), "malformed", "ends in the middle");
}

#[test]
fn numbers_are_read_only_as_python_writes_them() {
    for (wrong, honest) in [
        (&b"I 1\n"[..], &b"I1\n"[..]),
        (b"I0x10\n", b"I16\n"),
        (b"I1_0\n", b"I10\n"),
        (b"I+1\n", b"I-1\n"),
        // `False` to the reader that is written in C.
        (b"I-0\n", b"I0\n"),
        (b"I010\n", b"I10\n"),
        (b"I\n", b"I01\n"),
        (b"L1LL\n", b"L1L\n"),
        (b"L0b1L\n", b"L1\n"),
        (b"F1_0.0\n", b"F10.0\n"),
        (b"F 1.0\n", b"F1.0\n"),
        (b"Finfinity\n", b"Finf\n"),
        (b"F1e400\n", b"F1e300\n"),
        (b"Np 1\n", b"Np1\n"),
        (b"Np-1\n", b"Np0\n"),
        (b"Np01\n", b"Np1\n"),
    ] {
        told_apart(&pickle(0, wrong), "malformed", "holds no number as pickle writes it", &pickle(0, honest));
    }
}

#[test]
fn text_is_text() {
    let with = |text: &[u8]| pickle4(ops![[0x8c, text.len() as u8], text]);
    told_apart(&with(b"\xff"), "malformed", "no valid text", &with("\u{ff}".as_bytes()));
    refused(&with(b"\xc0\xaf"), "malformed", "no valid text");
    refused(&with(b"\xf4\x90\x80\x80"), "malformed", "no valid text");
    told_apart(&pickle(0, b"V\\ud\n"), "malformed", "no valid text", &pickle(0, b"V\\u00e9\n"));
    told_apart(&pickle(0, b"S'a\n"), "malformed", "no valid text", &pickle(0, b"S'a'\n"));
    told_apart(&pickle(0, b"S'\\x4'\n"), "malformed", "no valid text", &pickle(0, b"S'\\x41'\n"));
    refused(&pickle(0, b"cnumpy\n\xff\n"), "malformed", "no valid text");
}

#[test]
fn a_line_longer_than_64_kib_is_refused() {
    let with = |length: usize| pickle(0, ops![b"F0.", vec![b'1'; length], b"\n"]);
    told_apart(&with(70_000), "malformed", "the line of FLOAT is too long", &with(60_000));
    // Below protocol 3 the bytes of arrays are text, of any length.
    let text = |length: usize| ops![b"V", vec![b'a'; length], b"\n"];
    let python_2 = |length: usize| ops![b"S'", vec![b'a'; length], b"'\n"];
    accepted(&pickle(0, tuple(&[text(70_000), python_2(300_000), text(200_000)])));
    refused(&pickle(0, ops![b"V", vec![b'a'; 70_000], b"\r\n"]), "malformed", "LF");
    refused(&ops![b"\x80\x00V", vec![b'a'; 70_000]], "malformed", "ends");
}

#[test]
fn a_number_of_more_than_4300_digits_is_refused() {
    let with = |length: usize| pickle(0, ops![b"L", vec![b'1'; length], b"L\n"]);
    told_apart(&with(4301), "malformed", "holds no number", &with(4300));
}

#[test]
fn a_name_longer_than_any_is_refused() {
    for length in [1001, 5000] {
        let long = "a".repeat(length);
        refused(&pickle4(stack_global(&long, "x")), "malformed", "asks for a name of");
        refused(&pickle4(stack_global("x", &long)), "malformed", "asks for a name of");
        refused(&pickle(0, global("x", &long)), "malformed", "asks for a name of");
    }
    refused(&pickle4(stack_global(&"a".repeat(1000), "x")), "unknown-global", "");
}

#[test]
fn a_key_of_tuples_in_tuples_is_looked_into_four_levels_deep() {
    let with = |depth: usize| pickle4(ops![b"}N", vec![0x85; depth], b"Ns"]);
    told_apart(&with(5), "malformed", "Python can not hash", &with(4));
    let wide = |count: usize| pickle4(ops![b"}", tuple(&vec![int(1); count]), b"Ns"]);
    told_apart(&wide(300), "malformed", "Python can not hash", &wide(200));
}

#[test]
fn a_thousand_keys_of_one_hash_are_refused() {
    // Python hashes a number as its rest by 2^61 - 1; each key would be compared with all before it.
    let file = |count: i128, step: i128| {
        let keys = (1..=count).flat_map(|n| ops![b"\x8a\x10", (((1 << 61) - 1) * n + step * n).to_le_bytes(), b"N"]);
        pickle4(ops![b"}(", keys.collect::<Vec<u8>>(), b"u"])
    };
    told_apart(&file(1001, 0), "misused-global", "have one hash", &file(1001, 1));
    accepted(&file(1000, 0));
    // In tuples, and in sets that are made by a call.
    let number = |n: i128| ops![b"\x8a\x10", (((1 << 61) - 1) * n).to_le_bytes()];
    let tuples: Vec<Ops> = (1..=1001).map(|n| tuple(&[number(n), int(1)])).collect();
    refused(&pickle4(ops![b"\x8f(", tuples.concat(), b"\x90"]), "misused-global", "have one hash");
    let numbers: Vec<Ops> = (1..=1001).map(number).collect();
    refused(&pickle(2, call(global("builtins", "set"), &[list(&numbers)])), "misused-global", "have one hash");
}

#[test]
fn a_thousand_tuples_or_complex_numbers_of_one_hash_are_refused() {
    let set = |keys: Vec<Ops>| pickle4(ops![b"\x8f(", keys.concat(), b"\x90"]);
    let number = |number: i64| ops![b"\x8a\x08", number.to_le_bytes()];
    // `tuplehash` in CPython's `Objects/tupleobject.c`, turned round: a second number for each first one that makes the hash 5.
    let inverse = |odd: u64| {
        (0..6).fold(odd, |inverse: u64, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse))))
    };
    let (prime_1, prime_2, prime_5) =
        (11_400_714_785_074_694_791u64, 14_029_467_366_897_019_727u64, 2_870_177_450_012_600_261u64);
    let wanted = 5u64.wrapping_sub(2 ^ prime_5 ^ 3_527_539).wrapping_mul(inverse(prime_1)).rotate_right(31);
    let tuples = (1u64..).filter_map(|first| {
        let sum = prime_5.wrapping_add(first.wrapping_mul(prime_2)).rotate_left(31).wrapping_mul(prime_1);
        let second = wanted.wrapping_sub(sum).wrapping_mul(inverse(prime_2)).cast_signed();
        (second.unsigned_abs() < (1 << 61) - 1).then_some((first, second))
    });
    let tuples: Vec<(u64, i64)> = tuples.take(1001).collect();
    let file = |count: usize, step: i64| {
        let keys = (0i64..).zip(&tuples[..count]).map(|(n, (first, second))| {
            tuple(&[number(first.cast_signed()), number(second - second.signum() * n * step)])
        });
        set(keys.collect())
    };
    told_apart(&file(1001, 0), "misused-global", "have one hash", &file(1001, 1));
    accepted(&file(1000, 0));
    // The same few in many dicts are no more than they were.
    let dict = ops![b"}", tuple(&[number(1), number(tuples[0].1)]), b"Ns"];
    accepted(&pickle4(list(&vec![dict; 2000])));
    // Python's hashes of -1 and -2 are the same.
    let dict = ops![b"}(", tuple(&[int(-1)]), b"N", tuple(&[int(-2)]), b"Nu"];
    accepted(&pickle4(list(&vec![dict; 2000])));
    // Beside the same text, whose hash is a secret, they are of one hash as before; an empty one is hashed to 0 in every process.
    let named = |word: &str, step: i64| {
        let keys = (0i64..).zip(&tuples).map(|(n, (first, second))| {
            let pair = tuple(&[number(first.cast_signed()), number(second - second.signum() * n * step)]);
            tuple(&[pair, text(word)])
        });
        set(keys.collect())
    };
    for word in ["", "a"] {
        told_apart(&named(word, 0), "misused-global", "have one hash", &named(word, 1));
    }
    // Each NaN is another key, and before Python 3.10 the hash of all was 0.
    let nans = |count: usize| set(vec![float(f64::NAN); count]);
    told_apart(&nans(1001), "misused-global", "have one hash", &nans(1000));
    // The hour that comes twice is equal to none in another zone, and hashed by when that is.
    let hours = |step: u32| {
        let method = || call(global("builtins", "getattr"), &[global("zoneinfo", "ZoneInfo"), text("_unpickle")]);
        let times = (0..1001u32).map(|n| {
            let [low, high, ..] = (n * step).to_le_bytes();
            let packed = [7, 228, 10, 25, 1, 30, 0, 0, high, low];
            call(
                global("datetime", "datetime"),
                &[bytes(&packed), call(method(), &[text("Europe/Paris"), TRUE.into()])],
            )
        });
        set(times.collect())
    };
    told_apart(&hours(0), "misused-global", "have one hash", &hours(1));
    let in_sets = |step: i64| {
        let keys = (0i64..).zip(&tuples).map(|(n, (first, second))| {
            let pair = tuple(&[number(first.cast_signed()), number(second - second.signum() * n * step)]);
            ops![b"(", pair, text("a"), b"\x91"]
        });
        set(keys.collect())
    };
    told_apart(&in_sets(0), "misused-global", "have one hash", &in_sets(1));
    // `complex_hash`: the real part, and 1000003 times the imaginary one.
    let complex = |count: i32, factor: f64| {
        let keys = (1..=count)
            .map(|n| call(global("builtins", "complex"), &[float(-factor * f64::from(n)), float(f64::from(n))]));
        set(keys.collect())
    };
    told_apart(&complex(1001, 1_000_003.0), "misused-global", "have one hash", &complex(1001, 1_000_004.0));
}

#[test]
fn a_thousand_frozensets_of_one_hash_are_refused() {
    // `frozenset_hash` in CPython's `Objects/setobject.c` makes one number of its members' by XOR, which is linear: members change
    // places with others so that nothing changes.
    let shuffled = |number: u64| (number ^ 89_869_747 ^ (number << 16)).wrapping_mul(3_644_798_167);
    let mut basis: Vec<(u64, u128)> = Vec::new();
    let mut changes = Vec::new();
    for bit in 0..74u64 {
        let (mut sum, mut pairs) = (shuffled(2 * bit + 1) ^ shuffled(2 * bit + 2), 1u128 << bit);
        for (lead, others) in &basis {
            if sum ^ lead < sum {
                (sum, pairs) = (sum ^ lead, pairs ^ others);
            }
        }
        match sum {
            0 => changes.push(pairs),
            _ => {
                basis.push((sum, pairs));
                basis.sort_by_key(|(sum, _)| std::cmp::Reverse(*sum));
            }
        }
    }
    let file = |count: usize, more: usize| {
        let keys = (0..count).map(|n| {
            let chosen =
                changes.iter().enumerate().filter(|(bit, _)| n >> bit & 1 == 1).fold(0, |all, (_, pairs)| all ^ pairs);
            let member = |bit: usize| int(i32::try_from(2 * bit + 1 + usize::from(chosen >> bit & 1 == 1)).unwrap());
            let own = if more == 0 { Ops::new() } else { int(1000 + i32::try_from(n).unwrap()) };
            ops![b"(", (0..74).map(member).collect::<Vec<Ops>>().concat(), own, b"\x91"]
        });
        pickle4(ops![b"\x8f(", keys.collect::<Vec<Ops>>().concat(), b"\x90"])
    };
    told_apart(&file(1001, 0), "misused-global", "have one hash", &file(1001, 1));
    accepted(&file(1000, 0));
}

#[test]
fn a_key_of_frozensets_in_frozensets_is_looked_into_four_levels_deep() {
    let with = |depth: usize| {
        let key = (0..depth).fold(ops![b"N"], |inner, _| ops![b"(", inner, b"\x91"]);
        pickle4(ops![b"}", key, b"Ns"])
    };
    told_apart(&with(5), "malformed", "a frozenset, which Python can not hash", &with(4));
    let wide = |count: usize| pickle4(ops![b"}(", vec![int(1); count].concat(), b"\x91Ns"]);
    told_apart(&wide(300), "malformed", "a frozenset, which Python can not hash", &wide(200));
}

#[test]
fn a_memo_index_far_beyond_the_entries_is_refused() {
    let with = |index: u32| pickle4(ops![b"Nr", index.to_le_bytes(), b"0j", index.to_le_bytes()]);
    told_apart(&with(1 << 27), "malformed", "far beyond its entries", &with(1 << 24));
    told_apart(&pickle(0, b"Np134217728\n"), "malformed", "far beyond its entries", &pickle(0, b"Np7\n"));
}

#[test]
fn items_have_their_target_even_if_there_are_none() {
    for (opcode, container, other) in [(b"e", b"]", b"}"), (b"u", b"}", b"]")] {
        let on = |target: &[u8]| pickle4(ops![target, b"(", opcode]);
        told_apart(&on(other), "malformed", "is used on", &on(container));
    }
    told_apart(&pickle4(b"](\x90"), "malformed", "ADDITEMS is used on", &pickle4(b"\x8f(\x90"));
}

#[test]
fn a_list_and_a_bytearray_take_no_keys_and_a_bytearray_no_items() {
    let buffer = ops![b"\x96\x01\0\0\0\0\0\0\0a"];
    accepted(&pickle(5, &buffer));
    for (file, words) in [
        (ops![b"](NNe", int(0), int(7), b"s"], "SETITEM is used on a list"),
        (ops![buffer, int(0), int(7), b"s"], "SETITEM is used on a bytearray"),
        (ops![buffer, int(7), b"a"], "APPEND is used on a bytearray"),
        (ops![buffer, b"(", int(7), b"e"], "APPENDS is used on a bytearray"),
    ] {
        refused(&pickle(5, file), "malformed", words);
    }
}

#[test]
fn a_line_ends_with_a_line_feed() {
    // joblib's reader fetches `OrderedDic` from the first one.
    let name = global("collections", "OrderedDict");
    let cut = ops![b"\x80\x02", &name[..name.len() - 1]];
    told_apart(&cut, "malformed", "ends in the middle of the pickle", &ops![b"\x80\x02", name, b"."]);
    refused(b"\x80\x02VPython takes this line, too", "malformed", "ends in the middle of the pickle");
}

#[test]
fn a_key_has_a_value() {
    let pairs = |last: &[u8]| {
        pickle4(ops![call(global("collections", "OrderedDict"), &[]), b"(", int(1), b"N", int(2), last, b"u"])
    };
    told_apart(&pairs(b""), "malformed", "SETITEMS has a key without a value", &pairs(b"N"));
}

#[test]
fn a_state_has_its_target_even_if_there_is_nothing_in_it() {
    for nothing in
        [&b"N"[..], b"\x89", b"K\0", b"G\0\0\0\0\0\0\0\0", b"\x8c\0", b"C\0", b")", b"]", b"}", b"\x8f", b"N}\x86"]
    {
        refused(&pickle4(ops![int(1), nothing, b"b"]), "malformed", "BUILD is used on an int");
    }
    accepted(&pickle4(int(1)));
}

#[test]
fn a_name_of_inst_is_ascii() {
    let inst = |name: &str| pickle(2, ops![b"(icollections\n", name, b"\n"]);
    told_apart(&inst("Ord\u{e9}redDict"), "malformed", "INST holds no valid text", &inst("OrderedDict"));
    refused(&pickle(2, ops![b"ccollections\nOrd\xc3\xa9redDict\n"]), "unknown-global", "");
}

#[test]
fn a_name_is_text_of_python_3() {
    let name = |text: &[u8]| pickle4(ops![b"\x8c\x0bcollections", text, b"\x93"]);
    let honest = name(b"U\x0bOrderedDict");
    told_apart(&name(b"U\x0bOrd\xe9redDict"), "malformed", "a text that no name has", &honest);
    told_apart(&name(b"\x8c\x03\xed\xb2\x80"), "malformed", "a text that no name has", &honest);
    told_apart(&name(b"K\x01"), "malformed", "something else than two texts", &honest);
}

#[test]
fn a_text_is_no_pickle_however_long_its_lines_are() {
    let long = b"and so on ".repeat(100);
    for text in [
        ops![b"MATLAB 5.0 MAT-file, ", long],
        ops![b"if(typeof Object.create!=='function'){", long],
        ops![b"import numpy as np\nimport pandas as pd\n", long],
        ops![b"Summary: ", long],
        ops![b"cryptography-38.0.4.dist-info/METADATA,sha256=x,5205\ncryptography-38.0.4.dist-info/RECORD,,\n"],
        ops![b"conf/app.conf\nsrc/app.c\n"],
        ops![b"import os.path\n\nimport sys\n"],
        ops![b"include common.mk\n\nall:\n"],
        ops![b"const x = require('./x.js');\n\n"],
        ops![b"click==8.1.7\nnumpy\n"],
        // SHORT_BINBYTES of 111 bytes, and what stands behind them: an opcode of protocol 3, which Python 2 has not.
        ops![b"Copyright (c) ", [b'-'; 99], b"permission is hereby granted\n"],
        ops![b"Copyright (c) ", [b'-'; 99], b"tuple\n"],
        ops![b"cafe0123456789abcdef  model.bin\n", b"0123456789abcdef0123  other.bin\n"],
    ] {
        let shown = String::from_utf8_lossy(&text[..text.len().min(30)]).into_owned();
        assert_eq!(judge(&text).codes().last(), Some(&"unknown-format"), "{shown:?}");
    }
}

/// What only some readers stop at is no text: another one reads on, and runs what follows.
#[test]
fn a_file_in_which_some_python_reads_on_is_not_of_an_unknown_format() {
    let runs = b"0cos\nsystem\n(Vid\ntR.";
    let long = b"A".repeat(70_000);
    for (goes_on, stops) in [
        // CR LF behind a first line that is read with it.
        (ops![b"Va\r\n", runs], ops![b"Va\r\n", b"These are words.\r\n"]),
        (ops![b"I1\r\n", runs], ops![b"I am.\r\n", runs]),
        (ops![b"L1\r\n", runs], ops![b"Last\r\n", runs]),
        (ops![b"F1\r\n", runs], ops![b"First\r\n", runs]),
        // Python's own reader takes a last line that has no end, and loses a letter of it.
        (ops![b"(S'id'\nios\nsystemX"], ops![b"(S'id'\ni, you, he"]),
        (ops![b"cos\nsystemX"], ops![b"c, d"]),
        (ops![b"cos"], ops![b"cafe0123456789ab"]),
        (ops![b"cos\n"], ops![b"cafe0123456789abcdef\n"]),
        (ops![b"C\x01a\x98", runs], ops![b"\x98", runs]),
        (ops![b"cmine\n", long, b"\n."], ops![b"c me not\n", long, b"\n."]),
        (ops![b"cmine\nof all\n0cos\n"], ops![b"c mine\nof all\nA"]),
        // Python 2 has texts for memo indices, and marks that are values.
        (ops![b"Npfoo\n", runs], ops![b"python\n", runs]),
        (ops![b"S'a' \n", runs], ops![b"Some\n", runs]),
        (ops![b"(2", runs], ops![b"2", runs]),
        (ops![b"(u", runs], ops![b"u", runs]),
        // A folder is a module, whatever it is called, and has some attributes; a dot before a module is passed over.
        (ops![b"csite-packages\n__name__\n0I 1\n", runs], ops![b"csite packages\nof mine\n0I 1\n", runs]),
        (ops![b"cdeadbeefdeadbeef\n__name__\n0I 1\n", runs], ops![b"cdeadbeefdeadbeef\ndeadbeef\n0I 1\n", runs]),
        (ops![b"Vencodings/aliases\nValiases\n\x930I 1\n", runs], ops![b"Vencodings/aliases\nVa/b\n\x930I 1\n", runs]),
        (ops![b"c.this\nx\n\0\0"], ops![b"c..\nx\n\0\0"]),
        // It is imported on the way to what is in it, and scripts have hyphens, and letters of any script.
        (ops![b"csite-packages.pip. x\nf o\nzz"], ops![b"csite packages.pip. x\nf o\nzz"]),
        (ops![b"csite-packages.pip.\r\nfoo\r\nzz"], ops![b"csite packages.pip.\r\nfoo\r\nzz"]),
        (ops![b"cmark-x\nx\nzz"], ops![b"cmark x\nx\nzz"]),
        (ops![b"ce\xcc\x81tude\nx\nzz"], ops![b"ce\xcc\x81 tude\nx\nzz"]),
        (ops![b"c\xe9t\xe9\nx\nzz"], ops![b"c\xe9 t\xe9\nx\nzz"]),
        // The older format of liblzma, by properties that it finds out itself.
        (ops![[0, 0, 0, 0x80, 0], [0xff; 8], [0; 9]], ops![[0, 0, 0, 0x81, 0], [0xff; 8], [0; 9]]),
        // Python 3 has numbers for memo indices, and takes them with what is round them.
        (ops![b"C\0p00\n", runs], ops![b"C\0pick\n", runs]),
        (ops![b"C\0p1 \n", runs], ops![b"C\0put\n", runs]),
        // C's reader ends a number at a NUL, and Python 2 takes white space behind a sign.
        (ops![b"I\0\n", runs], ops![b"Ix\0\n", runs]),
        (ops![b"I- 1\n", runs], ops![b"I- x\n", runs]),
        (ops![b"L+\t1\n", runs], ops![b"L+\tx\n", runs]),
        // What of a line is not looked at may be anything.
        (ops![[b'N'; 510], b"FNAN\n", runs], ops![[b'N'; 400], b"FNAM\n", runs]),
        (ops![[b'N'; 511], b"S'a' \n", runs], ops![[b'N'; 400], b"Some\n", runs]),
        (ops![[b'N'; 511], b"cthisX"], ops![[b'N'; 400], b"c thisX"]),
        // Who loads again comes to what follows, and may remember what was before.
        (ops![b"N.Va\r\n", runs], ops![b"N. Name", runs]),
        (ops![b"Nq\0.h\0", runs], ops![b"N.h\0", runs]),
        (ops![b"]q\0.Va\n\x94h\0(Ne", runs], ops![b"].Va\n\x94h\0h\x01", runs]),
        (ops![b"I1\r\n.", b"N0".repeat(300), runs], ops![b"I1\r\n.Name"]),
    ] {
        let shown = String::from_utf8_lossy(&goes_on[..goes_on.len().min(30)]).into_owned();
        let judged = judge(&goes_on).codes();
        assert!(!judged.is_empty() && !judged.contains(&"unknown-format"), "{shown:?}: {judged:?}");
        assert!(judge(&stops).codes().contains(&"unknown-format"), "the twin of {shown:?}");
        for (file, window) in
            [&goes_on, &stops].into_iter().flat_map(|file| [1, 7, 100, 513].map(|window| (file, window)))
        {
            let in_pieces = judge_with(file, &limits(&[]), window);
            assert_eq!(in_pieces.codes(), judge(file).codes(), "{shown:?} in pieces of {window}");
        }
    }
}
