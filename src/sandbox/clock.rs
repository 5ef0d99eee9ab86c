//! The clock that runs while a worker reads a file.

use std::time::{Duration, Instant};

/// How many times its limit a worker may have waited for a processor.
const STARVED: u64 = 7;

/// Until when a worker may take. Time in which it was ready and other programs had the processors is not the file's, and
/// does not count.
#[derive(Debug)]
pub(super) struct Clock {
    /// The limit.
    pub seconds: u64,
    pub deadline: Instant,
    /// How long it had waited for a processor when the clock began.
    waited: Duration,
    /// How much of its waiting the deadline has in it.
    granted: Duration,
}

impl Clock {
    /// From `begin` on; the worker had waited for so long before.
    pub fn new(begin: Instant, seconds: u64, waited: Duration) -> Clock {
        const YEAR: u64 = 365 * 24 * 3600;
        let deadline = begin + Duration::from_secs(seconds.min(YEAR));
        Clock { seconds, deadline, waited, granted: Duration::ZERO }
    }

    /// Moves the deadline by what the worker has waited since; `false` if that is nothing, or was granted before.
    pub fn extend(&mut self, waited: Duration) -> bool {
        let most = Duration::from_secs(self.seconds.saturating_mul(STARVED));
        let since = waited.saturating_sub(self.waited).min(most);
        let more = since.saturating_sub(self.granted);
        self.deadline += more;
        self.granted = self.granted.max(since);
        !more.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_a_processor_is_granted_once_and_not_without_end() {
        let (begin, second) = (Instant::now(), Duration::from_secs(1));
        let mut clock = Clock::new(begin, 4, second * 100);
        assert!(!clock.extend(second * 100), "it did not wait");
        assert!(!clock.extend(second * 99), "the kernel says nothing any more");
        assert!(clock.extend(second * 103));
        assert_eq!(clock.deadline, begin + second * 7);
        assert!(!clock.extend(second * 103));
        assert!(clock.extend(second * 1000));
        assert_eq!(clock.deadline, begin + second * 32, "the limit, and seven times that of waiting");
        assert!(!clock.extend(second * 2000));
    }
}
