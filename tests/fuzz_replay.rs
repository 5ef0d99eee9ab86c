//! Every seed and every input that once broke a promise, through the function that its fuzz target calls.

use std::fs;
use std::path::Path;

/// Replays the files of a folder, and gives their number.
fn replay(folder: &str, target: &str, check: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder).join(target);
    let Ok(entries) = fs::read_dir(&folder) else { return 0 };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in &files {
        let content = fs::read(file).unwrap();
        let outcome = std::panic::catch_unwind(|| check(&content));
        assert!(outcome.is_ok(), "{} breaks a promise; the panic above says which", file.display());
    }
    files.len()
}

fn target(name: &str, check: fn(&[u8])) {
    let seeds = replay("seeds", name, check);
    assert!(seeds > 0, "fuzz/seeds/{name} is empty: run fuzz/make_seeds.py");
    replay("regressions", name, check);
}

#[test]
fn the_machine_keeps_its_promises() {
    target("machine", coldload::fuzz::machine);
}

#[test]
fn the_machine_keeps_its_promises_on_legal_opcodes() {
    target("machine_ops", coldload::fuzz::machine_ops);
}

#[test]
fn the_compressors_keep_their_promises() {
    target("joblib", coldload::fuzz::joblib);
}

#[test]
fn the_seal_keeps_its_promises() {
    target("seal", coldload::fuzz::seal);
}

#[test]
fn the_talk_with_a_worker_keeps_its_promises() {
    target("worker_messages", coldload::fuzz::worker_messages);
}
