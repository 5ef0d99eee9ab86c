//! Plain values as Python shows them: for labels in the schema and for parameters that people read.

use crate::graph::{Heap, Value, View};
use crate::reason::{escape, escape_bytes};

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

/// Characters after which a shown value is cut.
const LONGEST: usize = 120;

/// A plain value as Python's `repr` would show it, cut after [`LONGEST`] characters; `None` for objects, arrays and names.
pub(super) fn value(heap: &Heap, value: Value) -> Option<String> {
    enum Todo<'h> {
        Show(Value),
        Write(&'static str),
        Items(crate::graph::Items<'h>, &'static str),
        Pairs(crate::graph::Pairs<'h>),
    }
    let mut out = String::new();
    let mut todo = vec![Todo::Show(value)];
    while let Some(next) = todo.pop() {
        if out.chars().count() > LONGEST || todo.len() > LONGEST {
            out = out.chars().take(LONGEST).collect();
            out.push('…');
            break;
        }
        match next {
            Todo::Write(text) => out.push_str(text),
            Todo::Items(mut items, close) => match items.next() {
                None => out.push_str(close),
                Some(item) => {
                    if !items.is_empty() {
                        todo.push(Todo::Items(items, close));
                        todo.push(Todo::Write(", "));
                    } else {
                        todo.push(Todo::Write(close));
                    }
                    todo.push(Todo::Show(item));
                }
            },
            Todo::Pairs(mut pairs) => match pairs.next() {
                None => out.push('}'),
                Some((key, value)) => {
                    let more = pairs.len() > 0;
                    todo.push(if more { Todo::Pairs(pairs) } else { Todo::Write("}") });
                    if more {
                        todo.push(Todo::Write(", "));
                    }
                    todo.extend([Todo::Show(value), Todo::Write(": "), Todo::Show(key)]);
                }
            },
            Todo::Show(value) => match heap.view(value) {
                View::None => out.push_str("None"),
                View::Bool(value) => out.push_str(if value { "True" } else { "False" }),
                View::Int(value) => out.push_str(&value.to_string()),
                view @ View::Long(_) => out.push_str(&view.int().map_or("<int>".to_owned(), |int| int.to_string())),
                View::Float(value) => out.push_str(&float(value)),
                View::Text(text) => out.push_str(&quoted(&escape_bytes(text.bytes()))),
                View::Latin(bytes) => out.push_str(&quoted(&escape_bytes(bytes))),
                View::Tuple(items) => {
                    out.push('(');
                    let close = if items.len() == 1 { ",)" } else { ")" };
                    todo.push(Todo::Items(items, close));
                }
                View::List(items) => {
                    out.push('[');
                    todo.push(Todo::Items(items, "]"));
                }
                View::Dict(pairs) => {
                    out.push('{');
                    todo.push(Todo::Pairs(pairs));
                }
                _ => return None,
            },
        }
    }
    Some(out)
}

fn quoted(escaped: &str) -> String {
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
    use crate::bytes::{Budget, Limits};

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

    #[test]
    fn containers_are_shown_and_cut() {
        let (mut heap, mut budget) = (Heap::default(), Budget::new(&Limits::default(), 1 << 20));
        let text = heap.text(b"it's\x1b", &mut budget).unwrap();
        let one = heap.tuple([text].into_iter(), &mut budget).unwrap();
        assert_eq!(value(&heap, one).unwrap(), "(\"it's\\x1b\",)");
        let dict = heap.dict(&mut budget).unwrap();
        for part in [text, one, text, Value::NONE] {
            heap.push(dict, part, &mut budget).unwrap();
        }
        assert_eq!(value(&heap, dict).unwrap(), "{\"it's\\x1b\": (\"it's\\x1b\",), \"it's\\x1b\": None}");
        let list = heap.list(&mut budget).unwrap();
        heap.push(list, list, &mut budget).unwrap();
        assert!(value(&heap, list).unwrap().ends_with('…'));
        let empty = heap.list(&mut budget).unwrap();
        assert_eq!(value(&heap, empty).unwrap(), "[]");
    }
}
