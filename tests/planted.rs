//! The faults that `fuzz/plant` plants still fit the sources: what a patch takes away stands where it was, once.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn patches() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("fuzz/planted")).unwrap().map(|entry| entry.unwrap().path());
    let mut patches: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "patch")).collect();
    patches.sort();
    patches
}

/// The lines that a hunk looks for, and those that it leaves.
fn sides(hunk: &str) -> [String; 2] {
    let side = |skipped: char| {
        let lines = hunk.lines().skip(1).filter(|line| !line.starts_with(skipped));
        lines.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect()
    };
    [side('+'), side('-')]
}

#[test]
fn every_planted_fault_still_applies_and_names_what_it_breaks_and_a_target() {
    let patches = patches();
    assert!(patches.len() >= 12, "only {} faults", patches.len());
    for patch in patches {
        let shown = patch.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&patch).unwrap();
        let (target, about) = text.lines().next().and_then(|line| line.split_once(": ")).expect(shown);
        assert!(coldload::fuzz::names().contains(&target) && !about.is_empty(), "{shown}: {target}: {about}");
        let file = text.lines().find_map(|line| line.strip_prefix("+++ b/")).expect(shown);
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        let hunks: Vec<&str> = text.split("\n@@ ").skip(1).collect();
        assert!(!hunks.is_empty(), "{shown} changes nothing");
        for hunk in hunks {
            let [before, after] = sides(hunk);
            assert_eq!(source.matches(&before).count(), 1, "{shown} does not apply any more to {file}; make it again");
            assert_ne!(before, after, "{shown} changes nothing");
        }
    }
}
