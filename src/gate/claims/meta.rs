//! `--meta KEY=VALUE`.

use crate::manifest::is_key;
use crate::reason::{escape, is_unsafe};
use crate::report::ReportError;
use std::collections::BTreeMap;

/// Longest value, in bytes.
const MAX_VALUE: usize = 1000;

/// The annotations that options give.
pub(super) fn annotations(options: &[String]) -> Result<BTreeMap<String, String>, ReportError> {
    let wrong = |message: String| ReportError::usage(message, "--meta team=risk");
    let mut found = BTreeMap::new();
    for option in options {
        let Some((key, value)) = option.split_once('=') else {
            return Err(wrong(format!("--meta {} has no value", escape(option))));
        };
        if !is_key(key) {
            let rule = "a key has 1 to 64 of letters, digits, '.', '_' and '-'";
            return Err(wrong(format!("--meta {} is refused: {rule}", escape(key))));
        }
        if value.is_empty() || value.len() > MAX_VALUE || value.chars().any(is_unsafe) {
            let rule = "a value has 1 to 1000 bytes and no control characters";
            return Err(wrong(format!("the value of --meta {key} is refused: {rule}")));
        }
        if found.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(wrong(format!("--meta {key} is given twice")));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: &[&str]) -> Result<BTreeMap<String, String>, ReportError> {
        annotations(&options.iter().map(|&option| option.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn keys_and_values_are_bounded() {
        let (key, value) = ("k".repeat(64), "v".repeat(1000));
        let found = of(&["team=risk", "a.b_c-1=x=y", &format!("{key}={value}")]).unwrap();
        assert_eq!((found["team"].as_str(), found["a.b_c-1"].as_str()), ("risk", "x=y"));
        for wrong in ["team", "=x", "a b=x", "a/b=x", "\u{e9}=x", "a=", "a=\n", "a=\u{1b}[2J", "a=\u{202e}"] {
            assert!(of(&[wrong]).is_err(), "{wrong:?}");
        }
        assert!(of(&[&format!("{key}k=x")]).is_err() && of(&[&format!("k={value}v")]).is_err());
        assert!(of(&["a=1", "a=1"]).unwrap_err().message.contains("twice"));
    }
}
