//! Every seed and every input that once failed, fed to the function that its fuzz target calls.

use coldload::fuzz::TARGETS;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../fuzz/src/memory.rs"]
mod memory;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files of a folder, in order; none if it is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn replay(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of this name");
    let seeds = files(&fuzz().join("seeds").join(name));
    assert!(!seeds.is_empty(), "fuzz/seeds/{name} is empty: run fuzz/make_seeds.py");
    for path in seeds.into_iter().chain(files(&fuzz().join("regressions").join(name))) {
        let data = std::fs::read(&path).unwrap();
        let begin = Instant::now();
        println!("{}", path.display());
        memory::bounded(target, &data);
        assert!(begin.elapsed() < Duration::from_secs(20), "{} takes {:?}", path.display(), begin.elapsed());
    }
}

macro_rules! replayed {
    ($($target:ident $fact:ident)*) => {
        $(#[test] fn $fact() { replay(stringify!($target)); })*

        #[test]
        fn every_target_is_replayed_and_built() {
            let mut built: Vec<_> = files(&fuzz().join("fuzz_targets"))
                .iter()
                .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            built.sort();
            // Compares with Python, which no test needs.
            built.retain(|name| name != "differential");
            let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(built, known);
            assert_eq!(known, [$(stringify!($target)),*]);
        }
    };
}

replayed! {
    archive an_archive_as_python_writes_it_is_read_and_no_other
    compress a_decompressor_gives_the_same_whatever_the_pieces
    dump a_graph_reads_back_in_both_forms
    joblib compressed_files_keep_their_promises
    limited a_limit_that_is_met_refuses_and_no_other_verdict_changes
    machine any_file_keeps_its_promises
    machine_ops legal_opcodes_are_never_malformed
    manifest a_manifest_has_one_spelling
    npy any_header_is_read_or_refused
    old_joblib files_of_old_joblib_keep_their_promises
    opcodes opcodes_stand_behind_each_other_and_change_nothing
    predict any_model_gives_a_value_a_row_or_none
    requirements any_environment_is_read_or_refused
    rows any_rows_are_a_rectangle_or_refused
    seal no_edit_of_a_seal_holds
    seal_mutate no_edit_of_a_sealed_model_is_accepted
    values a_value_is_read_as_it_is_in_all_its_spellings
    verify a_seal_holds_by_its_keys_and_its_time_alone
    worker_messages whatever_the_words_either_side_keeps_its_promises
    zip any_archive_keeps_its_promises
}

/// An argument that is longer than its frame and than the buffer of CPython's reader in C (128 KiB): CPython 3.11 executes
/// what stands behind its frame, where a linear reader sees data (python/cpython#154848).
#[test]
fn arguments_longer_than_their_frame_are_read_alike() {
    let (_, target) = TARGETS.iter().find(|(name, _)| *name == "machine").expect("a target of this name");
    for length in [131_000_u32, 131_072, 131_300] {
        for frame in [20_u64, u64::from(length) + 5] {
            let head = [&b"\x80\x04\x95"[..], &frame.to_le_bytes(), b"B", &length.to_le_bytes()].concat();
            let data = [head, vec![b'A'; length as usize], b"0N.".to_vec()].concat();
            memory::bounded(target, &data);
        }
    }
}
