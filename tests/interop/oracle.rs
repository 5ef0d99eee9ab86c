//! Python's own readers as a process that is asked one input after another: `oracle_child.py`. Shared by the differential run
//! and the fuzz target of that name (`fuzz/src/lib.rs`).

use coldload::fuzz::differential::Answer;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Why there is no answer.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// `oracle_child.py`, started again when it dies.
pub struct Oracle {
    python: String,
    script: PathBuf,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    version: String,
}

impl Oracle {
    /// Starts the script `oracle_child.py` with a Python that has joblib and lz4, and waits for its greeting.
    pub fn start(python: &str, script: &Path) -> Result<Oracle, Failure> {
        let mut command = Command::new(python);
        command.arg("-B").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("{python}: {error}"))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the oracle has no pipes".into());
        };
        let mut oracle = Oracle {
            python: python.to_owned(),
            script: script.to_owned(),
            process,
            input,
            output: BufReader::new(output),
            version: String::new(),
        };
        let greeting = oracle.receive().map_err(|error| format!("the oracle does not start: {error}"))?;
        oracle.version = serde_json::from_slice(&greeting)?;
        Ok(oracle)
    }

    /// The version of its Python.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn receive(&mut self) -> std::io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.output.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_le_bytes(length) as usize];
        self.output.read_exact(&mut answer)?;
        Ok(answer)
    }

    fn exchange(&mut self, data: &[u8]) -> std::io::Result<Vec<u8>> {
        self.input.write_all(&(data.len() as u32).to_le_bytes())?;
        self.input.write_all(data)?;
        self.input.flush()?;
        self.receive()
    }

    /// What the readers do with a file; none, if they died of it by their bounds.
    pub fn ask(&mut self, data: &[u8]) -> Result<Option<Vec<Answer>>, Failure> {
        if let Ok(answer) = self.exchange(data) {
            return Ok(Some(serde_json::from_slice(&answer)?));
        }
        let ended = self.process.wait()?;
        *self = Oracle::start(&self.python, &self.script)?;
        if ended.code() == Some(3) { Err("reading did more than reading".into()) } else { Ok(None) }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
