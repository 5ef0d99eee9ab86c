//! Many files at once: a thread a core, each with a worker of its own.

use super::judge::Reading;
use super::request::Options;
use crate::job::Failure;
use crate::report::SandboxReport;
use crate::sandbox::Worker;
use std::cell::RefCell;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// What a crew came back with.
pub(super) struct Done<R> {
    /// What came of each item, in the order of the items.
    pub results: Vec<R>,
    /// The walls behind which the files were read, if any was.
    pub walls: Option<SandboxReport>,
}

/// Does `work` on every item, each with a reading whose worker is kept for the next one.
pub(super) fn each<T: Sync, R: Send>(
    items: &[T],
    options: &Options,
    work: impl Fn(&T, &Reading<'_>) -> R + Sync,
) -> Result<Done<R>, Failure> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(items.len()).max(1);
    let one = || -> Result<Done<(usize, R)>, Failure> {
        let worker = match Worker::start(&options.program, options.sandbox) {
            Ok(worker) => RefCell::new(worker),
            Err(death) => return Err(death.judged().err().unwrap_or_else(Failure::unexplained)),
        };
        let reading = Reading::shared(options, &worker);
        let mut results = Vec::new();
        while let Some((index, item)) = take(items, &next) {
            results.push((index, work(item, &reading)));
        }
        Ok(Done { results, walls: reading.walls() })
    };
    let done: Vec<Result<Done<(usize, R)>, Failure>> = std::thread::scope(|scope| {
        let others = helpers(scope, threads, one);
        let own = one();
        let joined = others.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(Failure::unexplained())));
        std::iter::once(own).chain(joined).collect()
    });
    let mut all = Done { results: Vec::new(), walls: None };
    for part in done {
        let part = part?;
        all.results.extend(part.results);
        all.walls = part.walls.or(all.walls);
    }
    all.results.sort_by_key(|(index, _)| *index);
    Ok(Done { results: all.results.into_iter().map(|(_, result)| result).collect(), walls: all.walls })
}

/// Does `work` on every item, on all cores, without a worker.
pub(super) fn plainly<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(items.len()).max(1);
    let one = || {
        let mut results = Vec::new();
        while let Some((index, item)) = take(items, &next) {
            results.push((index, work(item)));
        }
        results
    };
    let mut all: Vec<(usize, R)> = std::thread::scope(|scope| {
        let others = helpers(scope, threads, one);
        let own = one();
        // A thread that panicked takes this one with it: half an answer is none.
        own.into_iter()
            .chain(
                others
                    .into_iter()
                    .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            )
            .collect()
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

/// Threads beside the calling one, as many as the system gives: with none of them the work takes longer, no more.
fn helpers<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    threads: usize,
    work: impl Fn() -> T + Send + Copy + 'scope,
) -> Vec<ScopedJoinHandle<'scope, T>> {
    (1..threads).map_while(|_| Builder::new().spawn_scoped(scope, work).ok()).collect()
}

/// The next item that nobody has taken.
fn take<'i, T>(items: &'i [T], next: &AtomicUsize) -> Option<(usize, &'i T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, items.get(index)?))
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
