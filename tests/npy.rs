//! numpy's `.npy` and `.npz`: what numpy writes is read, and each rule has a file that breaks it.

mod archives;
mod opcodes;

use archives::*;
use opcodes::*;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/npy").join(name)
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).unwrap()
}

fn with_header(version: u8, header: &str, content: &[u8]) -> Ops {
    match version {
        1 => ops![b"\x93NUMPY\x01\0", (header.len() as u16).to_le_bytes(), header, content],
        _ => ops![b"\x93NUMPY", [version, 0], (header.len() as u32).to_le_bytes(), header, content],
    }
}

const GOOD: &str = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }   \n";

fn npy(header: &str) -> Ops {
    with_header(1, header, &[0; 16])
}

#[test]
fn what_numpy_writes_is_read() {
    for (kind, count) in [("old", 15), ("new", 18), ("twice", 16)] {
        let mut seen = 0;
        for entry in std::fs::read_dir(data(kind)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let observed = accepted(&std::fs::read(&path).unwrap()).observed.content;
            assert_eq!(observed.format, name.rsplit('.').next().unwrap(), "{name}");
            let arrays = match name.as_str() {
                "streamed.npz" => 2,
                "empty.npz" => 0,
                name if name.ends_with(".npz") => 12,
                _ => 1,
            };
            assert_eq!(observed.arrays.count, arrays, "{name}");
            seen += 1;
        }
        assert!(seen >= count, "{seen} of {count}");
    }
    assert_eq!(accepted(&read("new/deflated.npz")).observed.content.compressors, ["deflate"]);
    assert!(accepted(&read("new/stored.npz")).observed.content.compressors.is_empty());
    // 48 bytes of floats, 2 × 12 of pairs.
    assert_eq!(accepted(&read("new/floats.npy")).observed.content.arrays.bytes, 48);
    assert_eq!(accepted(&read("old/pairs.npy")).observed.content.arrays.bytes, 28);
}

#[test]
fn the_header_is_read_and_never_evaluated() {
    let honest = npy(GOOD);
    for (from, to) in [
        ("'shape'", "'sharp'"),
        (", }", ", 'descr': '<f8'}"),
        (", }", ", 'more': 1}"),
        ("(2,)", "(1+1,)"),
        ("(2,)", "(2)"),
        ("(2,)", "[2]"),
        ("(2,)", "(-2,)"),
        ("(2,)", "(02,)"),
        ("(2,)", "(2.0,)"),
        ("(2,)", "(99999999999999999999,)"),
        ("False", "0"),
        ("False", "print()"),
        ("'<f8'", "__import__('os').system('echo PWNED')"),
        ("'<f8'", "'<f' '8'"),
        ("'<f8'", "'\\x3cf8'"),
        ("{", "dict{"),
        ("\n", "\n\n"),
        ("\n", " "),
        ("\n", "#\n"),
    ] {
        told_apart(&npy(&GOOD.replacen(from, to, 1)), "malformed", "its header is not as numpy writes it", &honest);
    }
    accepted(&npy(&GOOD.replace("(2,)", "(2L,)")));
    accepted(&npy(&GOOD.replace("(2,)", "(2, 1)")));
    for version in [2, 3] {
        accepted(&with_header(version, GOOD, &[0; 16]));
    }
    refused(&with_header(4, GOOD, &[0; 16]), "malformed", "a version that numpy does not write");
    refused(&with_header(2, &format!("{}{GOOD}", " ".repeat(65536)), &[0; 16]), "malformed", "longer than 64 KiB");
    refused(&honest[..20], "malformed", "it ends in its header");
    refused(&ops![b"\x93NUMPY\x02\0\xff\xff\xff\xff"], "malformed", "longer than 64 KiB");
}

#[test]
fn a_dtype_is_one_that_numpy_has() {
    let honest = npy(GOOD);
    let fields = |inside: &str| GOOD.replace("'<f8'", &format!("[{inside}]"));
    accepted(&npy(&fields("('a', '<i4'), ('b', '<f4')")));
    accepted(&npy(&fields("('a', '<i4'), ('', '|V4')")));
    for descr in ["<f3", "|f8", "f8", "<f8 ", "<O", "<i8[ns]", "<M8[xs]", "<M8[0s]", "<M8[ns", "=f8", "<U", "<f08"] {
        told_apart(&npy(&GOOD.replace("<f8", descr)), "malformed", "its descr is no dtype", &honest);
    }
    for inside in ["('a', '<i4'), ('a', '<i4')", "('a', '<f8', (9223372036854775807,))", "", "('', '|V8')"] {
        told_apart(&npy(&fields(inside)), "malformed", "its descr is no dtype", &honest);
    }
    // Titles and arrays in structures.
    accepted(&npy(&fields("(('t', 'a'), '<f8')")));
    accepted(&npy(&fields("('a', '<f4', (2,))")));
    accepted(&npy(&fields("('a', [('b', '<i2', (1, 2))]), ('c', '<f4')")));
    for inside in ["(('t',), '<f8')", "('t', 'a', '<f8')", "('a', '<f4', 2)", "('a', '<f4', (2,), 1)", "(t, '<f8')"] {
        told_apart(&npy(&fields(inside)), "malformed", "its header is not as", &honest);
    }
    // Objects in a structure are a pickle of the array, and no elements.
    refused(&npy(&fields("('a', '|O')")), "malformed", "no opcode 0x00");
    let nested = |depth: usize| format!("{}'<f8'{}", "[('a', ".repeat(depth), ")]".repeat(depth));
    accepted(&npy(&GOOD.replace("'<f8'", &nested(8))));
    refused(&npy(&GOOD.replace("'<f8'", &nested(9))), "malformed", "its header is not as");
}

#[test]
fn the_elements_are_all_that_follows() {
    let honest = npy(GOOD);
    told_apart(&ops![honest, b"x"], "trailing-data", "more bytes follow the end of the array", &honest);
    told_apart(&honest[..honest.len() - 1], "malformed", "ends in the middle", &honest);
    refused(&npy(&GOOD.replace("(2,)", "(9223372036854775807,)")), "misused-global", "too large");
    refused(&npy(&GOOD.replace("(2,)", "(4611686018427387904, 4)")), "misused-global", "too large");
}

#[test]
fn objects_are_a_pickle_that_is_judged() {
    let with = |value: Ops| {
        let state = array_state(&[1], &dtype_of_objects(), list(&[value]));
        let header = GOOD.replace("'<f8'", "'|O'").replace("(2,)", "(1,)");
        with_header(1, &header, &pickle(2, build(empty_array(), state)))
    };
    told_apart(&with(attack()), "dangerous-global", "posix.system", &with(text("a")));
    let other = |value: Ops| with_header(1, &GOOD.replace("'<f8'", "'|O'"), &pickle(2, value));
    refused(&other(int(1)), "misused-global", "holds something else");
    refused(&other(attack()), "dangerous-global", "posix.system");
    // numpy reads it with pickle.load, which knows nothing of joblib's arrays.
    let raw = with(ops![wrapper(&[1], &dtype("f8")), [0u8; 8]]);
    refused(&raw, "misused-global", "in a pickle inside an array");
}

// ---- archives

fn one() -> Entry {
    entry("a.npy", npy(GOOD))
}

#[test]
fn members_are_stored_or_deflated_and_may_be_streamed() {
    let honest = [one(), deflated("b.npy", npy(GOOD)), Entry { flags: 8, ..deflated("c.npy", npy(GOOD)) }];
    assert_eq!(accepted(&archive(&honest)).observed.content.arrays.count, 3);
    accepted(&archive(&[Entry { flags: 0x800, ..entry("ü.npy", npy(GOOD)) }]));
    accepted(&archive(&[entry("folder/a.npy", npy(GOOD))]));
}

#[test]
fn a_member_is_described_twice_in_the_same_way() {
    let honest = archive(&[one()]);
    let longer = Entry { content: ops![one().content, b"x"], ..one() };
    let as_other: [(&str, Entry); 5] = [
        ("name", entry("b.npy", npy(GOOD))),
        ("checksum", Entry { crc: 1, ..one() }),
        ("method", Entry { method: 8, ..one() }),
        ("flags", Entry { flags: 0x800, ..one() }),
        ("size", Entry { packed: longer.content.clone(), ..longer }),
    ];
    for (what, described) in as_other {
        let hostile = archive_of(&[one()], &[described]);
        let judged = judge(&hostile);
        assert_eq!(judged.codes(), ["malformed"], "{what}: {:?}", judged.findings);
        let words = "a member's own header differs from the directory";
        told_apart(&hostile, "malformed", words, &honest);
    }
    // Python before 3.11.4 says the sizes twice, in 32 bits and in 64.
    let wide = |size: usize, packed: usize| {
        let extra = ops![[1, 0, 16, 0], (size as u64).to_le_bytes(), (packed as u64).to_le_bytes()];
        archive(&[Entry { extra, ..one() }])
    };
    let length = one().content.len();
    for (size, packed) in [(length + 1, length), (length, length + 1), (0, 0)] {
        told_apart(&wide(size, packed), "malformed", "own header differs", &wide(length, length));
    }
    let streamed = archive(&[Entry { flags: 8, ..one() }]);
    let behind = streamed.windows(4).position(|four| four == b"PK\x07\x08").unwrap();
    for offset in [0, 4, 8, 12] {
        let mut hostile = streamed.clone();
        hostile[behind + offset] ^= 1;
        told_apart(&hostile, "malformed", "the numbers behind a member differ", &streamed);
    }
}

#[test]
fn sizes_and_checksums_of_members_are_right() {
    let honest = archive(&[deflated("a.npy", npy(GOOD))]);
    let with = |change: fn(&mut Entry)| {
        let mut entry = deflated("a.npy", npy(GOOD));
        change(&mut entry);
        archive(&[entry])
    };
    told_apart(&with(|entry| entry.crc ^= 1), "malformed", "the checksum of a member is another one", &honest);
    told_apart(&with(|entry| entry.content.push(0)), "malformed", "shorter than the directory says", &honest);
    let shorter = with(|entry| {
        entry.content.pop();
    });
    told_apart(&shorter, "malformed", "longer than the directory says", &honest);
    told_apart(&with(|entry| entry.packed.push(0)), "trailing-data", "deflate data ends", &honest);
    let cut = with(|entry| {
        entry.packed.pop();
    });
    told_apart(&cut, "malformed", "ends too early", &honest);
    let stored = Entry { content: ops![one().content, [0; 4]], ..one() };
    told_apart(&archive(&[stored]), "malformed", "a member is described as Python describes none", &honest);
}

#[test]
fn members_follow_each_other_from_the_first_byte_to_the_directory() {
    let honest = archive(&[one(), entry("b.npy", npy(GOOD))]);
    let whole = ops![local(&one()), one().packed];
    let build = |parts: &[&[u8]], directory: &Ops, count: usize, at: usize| {
        let body = parts.concat();
        ops![body, directory, end(count, directory.len(), at)]
    };
    let second = entry("b.npy", npy(GOOD));
    let other = ops![local(&second), second.packed];
    let (first, len) = (central(&one(), 0), whole.len());
    // Between two members, between the last one and the directory, before the first one.
    let directory = ops![first, central(&second, len + 3)];
    let gap = build(&[&whole, b"gap", &other], &directory, 2, 2 * len + 3);
    told_apart(&gap, "malformed", "something stands between two members", &honest);
    let gap = build(&[&whole, b"gap"], &first, 1, len + 3);
    told_apart(&gap, "malformed", "something stands between its last member and its directory", &honest);
    let hidden = build(&[&whole, &other], &first, 1, 2 * len);
    told_apart(&hidden, "malformed", "something stands between its last member and its directory", &honest);
    let late = build(&[&whole, &other], &central(&second, len), 1, 2 * len);
    told_apart(&late, "malformed", "something stands between two members", &honest);
    // Two entries of the directory that share one member, and members in another order.
    let shared = build(&[&whole], &ops![first, central(&second, 0)], 2, len);
    told_apart(&shared, "malformed", "something stands between two members", &honest);
    let turned = build(&[&whole, &other], &ops![central(&second, len), first], 2, 2 * len);
    told_apart(&turned, "malformed", "something stands between two members", &honest);
}

#[test]
fn the_directory_is_followed_by_its_end_and_that_by_nothing() {
    let honest = archive(&[one()]);
    told_apart(&ops![honest, b"x"], "malformed", "does not end with the record", &honest);
    let mut comment = ops![honest, b"x"];
    let at = comment.len() - 3;
    comment[at] = 1;
    told_apart(&comment, "malformed", "does not end with the record", &honest);
    let count = |more: u8| {
        let mut changed = honest.clone();
        let at = changed.len() - 22;
        changed[at + 8] += more;
        changed[at + 10] += more;
        changed
    };
    told_apart(&count(1), "malformed", "another number of members", &honest);
    for (offset, words) in [
        (4, "the record"),
        (6, "the record"),
        (8, "the record"),
        (12, "its directory does not end"),
        (16, "its directory does not end"),
    ] {
        let mut changed = honest.clone();
        let at = changed.len() - 22 + offset;
        changed[at] ^= 1;
        told_apart(&changed, "malformed", words, &honest);
    }
    // 64-bit records where 32 bits are enough: a reader that prefers the others sees another directory.
    let (body, last) = honest.split_at(honest.len() - 22);
    let directory = body.windows(4).position(|four| four == b"PK\x01\x02").unwrap() as u64;
    let length = body.len() as u64 - directory;
    let record = ops![
        b"PK\x06\x06",
        44u64.to_le_bytes(),
        [45, 0, 45, 0],
        [0; 8],
        1u64.to_le_bytes(),
        1u64.to_le_bytes(),
        length.to_le_bytes(),
        directory.to_le_bytes()
    ];
    let locator = ops![b"PK\x06\x07", [0; 4], (body.len() as u64).to_le_bytes(), 1u32.to_le_bytes()];
    told_apart(&ops![body, record, locator, last], "malformed", "none that Python writes", &honest);
    told_apart(&ops![body, locator, last], "malformed", "64-bit end record", &honest);
}

#[test]
fn every_member_is_an_array_with_a_name_of_its_own() {
    let honest = archive(&[one(), entry("b.npy", npy(GOOD))]);
    told_apart(&archive(&[one(), one()]), "malformed", "two members have one name", &honest);
    told_apart(&archive(&[one(), entry("b.txt", npy(GOOD))]), "malformed", "a member is no array", &honest);
    told_apart(
        &archive(&[one(), entry("b.npy", pickle(2, attack()))]),
        "malformed",
        "b.npy: it is no npy file",
        &honest,
    );
    told_apart(
        &archive(&[one(), entry("b.npy", ops![npy(GOOD), b"x"])]),
        "trailing-data",
        "b.npy: more bytes",
        &honest,
    );
    // numpy looks for `a.npy`, and for `a.npy.npy`.
    told_apart(
        &archive(&[one(), entry("a.npy.npy", npy(GOOD))]),
        "malformed",
        "two members answer to one name",
        &honest,
    );
    for name in ["/b.npy", "a//b.npy", "./b.npy", "C:b.npy", "dense/kernel:0.npy", ".npy"] {
        accepted(&archive(&[one(), entry(name, npy(GOOD))]));
    }
    for name in ["../b.npy", "a/../b.npy", "a\\b.npy", "b\n.npy", "ü.npy"] {
        let hostile = archive(&[one(), entry(name, npy(GOOD))]);
        told_apart(&hostile, "malformed", "described as Python describes none", &honest);
    }
    // Encrypted, patched, or with a method that numpy does not use.
    for changed in [Entry { flags: 1, ..one() }, Entry { flags: 0x20, ..one() }, Entry { method: 12, ..one() }] {
        told_apart(&archive(&[changed]), "malformed", "described as Python describes none", &honest);
    }
    let extra = Entry { extra: ops![[0x75, 0x70, 4, 0], [0; 4]], ..one() };
    told_apart(&archive(&[extra]), "malformed", "own header differs", &honest);
    // One of none is nothing else.
    let none = end(0, 0, 0);
    accepted(&none);
    refused(&ops![none, b"x"], "unknown-format", "no format");
    refused(&end(1, 0, 0), "unknown-format", "no format");
}

#[test]
fn what_comes_out_of_an_archive_is_bounded() {
    let header = GOOD.replace("(2,)", "(1000000,)");
    let bomb = archive(&[deflated("a.npy", with_header(1, &header, &vec![0; 8_000_000]))]);
    assert!(bomb.len() < 20_000);
    accepted(&bomb);
    let judged = judge_with(&bomb, &limits(&["decoded=7MiB"]), usize::MAX);
    assert_eq!(judged.codes(), ["limit-exceeded"]);
    let twice = archive(&[
        deflated("a.npy", with_header(1, &header, &vec![0; 8_000_000])),
        deflated("b.npy", with_header(1, &header, &vec![0; 8_000_000])),
    ]);
    assert_eq!(judge_with(&twice, &limits(&["decoded=10MiB"]), usize::MAX).codes(), ["limit-exceeded"]);
    assert!(judge_with(&twice, &limits(&["decoded=16MiB"]), usize::MAX).codes().is_empty());
}

#[test]
fn archives_are_judged_the_same_in_whatever_pieces_they_come() {
    for name in ["new/deflated.npz", "new/streamed.npz", "old/stored.npz", "new/objects.npy"] {
        let bytes = read(name);
        let whole = accepted(&bytes);
        for window in [1, 7] {
            assert_eq!(judge_with(&bytes, &limits(&[]), window).observation, Some(whole.clone()), "{name} by {window}");
        }
        for cut in (0..bytes.len()).step_by(13) {
            assert!(!judge(&bytes[..cut]).findings.is_empty(), "{name} cut at {cut}");
        }
    }
}
