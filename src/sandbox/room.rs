//! Room: the resource limits of a worker, derived from the limits of its job.
//!
//! The job's budget is the first bound, and names what it refuses. These are the walls behind it: what the kernel does not
//! give even to a worker that was taken over. They can only be lowered, so a worker serves only jobs that fit its room.

use crate::bytes::{Expectation, Limit, Limits, cores};
use crate::job::{Job, Task};
use serde::{Deserialize, Serialize};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The resource limits of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// Bytes of private memory (`RLIMIT_DATA`).
    pub memory: u64,
    /// Bytes that a file may have that the worker writes (`RLIMIT_FSIZE`); 0 where no output was asked for.
    pub output: u64,
    /// Seconds of processor time, of all threads together (`RLIMIT_CPU`).
    pub cpu_seconds: u64,
    /// Descriptors that may be open (`RLIMIT_NOFILE`).
    pub descriptors: u64,
}

impl Room {
    /// Standard streams, file, rows and output, or the files of a bundle, and what is left to spare.
    const DESCRIPTORS: u64 = 8;
    /// What a worker takes beyond the job's budget: a compressor's window (64 MiB), chunks that are read ahead, threads'
    /// stacks, and the program itself.
    const OWN: u64 = 192 * MIB;

    /// The room that a job needs for a file of `size` bytes and rows of `rows` bytes.
    pub(super) fn of(job: &Job, size: u64, rows: Option<u64>, out: bool) -> Room {
        let table = size.div_ceil(crate::bytes::CHUNK as u64).saturating_mul(3 * 32);
        let kept = || job.limits.kept(size);
        let values = match &job.task {
            Task::Judge | Task::Inspect | Task::Trace | Task::Opcodes | Task::Attack(_) => 0,
            // Beside the bytes of arrays, the index of each node: a node takes at least 8 bytes of memory, its index 40.
            // The decoded stream, the twin, and what a compressor holds.
            Task::Twin(_) => GIB,
            Task::Dump(_) => kept().saturating_add(job.limits.value(Limit::Memory, size).saturating_mul(5)),
            Task::Predict(_) => {
                let kept = kept();
                kept.saturating_add(kept / 4).saturating_add(rows.unwrap_or(0).saturating_mul(8))
            }
        };
        let memory = job.limits.value(Limit::Memory, size);
        let output = job.limits.value(Limit::Decoded, size).max(GIB);
        Room {
            memory: [Self::OWN, size.min(Expectation::ONCE), table, values]
                .into_iter()
                .fold(memory, u64::saturating_add),
            output: if out { output } else { 0 },
            cpu_seconds: cpu(job.limits.value(Limit::Time, size)),
            descriptors: Self::DESCRIPTORS,
        }
    }

    /// The same with one more file open, of at most `beside` bytes.
    pub(super) fn with_file(self, beside: u64) -> Room {
        Room { memory: self.memory.saturating_add(beside.min(Expectation::ONCE)), ..self }
    }

    /// The room of a worker that is kept for many files of everyday size.
    pub(super) fn many() -> Room {
        let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
        Room { cpu_seconds: cpu(600), ..Room::of(&job, Expectation::ONCE, None, false) }
    }

    /// Whether a job that needs `other` can be done here.
    pub(super) fn holds(&self, other: &Room) -> bool {
        self.memory >= other.memory
            && self.output >= other.output
            && self.cpu_seconds >= other.cpu_seconds
            && self.descriptors >= other.descriptors
    }

    /// The smallest room in which both fit.
    pub(super) fn around(&self, other: &Room) -> Room {
        Room {
            memory: self.memory.max(other.memory),
            output: self.output.max(other.output),
            cpu_seconds: self.cpu_seconds.max(other.cpu_seconds),
            descriptors: self.descriptors.max(other.descriptors),
        }
    }
}

/// Processor time that a job can use in `seconds`, all threads together.
fn cpu(seconds: u64) -> u64 {
    seconds.saturating_mul(cores() as u64).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{AnswerFormat, Ask, RowsFormat};

    fn job(task: Task) -> Job {
        Job { task, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() }
    }

    #[test]
    fn only_a_job_with_an_output_may_write_and_only_predict_keeps_arrays() {
        let judge = Room::of(&job(Task::Judge), 1000, None, false);
        assert_eq!(judge.output, 0);
        assert_eq!(judge.memory, 16 * 1000 + 64 * MIB + Room::OWN + 1000 + 96);
        let ask = Ask { method: None, at: None, rows: RowsFormat::Csv, answer: AnswerFormat::Csv };
        let predict = Room::of(&job(Task::Predict(ask)), 1000, Some(10), true);
        assert_eq!(predict.output, 16 * GIB);
        assert_eq!(predict.memory, judge.memory + GIB + GIB / 4 + 80);
        assert!(predict.holds(&judge) && !judge.holds(&predict));
        assert_eq!(judge.around(&predict), predict);
    }

    #[test]
    fn a_kept_worker_has_room_for_everyday_files_but_not_for_outputs() {
        assert!(Room::many().holds(&Room::of(&job(Task::Judge), 30 << 20, None, false)));
        assert!(!Room::many().holds(&Room::of(&job(Task::Judge), 400 << 20, None, false)));
        assert!(!Room::many().holds(&Room::of(&job(Task::Trace), 10, None, true)));
    }
}
