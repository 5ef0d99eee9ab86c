//! Values as Python would show them, cut short, for people to read.

use super::heap::Heap;
use super::value::Value;
use super::view::View;
use crate::reason::escape_bytes;

/// Most characters that are shown of one value.
const LONGEST: usize = 100;
/// Most items that are shown of a container.
const ITEMS: usize = 6;
/// Containers inside containers that are shown.
const DEEPEST: usize = 3;

impl Heap {
    /// A value as Python's `repr` would show it, cut short and escaped.
    pub fn show(&self, value: Value) -> String {
        let mut shown = String::new();
        self.show_into(value, DEEPEST, &mut shown);
        if shown.chars().count() > LONGEST {
            shown = shown.chars().take(LONGEST).collect();
            shown.push('…');
        }
        shown
    }

    /// Bounded by [`DEEPEST`], so this recursion does not follow the input.
    fn show_into(&self, value: Value, deeper: usize, out: &mut String) {
        let text = match self.view(value) {
            View::None => "None".to_owned(),
            View::Bool(true) => "True".to_owned(),
            View::Bool(false) => "False".to_owned(),
            View::Int(number) => number.to_string(),
            View::Long(bytes) => self
                .view(value)
                .int()
                .map_or_else(|| format!("<int of {} bytes>", bytes.len()), |number| number.to_string()),
            View::Float(number) => float(number),
            View::Text(text) => format!("\"{text}\""),
            View::Latin(bytes) => format!("\"{}\"", escape_bytes(bytes)),
            View::Bytes(blob) | View::ByteArray(blob) => match self.blob_bytes(blob) {
                super::array::Bytes::Kept(bytes) => format!("b\"{}\"", escape_bytes(bytes)),
                super::array::Bytes::Passed => format!("<{} bytes>", self.blob(blob).map_or(0, |blob| blob.len)),
            },
            View::Name(_, name) => name.to_string(),
            View::Object(_, object) => {
                let name = self.get_name(object.name).map(|name| name.qualname.as_str()).unwrap_or_default();
                format!("{}(…)", escape_bytes(name.as_bytes()))
            }
            View::Array(array) => {
                let shape: Vec<String> = array.shape.iter().map(ToString::to_string).collect();
                format!("array of shape ({})", shape.join(", "))
            }
            View::DType(_, dtype) => format!("dtype({})", dtype.name()),
            View::Tuple(items) => return self.show_items("(", items, ")", deeper, out),
            View::List(items) => return self.show_items("[", items, "]", deeper, out),
            View::Set(items) | View::FrozenSet(items) => return self.show_items("{", items, "}", deeper, out),
            View::Dict(pairs) => return self.show_items("{", pairs.items(), "}", deeper, out),
        };
        out.push_str(&text);
    }

    fn show_items(&self, open: &str, items: super::Items<'_>, close: &str, deeper: usize, out: &mut String) {
        let (count, dict) = (items.len(), open == "{" && close == "}");
        out.push_str(open);
        let Some(deeper) = deeper.checked_sub(1).filter(|_| out.len() < LONGEST.saturating_mul(4)) else {
            out.push('…');
            out.push_str(close);
            return;
        };
        for (index, item) in items.take(ITEMS).enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            self.show_into(item, deeper, out);
        }
        if count > ITEMS {
            out.push_str(", …");
        }
        if count == 1 && !dict && open == "(" {
            out.push(',');
        }
        out.push_str(close);
    }
}

/// A float as Python's `repr` writes it.
pub fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let exponent = if number == 0.0 { 0.0 } else { number.abs().log10().floor() };
    if (-4.0..16.0).contains(&exponent) {
        let shown = format!("{number}");
        return if shown.contains('.') { shown } else { format!("{shown}.0") };
    }
    let shown = format!("{number:e}");
    match shown.split_once('e') {
        Some((digits, exponent)) if exponent.starts_with('-') => {
            format!("{digits}e-{:0>2}", exponent.trim_start_matches('-'))
        }
        Some((digits, exponent)) => format!("{digits}e+{exponent:0>2}"),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_shown_as_python_shows_them() {
        let cases = [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1e-5, "1e-05"),
            (1.5e300, "1.5e+300"),
            (123456789012345.0, "123456789012345.0"),
            (-0.0, "-0.0"),
            (0.0001, "0.0001"),
            (f64::NAN, "nan"),
        ];
        for (number, shown) in cases {
            assert_eq!(float(number), shown);
        }
    }
}
