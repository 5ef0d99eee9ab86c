//! `--python EXE`: what an interpreter that the signer names says of itself and of what is installed.
//!
//! It is run isolated (`-I`: no `PYTHON…` variables, no user's packages, not the working directory), with few variables, so
//! that no key that stands in one reaches it. The script reads the metadata of packages and imports none of them. The answer
//! is bounded in time and in bytes, and decoded strictly.

use crate::job::FailureKind;
use crate::manifest::environment::normalised;
use crate::manifest::{Environment, Package, Packages, Platform, Python};
use crate::reason::{escape, escape_bytes};
use crate::report::ReportError;
use crate::sandbox::Hidden;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The script, for Python 3.8 and newer.
const SCRIPT: &str = include_str!("interpreter.py");
/// Variables that an interpreter may need to be found and to start.
const PASSED: [&str; 8] =
    ["PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYENV_ROOT", "PYENV_VERSION", "SYSTEMROOT", "TMPDIR"];
const TIME: Duration = Duration::from_secs(20);
/// Longest answer, in bytes.
const MOST: u64 = 4 << 20;
/// Bytes of its complaints that are kept.
const COMPLAINT: u64 = 4 << 10;
const FOUND: &str = "interpreter";

/// The answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    implementation: String,
    version: String,
    system: String,
    machine: String,
    libc: Option<String>,
    packages: Vec<(String, String)>,
}

/// Asks an interpreter, and adds what it says.
pub(super) fn ask(python: &Path, environment: &mut Environment) -> Result<(), ReportError> {
    let failed = |kind, what: &str| {
        let message = format!("{} {what}", escape(&python.display().to_string()));
        ReportError::new(kind, message, "name the interpreter of the training:  --python .venv/bin/python")
    };
    let answer = run(python, TIME).map_err(|(kind, what)| failed(kind, &what))?;
    let answer: Answer =
        serde_json::from_slice(&answer).map_err(|_| failed(FailureKind::Io, "gave an answer that is none"))?;
    let found = FOUND.to_owned();
    let Answer { implementation, version, system, machine, libc, packages } = answer;
    // What comes first on the path is what is imported.
    let mut installed = BTreeMap::new();
    for (name, version) in packages {
        let Some(name) = normalised(&name) else {
            return Err(failed(FailureKind::Io, &format!("names the package {:?}, which is no name", escape(&name))));
        };
        installed.entry(name).or_insert(version);
    }
    let installed = installed.into_iter().map(|(name, version)| Package { name, version }).collect();
    environment.python = Some(Python { implementation, version, found: found.clone() });
    environment.platform = Some(Platform { system, machine, libc, found: found.clone() });
    environment.packages = Some(Packages { installed, found });
    Ok(())
}

/// Why there is no answer.
type Unanswered = (FailureKind, String);

fn run(python: &Path, time: Duration) -> Result<Vec<u8>, Unanswered> {
    let mut command = Command::new(python);
    command.args(["-I", "-c", SCRIPT]).env_clear();
    command.envs(PASSED.iter().filter_map(|name| std::env::var_os(name).map(|value| (name, value))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let hidden = |error| (FailureKind::Io, format!("is not run, for keys could not be kept from it: {error}"));
    let _hidden = Hidden::new().map_err(hidden)?;
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => (FailureKind::NotFound, "is not there".to_owned()),
        _ => (FailureKind::Io, format!("can not be run: {error}")),
    })?;
    let deadline = Instant::now() + time;
    let answer = child.stdout.take().map(|pipe| first(pipe, MOST + 1));
    let complaint = child.stderr.take().map(|pipe| first(pipe, COMPLAINT));
    let answered = answer.as_ref().and_then(|answer| answer.recv_timeout(time).ok());
    let large = answered.as_ref().is_some_and(|bytes| bytes.len() as u64 > MOST);
    let status = if large { None } else { answered.as_ref().and_then(|_| wait(&mut child, deadline)) };
    if status.is_none() {
        end(&mut child);
    }
    match (answered, status) {
        _ if large => Err((FailureKind::Io, format!("answered with more than {MOST} bytes"))),
        (Some(bytes), Some(status)) if status.success() => Ok(bytes),
        (Some(_), Some(status)) => {
            let left = deadline.saturating_duration_since(Instant::now()).min(Duration::from_secs(1));
            let said = complaint.and_then(|complaint| complaint.recv_timeout(left).ok()).unwrap_or_default();
            let last = said.trim_ascii().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            let last = if last.is_empty() { String::new() } else { format!(": {}", escape_bytes(last)) };
            Err((FailureKind::Io, format!("ended with {status}{last}")))
        }
        _ => Err((FailureKind::Io, format!("gave no answer within {} seconds", time.as_secs()))),
    }
}

/// The first bytes of a pipe, once it ends or has given so many. Its thread is left behind if the pipe never ends.
fn first(pipe: impl Read + Send + 'static, most: u64) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut pipe = pipe.take(most);
        // What was read until something failed is all that there is.
        let _ = pipe.read_to_end(&mut bytes);
        let _ = send.send(bytes);
        let _ = std::io::copy(&mut pipe.into_inner(), &mut std::io::sink());
    });
    receive
}

fn wait(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            _ => return None,
        }
    }
}

/// Ends what was started, and what that started.
fn end(child: &mut Child) {
    #[cfg(target_os = "linux")]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // Nothing is left of the group in most cases.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
