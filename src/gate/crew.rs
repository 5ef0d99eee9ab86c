//! Many files at once: a thread a core, each with a worker of its own.

use super::judge::Reading;
use super::request::Options;
use super::turn::{Turn, Waiting};
use crate::bytes::cores;
use crate::job::{Failure, Job};
use crate::report::SandboxReport;
use crate::sandbox::{Death, Worker};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

/// Most files that a thread opens before their turns.
const AHEAD: usize = 64;

/// Workers that are being started for a crew before it is known whether it will have work: to start takes a while, in which a
/// seal can be checked. None of them is given a byte before.
#[derive(Debug, Default)]
pub(super) struct Recruits(Mutex<Vec<JoinHandle<Result<Worker, Death>>>>);

impl Recruits {
    /// One for each thread that will judge `files` files.
    pub fn start(options: &Options, files: usize) -> Recruits {
        let start = |_| {
            let (program, level) = (options.program.clone(), options.sandbox);
            Builder::new().spawn(move || Worker::start(&program, level)).ok()
        };
        Recruits(Mutex::new((0..cores().min(files)).map_while(start).collect()))
    }

    /// One of them, or one that is started now.
    fn take(&self, options: &Options) -> Result<Worker, Death> {
        let recruit = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let started = recruit.and_then(|recruit| recruit.join().ok());
        started.unwrap_or_else(|| Worker::start(&options.program, options.sandbox))
    }
}

/// What a crew came back with.
pub(super) struct Done<R> {
    /// What came of each item, in the order of the items.
    pub results: Vec<R>,
    /// The walls behind which the files were read, if any was.
    pub walls: Option<SandboxReport>,
}

/// Opens every item and does `work` on it in its turn, each with a reading whose worker is kept for the next one. Small files are
/// handed to the worker before their turn: while it reads one, the next is opened, and what came of the last one is written up.
pub(super) fn each<'i, T: Sync, R: Send + Sync>(
    items: &'i [T],
    options: &Options,
    recruits: &Recruits,
    job: &Job,
    open: impl Fn(&'i T) -> Result<Waiting<'i>, Box<R>> + Sync,
    work: impl Fn(&'i T, &Turn<'_>, &Reading<'_>) -> R + Sync,
) -> Result<Done<R>, Failure> {
    let results = Results::of(items.len());
    let parts = spread(items, |next| -> Result<Option<SandboxReport>, Failure> {
        let worker = match recruits.take(options) {
            Ok(worker) => RefCell::new(worker),
            Err(death) => return Err(death.judged().err().unwrap_or_else(Failure::unexplained)),
        };
        let reading = Reading::shared(options, &worker);
        let mut line = Line { waiting: VecDeque::new(), most: most(cores().min(items.len())) };
        loop {
            line.hand_over(&reading, job);
            while line.is_short() {
                let most = line.waiting.len() + line.group();
                while line.waiting.len() < most
                    && line.waiting.back().is_none_or(|(.., last)| last.is_small())
                    && let Some((index, item)) = next(line.waiting.len())
                {
                    match open(item) {
                        Ok(waiting) => line.waiting.push_back((index, item, waiting)),
                        Err(result) => results.put(index, *result),
                    }
                }
                if !line.hand_over(&reading, job) {
                    break;
                }
            }
            let Some((index, item, waiting)) = line.waiting.pop_front() else { break };
            results.put(index, work(item, &waiting.turn(), &reading));
        }
        Ok(reading.walls())
    });
    let (mut walls, mut failed) = (None, None);
    for part in parts {
        match part.unwrap_or_else(|_| Err(Failure::unexplained())) {
            Ok(part) => walls = part.or(walls),
            // Who got no worker took no item: the others do its part.
            Err(failure) => failed = Some(failure),
        }
    }
    let results = results.all().ok_or_else(|| failed.unwrap_or_else(Failure::unexplained))?;
    Ok(Done { results, walls })
}

/// What came of items, each in the place of its item: many of them are not moved again until all are there.
struct Results<R>(Vec<OnceLock<R>>);

impl<R> Results<R> {
    fn of(items: usize) -> Results<R> {
        Results(std::iter::repeat_with(OnceLock::new).take(items).collect())
    }

    /// Only who took an item has its index.
    fn put(&self, index: usize, result: R) {
        if let Some(place) = self.0.get(index) {
            let _ = place.set(result);
        }
    }

    /// All of them, if none is missing.
    fn all(self) -> Option<Vec<R>> {
        self.0.into_iter().map(OnceLock::into_inner).collect()
    }
}

/// Files that were opened, in their order; those that a worker has the orders of stand in front.
struct Line<'i, T> {
    waiting: VecDeque<(usize, &'i T, Waiting<'i>)>,
    most: usize,
}

impl<T> Line<'_, T> {
    /// How many files are opened one behind the other: they go to the worker together.
    fn group(&self) -> usize {
        self.most.div_ceil(2)
    }

    /// Whether more files may be opened: a worker has the orders of all that are, and will soon be through with them.
    fn is_short(&self) -> bool {
        self.waiting.len() + self.group() <= self.most
            && self.waiting.back().is_none_or(|(.., last)| last.queued.is_some())
    }

    /// Sends the orders that the worker has not, as far as that can be done. Those that another worker had are void. Whether any was sent.
    fn hand_over(&mut self, reading: &Reading<'_>, job: &Job) -> bool {
        let first = self.waiting.front().and_then(|(.., first)| first.queued);
        if first.is_some_and(|first| !reading.is_next(first)) {
            self.waiting.iter_mut().for_each(|(.., waiting)| waiting.queued = None);
        }
        let mut sent = self.waiting.iter().take_while(|(.., waiting)| waiting.queued.is_some()).count();
        let before = sent;
        loop {
            let small =
                self.waiting.iter().skip(sent).map(|(.., waiting)| waiting).take_while(|waiting| waiting.is_small());
            let queued = reading.queue(small.map(Waiting::turn), job);
            if queued.is_empty() {
                return sent > before;
            }
            for ((.., waiting), queued) in self.waiting.iter_mut().skip(sent).zip(&queued) {
                waiting.queued = Some(*queued);
            }
            sent += queued.len();
        }
    }
}

/// Most files that a thread holds open: all of them together take a quarter of the descriptors that this process may have.
fn most(threads: usize) -> usize {
    #[cfg(unix)]
    let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(1024);
    #[cfg(not(unix))]
    let descriptors = 1024;
    usize::try_from(descriptors / 4).unwrap_or(AHEAD).checked_div(threads).unwrap_or(1).clamp(1, AHEAD)
}

/// Does `work` on every item, on all cores, without a worker.
pub(super) fn plainly<T: Sync, R: Send + Sync>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let results = Results::of(items.len());
    let parts = spread(items, |next| {
        std::iter::from_fn(|| next(0)).for_each(|(index, item)| results.put(index, work(item)));
    });
    // A thread that panicked takes this one with it: half an answer is none.
    parts.into_iter().for_each(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    results.all().unwrap_or_else(|| panic!("an item was left out"))
}

/// The item that a thread takes next, and its index. The number is of those that it has: one that has some gets no more where
/// the others could run out of work.
type Next<'i, 'n, T> = &'n mut dyn FnMut(usize) -> Option<(usize, &'i T)>;

/// Lets a thread a core take items until none is left; what each of them came back with.
fn spread<'i, T: Sync, P: Send>(
    items: &'i [T],
    work: impl Fn(Next<'i, '_, T>) -> P + Sync,
) -> Vec<std::thread::Result<P>> {
    let next = AtomicUsize::new(0);
    let threads = cores().min(items.len()).max(1);
    let one = || {
        work(&mut |has| {
            let left = items.len().saturating_sub(next.load(Ordering::Relaxed));
            if has.saturating_mul(threads) > left {
                return None;
            }
            let index = next.fetch_add(1, Ordering::Relaxed);
            Some((index, items.get(index)?))
        })
    };
    std::thread::scope(|scope| {
        let others = helpers(scope, threads, one);
        let own = Ok(one());
        std::iter::once(own).chain(others.into_iter().map(ScopedJoinHandle::join)).collect()
    })
}

/// Threads beside the calling one, as many as the system gives: with none of them the work takes longer, no more.
fn helpers<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    threads: usize,
    work: impl Fn() -> T + Send + Copy + 'scope,
) -> Vec<ScopedJoinHandle<'scope, T>> {
    (1..threads).map_while(|_| Builder::new().spawn_scoped(scope, work).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..1000).collect();
        let doubled = plainly(&items, |item| {
            std::thread::sleep(std::time::Duration::from_micros(item % 7));
            item * 2
        });
        assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert!(plainly(&[0u8; 0], |_| ()).is_empty());
    }
}
