//! Making an input small while a property of it holds: pieces are left out, largest first, then bytes become plain.

use std::time::{Duration, Instant};

/// Tries after which an input is small enough, and time after which it has to be.
const TRIES: u32 = 2000;
const PATIENCE: Duration = Duration::from_secs(20);

/// The smallest input that was found for which `holds` is true. It is true of `input`.
pub(super) fn shrink(mut input: Vec<u8>, holds: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let (begin, mut left) = (Instant::now(), TRIES);
    let mut tries = |candidate: &[u8]| {
        let may = left > 0 && begin.elapsed() < PATIENCE;
        left = left.saturating_sub(1);
        may.then(|| holds(candidate))
    };
    let mut piece = input.len().next_power_of_two() / 2;
    while piece > 0 {
        let (mut at, mut smaller) = (0, false);
        while at < input.len() {
            let end = (at + piece).min(input.len());
            let candidate = [&input[..at], &input[end..]].concat();
            match tries(&candidate) {
                Some(true) => (input, smaller) = (candidate, true),
                Some(false) => at = end,
                None => return input,
            }
        }
        // What stayed may go now that something behind it is gone.
        if !(smaller && piece == 1) {
            piece /= 2;
        }
    }
    for at in 0..input.len() {
        let mut candidate = input.clone();
        candidate[at] = 0;
        match (input[at] != 0).then(|| tries(&candidate)) {
            Some(Some(true)) => input = candidate,
            Some(None) => return input,
            _ => {}
        }
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_needed_goes() {
        let input: Vec<u8> = (0..=255).cycle().take(5000).collect();
        let found = shrink(input, &mut |input| {
            input.iter().position(|byte| *byte == 200).is_some_and(|at| input[at..].contains(&100))
        });
        assert_eq!(found, [200, 100]);
        assert_eq!(shrink(vec![9; 100], &mut |input| input.len() >= 3), [0; 3], "bytes become plain");
        assert_eq!(shrink(vec![9; 3], &mut |_| false), [9; 3]);
    }

    #[test]
    fn tries_are_counted() {
        let mut tries = 0;
        shrink(vec![1; 100_000], &mut |input| {
            tries += 1;
            input.len() > 99_000
        });
        assert!(tries <= TRIES, "{tries}");
    }
}
