//! What happens when the program is told to end: what it was writing is taken away, and then it ends as it would have.

#[cfg(unix)]
pub(super) use unix::tidy;

#[cfg(not(unix))]
pub(super) fn tidy() {}

#[cfg(unix)]
mod unix {
    use crate::gate::remove_all;
    use signal_hook::consts::{
        SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ,
    };
    use signal_hook::iterator::Signals;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// The signals that end a program unless it says otherwise, and that others send, a limit or a clock; not those that a fault of
    /// its own raises, after which nothing can be relied on.
    const ENDS: [i32; 11] =
        [SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1, SIGUSR2];

    /// From now on a signal that ends the program takes away what is unfinished, and a file that may not grow any further is
    /// an error and no end.
    pub(in super::super) fn tidy() {
        // Where this can not be had, the program works all the same.
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        let ignored = ignored();
        let ends = ENDS.into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
        let Ok(mut signals) = Signals::new(ends) else { return };
        let wait = move || {
            if let Some(signal) = signals.forever().next() {
                remove_all();
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        };
        let _ = std::thread::Builder::new().name("coldload-signals".to_owned()).spawn(wait);
    }

    /// The signals that whoever started the program wants it to ignore, as `nohup` does: a bit each, from 1 upwards.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}
