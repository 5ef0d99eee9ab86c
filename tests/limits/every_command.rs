//! Each limit bounds each command, for a file and for a folder: the same model is accepted under the defaults, and refused
//! under a limit that it meets, by name and with nothing written.

use super::*;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/demo/iris_linear.joblib.bz2");
const ROWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/demo/flowers.csv");

/// Limits that a model with names, arrays, containers in containers and a compressor meets, some by what is allowed next to
/// nothing.
const MET: &[&str] = &["file=100", "decoded=100", "memory=100", "values=3", "depth=1", "globals=1", "time=0"];

/// What is done with a model or a folder, each behind the walls.
fn commands(model: &str) -> Vec<Vec<&str>> {
    let folder = model == "folder";
    let mut commands = vec![
        vec!["scan", model],
        vec!["sign", model, "-k", "pair", "-o", "made.seal"],
        vec!["verify", model, "-k", "pair.pub", "--name", "model"],
        vec!["verify", model, "-k", "pair.pub", "--name", "model", "--to", "copy"],
    ];
    if !folder {
        commands.extend([
            vec!["inspect", model],
            vec!["inspect", model, "--trace"],
            vec!["predict", model, "-i", ROWS, "-k", "pair.pub", "--name", "model", "-o", "answers.csv"],
            vec!["predict", model, "-i", ROWS, "--unverified", "-o", "answers.csv"],
            vec!["fuzz", model, "--emit", "twins", "--count", "2"],
        ]);
    }
    commands
}

fn made(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut made: Vec<String> =
        names.filter(|name| !["folder", "model", "pair", "pair.pub", "model.seal"].contains(&name.as_str())).collect();
    made.sort_unstable();
    made
}

#[test]
fn every_limit_is_met_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| coldload(folder.path(), arguments);
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for path in ["model", "folder/model.pkl"] {
        std::fs::copy(MODEL, folder.path().join(path)).unwrap();
    }
    for arguments in [
        &["keygen", "-o", "pair"][..],
        &["sign", "model", "-k", "pair", "--name", "model"],
        &["sign", "folder", "-k", "pair", "--name", "model"],
    ] {
        let output = run(arguments);
        assert!(output.status.success(), "{output:?}");
    }
    for model in ["model", "folder"] {
        for command in commands(model) {
            let report = |options: &[&str]| {
                let options = [&command[..], options, &["--json", "--output-file", "report.json"]].concat();
                let status = run(&options).status.code();
                let report: Value =
                    serde_json::from_slice(&std::fs::read(folder.path().join("report.json")).unwrap()).unwrap();
                std::fs::remove_file(folder.path().join("report.json")).unwrap();
                (status, report["results"].clone())
            };
            for limit in MET {
                let name = limit.split_once('=').unwrap().0;
                let (status, result) = report(&["--limit", limit]);
                assert_eq!(status, Some(1), "{command:?} {limit}: {result}");
                let results = result.as_array().unwrap().iter();
                let met = results.flat_map(|result| result["reasons"].as_array().unwrap()).any(|reason| {
                    let [message, next] = ["message", "next"].map(|part| reason[part].as_str().unwrap());
                    reason["code"] == "limit-exceeded"
                        && message.contains(&format!("the limit {name} ("))
                        && next.contains(&format!("--limit {name}="))
                });
                assert!(met, "{command:?} {limit}: {result}");
                assert_eq!(made(folder.path()), [""; 0], "{command:?} {limit}");
            }
            let (status, result) = report(&[]);
            assert_eq!(status, Some(0), "{command:?}: {result}");
            assert!(result.as_array().unwrap().iter().any(|one| one["verdict"] == "accepted"), "{result}");
            for name in made(folder.path()) {
                let path = folder.path().join(name);
                if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
            }
        }
    }
}

/// Files whose size alone is too much are not read, hashed or copied first: these are sparse, and a terabyte long.
#[test]
fn a_file_that_is_too_large_by_default_is_not_even_hashed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for path in ["model.pkl", "folder/model.pkl"] {
        let file = std::fs::File::create(folder.path().join(path)).unwrap();
        if file.set_len((1 << 40) + 1).is_err() {
            eprintln!("skipped: this file system has no room for the name of a terabyte");
            return;
        }
    }
    std::fs::File::create(folder.path().join("model.pkl.seal")).unwrap().set_len((16 << 20) + 1).unwrap();
    assert!(coldload(folder.path(), &["keygen", "-o", "pair"]).status.success());
    for (arguments, limit) in [
        (&["scan", "model.pkl"][..], "file"),
        (&["scan", "folder"], "file"),
        (&["inspect", "model.pkl"], "file"),
        (&["sign", "model.pkl", "-k", "pair"], "file"),
        (&["sign", "folder", "-k", "pair"], "file"),
        (&["predict", "model.pkl", "-i", ROWS, "--unverified"], "file"),
        (&["verify", "model.pkl", "-k", "pair.pub"], "seal"),
        (&["inspect", "model.pkl.seal"], "seal"),
    ] {
        let result = first_result(&coldload(folder.path(), &[arguments, &["--json"]].concat()));
        assert_eq!(result["reasons"][0]["code"], "limit-exceeded", "{arguments:?}: {result}");
        let message = result["reasons"][0]["message"].as_str().unwrap();
        assert!(message.contains(&format!("the limit {limit} (")), "{message}");
    }
}

/// Files that make much of their bytes, judged with so little memory for the program, and as little for its worker, that
/// neither could hold more than the bound: 16 bytes a byte, and what each takes for itself.
#[cfg(target_os = "linux")]
#[test]
fn no_command_takes_more_memory_than_the_file_allows() {
    const LENGTH: usize = 256 << 10;
    const KIB: usize = (16 * LENGTH + (64 << 20)) >> 10;
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let script = format!("ulimit -d {KIB} && exec \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_coldload")]).args(arguments);
        command.current_dir(folder.path()).output().unwrap()
    };
    assert!(run(&["keygen", "-o", "pair"]).status.success());
    std::fs::create_dir(folder.path().join("all")).unwrap();
    let bomb = zlib(&pickle4(bytes(&vec![0; 10 << 20])));
    for (name, file) in greedy(LENGTH).into_iter().chain([("bomb", bomb)]) {
        if !["MARK FROZENSET", "MEMOIZE", "dicts of one", "GLOBAL", "BUILD", "LONG_BINPUT far apart", "bomb"]
            .contains(&name)
        {
            continue;
        }
        std::fs::write(folder.path().join("model.pkl"), &file).unwrap();
        std::fs::write(folder.path().join(format!("all/{name}.pkl")), &file).unwrap();
        for arguments in [
            &["scan", "model.pkl"][..],
            &["inspect", "model.pkl", "--output-file", "report"],
            &["inspect", "model.pkl", "--trace"],
            &["sign", "model.pkl", "-k", "pair"],
            &["predict", "model.pkl", "-i", ROWS, "--unverified"],
        ] {
            let output = run(arguments);
            let report = std::fs::read(folder.path().join("report")).unwrap_or_default();
            let told = [&output.stderr[..], &output.stdout, &report].concat();
            let told = String::from_utf8_lossy(&told);
            let usage = arguments[0] == "predict" && output.status.code() == Some(2) && !told.contains("memory");
            assert!(matches!(output.status.code(), Some(0 | 1)) || usage, "{name} {arguments:?}: {told}");
            assert!(!told.contains("the limit memory"), "{name} {arguments:?}: {told}");
        }
    }
    for arguments in [&["scan", "all"][..], &["sign", "all", "-k", "pair"], &["verify", "all", "-k", "pair.pub"]] {
        let output = run(arguments);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {output:?}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("the limit memory"), "{arguments:?}: {output:?}");
    }
}

/// The limit `time` is out of the way: the program that tests build is slow enough to meet it where a machine is.
#[test]
fn a_limit_that_the_program_was_started_with_is_not_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("nones.pkl");
    std::fs::write(&model, [&b"\x80\x04]("[..], &vec![b'N'; 16 << 20], b"e."].concat()).unwrap();
    let run = |before: &str| {
        let script = format!("{before} exec \"$1\" scan \"$2\" --json --limit time=600");
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_coldload")]).arg(&model);
        let output = command.output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report["error"]["kind"].as_str().map(str::to_owned))
    };
    assert_eq!(run(""), (Some(0), None));
    assert_eq!(run("ulimit -d 60000;"), (Some(2), Some("memory".to_owned())));
}

/// A pickle that takes so many opcodes, and next to no bytes.
#[cfg(target_os = "linux")]
fn long(opcodes: usize) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"\x80\x04").unwrap();
    let pairs = b"N0".repeat(1 << 20);
    for _ in 0..opcodes.div_ceil(2 << 20) {
        packed.write_all(&pairs).unwrap();
    }
    packed.write_all(b"N.").unwrap();
    packed.finish().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_limit_on_time_that_the_starter_set_is_not_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("long.pkl");
    let run = |before: &str, options: &str| {
        let script = format!("{before} exec \"$1\" scan \"$2\" --json {options}");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_coldload")]).arg(&model);
        let output = command.output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let reasons = report["results"][0]["reasons"].as_array().into_iter().flatten();
        let codes: Vec<String> = reasons.map(|reason| reason["code"].as_str().unwrap().to_owned()).collect();
        (output.status.code(), report["error"]["message"].as_str().map(str::to_owned), codes)
    };
    std::fs::write(&model, long(1 << 20)).unwrap();
    assert_eq!(run("ulimit -t 1;", "--limit time=600"), (Some(0), None, vec![]));
    // Of this one a processor is never done in a second.
    std::fs::write(&model, long(400 << 20)).unwrap();
    let (status, error, codes) = run("ulimit -t 1;", "--limit time=600 --limit values=1000000000");
    assert_eq!((status, codes), (Some(2), vec![]), "{error:?}");
    let error = error.unwrap();
    assert!(error.contains("a limit of 1 second of a processor's time"), "{error}");
    // Its own limit is met before that of the starter.
    let own = run("ulimit -t 600;", "--limit time=1 --limit values=1000000000");
    assert_eq!(own, (Some(1), None, vec!["limit-exceeded".to_owned()]));
}

/// Allocations that fail for real, wherever they do: a worker that gets less and less memory says of a file what one with enough
/// of it says, or the work could not be done. The limit `time` is out of the way.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_is_not_there_makes_no_other_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let nones = |count| [&b"\x80\x04]("[..], &vec![b'N'; count], b"e"].concat();
    let xz = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/models/1.6.1/forest_classifier_holes.joblib.xz");
    for (name, file) in [
        ("honest", [nones(4 << 20), b".".to_vec()].concat()),
        ("hostile", [nones(2 << 20), b"cposix\nsystem\n(S'true'\ntR.".to_vec()].concat()),
        ("packed", std::fs::read(xz).unwrap()),
    ] {
        std::fs::write(folder.path().join(name), file).unwrap();
        let run = |before: &str| {
            let script = format!("{before} exec \"$1\" scan \"$2\" --json --limit time=600");
            let mut command = Command::new("/bin/sh");
            command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_coldload"), name]).current_dir(folder.path());
            // The standard library's own report of a failed allocation needs memory for its backtrace.
            command.env_remove("RUST_BACKTRACE");
            let output = command.output().unwrap();
            let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
            let result = &report["results"][0];
            let kind = report["error"]["kind"].as_str().map(str::to_owned);
            (output.status.code(), kind, (result["verdict"].clone(), result["reasons"].clone()))
        };
        let ample = run("");
        let mut without = 0;
        // From what is enough for the program itself to what is more than enough for its worker, in steps of a quarter.
        for kib in std::iter::successors(Some(16_000u64), |kib| Some(kib * 5 / 4)).take_while(|kib| *kib < 160_000) {
            let (status, kind, verdict) = run(&format!("ulimit -d {kib};"));
            match status {
                Some(2) => {
                    assert!(matches!(kind.as_deref(), Some("memory" | "sandbox")), "{name}, {kib} KiB: {kind:?}");
                    without += 1;
                }
                _ => assert_eq!((status, verdict), (ample.0, ample.2.clone()), "{name}, {kib} KiB"),
            }
        }
        assert!(without < 11, "{name}: {without} of 11 could not be done");
        assert_eq!(without > 0, name != "packed", "{name}: {without} of 11 could not be done");
    }
}
