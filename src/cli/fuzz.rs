//! `coldload fuzz`: hostile twins of a model, to try one's own loader with; and attacks on this program.

use super::options::Context;
use super::progress::Progress;
use crate::gate::{self, FuzzRequest, ReplayRequest, TwinsRequest};
use crate::report::{Command, Report, ReportError};
use clap::builder::PossibleValuesParser;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::time::Duration;

/// How many twins are made, and how long a target is attacked, if nothing is said.
const COUNT: u32 = 100;
const TIME: Duration = Duration::from_secs(60);

/// Make hostile twins of a model to try your own loader with, or attack this program's own readers
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload fuzz model.pkl --emit twins --count 50\n  coldload fuzz --target machine --time 60s",
    after_help = "Exit status of --target: 0 nothing was found, 1 an input was found that this program does not stand."
)]
pub(super) struct Args {
    /// With --emit: the model. With --target: inputs that were kept, each run once more
    #[arg(value_name = "MODEL|INPUT", required_unless_present = "target")]
    paths: Vec<PathBuf>,
    /// Make twins of the model that differ from it in an attack, in a new folder with an index. Their payload makes a file
    /// named coldload-was-run, and does nothing else
    #[arg(long, value_name = "DIR", required_unless_present = "target", conflicts_with = "target")]
    emit: Option<PathBuf>,
    /// How many twins [default: 100]
    #[arg(long, value_name = "N", requires = "emit", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: Option<u32>,
    /// What is attacked
    #[arg(long, value_name = "TARGET", value_parser = PossibleValuesParser::new(crate::fuzz::names()))]
    target: Option<String>,
    /// For how long, such as 60s, 10m or 1h [default: 60s]
    #[arg(long, value_name = "TIME", requires = "target", conflicts_with = "paths", value_parser = duration)]
    time: Option<Duration>,
    /// A folder with files to start from, beside the target's own
    #[arg(long, value_name = "DIR", requires = "target", conflicts_with = "paths")]
    seeds: Option<PathBuf>,
    /// Folder to keep inputs in that something died of [default: the working directory]
    #[arg(short, long, value_name = "DIR", requires = "target", conflicts_with = "paths")]
    output: Option<PathBuf>,
    /// The same number makes the same twins, or the same inputs [default: 0 for twins, another one each time for inputs]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        let Args { paths, emit, count, target, time, seeds, output, seed } = self;
        let progress = Progress::on(context.shows_progress().then(std::io::stderr));
        match (target, emit) {
            (Some(target), _) if !paths.is_empty() => {
                gate::replay(&ReplayRequest { target, inputs: paths }, &context.options)
            }
            (Some(target), _) => {
                let request = FuzzRequest {
                    target,
                    time: time.unwrap_or(TIME),
                    seed: seed.unwrap_or_else(chance),
                    seeds,
                    output: output.unwrap_or_else(|| PathBuf::from(".")),
                };
                gate::fuzz(&request, &context.options, &|inputs, spent| {
                    progress.tell(&format!("{inputs} inputs in {} s", spent.as_secs()));
                })
            }
            (None, Some(folder)) => {
                let Ok([model]) = <[PathBuf; 1]>::try_from(paths) else {
                    let error = ReportError::usage("--emit goes with one model", "coldload fuzz MODEL --emit DIR");
                    return Report::failed(Command::Fuzz, error);
                };
                let count = count.unwrap_or(COUNT);
                let request = TwinsRequest { model, folder, count, seed: seed.unwrap_or(0) };
                gate::twins(&request, &context.options, &|done, total| {
                    progress.tell(&format!("{done} of {total} made"))
                })
            }
            (None, None) => Report::failed(
                Command::Fuzz,
                ReportError::usage("neither --emit nor --target is given", "coldload help fuzz"),
            ),
        }
    }
}

/// A number that nobody can tell before.
fn chance() -> u64 {
    RandomState::new().hash_one(0) >> 16
}

/// A time with its unit; seconds without one.
fn duration(text: &str) -> Result<Duration, String> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let (digits, unit) =
        units.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit))).unwrap_or((text, 1));
    let seconds = if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse::<u64>().ok() } else { None };
    let seconds =
        seconds.and_then(|number| number.checked_mul(unit)).filter(|seconds| (1..=31_536_000).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "not a time such as 60s, 10m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("60s", 60), ("7", 7), ("10m", 600), ("2h", 7200)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "0s", "-1s", "1.5s", "+5", "1d", "99999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
