//! `dump`: the data of a model as JSON and CBOR. The documents of plain data in `tests/data/dump` were written by CPython
//! (`tests/interop/dump.py`), from what its own unpickler made of the same files.

use coldload::dump::{Data, Document, Form, Node, ReadError, Value};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn dump(model: &Path, to: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldload")).arg("dump").arg(model).arg("-o").arg(to).output().unwrap()
}

fn data(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

/// The documents of a model, in both forms.
fn documents(model: &Path) -> [Vec<u8>; 2] {
    let folder = tempfile::tempdir().unwrap();
    ["out.json", "out.cbor"].map(|name| {
        let to = folder.path().join(name);
        let output = dump(model, &to);
        assert!(output.status.success(), "{model:?}: {output:?}");
        std::fs::read(to).unwrap()
    })
}

#[test]
fn plain_data_is_what_cpython_makes_of_it() {
    for model in data("dump", ".pkl") {
        let [json, cbor] = documents(&model);
        let wanted = std::fs::read_to_string(model.with_extension("json")).unwrap();
        assert_eq!(String::from_utf8(json).unwrap(), wanted, "{model:?}");
        assert_eq!(
            Document::read(&cbor[..], Form::Cbor).unwrap(),
            Document::read(wanted.as_bytes(), Form::Json).unwrap()
        );
    }
}

#[test]
fn models_read_back_to_the_same_graph_in_both_forms() {
    for model in data("held/1.9.1", ".pkl").into_iter().chain(data("held/0.24.2", ".joblib")) {
        let [json, cbor] = documents(&model);
        let document = Document::read(&json[..], Form::Json).unwrap();
        assert_eq!(Document::read(&cbor[..], Form::Cbor).unwrap(), document, "{model:?}");
        let mut again = serde_json::to_vec(&document).unwrap();
        again.push(b'\n');
        assert!(again == json, "{model:?} is another document when it is written again");
    }
}

#[test]
fn sharing_is_not_unfolded() {
    // Each list holds the one before twice: 2^60 numbers, if they were written out.
    let mut pickle = b"\x80\x04]q\x00K\x01a".to_vec();
    for index in 0..60u8 {
        pickle.extend_from_slice(&[b']', b'q', index + 1, b'(', b'h', index, b'h', index, b'e']);
    }
    pickle.push(b'.');
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.pkl");
    std::fs::write(&model, pickle).unwrap();
    let [json, _] = documents(&model);
    let document = Document::read(&json[..], Form::Json).unwrap();
    assert_eq!((document.nodes.len(), document.nodes.last()), (61, Some(&Node::List(vec![Value::Int(1)]))));
    assert!(json.len() < 4000, "{}", json.len());
}

#[test]
fn a_document_is_written_in_the_memory_that_the_file_allows() {
    // A container in a byte: what is known of each takes more than the file and its values.
    let of = |count: usize| [&b"\x80\x04]("[..], &b"]".repeat(count), b"e."].concat();
    let folder = tempfile::tempdir().unwrap();
    for (count, written) in [(200_000, true), (1_500_000, false)] {
        let (model, to) = (folder.path().join("m.pkl"), folder.path().join("m.json"));
        std::fs::write(&model, of(count)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        // The program that tests build takes its time.
        command.args(["dump", "--limit", "time=600"]).arg(&model).arg("-o").arg(&to);
        let output = command.output().unwrap();
        assert_eq!((output.status.success(), to.exists()), (written, written), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(written || text.contains("limit-exceeded") && text.contains("--limit memory="), "{text}");
        let _ = std::fs::remove_file(to);
    }
}

#[test]
fn a_number_of_numpy_is_a_number_and_an_array_its_bytes() {
    // What numpy 1.21 wrote of `(numpy.float64(0.5), numpy.array([[1, 2]], "<i2", order="F"))`, but for the memo.
    let dtype = |code: &str| format!("cnumpy\ndtype\n(S'{code}'\nI00\nI01\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb");
    let float = dtype("f8");
    let int = dtype("i2");
    let scalar = format!("cnumpy.core.multiarray\nscalar\n({float}S'\\x00\\x00\\x00\\x00\\x00\\x00\\xe0?'\ntR");
    let array = format!(
        "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1\nI2\nt{int}I01\nS'\\x01\\x00\\x02\\x00'\ntb"
    );
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.pkl");
    std::fs::write(&model, format!("({scalar}{array}t.")).unwrap();
    let document = Document::read(&documents(&model)[0][..], Form::Json).unwrap();
    let [Value::Ref(0)] = document.roots[..] else { panic!("{document:?}") };
    assert_eq!(document.nodes[0], Node::Tuple(vec![Value::Float(0.5f64.to_bits()), Value::Ref(1)]));
    let Node::Array(array) = &document.nodes[1] else { panic!("{document:?}") };
    assert_eq!((&array.shape[..], array.fortran), (&[1, 2][..], true));
    assert_eq!(array.data, Some(Data(vec![1, 0, 2, 0])));
    assert_eq!(document.dtypes[array.dtype as usize].code, "<i2");
}

#[test]
fn what_is_refused_or_misspelt_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("evil.pkl"), b"cposix\nsystem\n(S'id'\ntR.").unwrap();
    std::fs::write(path("good.pkl"), b"\x80\x04K\x01.").unwrap();
    std::fs::write(path("there.json"), b"what was there").unwrap();
    assert_eq!(dump(&path("evil.pkl"), &path("there.json")).status.code(), Some(1));
    assert_eq!(std::fs::read(path("there.json")).unwrap(), b"what was there");
    for (model, to) in
        [("good.pkl", "out.txt"), ("good.pkl", "out"), ("gone.pkl", "out.json"), ("good.pkl", "no/out.json")]
    {
        assert_eq!(dump(&path(model), &path(to)).status.code(), Some(2), "{to}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left behind");
    assert!(dump(&path("good.pkl"), &path("there.json")).status.success());
    assert!(std::fs::read(path("there.json")).unwrap().starts_with(b"{\"schema\":\"coldload.dump/1\""));
}

#[test]
fn a_document_that_is_none_is_not_read() {
    let read = |text: &str| Document::read(text.as_bytes(), Form::Json);
    let with = |roots: &str, nodes: &str| {
        read(&format!(r#"{{"schema":"coldload.dump/1","names":[],"dtypes":[],"roots":[{roots}],"nodes":[{nodes}]}}"#))
    };
    assert!(with("1", r#"{"list":[{"ref":0}]}"#).is_ok(), "a list in itself");
    assert!(matches!(with(r#"{"ref":1}"#, r#"{"list":[]}"#), Err(ReadError::Index("node", 1))));
    assert!(matches!(with("", r#"{"dict":[[{"name":0},1]]}"#), Err(ReadError::Index("name", 0))));
    assert!(matches!(with("", r#"{"object":{"class":3,"args":null}}"#), Err(ReadError::Index("name", 3))));
    assert!(matches!(with("", r#"{"array":{"dtype":0,"shape":[]}}"#), Err(ReadError::Index("dtype", 0))));
    for wrong in [r#"{"ref":0,"name":0}"#, "{}", r#"{"what":1}"#, "18446744073709551615", r#"{"float":"7ff8"}"#] {
        assert!(matches!(with(wrong, r#"{"list":[]}"#), Err(ReadError::Json(_))), "{wrong}");
    }
    let newer = read(r#"{"schema":"coldload.dump/2","names":[],"dtypes":[],"roots":[],"nodes":[]}"#);
    assert!(matches!(newer, Err(ReadError::Schema(_))));
}
