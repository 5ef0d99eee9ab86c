//! A program that is told to end leaves nothing half-written.
#![cfg(target_os = "linux")]

use rustix::process::Signal;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_coldload");
/// Long enough to be copied for a while.
const LENGTH: u64 = 96 << 20;

/// A folder with a model of many zeros, and its digest's command line.
fn model() -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.pkl");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"\x80\x04\x8e").unwrap();
    file.write_all(&LENGTH.to_le_bytes()).unwrap();
    file.set_len(11 + LENGTH).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
    file.write_all(b".").unwrap();
    let made = [("keygen", &["-o", "k"][..]), ("sign", &["m.pkl", "-k", "k", "--name", "m"])];
    for (command, args) in made {
        let ran = Command::new(PROGRAM).current_dir(folder.path()).arg(command).args(args).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }
    let verify = ["verify", "m.pkl", "-k", "k.pub", "--name", "m", "--to", "copy"];
    (folder, verify.map(str::to_owned).to_vec())
}

fn unfinished(folder: &Path) -> Option<PathBuf> {
    let mut entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(".coldload-"))
}

fn send(child: &Child, signal: Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_child(child), signal).unwrap();
}

/// Starts the program, and stops it while it writes, with most still to be written. On a busy machine it may be done before it
/// is seen to begin: then what it made is taken away, and it is started again.
fn stopped_while_it_writes(folder: &Path, start: &dyn Fn() -> Child) -> Child {
    for _ in 0..100 {
        let (mut child, started) = (start(), Instant::now());
        let made = loop {
            match unfinished(folder).map(|made| made.join("m.pkl")).filter(|made| made.exists()) {
                Some(made) => break Some(made),
                None if child.try_wait().unwrap().is_some() => break None,
                None => assert!(started.elapsed() < Duration::from_secs(60)),
            }
            std::thread::yield_now();
        };
        if let Some(made) = made {
            send(&child, Signal::STOP);
            if made.metadata().is_ok_and(|made| made.len() < LENGTH / 2) {
                return child;
            }
            send(&child, Signal::CONT);
        }
        assert!(child.wait().unwrap().success());
        std::fs::remove_dir_all(folder.join("copy")).unwrap();
    }
    panic!("it was never seen to write");
}

/// Whether whoever started the tests ignores a signal, as `nohup` and shells do for what goes on without them. The programs that
/// are started here ignore it as well.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    u64::from_str_radix(ignored, 16).unwrap() & (1 << (signal.as_raw() - 1)) != 0
}

#[test]
fn a_signal_takes_away_what_is_unfinished() {
    let (folder, verify) = model();
    assert!(!is_ignored(Signal::TERM), "nobody can end the tests");
    let ends = [
        Signal::TERM,
        Signal::INT,
        Signal::HUP,
        Signal::QUIT,
        Signal::XCPU,
        Signal::ALARM,
        Signal::VTALARM,
        Signal::PROF,
        Signal::USR1,
        Signal::USR2,
    ];
    for signal in ends.into_iter().filter(|signal| !is_ignored(*signal)) {
        let start =
            || Command::new(PROGRAM).current_dir(folder.path()).args(&verify).stdout(Stdio::null()).spawn().unwrap();
        let mut child = stopped_while_it_writes(folder.path(), &start);
        send(&child, signal);
        send(&child, Signal::CONT);
        assert_eq!(child.wait().unwrap().signal(), Some(signal.as_raw()), "it ends as it was told to");
        assert_eq!(unfinished(folder.path()), None, "{signal:?}");
        assert!(!folder.path().join("copy").exists(), "{signal:?}");
    }
}

/// A pipe that nobody reads is an error where it is written to, and no end.
#[test]
fn a_broken_pipe_ends_nothing_by_a_signal() {
    let (folder, verify) = model();
    let start =
        || Command::new(PROGRAM).current_dir(folder.path()).args(&verify).stdout(Stdio::null()).spawn().unwrap();
    let mut child = stopped_while_it_writes(folder.path(), &start);
    send(&child, Signal::PIPE);
    send(&child, Signal::CONT);
    assert!(child.wait().unwrap().success());
    assert!(folder.path().join("copy/m.pkl").exists() && unfinished(folder.path()).is_none());
}

#[test]
fn what_the_starter_ignores_ends_nothing() {
    let (folder, verify) = model();
    let script = "trap '' HUP; exec \"$0\" \"$@\"";
    let start = || {
        let mut shell = Command::new("sh");
        shell.current_dir(folder.path()).args(["-c", script, PROGRAM]).args(&verify);
        shell.stdout(Stdio::null()).spawn().unwrap()
    };
    let mut child = stopped_while_it_writes(folder.path(), &start);
    send(&child, Signal::HUP);
    send(&child, Signal::CONT);
    assert!(child.wait().unwrap().success());
    assert!(folder.path().join("copy/m.pkl").exists());
}

/// What a worker writes, and what its parent does: with a limit of a few blocks on the size of files, each output is a failure that names
/// the limit; with a limit that is large enough it is made.
#[test]
fn an_output_that_may_not_grow_is_a_failure_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let list: Vec<u8> = [&b"\x80\x02]("[..], &b"K\x01".repeat(40_000), b"e."].concat();
    std::fs::write(folder.path().join("m.pkl"), list).unwrap();
    let forest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/diff/shallow.pkl");
    std::fs::copy(forest, folder.path().join("forest.pkl")).unwrap();
    std::fs::write(folder.path().join("rows.csv"), "a,b,c,d\n".to_owned() + &"1,2,3,4\n".repeat(2000)).unwrap();
    let writers: [&[&str]; 5] = [
        &["dump", "m.pkl", "-o", "out.json"],
        &["dump", "m.pkl", "-o", "out.cbor"],
        &["inspect", "m.pkl", "--opcodes"],
        &["predict", "forest.pkl", "--unverified", "-i", "rows.csv", "-o", "out.csv", "--method", "predict_proba"],
        &["fuzz", "m.pkl", "--emit", "out", "--count", "3"],
    ];
    let before = std::fs::read_dir(folder.path()).unwrap().count();
    for arguments in writers {
        for (limit, status) in [("ulimit -S -f 4", 2), ("ulimit -f 4", 2), ("ulimit -f 1000000", 0)] {
            let script = format!("{limit}; exec \"$0\" \"$@\"");
            let mut shell = Command::new("sh");
            let ran = shell.current_dir(folder.path()).args(["-c", &script, PROGRAM]).args(arguments).output().unwrap();
            assert_eq!(
                ran.status.code(),
                Some(status),
                "{limit} {arguments:?} {}",
                String::from_utf8_lossy(&ran.stderr)
            );
            if status == 2 {
                let said = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
                assert!(said.contains("a limit of 2048 bytes on the size of files"), "{limit} {arguments:?}: {said}");
                assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before, "{arguments:?}");
            }
        }
        for made in ["out.json", "out.cbor", "out.csv", "out"].map(|name| folder.path().join(name)) {
            let removed = if made.is_dir() { std::fs::remove_dir_all(&made) } else { std::fs::remove_file(&made) };
            assert!(removed.is_ok() || !made.exists());
        }
    }
}

#[test]
fn a_file_that_may_not_grow_is_a_failure_and_leaves_nothing() {
    let (folder, verify) = model();
    let script = "ulimit -f 1024; exec \"$0\" \"$@\"";
    let ran =
        Command::new("sh").current_dir(folder.path()).args(["-c", script, PROGRAM]).args(&verify).output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("can not be made: File too large"), "{said}");
    assert_eq!(unfinished(folder.path()), None);
    assert!(!folder.path().join("copy").exists());
}
