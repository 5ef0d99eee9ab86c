//! Plain values as Python shows them: for labels in the schema and for parameters that people read.

use crate::reason::escape;

/// A float as Python's `repr` writes it: the shortest digits that read back to the same bits (`float_repr_style`).
pub(super) fn float(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&power) {
        let fixed = format!("{value}");
        return if fixed.contains('.') { fixed } else { format!("{fixed}.0") };
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.unsigned_abs())
}

/// A text, escaped before, in quotes.
pub(super) fn quoted(escaped: &str) -> String {
    if escaped.contains('\'') && !escaped.contains('"') {
        format!("\"{escaped}\"")
    } else {
        format!("'{}'", escaped.replace('\'', "\\'"))
    }
}

/// A path into a container, as `--at` takes it.
pub(super) fn path(keys: &[String]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("\"{}\"", escape(key).replace('"', "\\\""))).collect();
    format!("[{}]", keys.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_pythons() {
        let cases = [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (5e-324, "5e-324"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, wanted) in cases {
            assert_eq!(float(value), wanted);
        }
    }
}
