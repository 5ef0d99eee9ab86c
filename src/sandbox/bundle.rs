//! Several small files in one packet: to hand each of them over by itself costs more than to read it.
//!
//! The parent looks at no byte of them, and sends them as they are. What is not as long as it was when it was opened is left to
//! an order of its own, so that the worker says so.

use super::Work;
use super::protocol::{self, Bundle, Bundled, PACKET, ToWorker};
use crate::job::Job;
use serde_bytes::ByteBuf;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Longest file that goes into a bundle.
const FILE: u64 = 16 << 10;
/// Bytes of all its files; the others of the packet are for its words, and for a job with a few names.
const BYTES: usize = PACKET / 4 * 3;
/// Most files in a bundle.
const FILES: usize = 32;

/// A bundle as it is sent.
pub(super) struct Packed {
    /// How many files are in it.
    pub count: usize,
    /// The job, if it is another one than that of the order before.
    pub job: Option<Job>,
    /// The packet.
    pub packet: Vec<u8>,
}

/// Whether a work can be in a bundle.
pub(super) fn takes(work: &Work<'_>) -> bool {
    work.size <= FILE && work.rows.is_none() && work.out.is_none()
}

/// As many of the first works as one packet takes, for a worker whose last order had that job, and which may say what came of them
/// `together`; nothing if that is less than two.
pub(super) fn of(works: &[Work<'_>], last: Option<&Job>, together: bool) -> Option<Packed> {
    let job = works.first().filter(|_| works.len() > 1)?.job;
    let (mut files, mut left) = (Vec::new(), BYTES);
    for work in works.iter().take(FILES).take_while(|work| work.job == job) {
        let Some(bytes) =
            usize::try_from(work.size).ok().filter(|size| *size <= left).and_then(|size| read(work.file, size))
        else {
            break;
        };
        left = left.saturating_sub(bytes.len());
        files.push(Bundled { pin: work.expectation.into(), bytes: ByteBuf::from(bytes) });
    }
    let job = (last != Some(job)).then(|| job.clone());
    let (count, word) = (files.len(), ToWorker::Bundle(Bundle { job: job.clone(), together, files }));
    let packet = protocol::encode(&word).ok().filter(|packet| count > 1 && packet.len() <= PACKET)?;
    Some(Packed { count, job, packet })
}

/// All bytes of a file, if one reading yields `size` of them and no more.
fn read(file: &File, size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; size.checked_add(1)?];
    let length = file.read_at(&mut bytes, 0).ok()?;
    bytes.truncate(size);
    (length == size).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Expectation, Limits};
    use crate::job::Task;
    use std::io::Write;

    fn job(allow: &[String]) -> Job {
        Job { task: Task::Judge, limits: Limits::default(), allow: allow.to_vec(), allow_sets: Vec::new() }
    }

    fn file(size: u64) -> File {
        let file = tempfile::tempfile().unwrap();
        (&file).write_all(&vec![7; size.try_into().unwrap()]).unwrap();
        file
    }

    /// How many of these files are sent together.
    fn together(sizes: &[u64], said: impl Fn(usize, u64) -> u64, job: &Job) -> usize {
        let files: Vec<File> = sizes.iter().map(|size| file(*size)).collect();
        let expectation = &Expectation::Once;
        let work =
            |(at, file)| Work { job, file, size: said(at, sizes[at]), beside: 0, expectation, rows: None, out: None };
        let works: Vec<Work<'_>> = files.iter().enumerate().map(work).collect();
        of(&works, None, true).map_or(0, |packed| {
            assert!(packed.packet.len() <= PACKET && packed.job.as_ref() == Some(job));
            packed.count
        })
    }

    #[test]
    fn as_many_files_go_together_as_one_packet_takes() {
        let plain = job(&[]);
        let true_size = |_, size| size;
        assert_eq!(together(&[0, 1, 100], true_size, &plain), 3);
        assert_eq!(together(&[100], true_size, &plain), 0, "one file is handed over as it is");
        assert_eq!(together(&[FILE; 5], true_size, &plain), 3, "the fourth has no room");
        assert_eq!(together(&[1; FILES + 1], true_size, &plain), FILES);
        let names: Vec<String> = (0..2000).map(|number| format!("package.module.Name{number}")).collect();
        assert_eq!(together(&[1, 1], true_size, &job(&names)), 2);
        let more: Vec<String> = (0..5000).map(|number| format!("package.module.Name{number}")).collect();
        assert_eq!(together(&[1, 1], true_size, &job(&more)), 0, "a job that takes more than a packet");
    }

    #[test]
    fn what_has_another_length_than_it_had_is_not_sent_with_others() {
        let plain = job(&[]);
        let grown = |at: usize, size: u64| if at == 2 { size - 1 } else { size };
        let shrunk = |at: usize, size: u64| if at == 2 { size + 1 } else { size };
        assert_eq!(together(&[10; 5], grown, &plain), 2);
        assert_eq!(together(&[10; 5], shrunk, &plain), 2);
        assert_eq!(together(&[10; 5], |_, size| size, &plain), 5);
    }

    #[test]
    fn large_files_are_not_taken() {
        let (plain, file, expectation) = (job(&[]), file(0), Expectation::Once);
        let work =
            |size| Work { job: &plain, file: &file, size, beside: 0, expectation: &expectation, rows: None, out: None };
        assert!(takes(&work(FILE)) && !takes(&work(FILE + 1)));
        assert!(!takes(&Work { rows: Some(&file), ..work(1) }));
    }
}
