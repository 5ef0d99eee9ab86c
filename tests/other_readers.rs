//! Files that mean one thing to joblib, and would run code for somebody who reads them with something else: each is refused,
//! and its twin, which only lacks the name that runs code, is accepted.

mod opcodes;

use opcodes::*;

/// What `pickle.load` makes of bytes that joblib takes for an array's elements.
const COMMAND: &[u8] = b"0cposix\nsystem\n(Vid\ntR.";

/// A file with one array of single bytes, not padded, as joblib before 1.2 writes it.
fn elements(bytes: &[u8]) -> Ops {
    let shape = i32::try_from(bytes.len()).unwrap();
    ops![b"\x80\x03", wrapper(&[shape], &dtype_bytes()), bytes, b"."]
}

fn dtype_bytes() -> Ops {
    build(dtype_call("u1"), dtype_state("|", -1, -1, 0))
}

#[test]
fn elements_that_are_opcodes_to_pickle_are_refused() {
    told_apart(&elements(COMMAND), "misused-global", "fetches posix.system", &elements(b"\0cposix\nsystem\n(Vid\ntR."));
    // Behind an argument that goes on for longer than any buffer.
    let long = [b"0B".as_slice(), &100_000u32.to_le_bytes(), &vec![0; 100_000], COMMAND].concat();
    let harmless = [&long[..long.len() - COMMAND.len()], b"\0".as_slice(), COMMAND].concat();
    told_apart(&elements(&long), "misused-global", "fetches posix.system", &elements(&harmless));
    // By texts that stand below a mark.
    let below = |elements: &[u8]| {
        let shape = i32::try_from(elements.len()).unwrap();
        ops![b"\x80\x03(", text("posix"), text("system"), b"(", wrapper(&[shape], &dtype_bytes()), elements, b"tt."]
    };
    told_apart(&below(b"1\x93"), "misused-global", "fetches posix.system", &below(b"1\x00\x93"));
}

#[test]
fn an_array_of_objects_means_the_same_with_the_memo_of_the_file_around_it() {
    let file = |module: &str, name: &str| {
        let outer = ops![text(module), b"\x940", text(name), b"\x940", wrapper(&[1], &dtype_of_objects())];
        let before = ops![text("collections"), b"\x940", text("OrderedDict"), b"\x940h\x00h\x01\x930"];
        let nested = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
        ops![b"\x80\x04", outer, b"\x80\x04", before, nested, b".", b"."]
    };
    told_apart(&file("posix", "system"), "misused-global", "fetches posix.system", &file("no name", "at all"));
}

#[test]
fn a_padded_array_ends_in_no_opcodes_for_a_joblib_that_does_not_know_padding() {
    let file = |tail: &[u8]| {
        let aligned = wrapper_with(&[("numpy_array_alignment_bytes", int(16))], &[64], &dtype_bytes());
        let outer = ops![b"\x80\x04", text("posix"), b"q\x010", text("system"), b"q\x020"];
        // As many NONE, POP as it takes for a padding of at least eight bytes.
        let (filler, padding) = (0..8)
            .map(|count| (b"N0".repeat(count), 16 - (outer.len() + 2 * count + aligned.len() + 1) % 16))
            .find(|(_, padding)| *padding >= 10)
            .unwrap();
        let last = [vec![b'2'; 1 + padding - tail.len()], tail.to_vec()].concat();
        let elements = [vec![0; 64 - last.len()], last].concat();
        ops![outer, filler, aligned, [padding as u8], vec![0xff; padding], elements, b"."]
    };
    told_apart(&file(b"h\x01h\x02\x93"), "misused-global", "fetches a name", &file(b"h\x01h\x02\x00"));
}

#[test]
fn pickles_that_share_a_memo_mean_the_same() {
    let file = |module: &str, name: &str| {
        let first = ops![b"\x80\x04", text(module), b"\x940", text(name), b"\x94."];
        let second = ops![b"\x80\x04", text("collections"), b"\x940", text("OrderedDict"), b"\x940h\x00h\x01\x93)R."];
        ops![first, second]
    };
    told_apart(&file("posix", "system"), "misused-global", "fetches posix.system", &file("no name", "at all"));
}

#[test]
fn a_distribution_is_given_no_state_by_a_joblib_that_does_not_know_padding() {
    // The array's last byte is BUILD: with a dict from the memo for a state it may be code, with None it is an error.
    let file = |tail: &[u8]| {
        let aligned = wrapper_with(&[("numpy_array_alignment_bytes", int(16))], &[64], &dtype_bytes());
        let dist = new(global("scipy.stats._continuous_distns", "uniform_gen"));
        let outer = ops![b"\x80\x04", dict(&[]), b"q\x010", put(dist, 2)];
        let (filler, padding) = (0..8)
            .map(|count| (b"N0".repeat(count), 16 - (outer.len() + 2 * count + aligned.len() + 1) % 16))
            .find(|(_, padding)| *padding >= 10)
            .unwrap();
        let last = [vec![b'2'; 1 + padding - tail.len()], tail.to_vec()].concat();
        let elements = [vec![0; 64 - last.len()], last].concat();
        ops![outer, filler, aligned, [padding as u8], vec![0xff; padding], elements, b"\x86."]
    };
    told_apart(&file(b"h\x02h\x01b"), "misused-global", "gives a distribution", &file(b"h\x02Nb"));
}
