//! Several small files in one packet: to hand each of them over by itself costs more than to read it.
//!
//! The smallest ones go by their bytes: the parent looks at none of them, and sends them as they are; what is not as long as it was when
//! it was opened is left to an order of its own, so that the worker says so. Of those that are a little larger the descriptors go.

use super::Work;
use super::descriptors::{ReadOnly, read_only};
use super::protocol::{self, Bundle, Bundled, Carried, PACKET, ToWorker};
use super::socket::DESCRIPTORS;
use crate::job::Job;
use serde_bytes::ByteBuf;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;

/// Longest file that goes by its bytes.
const BYTES: u64 = 16 << 10;
/// Longest file that goes into a bundle.
const FILE: u64 = 256 << 10;
/// Bytes of all files that go by them; the others of the packet are for its words, and for a job with a few names.
const ALL_BYTES: usize = PACKET / 4 * 3;
/// Most files in a bundle.
const FILES: usize = 32;

/// A bundle as it is sent.
pub(super) struct Packed<'a> {
    /// How many files are in it.
    pub count: usize,
    /// The job, if it is another one than that of the order before.
    pub job: Option<Job>,
    /// The packet.
    pub packet: Vec<u8>,
    opened: Vec<ReadOnly<'a>>,
}

impl Packed<'_> {
    /// The descriptors that travel with the packet.
    pub fn passed(&self) -> Vec<BorrowedFd<'_>> {
        self.opened.iter().map(AsFd::as_fd).collect()
    }
}

/// Whether a work can be in a bundle.
pub(super) fn takes(work: &Work<'_>) -> bool {
    work.size <= FILE && work.rows.is_none() && work.out.is_none()
}

/// As many of the first works as one packet takes, for a worker whose last order had that job, and which may say what came of them
/// `together`; nothing if that is less than two.
pub(super) fn of<'a>(works: &[Work<'a>], last: Option<&Job>, together: bool) -> Option<Packed<'a>> {
    let job = works.first().filter(|_| works.len() > 1)?.job;
    let (mut files, mut opened, mut left) = (Vec::new(), Vec::new(), ALL_BYTES);
    for work in works.iter().take(FILES).take_while(|work| work.job == job) {
        let carried = if work.size <= BYTES {
            let size = usize::try_from(work.size).ok().filter(|size| *size <= left);
            size.and_then(|size| read(work.file, size)).map(|bytes| Carried::Bytes(ByteBuf::from(bytes)))
        } else {
            let file = if opened.len() < DESCRIPTORS { read_only(work.file).ok() } else { None };
            file.map(|file| {
                opened.push(file);
                Carried::Opened(work.size)
            })
        };
        let Some(carried) = carried else { break };
        if let Carried::Bytes(bytes) = &carried {
            left = left.saturating_sub(bytes.len());
        }
        files.push(Bundled { pin: work.expectation.into(), carried });
    }
    let job = (last != Some(job)).then(|| job.clone());
    let (count, word) = (files.len(), ToWorker::Bundle(Bundle { job: job.clone(), together, files }));
    let packet = protocol::encode(&word).ok().filter(|packet| count > 1 && packet.len() <= PACKET)?;
    Some(Packed { count, job, packet, opened })
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
            assert!(packed.passed().len() <= DESCRIPTORS);
            packed.count
        })
    }

    #[test]
    fn as_many_files_go_together_as_one_packet_takes() {
        let plain = job(&[]);
        let true_size = |_, size| size;
        assert_eq!(together(&[0, 1, 100], true_size, &plain), 3);
        assert_eq!(together(&[100], true_size, &plain), 0, "one file is handed over as it is");
        assert_eq!(together(&[BYTES; 5], true_size, &plain), 3, "the fourth has no room");
        assert_eq!(together(&[FILE; 5], true_size, &plain), DESCRIPTORS, "of these the descriptors go");
        assert_eq!(together(&[FILE, 1, BYTES + 1, 1, 1], true_size, &plain), 5);
        assert_eq!(together(&[FILE], true_size, &plain), 0);
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
        assert_eq!(together(&[FILE; 3], |_, size| size - 1, &plain), 3, "the worker sees that by itself");
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
