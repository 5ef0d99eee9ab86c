//! Files of joblib before 0.10: `ZF`, a length and a zlib stream; and arrays in files beside the model.

mod opcodes;

use coldload::bytes::{Absent, Expectation, Input, Limits, Sibling};
use coldload::job::{Decision, Emit, Job, Observation, Task, run};
use coldload::reason::Finding;
use flate2::{Compression, write::ZlibEncoder};
use opcodes::*;
use std::io::Write;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/old").join(name)
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file as joblib 0.9 writes it, with this text for the length.
fn with_length(length: &str, bytes: &[u8]) -> Ops {
    ops![b"ZF", format!("{length:<19}"), zlib(bytes)]
}

fn zfile(bytes: &[u8]) -> Ops {
    with_length(&format!("{:#x}", bytes.len()), bytes)
}

#[test]
fn a_file_of_joblib_0_9_is_read() {
    let file = std::fs::read(data("compressed/model.pkl.z")).unwrap();
    let observed = accepted(&file).observed;
    assert_eq!(observed.content.format, "joblib");
    assert_eq!(observed.content.compressors, ["zf"]);
    assert_eq!((observed.content.arrays.count, observed.content.pickles), (8, 1));
    // Python 2 wrote one space more before the zlib stream.
    accepted(&ops![&file[..21], b" ", &file[21..]]);
    refused(&ops![&file[..21], b"  ", &file[21..]], "malformed", "no zlib stream follows its header");
}

#[test]
fn the_declared_length_is_the_right_one() {
    let pickle = pickle(3, text("abc"));
    let honest = zfile(&pickle);
    let length = pickle.len();
    let with = |length: &str| with_length(length, &pickle);
    told_apart(&with(&format!("{:#x}", length + 1)), "malformed", "less than its header says", &honest);
    told_apart(&with(&format!("{:#x}", length - 1)), "malformed", "more than its header says", &honest);
    let longer = ops![pickle, b"N."];
    told_apart(&with_length(&format!("{length:#x}"), &longer), "malformed", "more than its header says", &honest);
    for odd in ["0x0b", "0xB", "0x_b", "0xb L", "0x", "0x-b"] {
        refused(&with(odd), "malformed", "no length as joblib writes it");
    }
    refused(&honest[..10], "malformed", "its header is cut");
    refused(&ops![b"ZF0x1"], "malformed", "its header is cut");
    refused(&ops![b"ZFoo"], "unknown-format", "no format");
}

#[test]
fn nothing_follows_the_stream_of_an_old_file() {
    let honest = zfile(&pickle(3, text("abc")));
    told_apart(&ops![honest, b"x"], "trailing-data", "more bytes follow", &honest);
    told_apart(&honest[..honest.len() - 1], "malformed", "ends too early", &honest);
}

#[test]
fn what_an_old_file_holds_is_judged() {
    refused(&zfile(&pickle(3, attack())), "dangerous-global", "posix.system at byte 2");
    let nested = zfile(&zfile(&pickle(3, text("abc"))));
    refused(&nested, "unknown-format", "begins like no format");
    refused(&zfile(b"\x80\x03Z"), "malformed", "no opcode 0x5a");
}

#[test]
fn an_old_file_has_no_arrays_in_its_stream() {
    // The reader of old files knows no such wrapper: to it the elements are opcodes.
    let file = ops![b"\x80\x03", wrapper_with(&[], &[2], &dtype("f8")), [0u8; 16], b"."];
    told_apart(&zfile(&file), "misused-global", "a file of joblib before 0.10, which knows no such arrays", &file);
}

// ---- files beside the model

/// A model's bytes, the files beside it, and what it asked for.
struct Asked {
    files: Vec<(String, Vec<u8>)>,
    asked: Vec<String>,
    judged: Judged,
}

impl Emit for Asked {
    fn finding(&mut self, finding: Finding) {
        self.judged.finding(finding);
    }
    fn observed(&mut self, observation: Box<Observation>) -> Decision {
        self.judged.observed(observation)
    }
    fn beside(&mut self, name: &str) -> Result<Sibling, Absent> {
        self.asked.push(name.to_owned());
        let (_, bytes) = self.files.iter().find(|(known, _)| known == name).ok_or(Absent::Missing)?;
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Ok(Sibling { file, size: bytes.len() as u64, expectation: Expectation::Once })
    }
}

fn judge_beside(model: &[u8], files: &[(&str, Ops)]) -> Asked {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
    let mut asked = Asked { files, asked: Vec::new(), judged: Judged::default() };
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    run(&job, Input::from_bytes(model, usize::MAX), None, None, &mut asked);
    asked
}

#[track_caller]
fn accepted_beside(model: &[u8], files: &[(&str, Ops)]) -> Observation {
    let asked = judge_beside(model, files);
    assert!(asked.judged.findings.is_empty(), "{:?}", asked.judged.findings);
    asked.judged.observation.unwrap()
}

#[track_caller]
fn refused_beside(model: &[u8], files: &[(&str, Ops)], code: &str, words: &str) -> Vec<String> {
    let asked = judge_beside(model, files);
    let [finding] = asked.judged.findings.as_slice() else { panic!("{:?}", asked.judged.findings) };
    assert_eq!(finding.code.text(), code, "{finding:?}");
    assert!(finding.message.contains(words), "{words:?} is not in {:?}", finding.message);
    asked.asked
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Ops {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    ops![b"\x93NUMPY\x01\0", (header.len() as u16).to_le_bytes(), header, data]
}

fn two_floats() -> Ops {
    npy("<f8", "(2,)", &[0; 16])
}

/// The wrapper of a `.npy`, with other parts of its state behind or in place of the usual ones.
fn in_file(others: &[(&str, Ops)]) -> Ops {
    let state = vec![("filename", text("m_01.npy")), ("subclass", ndarray()), ("allow_mmap", TRUE.to_vec())];
    build(new(global("joblib.numpy_pickle", "NDArrayWrapper")), with(state, others))
}

/// The wrapper of bare elements.
fn in_zfile(others: &[(&str, Ops)]) -> Ops {
    let empty = tuple(&[ndarray(), tuple(&[int(0)]), bytes(b"b")]);
    let array = tuple(&[int(1), tuple(&[int(2)]), dtype("f8"), FALSE.into()]);
    let state = vec![("filename", text("m_01.npy.z")), ("init_args", empty), ("state", array)];
    build(new(global("joblib.numpy_pickle", "ZNDArrayWrapper")), with(state, others))
}

fn with<'k>(mut state: Vec<(&'k str, Ops)>, others: &[(&'k str, Ops)]) -> Ops {
    for (key, value) in others {
        state.retain(|(known, _)| known != key);
        state.push((key, value.clone()));
    }
    dict(&state)
}

#[test]
fn an_array_stands_in_the_file_that_its_wrapper_names() {
    let files = [("m_01.npy", two_floats()), ("m_01.npy.z", zfile(&[0; 16]))];
    for wrapper in [in_file(&[]), in_zfile(&[])] {
        let observed = accepted_beside(&pickle(3, &wrapper), &files).observed;
        assert_eq!((observed.content.arrays.count, observed.content.arrays.bytes), (1, 16));
        assert_eq!(observed.content.format, "joblib");
        accepted_beside(&zfile(&pickle(3, &wrapper)), &files);
        refused(&pickle(3, wrapper), "external-data", "the model came without it");
    }
    let one = pickle(3, in_file(&[]));
    refused_beside(&one, &[], "missing-file", "m_01.npy, which is not there");
    // joblib before 0.9 knew no allow_mmap; the class has lived in other modules too.
    let module = "sklearn.externals.joblib.numpy_pickle_compat";
    let state = dict(&[("filename", text("m_01.npy")), ("subclass", ndarray())]);
    accepted_beside(&pickle(2, build(new(global(module, "NDArrayWrapper")), state)), &files);
}

#[test]
fn a_wrapper_names_only_files_that_joblib_makes_and_each_once() {
    let files = [("m_01.npy", two_floats()), ("m_02.npy", two_floats()), ("m_01.npy.z", zfile(&[0; 16]))];
    let named = |name: &str| pickle(3, in_file(&[("filename", text(name))]));
    accepted_beside(&named("m_02.npy"), &files);
    for name in
        ["../m_01.npy", "/etc/m_01.npy", "a/m_01.npy", "a\\m_01.npy", "m_1.npy", "m.npy", "m_01.npy.z", "passwd", ""]
    {
        let asked = refused_beside(&named(name), &files, "misused-global", "which is none of joblib's");
        assert!(asked.is_empty(), "nobody is asked for {name}");
    }
    let bare = pickle(3, in_zfile(&[("filename", text("m_01.npy"))]));
    refused_beside(&bare, &files, "misused-global", "which is none of joblib's");
    refused_beside(&pickle(3, in_file(&[("filename", int(1))])), &files, "misused-global", "its filename is no text");
    let both = |second: Ops| pickle(3, tuple(&[in_file(&[]), second]));
    accepted_beside(&both(in_file(&[("filename", text("m_02.npy"))])), &files);
    refused_beside(&both(in_file(&[])), &files, "misused-global", "a file that was read before");
}

#[test]
fn a_wrapper_of_a_file_has_exactly_its_attributes_and_is_used_once() {
    let files = [("m_01.npy", two_floats()), ("m_01.npy.z", zfile(&[0; 16]))];
    let refuse = |wrapper: Ops, words: &str| refused_beside(&pickle(3, wrapper), &files, "misused-global", words);
    refuse(in_file(&[("read", global("numpy", "log1p"))]), "the key \"read\"");
    refuse(in_file(&[("subclass", scaler())]), "its subclass is not numpy.ndarray");
    // joblib before 0.10 would make an empty array of it; a matrix has two axes to every reader.
    refuse(in_file(&[("subclass", global("numpy", "recarray"))]), "its subclass is not numpy.ndarray");
    let matrix = pickle(3, in_file(&[("subclass", global("numpy", "matrix"))]));
    refused_beside(&matrix, &files, "misused-global", "it is a numpy.matrix, and its array has not two axes");
    accepted_beside(&matrix, &[("m_01.npy", npy("<f8", "(1, 2)", &[0; 16]))]);
    refuse(in_file(&[("allow_mmap", int(1))]), "its allow_mmap is neither");
    refuse(in_zfile(&[("subclass", ndarray())]), "the key \"subclass\"");
    refuse(in_zfile(&[("init_args", tuple(&[scaler(), tuple(&[int(0)]), bytes(b"b")]))]), "its init_args are not");
    refuse(in_zfile(&[("init_args", tuple(&[ndarray(), tuple(&[int(9)]), bytes(b"b")]))]), "its init_args are not");
    let state = |version: i32, dtype: Ops| tuple(&[int(version), tuple(&[int(2)]), dtype, FALSE.into()]);
    refuse(in_zfile(&[("state", state(2, dtype("f8")))]), "another version than 1");
    refuse(in_zfile(&[("state", state(1, dtype_of_objects()))]), "its objects stand in a file of bare elements");
    refuse(in_zfile(&[("state", state(1, text("f8")))]), "its dtype is a str");
    let class = || new(global("joblib.numpy_pickle", "NDArrayWrapper"));
    let state = || dict(&[("filename", text("m_01.npy")), ("subclass", ndarray())]);
    let again = ops![put(class(), 1), state(), b"b", b"0", get(1)];
    accepted_beside(&pickle(3, ops![put(class(), 1), state(), b"b"]), &files);
    refuse(estimator(scaler(), &[("mean_", again)]), "used again");
    refuse(ops![put(class(), 1), state(), b"b", b"0", get(1), state(), b"b"], "given a state twice");
}

#[test]
fn a_wrapper_of_a_file_is_made_empty_as_each_protocol_has_it() {
    let files = [("m_01.npy", two_floats()), ("m_01.npy.z", zfile(&[0; 16]))];
    let made = |class: &str, base: Ops, from: Ops| {
        call(global("copy_reg", "_reconstructor"), &[global("joblib.numpy_pickle", class), base, from])
    };
    let object = || global("__builtin__", "object");
    for (class, wrapper) in [("NDArrayWrapper", in_file(&[])), ("ZNDArrayWrapper", in_zfile(&[]))] {
        let new = new(global("joblib.numpy_pickle", class));
        let state = wrapper.strip_prefix(new.as_slice()).unwrap();
        accepted_beside(&pickle(2, ops![made(class, object(), NONE.into()), state]), &files);
        for (base, from) in [(global("__builtin__", "dict"), dict(&[])), (object(), int(1)), (scaler(), NONE.into())] {
            let hostile = pickle(2, ops![made(class, base, from), state]);
            refused_beside(&hostile, &files, "misused-global", "something else than an empty object");
        }
    }
}

#[test]
fn what_stands_in_a_file_is_the_array_and_nothing_else() {
    let model = pickle(3, in_file(&[]));
    let refuse = |file: Ops, code: &str, words: &str| refused_beside(&model, &[("m_01.npy", file)], code, words);
    accepted_beside(&model, &[("m_01.npy", two_floats())]);
    // numpy.load would take the first for a pickle, and the second for an archive.
    refuse(pickle(3, attack()), "malformed", "m_01.npy: it is no npy file");
    refuse(ops![b"PK\x03\x04", [0; 40]], "malformed", "m_01.npy: it is no npy file");
    refuse(ops![two_floats(), b"N."], "trailing-data", "m_01.npy: more bytes follow");
    refuse(two_floats()[..two_floats().len() - 1].to_vec(), "malformed", "m_01.npy: the file ends in the middle");
    let bare = pickle(3, in_zfile(&[]));
    accepted_beside(&bare, &[("m_01.npy.z", zfile(&[0; 16]))]);
    for (length, code, words) in [(15, "malformed", "ends in the middle"), (17, "trailing-data", "more bytes follow")] {
        refused_beside(&bare, &[("m_01.npy.z", zfile(&vec![0; length]))], code, words);
    }
    refused_beside(&bare, &[("m_01.npy.z", vec![0; 16])], "malformed", "m_01.npy.z: the zf stream is damaged");
}

#[test]
fn objects_in_a_file_are_a_pickle_that_is_judged() {
    let model = pickle(3, in_file(&[]));
    let objects = |items: &[Ops]| {
        let state = array_state(&[items.len() as i32], &dtype_of_objects(), list(items));
        pickle(2, build(empty_array(), state))
    };
    let file = |inside: &Ops| [("m_01.npy", npy("|O", "(2,)", inside))];
    let honest = accepted_beside(&model, &file(&objects(&[int(1), text("a")])));
    assert_eq!(honest.observed.content.pickles, 2);
    refused_beside(&model, &file(&objects(&[int(1), attack()])), "dangerous-global", "posix.system");
    refused_beside(&model, &file(&objects(&[int(1)])), "misused-global", "holds something else");
    refused_beside(&model, &file(&pickle(2, int(1))), "misused-global", "holds something else");
    // numpy reads it with pickle.load, to which no wrapper is an array.
    let inside = "in a pickle inside an array";
    let nested = objects(&[int(1), in_file(&[("filename", text("m_02.npy"))])]);
    refused_beside(&model, &file(&nested), "misused-global", inside);
    let raw = objects(&[int(1), ops![wrapper(&[1], &dtype("f8")), [0u8; 8]]]);
    refused_beside(&model, &file(&raw), "misused-global", inside);
}

// ---- through the program

/// The files of a model of joblib 0.9.4 in a folder of their own.
struct Desk(tempfile::TempDir);

impl Desk {
    fn of(kind: &str) -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        std::fs::create_dir(desk.0.path().join("m")).unwrap();
        for entry in std::fs::read_dir(data(kind)).unwrap() {
            let from = entry.unwrap().path();
            std::fs::copy(&from, desk.0.path().join("m").join(from.file_name().unwrap())).unwrap();
        }
        desk
    }

    /// Exit status and codes.
    fn run(&self, args: &[&str]) -> (i32, Vec<String>, serde_json::Value) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_coldload"));
        let output = command.current_dir(self.0.path()).args(args).arg("--json").output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let results = document["results"].as_array().cloned().unwrap_or_default();
        let reasons = results.iter().flat_map(|result| result["reasons"].as_array().cloned().unwrap_or_default());
        let codes = reasons.map(|reason| reason["code"].as_str().unwrap_or_default().to_owned()).collect();
        (output.status.code().unwrap_or(-1), codes, document)
    }

    #[track_caller]
    fn done(&self, args: &[&str]) {
        let (status, codes, document) = self.run(args);
        assert_eq!(status, 0, "{args:?}: {codes:?} {document}");
    }

    #[track_caller]
    fn refused(&self, args: &[&str], code: &str) {
        let (status, codes, document) = self.run(args);
        assert_eq!((status, codes.as_slice()), (1, &[code.to_owned()][..]), "{args:?}: {document}");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

#[test]
fn files_beside_a_model_are_read_behind_the_walls() {
    for (kind, model) in [("plain", "m/model.pkl"), ("protocol2", "m/model.pkl"), ("both", "m/model.pkl.z")] {
        let desk = Desk::of(kind);
        desk.done(&["scan", model]);
        desk.done(&["inspect", model]);
        desk.done(&["scan", "m"]);
        desk.done(&["scan", "--strict", "m"]);
        // As joblib does, the folder is the one that was named.
        let here = model.strip_prefix("m/").unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_coldload"))
            .current_dir(desk.path("m"))
            .args(["scan", here])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("7 files beside it"), "{output:?}");
    }
}

/// Such a file is no model if its own one asks for it, and no reader gets on in it.
#[test]
fn only_what_a_model_asks_for_is_an_array_of_it() {
    let desk = Desk::of("both");
    let status = |name: &str, bytes: &[u8]| {
        std::fs::write(desk.path(name), bytes).unwrap();
        let (status, codes, _) = desk.run(&["scan", "m"]);
        std::fs::remove_file(desk.path(name)).unwrap();
        (status, codes)
    };
    let part = desk.path("m/model.pkl.z_02.npy.z");
    let bare = std::fs::read(&part).unwrap();
    let reads_on = zlib(b"I 1\ncos\nsystem\n(S'id'\ntR.");
    assert_eq!(status("m/model.pkl.z_99.npy.z", &bare), (1, vec!["unknown-format".to_owned()]));
    assert_eq!(status("m/model.pkl.z_99.npy.z", &reads_on), (1, vec!["malformed".to_owned()]));
    assert_eq!(status("m/other.pkl_01.npy.z", &bare), (1, vec!["unknown-format".to_owned()]), "of no model");
    std::fs::write(desk.path("m/README"), "these are words").unwrap();
    assert_eq!(status("m/README_01.npy.z", &bare), (1, vec!["unknown-format".to_owned()]), "of a text");
    desk.done(&["scan", "m"]);
    std::fs::write(&part, &reads_on).unwrap();
    let (status, codes, _) = desk.run(&["scan", "m"]);
    assert!(status == 1 && codes.len() == 2, "the model and its part: {codes:?}");
}

#[test]
fn every_form_holds_the_same_values() {
    // What joblib 1.6 reads of each: `base64.b64encode(array.tobytes("A"))`, of `big` before it turned its bytes round.
    let wanted = [
        ("[2,3]", "AAAAAAAAAAAAAAAAAADwPwAAAAAAAABAAAAAAAAACEAAAAAAAAAQQAAAAAAAABRA"),
        ("[2,3]", "AAAAAAAAAAADAAAAAAAAAAEAAAAAAAAABAAAAAAAAAACAAAAAAAAAAUAAAAAAAAA"),
        ("[2]", "AAAAAQAAAAI="),
        ("[2]", "YQAAAAAAAABiAAAAYwAAAA=="),
        ("[1]", "AQAAAAAAAAAAAARA"),
        ("[]", "BwAAAAAAAAA="),
        ("[0,2]", ""),
    ];
    for (kind, model) in [
        ("plain", "m/model.pkl"),
        ("protocol2", "m/model.pkl"),
        ("compressed", "m/model.pkl.z"),
        ("both", "m/model.pkl.z"),
    ] {
        let desk = Desk::of(kind);
        desk.done(&["dump", model, "-o", "data.json"]);
        let dumped: serde_json::Value =
            serde_json::from_slice(&std::fs::read(desk.path("data.json")).unwrap()).unwrap();
        let arrays = dumped["nodes"].as_array().unwrap().iter().map(|node| &node["array"]);
        let found: Vec<(String, String)> =
            arrays.filter_map(|array| Some((array["shape"].to_string(), array["data"].as_str()?.to_owned()))).collect();
        let wanted: Vec<(String, String)> =
            wanted.iter().map(|(shape, data)| ((*shape).to_owned(), (*data).to_owned())).collect();
        assert_eq!(found, wanted, "{kind}");
    }
}

#[cfg(unix)]
#[test]
fn files_that_are_missing_or_links_are_refused_by_name() {
    let desk = Desk::of("plain");
    std::fs::rename(desk.path("m/model.pkl_03.npy"), desk.path("three")).unwrap();
    desk.refused(&["scan", "m/model.pkl"], "missing-file");
    std::os::unix::fs::symlink("../three", desk.path("m/model.pkl_03.npy")).unwrap();
    desk.refused(&["scan", "m/model.pkl"], "unsafe-path");
    std::fs::remove_file(desk.path("m/model.pkl_03.npy")).unwrap();
    std::fs::create_dir(desk.path("m/model.pkl_03.npy")).unwrap();
    desk.refused(&["scan", "m/model.pkl"], "unsafe-path");
    std::fs::remove_dir(desk.path("m/model.pkl_03.npy")).unwrap();
    std::fs::rename(desk.path("three"), desk.path("m/model.pkl_03.npy")).unwrap();
    desk.done(&["scan", "m/model.pkl"]);
    // A model that was renamed would read another one's files.
    std::fs::copy(desk.path("m/model.pkl"), desk.path("m/other.pkl")).unwrap();
    desk.refused(&["scan", "m/other.pkl"], "external-data");
}

#[test]
fn a_model_with_files_beside_it_is_signed_as_a_folder() {
    for (kind, model, side) in
        [("plain", "m/model.pkl", "m/model.pkl_02.npy"), ("both", "m/model.pkl.z", "m/model.pkl.z_02.npy.z")]
    {
        let desk = Desk::of(kind);
        desk.done(&["keygen", "-o", "ci"]);
        desk.refused(&["sign", model, "-k", "ci"], "external-data");
        assert!(!desk.path(&format!("{model}.seal")).exists());
        desk.done(&["sign", "m", "-k", "ci", "--name", "old"]);
        let verify = ["verify", "m", "-k", "ci.pub", "--name", "old"];
        desk.done(&verify);
        let whole = std::fs::read(desk.path(side)).unwrap();
        let mut changed = whole.clone();
        *changed.last_mut().unwrap() ^= 1;
        std::fs::write(desk.path(side), &changed).unwrap();
        let (status, codes, _) = desk.run(&verify);
        assert!(status == 1 && codes.iter().all(|code| code == "digest-mismatch") && !codes.is_empty(), "{codes:?}");
        std::fs::write(desk.path(side), &whole).unwrap();
        desk.done(&verify);
        std::fs::remove_file(desk.path(side)).unwrap();
        desk.refused(&verify, "missing-file");
    }
}
