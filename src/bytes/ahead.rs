//! Threads that read and hash chunks, and make memory ready, before a parser asks for them.
//!
//! The threads outlive a file: a worker starts them before its last walls, behind which there is no starting of threads. They
//! see nothing but a descriptor, a range and a buffer; whether a digest is the right one is for [`super::Input`] to say.

use super::chunk_table::{CHUNK, Digest, Hasher};
use super::source::read_at;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::num::NonZero;
use std::ops::Range;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Bytes that are read and hashed at a time, so that they are hashed while the processor's cache still holds them.
const PIECE: usize = 128 << 10;
/// Stack of a thread: it calls no deeper than a hash function.
const STACK: usize = 256 << 10;

/// A chunk as it was read: shorter than asked for at the end of the file.
#[derive(Debug)]
pub(super) struct Read {
    pub bytes: Vec<u8>,
    /// That of the bytes, if it was asked for.
    pub digest: Option<Digest>,
}

/// The first chunk of a file, read and hashed before it was asked for.
#[derive(Debug)]
pub struct First(pub(super) io::Result<Read>);

impl First {
    /// Those of two files of so many bytes, side by side.
    pub fn of_two(files: [(&File, u64); 2]) -> [First; 2] {
        read_two(files.map(|(file, size)| {
            let length = usize::try_from(size).unwrap_or(CHUNK).min(CHUNK);
            (file, Reading::new(0, length, Vec::new(), Wanted::Digest))
        }))
        .map(First)
    }
}

/// What is wanted of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Its bytes, which are read but once.
    Bytes,
    /// Its bytes and their digest.
    Digest,
}

/// A chunk that is being read.
struct Reading {
    at: u64,
    bytes: Vec<u8>,
    filled: usize,
    /// The last piece that was read.
    piece: Range<usize>,
    /// Of the bytes, if their digest is wanted.
    hasher: Option<Hasher>,
    failed: Option<io::Error>,
}

impl Reading {
    /// `length` bytes at `at`, into a buffer, which is better one that was used before.
    fn new(at: u64, length: usize, mut buffer: Vec<u8>, wanted: Wanted) -> Reading {
        buffer.resize(length, 0);
        let hasher = (wanted == Wanted::Digest).then(Hasher::default);
        Reading { at, bytes: buffer, filled: 0, piece: 0..0, hasher, failed: None }
    }

    /// Reads the next piece, of as many bytes as there are; an empty one at the end.
    fn read(&mut self, file: &File) {
        let end = self.filled.saturating_add(PIECE).min(self.bytes.len());
        let room = self.bytes.get_mut(self.filled..end).unwrap_or_default();
        let count = loop {
            if room.is_empty() || self.failed.is_some() {
                break 0;
            }
            match read_at(file, room, self.at.saturating_add(self.filled as u64)) {
                Ok(count) => break count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.failed = Some(error),
            }
        };
        self.piece = self.filled..self.filled.saturating_add(count);
        self.filled = self.piece.end;
    }

    /// What is hashed, and the last piece.
    fn hashed(&mut self) -> (Option<&mut Hasher>, &[u8]) {
        (self.hasher.as_mut(), self.bytes.get(self.piece.clone()).unwrap_or_default())
    }

    fn finish(mut self) -> io::Result<Read> {
        self.bytes.truncate(self.filled);
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Read { bytes: self.bytes, digest: self.hasher.map(Hasher::finish) }),
        }
    }
}

/// Reads `length` bytes at `at` into a buffer, which is better one that was used before.
pub(super) fn read_chunk(file: &File, at: u64, length: usize, buffer: Vec<u8>, wanted: Wanted) -> io::Result<Read> {
    let mut reading = Reading::new(at, length, buffer, wanted);
    loop {
        reading.read(file);
        match reading.hashed() {
            (_, []) => return reading.finish(),
            (hasher, piece) => hasher.into_iter().for_each(|hasher| hasher.update(piece)),
        }
    }
}

/// Reads two chunks side by side, and hashes them in less time than one after the other.
fn read_two([(file, mut one), (other, mut two)]: [(&File, Reading); 2]) -> [io::Result<Read>; 2] {
    loop {
        one.read(file);
        two.read(other);
        match (one.hashed(), two.hashed()) {
            ((_, []), (_, [])) => return [one.finish(), two.finish()],
            ((Some(first), piece), (Some(second), other)) => Hasher::update_two((first, piece), (second, other)),
            _ => {}
        }
    }
}

/// What a thread is to do, and where it is waited for.
enum Order {
    /// A chunk to be read, and perhaps the one behind it.
    Chunks { file: Arc<File>, wanted: Wanted, first: Part, second: Option<Part> },
    /// Memory to be made ready.
    Pages { count: usize, words: usize, reply: Sender<Pages> },
}

/// A chunk that is to be read, and where it is waited for.
struct Part {
    at: u64,
    length: usize,
    buffer: Vec<u8>,
    reply: Sender<io::Result<Read>>,
}

/// Pages of memory, each empty and with room for as many words as were asked for.
pub(super) type Pages = Vec<Vec<u64>>;

/// Threads that read ahead, for one file after the other or for several at once. They end with the last clone of this.
#[derive(Debug, Clone)]
pub struct Ahead {
    orders: Sender<Order>,
    threads: usize,
}

impl Ahead {
    /// Size in bytes from which a file is worth reading ahead.
    pub const WORTH: u64 = 2 * CHUNK as u64;

    /// Starts `threads` threads, or as many as the system gives; `None` if that is none. Each of them has hashed something
    /// when this returns, so that whatever a thread does but once is behind it.
    pub fn start(threads: usize) -> Option<Ahead> {
        let (orders, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let (ready, started) = mpsc::channel();
        let spawn = |_: usize| {
            let (queue, ready) = (queue.clone(), ready.clone());
            let serve = move || {
                let _ = ready.send(Hasher::digest(&vec![0; CHUNK]));
                drop(ready);
                serve(&queue);
            };
            std::thread::Builder::new().name("ahead".to_owned()).stack_size(STACK).spawn(serve).ok()
        };
        let threads = (0..threads).map_while(spawn).count();
        let started = (0..threads).map_while(|_| started.recv().ok()).count();
        (started > 0).then_some(Ahead { orders, threads: started })
    }

    /// Has `count` pages for `words` words each made ready. `None`: the threads are gone.
    pub(super) fn pages(&self, count: usize, words: usize) -> Option<Receiver<Pages>> {
        let (reply, receiver) = mpsc::channel();
        self.orders.send(Order::Pages { count, words, reply }).ok()?;
        Some(receiver)
    }

    /// The threads that are sensible for a file of `size` bytes.
    pub fn for_file(size: u64) -> Option<Ahead> {
        Ahead::start(Ahead::threads(size))
    }

    /// Number of threads that are sensible for a file of `size` bytes: one a core, and no more than four, beyond which
    /// memory is the bound.
    pub fn threads(size: u64) -> usize {
        if size < Ahead::WORTH {
            return 0;
        }
        cores().min(4)
    }
}

/// Processors that threads can use at once. Asked once: the answer takes a walk through the control groups.
pub fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, NonZero::get))
}

/// A thread's life: one order after the other, until nobody is left to give one.
fn serve(queue: &Mutex<Receiver<Order>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        // Who no longer waits went elsewhere in the file, or is done with it.
        match next {
            Ok(Order::Chunks { file, wanted, first, second: None }) => {
                let done = read_chunk(&file, first.at, first.length, first.buffer, wanted);
                drop(file);
                let _ = first.reply.send(done);
            }
            Ok(Order::Chunks { file, wanted, first, second: Some(second) }) => {
                let one = Reading::new(first.at, first.length, first.buffer, wanted);
                let two = Reading::new(second.at, second.length, second.buffer, wanted);
                let [one, two] = read_two([(&file, one), (&file, two)]);
                drop(file);
                let _ = first.reply.send(one);
                let _ = second.reply.send(two);
            }
            Ok(Order::Pages { count, words, reply }) => {
                let _ = reply.send((0..count).map(|_| touched(words)).collect());
            }
            Err(_) => return,
        }
    }
}

/// A page that was written to: the system gives memory where it is written first, and takes its time for it.
fn touched(words: usize) -> Vec<u64> {
    let mut page = vec![1; words];
    page.clear();
    page
}

/// The chunks of one file that were ordered and are not taken yet.
#[derive(Debug)]
pub(super) struct Ordered {
    ahead: Ahead,
    file: Arc<File>,
    size: u64,
    wanted: Wanted,
    waiting: VecDeque<(u64, Receiver<io::Result<Read>>)>,
}

impl Ordered {
    pub fn new(ahead: Ahead, file: Arc<File>, size: u64, wanted: Wanted) -> Ordered {
        Ordered { ahead, file, size, wanted, waiting: VecDeque::new() }
    }

    /// The threads that it is ordered from.
    pub fn threads(&self) -> &Ahead {
        &self.ahead
    }

    /// Chunk `index` to be ordered, which is waited for; `None` behind the end.
    fn part(&mut self, index: u64, spare: &mut Vec<Vec<u8>>) -> Option<Part> {
        let at = index.saturating_mul(CHUNK as u64);
        let length = self.size.saturating_sub(at).min(CHUNK as u64);
        let length = usize::try_from(length).ok().filter(|length| *length > 0)?;
        let (reply, receiver) = mpsc::channel();
        self.waiting.push_back((index, receiver));
        Some(Part { at, length, buffer: spare.pop().unwrap_or_default(), reply })
    }

    /// Chunk `index`, and orders for the ones behind it. `None`: the threads are gone.
    pub fn take(&mut self, index: u64, spare: &mut Vec<Vec<u8>>) -> Option<io::Result<Read>> {
        if self.waiting.front().is_some_and(|(next, _)| *next != index) {
            self.waiting.clear();
        }
        // As many as all threads have in hand, and two that are ready for the parser.
        while self.waiting.len() <= self.ahead.threads.saturating_mul(2) {
            let next = self.waiting.back().map_or(index, |(last, _)| last.saturating_add(1));
            let Some(first) = self.part(next, spare) else { break };
            // The last ones are shared among the threads.
            let left = self.size.div_ceil(CHUNK as u64).saturating_sub(next);
            let side_by_side = self.wanted == Wanted::Digest && left > self.ahead.threads as u64;
            let second = if side_by_side { self.part(next.saturating_add(1), spare) } else { None };
            self.ahead
                .orders
                .send(Order::Chunks { file: self.file.clone(), wanted: self.wanted, first, second })
                .ok()?;
        }
        self.waiting.pop_front()?.1.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn a_read_is_as_long_as_the_file() {
        for (wanted, digest) in [(Wanted::Bytes, None), (Wanted::Digest, Some(Hasher::digest(&[7; 10])))] {
            let read = read_chunk(&file(&[7; 100]), 90, 20, vec![1; 300], wanted).unwrap();
            assert_eq!((&read.bytes[..], read.digest), (&[7; 10][..], digest));
        }
    }

    #[test]
    fn two_files_that_are_read_side_by_side_are_read_as_each_is_alone() {
        for sizes in [[0, 0], [0, 10], [100, 7], [PIECE, 3 * PIECE], [PIECE + 9, 1]] {
            let files = [file(&vec![1; sizes[0]]), file(&vec![2; sizes[1]])];
            // The second one is shorter than it was said to be.
            let read = First::of_two([(&files[0], sizes[0] as u64), (&files[1], 4 * PIECE as u64)]);
            for ((First(read), size), byte) in read.into_iter().zip(sizes).zip([1, 2]) {
                let read = read.unwrap();
                assert_eq!(read.digest, Some(Hasher::digest(&vec![byte; size])), "{sizes:?}");
                assert_eq!(read.bytes, vec![byte; size]);
            }
        }
    }

    #[test]
    fn chunks_come_as_they_are_asked_for_in_whatever_order() {
        let bytes: Vec<u8> = (0..5 * CHUNK + 9).map(|n| (n / 1000) as u8).collect();
        let (file, size) = (Arc::new(file(&bytes)), u64::try_from(bytes.len()).unwrap());
        let mut ordered = Ordered::new(Ahead::start(3).unwrap(), file, size, Wanted::Digest);
        let mut spare = Vec::new();
        for index in [0, 1, 2, 5, 0, 1, 3, 4, 5] {
            let read = ordered.take(index, &mut spare).unwrap().unwrap();
            let wanted = bytes.chunks(CHUNK).nth(usize::try_from(index).unwrap()).unwrap();
            assert!(read.bytes == wanted, "chunk {index}");
            assert_eq!(read.digest, Some(Hasher::digest(wanted)));
            spare.push(read.bytes);
        }
        assert!(ordered.take(6, &mut spare).is_none(), "behind the end");
    }

    #[test]
    fn no_thread_is_no_error() {
        assert!(Ahead::start(0).is_none());
    }
}
