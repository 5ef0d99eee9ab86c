//! The header of a `.npy`: the text of a Python dict with exactly the three keys that numpy writes. It is parsed, never evaluated.

use crate::graph::{DType, DTypeKind, Order, TimeUnit};
use crate::vocabulary::dtype_of_code;

/// Structures inside structures.
const NESTED: usize = 8;
/// Most fields of a structure.
const FIELDS: usize = 4096;

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The type of its elements.
    pub descr: Descr,
    /// Whether the first index is the one that changes fastest.
    pub fortran: bool,
    /// Its lengths.
    pub shape: Vec<u64>,
}

/// A dtype as `dtype_to_descr` writes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Descr {
    /// Such as `<f8`.
    Code(String),
    /// A structure: names and dtypes. A title before a name is left out.
    Fields(Vec<(String, Descr)>),
    /// A field that is an array: the dtype of its elements, and its shape.
    Subarray(Box<Descr>, Vec<u64>),
}

/// A simple dtype: an order, a code, and of times a unit.
pub(crate) fn of_code(code: &str) -> Option<DType> {
    let mut chars = code.chars();
    let order = match chars.next()? {
        '<' => Order::Little,
        '>' => Order::Big,
        '|' => Order::None,
        _ => return None,
    };
    let code = match chars.as_str() {
        // Old numpy wrote their size.
        "O" => "O8",
        code => code,
    };
    let (code, unit) = match code.split_once('[') {
        Some((code, unit)) => (code, Some(unit.strip_suffix(']')?)),
        None => (code, None),
    };
    let mut dtype = dtype_of_code(code)?;
    let times = matches!(dtype.kind, DTypeKind::Datetime | DTypeKind::Timedelta);
    if (unit.is_some() && !times) || !unit.is_none_or(is_unit) || (order == Order::None) != (dtype.order == Order::None)
    {
        return None;
    }
    dtype.order = order;
    dtype.unit = unit.and_then(|unit| TimeUnit::of_name(unit.as_bytes()));
    Some(dtype)
}

/// A unit of time, with its count.
fn is_unit(unit: &str) -> bool {
    let name = unit.trim_start_matches(|c: char| c.is_ascii_digit());
    let count = unit.strip_suffix(name).unwrap_or_default();
    let known = matches!(name, "Y" | "M" | "W" | "D" | "h" | "m" | "s" | "ms" | "us" | "ns" | "ps" | "fs" | "as");
    known && count.len() <= 6 && !count.starts_with('0')
}

/// What is left of a header.
struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    fn take(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.trim_start_matches(' ').strip_prefix(token)?;
        Some(())
    }

    /// A text in either kind of quotes, as Python's `repr` writes it: what can not be printed is escaped, such as a byte order mark in the name
    /// of a field.
    fn text(&mut self) -> Option<String> {
        let quote = if self.take("'").is_some() { '\'' } else { self.take("\"").map(|()| '"')? };
        let mut text = String::new();
        loop {
            match self.next()? {
                end if end == quote => return Some(text),
                '\\' => text.push(self.escaped()?),
                '\n' | '\0' => return None,
                other => text.push(other),
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let next = chars.next()?;
        self.0 = chars.as_str();
        Some(next)
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Option<char> {
        let digits = match self.next()? {
            same @ ('\\' | '\'' | '"') => return Some(same),
            't' => return Some('\t'),
            'n' => return Some('\n'),
            'r' => return Some('\r'),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
        // What can be printed is written as it is.
        char::from_u32(u32::from_str_radix(number, 16).ok()?).filter(|c| !matches!(c, ' '..='~'))
    }

    /// A whole number as Python writes it; Python 2 wrote some with an L.
    fn number(&mut self) -> Option<u64> {
        let text = self.0.trim_start_matches(' ');
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at_checked(end)?;
        self.0 = rest.strip_prefix('L').unwrap_or(rest);
        let canonical = digits == "0" || !digits.starts_with('0');
        canonical.then(|| digits.parse().ok()).flatten().filter(|number| i64::try_from(*number).is_ok())
    }

    fn shape(&mut self) -> Option<Vec<u64>> {
        self.take("(")?;
        let mut shape = Vec::new();
        while self.take(")").is_none() {
            if shape.len() >= 64 {
                return None;
            }
            shape.push(self.number()?);
            if self.take(",").is_none() {
                self.take(")")?;
                // Without a comma, one number in parentheses is no tuple.
                return (shape.len() > 1).then_some(shape);
            }
        }
        Some(shape)
    }

    /// A field's name, or a title and the name.
    fn name(&mut self) -> Option<String> {
        if self.take("(").is_none() {
            return self.text();
        }
        self.text()?;
        self.take(",")?;
        let name = self.text()?;
        self.take(")")?;
        Some(name)
    }

    /// A code, or a list of names with codes or lists, and of arrays with their shapes.
    fn descr(&mut self, left: usize) -> Option<Descr> {
        if self.take("[").is_none() {
            return self.text().map(Descr::Code);
        }
        let left = left.checked_sub(1)?;
        let mut fields = Vec::new();
        while self.take("]").is_none() {
            if fields.len() >= FIELDS {
                return None;
            }
            self.take("(")?;
            let name = self.name()?;
            self.take(",")?;
            let mut descr = self.descr(left)?;
            if self.take(",").is_some() {
                descr = Descr::Subarray(Box::new(descr), self.shape()?);
            }
            fields.push((name, descr));
            self.take(")")?;
            if self.take(",").is_none() {
                self.take("]")?;
                break;
            }
        }
        Some(Descr::Fields(fields))
    }
}

impl Header {
    /// The header of which this is the text; `None` if numpy writes none like it.
    pub fn parse(text: &str) -> Option<Header> {
        let mut cursor = Cursor(text);
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        cursor.take("{")?;
        while cursor.take("}").is_none() {
            let key = cursor.text()?;
            cursor.take(":")?;
            match key.as_str() {
                "descr" if descr.is_none() => descr = Some(cursor.descr(NESTED)?),
                "fortran_order" if fortran.is_none() => {
                    fortran =
                        Some(cursor.take("True").map(|()| true).or_else(|| cursor.take("False").map(|()| false))?);
                }
                "shape" if shape.is_none() => shape = Some(cursor.shape()?),
                _ => return None,
            }
            if cursor.take(",").is_none() {
                cursor.take("}")?;
                break;
            }
        }
        let padded = cursor.0.trim_start_matches(' ');
        (padded == "\n").then_some(())?;
        Some(Header { descr: descr?, fortran: fortran?, shape: shape? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the one field of a structure, written so.
    fn name(written: &str) -> Option<String> {
        let text = format!("{{'descr': [({written}, '<f8')], 'fortran_order': False, 'shape': (2,), }}\n");
        match Header::parse(&text)?.descr {
            Descr::Fields(fields) => fields.into_iter().next().map(|(name, _)| name),
            _ => None,
        }
    }

    #[test]
    fn names_are_read_as_python_writes_them() {
        // What `repr` of CPython 3.13 makes of each.
        for (written, read) in [
            (r"'id'", "id"),
            (r"'\ufeffid'", "\u{feff}id"),
            (r"'\xa0'", "\u{a0}"),
            (r#"'a\'b"c'"#, "a'b\"c"),
            (r#""a'b""#, "a'b"),
            (r"'\\alpha'", "\\alpha"),
            (r"'\t\n\r'", "\t\n\r"),
            (r"'\U000e0001'", "\u{e0001}"),
            (r"'ü\u200d'", "ü\u{200d}"),
        ] {
            assert_eq!(name(written).as_deref(), Some(read), "{written}");
        }
        for wrong in [
            r"'\q'",
            r"'\x4'",
            r"'\xg0'",
            r"'\ud800'",
            r"'\U00110000'",
            r"'\101'",
            r"'\N{DIGIT ONE}'",
            r"'a\",
            r"'\x+1'",
            r"'\x3c'",
        ] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
    }
}
