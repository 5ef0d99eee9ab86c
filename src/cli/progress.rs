//! How far a long command is, in one line of a terminal that is written again and again.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What takes less than this is done before anybody looks.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line is written.
const PACE: Duration = Duration::from_millis(100);

/// The line. Dropped, it is gone from the terminal.
pub(super) struct Progress<W: Write> {
    line: Mutex<Line<W>>,
}

struct Line<W: Write> {
    out: Option<W>,
    next: Instant,
    written: bool,
}

impl<W: Write> Progress<W> {
    /// A line on `out`, which is a terminal; no line without one.
    pub(super) fn on(out: Option<W>) -> Progress<W> {
        Progress { line: Mutex::new(Line { out, next: Instant::now() + PATIENCE, written: false }) }
    }

    /// Says that `done` of `total` files are judged.
    pub(super) fn say(&self, done: usize, total: usize) {
        self.tell(&format!("{done} of {total} judged"));
    }

    /// Says how far the work is.
    pub(super) fn tell(&self, text: &str) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if now < line.next {
            return;
        }
        line.next = now + PACE;
        let Some(out) = &mut line.out else { return };
        // A terminal that is gone is nobody's loss.
        let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
        line.written = true;
    }
}

impl<W: Write> Drop for Progress<W> {
    fn drop(&mut self) {
        let line = self.line.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let (true, Some(out)) = (line.written, &mut line.out) {
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quick_shows_nothing_and_what_is_slow_leaves_nothing() {
        let mut quick = Vec::new();
        Progress::on(Some(&mut quick)).say(1, 2);
        assert!(quick.is_empty());
        let mut slow = Vec::new();
        {
            let progress = Progress::on(Some(&mut slow));
            progress.line.lock().unwrap().next = Instant::now();
            progress.say(1, 2);
            progress.say(2, 2);
        }
        assert_eq!(String::from_utf8(slow).unwrap(), "\r\x1b[K1 of 2 judged\r\x1b[K");
        Progress::<Vec<u8>>::on(None).say(1, 1);
    }
}
