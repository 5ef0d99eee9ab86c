//! The one system call that has no safe wrapper: closing every descriptor that a process was born with.

use std::io;

/// Closes every descriptor from 3 upwards.
///
/// For the first moment of a worker's life only, before anything of its own is open.
pub(super) fn close_inherited() -> io::Result<()> {
    // SAFETY: the call touches no memory. No descriptor above 2 is owned by anyone yet: this is the start of `main` of a
    // process that was spawned to be a worker, with one thread.
    #[allow(unsafe_code)]
    let done = unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32) };
    if done == 0 { Ok(()) } else { close_one_by_one() }
}

/// The same for kernels before 5.9.
fn close_one_by_one() -> io::Result<()> {
    let numbers: Vec<i32> = std::fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|number| *number > 2)
        .collect();
    for number in numbers {
        // SAFETY: as above; the descriptor of the folder itself is closed by now, and closing a closed one is an error
        // that does nothing.
        #[allow(unsafe_code)]
        unsafe {
            libc::close(number);
        }
    }
    Ok(())
}
