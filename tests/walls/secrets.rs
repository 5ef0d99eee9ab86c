//! Keys stay with the parent: while a worker of `coldload sign` or `coldload verify` holds a model, its memory, environment
//! and arguments are searched for every form of the key that its parent was given.
//!
//! The model is large enough for the worker to be caught with it, and both processes are stopped before anything is looked at.

use super::*;
use base64ct::{Base64, Encoding};
use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest, Sha512};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A list that is long enough to be caught while it is read.
fn long_model() -> Vec<u8> {
    let items = if cfg!(debug_assertions) { 6 << 20 } else { 48 << 20 };
    [b"\x80\x04](", vec![b'N'; items].as_slice(), b"e."].concat()
}

/// Pieces of a key, each too long to be anywhere by chance.
fn forms(pem: &str) -> Vec<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = Base64::decode_vec(&body).unwrap();
    // An Ed25519 key in PKCS #8 (RFC 8410) is 16 bytes of structure and the seed; another key is its own text.
    let secret = if pem.contains("PRIVATE KEY") { &der[16..48] } else { &der[..] };
    let expanded = Sha512::digest(secret);
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let pieces = |bytes: &[u8], length| bytes.chunks_exact(length).map(<[u8]>::to_vec).collect::<Vec<_>>();
    // The first 16 bytes of the structure are the same in all keys, and 4 characters of base64 are 3 bytes.
    let text = if pem.contains("PRIVATE KEY") { &body.as_bytes()[24..64] } else { body.as_bytes() };
    [pieces(secret, 8), pieces(&expanded[32..], 8), pieces(text, 16), pieces(hex.as_bytes(), 16)].concat()
}

/// A program and its worker, both stopped, while the worker holds the model; killed when dropped.
struct Caught {
    program: Child,
    worker: u32,
}

impl Drop for Caught {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn signal(process: u32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(process.cast_signed()).unwrap(), signal);
}

/// The worker of a program, once it is locked in and has taken some memory for what it reads.
fn reading_worker(program: u32) -> Option<u32> {
    let own = format!("PPid:\t{program}\n");
    let processes = std::fs::read_dir("/proc").unwrap();
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.into_iter().find(|process| {
        let status = status(*process);
        let held =
            status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse().ok());
        status.contains(&own) && status.contains("Seccomp:\t2\n") && held.is_some_and(|held: u64| held > 8 << 10)
    })
}

/// Starts a program and stops it while its worker reads; one that was done before that is started again.
fn catch(command: &mut Command) -> Caught {
    for _ in 0..20 {
        let mut program = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // What is caught too late is dropped, and with it the program.
        while program.try_wait().unwrap().is_none() {
            let Some(worker) = reading_worker(program.id()) else { continue };
            // The parent first: it watches the clock.
            signal(program.id(), Signal::STOP);
            signal(worker, Signal::STOP);
            let begin = Instant::now();
            while !status(worker).contains("State:\tT") && begin.elapsed() < Duration::from_secs(1) {
                std::thread::sleep(Duration::from_millis(1));
            }
            let caught = Caught { program, worker };
            if status(worker).contains("State:\tT") && reading_worker(caught.program.id()) == Some(worker) {
                return caught;
            }
            drop(caught);
            break;
        }
    }
    panic!("the worker was never caught at its work: {command:?}");
}

/// How the program is given its key.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Given {
    File,
    Variable,
    Descriptor,
}

fn with_key(folder: &Path, arguments: &[&str], key: &str, given: Given) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    command.current_dir(folder).env_clear();
    let option = match given {
        Given::File => key.to_owned(),
        Given::Variable => {
            command.env("COLDLOAD_TEST_KEY", std::fs::read_to_string(folder.join(key)).unwrap());
            "env:COLDLOAD_TEST_KEY".to_owned()
        }
        Given::Descriptor => {
            command.stdin(File::open(folder.join(key)).unwrap());
            "fd:0".to_owned()
        }
    };
    command.args(arguments).args(["-k", &option, "--limit", "time=600"]);
    command
}

#[test]
fn no_form_of_a_key_is_in_a_worker() {
    let _others = among_others();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.pkl"), long_model()).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_coldload")).current_dir(folder.path()).args(arguments).output();
        assert!(output.as_ref().unwrap().status.success(), "{output:?}");
    };
    run(&["keygen", "-o", "pair"]);
    run(&["keygen", "-o", "shared", "--algorithm", "hmac-sha256"]);
    run(&["sign", "model.pkl", "-k", "shared", "--limit", "time=600"]);
    let sign = ["sign", "model.pkl", "-o", "other.seal"];
    let verify = ["verify", "model.pkl"];
    for (arguments, key, given) in [
        (&sign[..], "pair", Given::File),
        (&sign[..], "pair", Given::Variable),
        (&sign[..], "pair", Given::Descriptor),
        (&verify[..], "shared", Given::File),
        (&verify[..], "shared", Given::Variable),
    ] {
        let caught = catch(&mut with_key(folder.path(), arguments, key, given));
        let told = format!("{arguments:?} with {key} by {given:?}");
        if !is_root() {
            // Not even the user who started it may look into a worker.
            assert!(File::open(format!("/proc/{}/mem", caught.worker)).is_err(), "{told}");
            continue;
        }
        let forms = forms(&std::fs::read_to_string(folder.path().join(key)).unwrap());
        assert_eq!(held(caught.worker, &forms), [] as [&[u8]; 0], "{told}: the key is in the worker");
        assert!(holds(caught.worker, b"coldload-worker"), "{told}: its memory can be searched");
        let environment = std::fs::read_to_string(format!("/proc/{}/environ", caught.worker)).unwrap();
        assert_eq!(environment.replace(':', "\0"), crate::ALLOCATOR, "{told}: a word, always the same");
        assert_eq!(
            std::fs::read(format!("/proc/{}/cmdline", caught.worker)).unwrap(),
            b"coldload-worker\0coldload-worker\0"
        );
        // An HMAC key is not kept as it was written, but for the variable itself.
        if key == "pair" || given == Given::Variable {
            assert!(!held(caught.program.id(), &forms).is_empty(), "{told}: the parent has it");
        }
    }
}
