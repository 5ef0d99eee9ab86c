//! Many files at once: a thread a core, each with a worker of its own.

use super::judge::Reading;
use super::request::Options;
use crate::bytes::cores;
use crate::job::Failure;
use crate::report::SandboxReport;
use crate::sandbox::Worker;
use std::cell::RefCell;
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
    let parts = spread(items, |next| -> Result<Done<(usize, R)>, Failure> {
        let worker = match Worker::start(&options.program, options.sandbox) {
            Ok(worker) => RefCell::new(worker),
            Err(death) => return Err(death.judged().err().unwrap_or_else(Failure::unexplained)),
        };
        let reading = Reading::shared(options, &worker);
        let results = std::iter::from_fn(next).map(|(index, item)| (index, work(item, &reading))).collect();
        Ok(Done { results, walls: reading.walls() })
    });
    let (mut results, mut walls, mut failed) = (Vec::new(), None, None);
    for part in parts {
        match part.unwrap_or_else(|_| Err(Failure::unexplained())) {
            Ok(part) => {
                results.extend(part.results);
                walls = part.walls.or(walls);
            }
            // Who got no worker took no item: the others do its part.
            Err(failure) => failed = Some(failure),
        }
    }
    match failed {
        Some(failure) if results.len() < items.len() => Err(failure),
        _ => Ok(Done { results: in_order(results), walls }),
    }
}

/// Does `work` on every item, on all cores, without a worker.
pub(super) fn plainly<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let parts = spread(items, |next| -> Vec<(usize, R)> {
        std::iter::from_fn(next).map(|(index, item)| (index, work(item))).collect()
    });
    // A thread that panicked takes this one with it: half an answer is none.
    in_order(parts.into_iter().flat_map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect())
}

/// The item that a thread takes next, and its index.
type Next<'i, 'n, T> = &'n mut dyn FnMut() -> Option<(usize, &'i T)>;

/// Lets a thread a core take items until none is left; what each of them came back with.
fn spread<'i, T: Sync, P: Send>(
    items: &'i [T],
    work: impl Fn(Next<'i, '_, T>) -> P + Sync,
) -> Vec<std::thread::Result<P>> {
    let next = AtomicUsize::new(0);
    let threads = cores().min(items.len()).max(1);
    let one = || {
        work(&mut || {
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

fn in_order<R>(mut results: Vec<(usize, R)>) -> Vec<R> {
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
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
