//! The only unsafe code: the one system call that has no safe wrapper, closing every descriptor that a process was born
//! with; and, for tests alone, the system calls of an attacker.

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
    for number in inherited()? {
        // SAFETY: as above; the descriptor of the folder itself is closed by now, and closing a closed one is an error
        // that does nothing.
        #[allow(unsafe_code)]
        unsafe {
            libc::close(number);
        }
    }
    Ok(())
}

/// Makes sure that no program that is started from here on gets a descriptor from 3 upwards that this one was born with.
pub(super) fn keep_from_children() -> io::Result<()> {
    // SAFETY: the call touches no memory and closes nothing; descriptors stay what they are in this process.
    #[allow(unsafe_code)]
    let done = unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if done == 0 {
        return Ok(());
    }
    // Kernels before 5.11.
    for number in inherited()? {
        // SAFETY: as above; a descriptor that is closed by now gives an error that does nothing.
        #[allow(unsafe_code)]
        unsafe {
            libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
    Ok(())
}

/// The descriptors from 3 upwards that are open.
fn inherited() -> io::Result<Vec<i32>> {
    let entries = std::fs::read_dir("/proc/self/fd")?;
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(numbers.filter(|number| *number > 2).collect())
}

/// A system call with plain arguments, for the tests that try to get out.
#[cfg(feature = "escape-tests")]
pub(super) fn attempt(number: i64, arguments: [i64; 6]) -> io::Result<i64> {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: the attempts pass numbers and pointers to constants; where the kernel would write, they pass null.
    #[allow(unsafe_code)]
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// `getpid` by the 32-bit table of system calls, for the tests that try to get out.
#[cfg(all(feature = "escape-tests", target_arch = "x86_64"))]
pub(super) fn attempt_32_bit() -> i64 {
    let result: i64;
    // SAFETY: it touches no memory.
    #[allow(unsafe_code)]
    unsafe {
        core::arch::asm!("int 0x80", inout("rax") 20i64 => result, options(nostack));
    }
    result
}

/// A segmentation fault, for the tests of how a worker dies.
#[cfg(feature = "escape-tests")]
pub(super) fn crash() {
    // SAFETY: it is not: this is the crash that the test asks for.
    #[allow(unsafe_code)]
    unsafe {
        std::ptr::null_mut::<u8>().write_volatile(1);
    }
}
