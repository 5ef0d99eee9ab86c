//! `scan` of many files: which are judged, in which order, and that one verdict never hides another.

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const HONEST: &[u8] = b"\x80\x04K\x01.";
const HOSTILE: &[u8] = b"cposix\nsystem\n(S'id'\ntR.";

/// Files of models, of other things, and of an attack.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("a.pkl", HONEST),
        ("b.pkl", HOSTILE),
        ("notes.txt", b"these are notes"),
        ("old/c.pkl", HONEST),
        ("old/deep/d.pkl", HOSTILE),
        ("z.pkl", HONEST),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn scan(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    command.current_dir(folder).arg("scan").args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that does not read it may have ended before.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Exit status, and path and verdict of each result.
fn verdicts(folder: &Path, arguments: &[&str], input: &[u8]) -> (i32, Vec<(String, String)>) {
    let output = scan(folder, &[arguments, &["--json"]].concat(), input);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = report["results"].as_array().unwrap().iter();
    (output.status.code().unwrap(), results.map(|entry| (text(&entry["path"]), text(&entry["verdict"]))).collect())
}

fn paths(results: &[(String, String)]) -> Vec<&str> {
    results.iter().map(|(path, _)| path.as_str()).collect()
}

#[test]
fn one_refusal_hides_no_other_verdict_and_order_is_kept() {
    let folder = folder();
    let (status, results) = verdicts(folder.path(), &["z.pkl", "b.pkl", "gone.pkl", ".", "a.pkl"], b"");
    assert_eq!(status, 1);
    let wanted = [
        ("z.pkl", "accepted"),
        ("b.pkl", "refused"),
        ("gone.pkl", "failed"),
        ("./a.pkl", "accepted"),
        ("./b.pkl", "refused"),
        ("./notes.txt", "skipped"),
        ("./old/c.pkl", "accepted"),
        ("./old/deep/d.pkl", "refused"),
        ("./z.pkl", "accepted"),
        ("a.pkl", "accepted"),
    ];
    assert_eq!(results, wanted.map(|(path, verdict)| (path.to_owned(), verdict.to_owned())));
}

#[test]
fn what_is_skipped_is_counted_and_listed_with_v() {
    let folder = folder();
    let text = |arguments: &[&str]| String::from_utf8(scan(folder.path(), arguments, b"").stdout).unwrap();
    assert!(text(&["."]).contains("5 models: 3 accepted, 2 refused, 1 skipped"), "{}", text(&["."]));
    assert!(!text(&["."]).contains("notes.txt"));
    assert!(text(&[".", "-v"]).contains("notes.txt"));
}

#[test]
fn texts_below_a_folder_are_skipped_whatever_they_begin_with() {
    let folder = tempfile::tempdir().unwrap();
    // Every letter is an opcode, or none; some begin with a length of hundreds of megabytes.
    for first in ('A'..='Z').chain('a'..='z').filter(|first| !"ci".contains(*first)) {
        let text = format!("{first}his license lets you\nuse it for everything\n\nand more.\n");
        std::fs::write(folder.path().join(format!("LICENSE-{first}")), text).unwrap();
    }
    let (status, results) = verdicts(folder.path(), &["."], b"");
    let other: Vec<_> = results.iter().filter(|(_, verdict)| verdict != "skipped").collect();
    assert!(other.is_empty() && results.len() == 50, "{other:?}");
    assert_eq!(status, 3, "there was nothing to check");
}

/// Who writes a file chooses its name, and must not choose by it what is judged.
#[test]
fn no_name_of_a_file_hides_it_or_another_from_a_pattern() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let write =
        |name: &[u8], bytes| std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), bytes).unwrap();
    for (name, bytes) in [(&b"*.pkl"[..], HONEST), (b"e\xff.pkl", HOSTILE), (b"evil.pkl", HOSTILE), (b"-", HOSTILE)] {
        write(name, bytes);
    }
    let (status, results) = verdicts(folder.path(), &["*.pkl"], b"");
    assert_eq!((status, paths(&results)), (1, vec!["*.pkl", "evil.pkl", "e\\xff.pkl"]));
    let refused = |results: &[(String, String)]| results.iter().filter(|(_, verdict)| verdict == "refused").count();
    assert_eq!(refused(&results), 2);
    // Only who types `-` means standard input.
    let (status, results) = verdicts(folder.path(), &["?"], HONEST);
    assert_eq!((status, paths(&results), refused(&results)), (1, vec!["./-"], 1));
    let (status, results) = verdicts(folder.path(), &["--files-from", "list"], HONEST);
    assert_eq!((status, results.len()), (2, 0), "there is no list");
    write(b"list", b"-\nfoo[\n");
    let (status, results) = verdicts(folder.path(), &["--files-from", "list"], HONEST);
    assert_eq!((status, paths(&results), refused(&results)), (1, vec!["./-", "foo["], 1), "no line hides another");
    let (_, results) = verdicts(folder.path(), &["-"], HONEST);
    assert_eq!(results, [("-".to_owned(), "accepted".to_owned())]);
    let (_, results) = verdicts(folder.path(), &["./**"], b"");
    assert_eq!((results.len(), refused(&results)), (5, 3), "the files of the folder itself, too: {results:?}");
}

#[test]
fn patterns_are_opened_here_where_no_shell_did() {
    let folder = folder();
    assert_eq!(paths(&verdicts(folder.path(), &["*.pkl"], b"").1), ["a.pkl", "b.pkl", "z.pkl"]);
    assert_eq!(paths(&verdicts(folder.path(), &["**/[cd].pkl"], b"").1), ["old/c.pkl", "old/deep/d.pkl"]);
    assert_eq!(
        verdicts(folder.path(), &["old*", "[a].pkl"], b"").1.len(),
        3,
        "a folder that matches is looked through"
    );
    let (status, nothing) = verdicts(folder.path(), &["*.joblib"], b"");
    assert_eq!((status, paths(&nothing)), (2, vec!["*.joblib"]), "nothing matches: there is no such file");
    // A file whose own name looks like a pattern is judged, and so is what it matches.
    std::fs::write(folder.path().join("[z].pkl"), HOSTILE).unwrap();
    let (status, own) = verdicts(folder.path(), &["[z].pkl"], b"");
    assert_eq!((status, paths(&own)), (1, vec!["[z].pkl", "z.pkl"]));
}

#[test]
fn exclude_leaves_out_below_folders_and_says_so() {
    let folder = folder();
    let left = |exclude: &[&str]| paths(&verdicts(folder.path(), &[&["."], exclude].concat(), b"").1).join(" ");
    assert_eq!(left(&["--exclude", "old"]), "./a.pkl ./b.pkl ./notes.txt ./z.pkl");
    assert_eq!(left(&["--exclude", "old/**/d.pkl", "--exclude", "*.txt"]), "./a.pkl ./b.pkl ./old/c.pkl ./z.pkl");
    let text = String::from_utf8(scan(folder.path(), &[".", "--exclude", "*.pkl"], b"").stdout).unwrap();
    assert!(text.contains("5 files and folders were left out by --exclude"), "{text}");
    assert_eq!(verdicts(folder.path(), &["b.pkl", "--exclude", "*"], b"").0, 1, "what is named is judged");
    let wrong = scan(folder.path(), &[".", "--exclude", "a[", "--json"], b"");
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}

#[test]
fn a_list_names_files_by_lines_or_zero_bytes() {
    let folder = folder();
    std::fs::write(folder.path().join("a b\n.pkl"), HONEST).unwrap();
    std::fs::write(folder.path().join("list"), "z.pkl\r\n\nold\n").unwrap();
    let (status, lines) = verdicts(folder.path(), &["--files-from", "list"], b"");
    assert_eq!((status, paths(&lines)), (1, vec!["z.pkl", "old/c.pkl", "old/deep/d.pkl"]));
    let (status, zeros) = verdicts(folder.path(), &["--files-from", "-", "z.pkl"], b"a b\n.pkl\0a.pkl\0");
    assert_eq!((status, paths(&zeros)), (0, vec!["z.pkl", "a b\n.pkl", "a.pkl"]));
    let (status, none) = verdicts(folder.path(), &["--files-from", "-"], b"\n\n");
    assert_eq!((status, none.len()), (3, 0), "an empty list names nothing to check");
    for wrong in [&["--files-from", "gone"][..], &["-", "--files-from", "-"]] {
        let output = scan(folder.path(), &[wrong, &["--json"]].concat(), b"");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}

#[test]
#[cfg(unix)]
fn names_that_are_no_text_are_told_apart() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    for name in [&b"x\xff.pkl"[..], b"x\xfe.pkl", "x\u{fffd}.pkl".as_bytes(), br"x\xff.pkl", br"y\x64\.pkl"] {
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), HONEST).unwrap();
    }
    let (status, results) = verdicts(folder.path(), &["."], b"");
    let wanted = [r"./x\\xff.pkl", "./x\u{fffd}.pkl", r"./x\xfe.pkl", r"./x\xff.pkl", r"./y\x64\.pkl"];
    let mut found = paths(&results);
    found.sort_unstable();
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    assert_eq!((status, found), (0, wanted));
}

#[test]
fn json_lines_are_one_result_a_line_and_a_summary() {
    let folder = folder();
    let output = scan(folder.path(), &[".", "gone.pkl", "--output-format", "jsonl"], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.pop().unwrap();
    assert_eq!(last["summary"], serde_json::json!({"accepted": 3, "refused": 2, "skipped": 1, "failed": 1}));
    assert!(last.get("results").is_none() && last["schema"] == "coldload.report/1");
    let whole = scan(folder.path(), &[".", "gone.pkl", "--json"], b"").stdout;
    let whole: Value = serde_json::from_slice(&whole).unwrap();
    let timeless = |entry: &Value| {
        let mut entry = entry.clone();
        entry.as_object_mut().unwrap().remove("milliseconds");
        entry
    };
    let wanted: Vec<Value> = whole["results"].as_array().unwrap().iter().map(timeless).collect();
    assert_eq!(lines.iter().map(timeless).collect::<Vec<_>>(), wanted);
}

/// Every file below a folder, in the order of a scan.
fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_file_among_many_gets_the_verdict_that_it_gets_alone() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let said = |arguments: &[&str]| -> Vec<Value> {
        let output = scan(&data, &[arguments, &["--json"]].concat(), b"");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut results = report["results"].as_array().unwrap().clone();
        for entry in &mut results {
            entry["milliseconds"] = Value::Null;
        }
        results
    };
    // Refused files, arrays beside their models, other formats and honest models stand side by side.
    let files: Vec<String> = ["old", "hostile", "plain", "compress", "npy"]
        .iter()
        .flat_map(|folder| below(&data.join(folder)))
        .map(|path| path.strip_prefix(&data).unwrap().to_str().unwrap().to_owned())
        .collect();
    let mixed: Vec<&str> = (0..files.len()).map(|index| files[index * 157 % files.len()].as_str()).collect();
    assert!(mixed.len() > 300 && !mixed.len().is_multiple_of(157));
    let together = said(&mixed);
    assert_eq!(together.len(), mixed.len());
    for (path, entry) in mixed.iter().zip(&together).step_by(3) {
        assert_eq!(said(&[path]), std::slice::from_ref(entry), "{path}");
    }
}

#[test]
#[cfg(unix)]
fn links_that_are_not_followed_are_counted() {
    let folder = folder();
    let note = |arguments: &[&str]| {
        let output = scan(folder.path(), &[arguments, &["old", "--exclude", "deep", "--json"]].concat(), b"");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report["notes"].as_array().unwrap()[0].as_str().unwrap().to_owned())
    };
    std::os::unix::fs::symlink("../z.pkl", folder.path().join("old/latest")).unwrap();
    let (status, said) = note(&[]);
    assert!(status == Some(0) && said.starts_with("1 link was not followed"), "{said}");
    std::os::unix::fs::symlink("deep", folder.path().join("old/current")).unwrap();
    assert!(note(&[]).1.starts_with("2 links were not followed"));
    let (status, said) = note(&["--strict"]);
    assert!(status == Some(1) && said.contains("left out by --exclude"), "{said}");
}

/// `DataFrame.to_pickle` makes such of a path, and `read_pickle` unpacks them.
#[test]
fn an_archive_by_a_models_name_is_refused_and_another_one_is_none() {
    let folder = folder();
    for (name, verdict) in [
        ("old/a.pkl.zip", "refused"),
        ("old/a.pkl.tar.gz", "refused"),
        ("old/a.pickle.zst", "refused"),
        ("old/a.tar.gz", "skipped"),
        ("old/pkl.zip", "skipped"),
    ] {
        std::fs::write(folder.path().join(name), b"PK\x05\x06 or another archive").unwrap();
        let (_, results) = verdicts(folder.path(), &["old", "--exclude", "deep", "--exclude", "c.pkl"], b"");
        assert_eq!(results, [(name.to_owned(), verdict.to_owned())]);
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
}
