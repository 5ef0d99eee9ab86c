//! The layers of the program: each folder of `src/` uses only those above it in the table of `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the table in `src/lib.rs`.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | [`")?.split_once('`'));
    rows.map(|(module, _)| module.to_owned()).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| sources(&entry.unwrap().path(), found));
    } else if path.extension().is_some_and(|ending| ending == "rs") {
        found.push(path.to_owned());
    }
}

#[test]
fn every_folder_uses_only_those_above_it() {
    let layers = layers();
    let (mut looked, mut wrong) = (0, Vec::new());
    for (height, layer) in layers.iter().enumerate() {
        let (folder, file) = (root().join("src").join(layer), root().join("src").join(format!("{layer}.rs")));
        let mut files = Vec::new();
        sources(if folder.is_dir() { &folder } else { &file }, &mut files);
        assert!(!files.is_empty(), "src/lib.rs lists {layer}, and it is not there");
        for path in files {
            let text = fs::read_to_string(&path).unwrap();
            for used in text.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                looked += 1;
                if layers.iter().position(|layer| *layer == used).is_some_and(|below| below > height) {
                    wrong.push(format!("{} uses {used}", path.display()));
                }
            }
        }
    }
    assert!(looked > 100, "only {looked} uses were found: does this test still look at the right lines?");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_folder_is_a_layer() {
    let layers = layers();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let listed = layers.contains(&name) || ["lib", "main", "fuzz"].contains(&name.as_str());
        assert!(listed, "src/lib.rs does not list {}", path.display());
    }
}
