//! CSV with a header (RFC 4180), read strictly: quotes stand around whole fields, and every line has as many fields as the
//! header. A field that is empty or `nan` is missing.

use super::{Rows, RowsError};
use crate::model::matrix::Matrix;
use crate::reason::escape;

pub(super) fn read(bytes: &[u8]) -> Result<Rows, RowsError> {
    let text = std::str::from_utf8(bytes).map_err(|error| form(format!("byte {} is no UTF-8", error.valid_up_to())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Records { rest: text, line: 1 };
    let header = records.next().ok_or(RowsError::Empty)??;
    let columns: Vec<String> = header.into_iter().map(|field| field.trim().to_owned()).collect();
    let wanted = columns.len() as u64;
    let mut values = Vec::new();
    for (row, record) in (1u64..).zip(records) {
        let record = record?;
        if record.len() as u64 != wanted {
            return Err(RowsError::Ragged { row, has: record.len() as u64, wanted });
        }
        for (column, field) in (1u64..).zip(record) {
            values.push(number(&field).ok_or_else(|| RowsError::NotNumber { row, column, text: escape(&field) })?);
        }
    }
    Rows::numbers(Matrix::new(values, columns.len()).ok_or(RowsError::Empty)?, Some(columns))
}

fn form(what: String) -> RowsError {
    RowsError::Form { format: "CSV", what }
}

/// A number as Python and pandas write it.
fn number(field: &str) -> Option<f64> {
    match field.trim() {
        "" => Some(f64::NAN),
        "True" | "true" => Some(1.0),
        "False" | "false" => Some(0.0),
        text => text.parse().ok(),
    }
}

struct Records<'t> {
    rest: &'t str,
    line: u64,
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, RowsError>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.rest.is_empty()).then(|| self.record())
    }
}

impl<'t> Records<'t> {
    fn record(&mut self) -> Result<Vec<String>, RowsError> {
        let mut fields = Vec::new();
        loop {
            let field = if self.rest.starts_with('"') { self.quoted()? } else { self.plain()?.to_owned() };
            fields.push(field);
            let line = self.line;
            let mut after = self.rest.chars();
            match (after.next(), after.next()) {
                (Some(','), _) => self.skip(1),
                (Some('\r'), Some('\n')) => {
                    self.skip(2);
                    break;
                }
                (Some('\n'), _) => {
                    self.skip(1);
                    break;
                }
                (None, _) => break,
                _ => return Err(form(format!("line {line}: something follows a closing quote"))),
            }
        }
        self.line = self.line.saturating_add(1);
        Ok(fields)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn plain(&mut self) -> Result<&'t str, RowsError> {
        let end = self.rest.find([',', '\n', '\r']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        if field.contains('"') {
            return Err(form(format!("line {}: a quote stands inside a field without quotes", self.line)));
        }
        if rest.starts_with('\r') && !rest.starts_with("\r\n") {
            return Err(form(format!("line {}: a carriage return stands alone", self.line)));
        }
        self.rest = rest;
        Ok(field)
    }

    fn quoted(&mut self) -> Result<String, RowsError> {
        let start = self.line;
        let mut field = String::new();
        self.skip(1);
        loop {
            let end = self.rest.find('"').ok_or_else(|| form(format!("line {start}: a quote is never closed")))?;
            let part = self.rest.get(..end).unwrap_or_default();
            self.line = self.line.saturating_add(part.matches('\n').count() as u64);
            field.push_str(part);
            self.skip(end.saturating_add(1));
            if !self.rest.starts_with('"') {
                return Ok(field);
            }
            field.push('"');
            self.skip(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rows::Cells;

    fn values(text: &str) -> Vec<f64> {
        match read(text.as_bytes()).unwrap().cells() {
            Cells::Numbers(matrix) => matrix.values().to_vec(),
            Cells::Texts(_) => Vec::new(),
        }
    }

    #[test]
    fn quotes_line_ends_and_missing_values_are_read() {
        let found = values("\u{feff}a,\"b, \"\"c\"\"\"\r\n1,\"2.5\"\r\n,1e-3");
        assert_eq!(found.len(), 4);
        assert_eq!((found[0], found[1], found[3]), (1.0, 2.5, 0.001));
        assert!(found[2].is_nan());
        assert_eq!(values("a\nTrue\n-1\n"), [1.0, -1.0]);
        assert_eq!(values("a\n0.1\n")[0].to_bits(), 0.1f64.to_bits());
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let cases = [
            ("a,b\n1\n", "row 1 has 1 value, and 2 are named"),
            ("a\n\"1\n", "a quote is never closed"),
            ("a\n1\"2\n", "inside a field without quotes"),
            ("a\n\"1\"2\n", "follows a closing quote"),
            ("a\n1\r2\n", "carriage return stands alone"),
            ("a\nred\n", "row 1, column 1 is \"red\", which is no number"),
            ("a\n", "there are no rows"),
            ("", "there are no rows"),
            ("a,a\n1,2\n", "two columns are called \"a\""),
        ];
        for (text, wanted) in cases {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(wanted), "{text:?}: {error}");
        }
        assert!(read(b"a\n\xff\n").unwrap_err().to_string().contains("byte 2 is no UTF-8"));
    }
}
