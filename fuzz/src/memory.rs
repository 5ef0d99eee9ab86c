//! An allocator that counts, and the bound on what it may count: `16 × length + 64 MiB` for names and values
//! (`Limit::Memory`), what is allowed to come out of a decompressor (`Limit::Decoded`, 4 MiB in the targets), its window
//! (64 MiB), and a little of one's own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(change: isize) {
    // While a thread ends there is nothing to count in any more.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + change);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

// SAFETY: everything is handed on to the system's allocator as it comes.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(block, layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MIB: usize = 1 << 20;

/// Runs a target, and panics if it held more memory at once than it may. Returns what it held.
pub fn bounded(target: impl FnOnce(&[u8]), data: &[u8]) -> usize {
    let before = LIVE.get();
    PEAK.set(before);
    target(data);
    let held = usize::try_from(PEAK.get() - before).unwrap_or(0);
    let most = 16 * data.len() + (64 + 4 + 64 + 8) * MIB;
    assert!(held <= most, "{held} bytes of memory were held at once, more than {most}, for {} bytes", data.len());
    held
}
