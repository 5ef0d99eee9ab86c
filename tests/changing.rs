//! Files that change while they are read: what was judged is what is said of them, or they are refused.

mod opcodes;

use coldload::bytes::{CHUNK, Expectation, Input, Limits};
use coldload::job::{Job, Outcome, Task, run};
use opcodes::*;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

/// A pickle that is longer than what is read once and kept.
fn large() -> (File, u64) {
    let mut file = tempfile::tempfile().unwrap();
    let length = u32::try_from(Expectation::ONCE).unwrap() + 5;
    file.write_all(&ops![b"\x80\x03B", length.to_le_bytes()]).unwrap();
    file.write_all(&vec![0; length as usize]).unwrap();
    file.write_all(b".").unwrap();
    let size = file.metadata().unwrap().len();
    (file, size)
}

fn judged(input: Input) -> Judged {
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let mut judged = Judged::default();
    let outcome = run(&job, input, None, None, &mut judged);
    assert_eq!(matches!(outcome, Outcome::Refused { .. }), !judged.findings.is_empty(), "{outcome:?}");
    judged
}

#[test]
fn a_large_file_that_is_rewritten_between_two_readings_is_refused() {
    let (file, size) = large();
    let write = |at, byte| {
        let mut file = file.try_clone().unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    assert_eq!(Expectation::unsigned(size), Expectation::FirstRead);
    let open = || Input::new(file.try_clone().unwrap(), size, Expectation::unsigned(size)).unwrap();
    // Read twice, and the same both times.
    let mut input = open();
    input.chunk(0).unwrap();
    assert_eq!(judged(input).codes(), [""; 0]);
    // Another byte in a chunk that was read before, at its beginning and at its end.
    for at in [100, CHUNK as u64 - 1] {
        let mut input = open();
        input.chunk(0).unwrap();
        write(at, 7);
        assert_eq!(judged(input).codes(), ["changed-while-reading"]);
    }
    // One that was not read yet is read as it is now.
    let mut input = open();
    input.chunk(0).unwrap();
    write(CHUNK as u64, 7);
    assert_eq!(judged(input).codes(), [""; 0]);
}

#[test]
fn a_file_that_grows_or_shrinks_while_it_is_read_is_refused() {
    for change in [-1i64, 1] {
        let (file, size) = large();
        let open = || Input::new(file.try_clone().unwrap(), size, Expectation::unsigned(size)).unwrap();
        assert_eq!(judged(open()).codes(), [""; 0]);
        let input = open();
        file.set_len(size.checked_add_signed(change).unwrap()).unwrap();
        assert_eq!(judged(input).codes(), ["changed-while-reading"], "by {change}");
    }
}
