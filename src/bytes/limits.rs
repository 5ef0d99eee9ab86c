//! Limits on what one file may cost, named and documented in one table; each is an argument, never a global.

use serde::{Deserialize, Serialize};

macro_rules! limits {
    ($($variant:ident $text:literal $unit:literal $meaning:literal;)*) => {
        /// The name of a limit, as `--limit NAME=VALUE` takes it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Limit { $(#[doc = $meaning] #[serde(rename = $text)] $variant,)* }

        impl Limit {
            /// Every limit, in the order of the table.
            pub const ALL: &'static [Limit] = &[$(Limit::$variant),*];
            /// The name as options and messages write it.
            pub const fn text(self) -> &'static str { match self { $(Limit::$variant => $text,)* } }
            /// The unit of its value.
            pub const fn unit(self) -> &'static str { match self { $(Limit::$variant => $unit,)* } }
            /// What it bounds.
            pub const fn meaning(self) -> &'static str { match self { $(Limit::$variant => $meaning,)* } }
        }
    };
}

limits! {
    File "file" "bytes" "size of the file";
    Decoded "decoded" "bytes" "size after decompression";
    Memory "memory" "bytes" "memory for names and values";
    Values "values" "values" "number of values";
    Depth "depth" "levels" "containers inside containers";
    Nested "nested" "levels" "files inside files";
    Globals "globals" "names" "number of different names";
    Time "time" "seconds" "time to read the file";
    Seal "seal" "bytes" "size of a seal";
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// Limits for reading one file. `None` means the default, which for some limits depends on the file's size.
///
/// ```
/// use coldload::bytes::{Limit, Limits};
/// let mut limits = Limits::default();
/// limits.set("decoded=2GiB").unwrap();
/// assert_eq!(limits.value(Limit::Decoded, 1000), 2 << 30);
/// assert_eq!(limits.value(Limit::Memory, 1000), 16 * 1000 + (64 << 20));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    set: Vec<(Limit, u64)>,
}

/// A limit that could not be understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LimitsError {
    /// The text is not `NAME=VALUE`.
    #[error("a limit is written NAME=VALUE, not {0:?}")]
    Form(String),
    /// No limit has this name.
    #[error("there is no limit {0:?}; the limits are {names}", names = names())]
    Name(String),
    /// The value is no number, or too large.
    #[error("{1:?} is no value for the limit {0}; write a number, with KiB, MiB, GiB or TiB for bytes")]
    Value(Limit, String),
}

fn names() -> String {
    Limit::ALL.iter().map(|limit| limit.text()).collect::<Vec<_>>().join(", ")
}

impl Limits {
    /// Sets a limit from `NAME=VALUE`. Values are whole numbers; bytes may end in `KiB`, `MiB`, `GiB` or `TiB`.
    pub fn set(&mut self, text: &str) -> Result<(), LimitsError> {
        let (name, value) = text.split_once('=').ok_or_else(|| LimitsError::Form(text.to_owned()))?;
        let limit = Limit::ALL
            .iter()
            .copied()
            .find(|limit| limit.text() == name)
            .ok_or_else(|| LimitsError::Name(name.to_owned()))?;
        let number = parse(limit, value).ok_or_else(|| LimitsError::Value(limit, value.to_owned()))?;
        self.set.retain(|(known, _)| *known != limit);
        self.set.push((limit, number));
        Ok(())
    }

    /// The value of a limit for a file of `size` bytes.
    pub fn value(&self, limit: Limit, size: u64) -> u64 {
        let chosen = self.set.iter().find(|(known, _)| *known == limit);
        chosen.map_or_else(|| Self::default_value(limit, size), |(_, value)| *value)
    }

    /// Bytes of arrays that may be kept in memory at once for a file of `size` bytes: what `decoded` was set to, else
    /// `max(16 × file, 1 GiB)`.
    pub fn kept(&self, size: u64) -> u64 {
        let chosen = self.set.iter().find(|(known, _)| *known == Limit::Decoded);
        chosen.map_or_else(|| size.saturating_mul(16).max(GIB), |(_, value)| *value)
    }

    fn default_value(limit: Limit, size: u64) -> u64 {
        match limit {
            Limit::File => TIB,
            Limit::Decoded => 16 * GIB,
            Limit::Memory => size.saturating_mul(16).saturating_add(64 * MIB),
            Limit::Values => 100_000_000,
            Limit::Depth => 10_000,
            Limit::Nested => 8,
            Limit::Globals => 100_000,
            Limit::Time => (size / 20_000_000).saturating_add(4),
            Limit::Seal => 16 * MIB,
        }
    }
}

fn parse(limit: Limit, text: &str) -> Option<u64> {
    let units: &[(&str, u64)] = &[("KiB", 1 << 10), ("MiB", MIB), ("GiB", GIB), ("TiB", TIB)];
    let (digits, unit) = match units.iter().find(|(suffix, _)| text.ends_with(suffix)) {
        Some((suffix, unit)) if limit.unit() == "bytes" => (text.strip_suffix(suffix)?, *unit),
        Some(_) => return None,
        None if limit == Limit::Time => (text.strip_suffix('s').unwrap_or(text), 1),
        None => (text, 1),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// A limit that reading the file would have gone beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("more than {value} {unit}: the limit {limit} ({meaning})", unit = limit.unit(), meaning = limit.meaning())]
pub struct Exceeded {
    /// Which limit.
    pub limit: Limit,
    /// Its value.
    pub value: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_units_of_bytes_only_where_they_make_sense() {
        let mut limits = Limits::default();
        limits.set("memory=3MiB").unwrap();
        limits.set("time=9s").unwrap();
        assert_eq!(limits.value(Limit::Memory, 0), 3 * MIB);
        assert_eq!(limits.value(Limit::Time, 0), 9);
        for wrong in ["values=1MiB", "memory=", "memory=-1", "memory=1MB", "memory=99999999999TiB"] {
            assert!(matches!(limits.set(wrong), Err(LimitsError::Value(..))), "{wrong}");
        }
        assert!(matches!(limits.set("speed=1"), Err(LimitsError::Name(_))));
        assert!(matches!(limits.set("memory"), Err(LimitsError::Form(_))));
    }

    #[test]
    fn time_grows_with_the_file() {
        assert_eq!(Limits::default().value(Limit::Time, 0), 4);
        assert_eq!(Limits::default().value(Limit::Time, 400_000_000), 24);
    }
}
