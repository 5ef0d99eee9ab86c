//! Rows as JSON: `{"dataframe_split": {"columns": […], "data": [[…]]}}`, `{"inputs": [[…]]}` or `{"inputs": […]}`.
//!
//! Values go straight into one list, so that a file takes little more memory than its numbers; `null` is missing, and a
//! number is read to the nearest float.

use super::{Cells, Rows, RowsError};
use crate::model::matrix::Matrix;
use crate::reason::escape;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

pub(super) fn read(bytes: &[u8]) -> Result<Rows, RowsError> {
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let document = Document.deserialize(&mut parser).and_then(|document| parser.end().map(|()| document));
    let document = document.map_err(|error| form(escape(&error.to_string())))?;
    let (columns, mut grid) = (document.columns, document.grid);
    if let Some(ragged) = grid.ragged {
        return Err(ragged);
    }
    match (&mut grid.texts, grid.flat) {
        (Some(texts), true) if texts.len() == grid.values.len() && !texts.is_empty() => {
            return Ok(Rows { columns: None, cells: Cells::Texts(std::mem::take(texts)) });
        }
        _ => {}
    }
    if let Some((row, column, text)) = grid.first_text {
        return Err(RowsError::NotNumber { row, column, text: escape(&text) });
    }
    let width = if grid.flat { 1 } else { grid.width.unwrap_or(0) };
    let named = columns.as_ref().map(|columns| columns.len() as u64);
    if let Some(wanted) = named.filter(|named| *named != width && grid.rows > 0) {
        return Err(RowsError::Ragged { row: 1, has: width, wanted });
    }
    let width = usize::try_from(width).map_err(|_| RowsError::Empty)?;
    Rows::numbers(Matrix::new(grid.values, width).ok_or(RowsError::Empty)?, columns)
}

fn form(what: String) -> RowsError {
    RowsError::Form { format: "JSON", what }
}

/// Values as they come.
#[derive(Default)]
struct Grid {
    values: Vec<f64>,
    /// Whether the rows are single values, not lists.
    flat: bool,
    rows: u64,
    width: Option<u64>,
    ragged: Option<RowsError>,
    first_text: Option<(u64, u64, String)>,
    /// The texts, when every value so far was one in a flat list.
    texts: Option<Vec<String>>,
}

struct Parsed {
    columns: Option<Vec<String>>,
    grid: Grid,
}

/// The outermost object.
struct Document;

impl<'de> DeserializeSeed<'de> for Document {
    type Value = Parsed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"inputs\" or \"dataframe_split\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let parsed = match map.next_key::<String>()?.as_deref() {
            Some("inputs") => {
                let mut grid = Grid { texts: Some(Vec::new()), ..Grid::default() };
                map.next_value_seed(Table(&mut grid))?;
                Parsed { columns: None, grid }
            }
            Some("dataframe_split") => map.next_value_seed(Frame)?,
            Some(other) => return Err(A::Error::unknown_field(&escape(other), &["inputs", "dataframe_split"])),
            None => return Err(A::Error::custom("the object has neither \"inputs\" nor \"dataframe_split\"")),
        };
        match map.next_key::<String>()? {
            None => Ok(parsed),
            Some(other) => Err(A::Error::custom(format!("\"{}\" stands beside the rows", escape(&other)))),
        }
    }
}

/// The object of `dataframe_split`.
struct Frame;

impl<'de> DeserializeSeed<'de> for Frame {
    type Value = Parsed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Frame {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"columns\" and \"data\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let (mut columns, mut grid) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "columns" if columns.is_none() => columns = Some(map.next_value::<Vec<String>>()?),
                "data" if grid.is_none() => {
                    let mut found = Grid::default();
                    map.next_value_seed(Table(&mut found))?;
                    grid = Some(found);
                }
                // pandas writes the labels of the rows too.
                "index" => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
                other => {
                    return Err(A::Error::custom(format!("\"{}\" is unknown or stands there twice", escape(other))));
                }
            }
        }
        let grid: Grid = grid.ok_or_else(|| A::Error::missing_field("data"))?;
        if grid.flat {
            return Err(A::Error::custom("\"data\" is a list of values, not of rows"));
        }
        Ok(Parsed { columns: Some(columns.ok_or_else(|| A::Error::missing_field("columns"))?), grid })
    }
}

/// A list of rows, or of values.
struct Table<'g>(&'g mut Grid);

impl<'de> DeserializeSeed<'de> for Table<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Table<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element_seed(Row { grid: self.0, inside: false })?.is_some() {}
        Ok(())
    }
}

/// A row, or a value in one.
struct Row<'g> {
    grid: &'g mut Grid,
    inside: bool,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Row<'_> {
    fn value<E: Error>(self, value: f64, text: Option<&str>) -> Result<(), E> {
        let Row { grid, inside } = self;
        if !inside {
            if grid.rows > 0 && !grid.flat {
                return Err(E::custom("a value stands between rows that are lists"));
            }
            grid.flat = true;
            grid.rows = grid.rows.saturating_add(1);
        }
        match text {
            Some(text) => {
                if let Some(texts) = grid.texts.as_mut().filter(|_| !inside) {
                    texts.push(text.to_owned());
                }
                let width = grid.width.unwrap_or(u64::MAX).max(1);
                let column = if inside { (grid.values.len() as u64).checked_rem(width).unwrap_or(0) } else { 0 };
                let row = if inside { grid.rows.saturating_add(1) } else { grid.rows };
                grid.first_text.get_or_insert_with(|| (row, column.saturating_add(1), text.to_owned()));
            }
            None => grid.texts = None,
        }
        grid.values.push(value);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.inside { "a number or null" } else { "a row" })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        if self.inside || self.grid.flat {
            return Err(A::Error::custom("a list stands where a value must stand"));
        }
        let grid = self.grid;
        grid.texts = None;
        let mut has = 0u64;
        while values.next_element_seed(Row { grid, inside: true })?.is_some() {
            has = has.saturating_add(1);
        }
        grid.rows = grid.rows.saturating_add(1);
        let wanted = *grid.width.get_or_insert(has);
        if wanted != has {
            grid.ragged.get_or_insert(RowsError::Ragged { row: grid.rows, has, wanted });
        }
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.value(f64::NAN, None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.value(f64::from(u8::from(value)), None)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.value(value as f64, None)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.value(value as f64, None)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.value(value, None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.value(f64::NAN, Some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let rows = read(br#"{"inputs": [[1, 2.5], [null, true]]}"#).unwrap();
        let Cells::Numbers(matrix) = rows.cells() else { panic!("{rows:?}") };
        assert_eq!((matrix.columns(), matrix.len(), matrix.values()[3]), (2, 2, 1.0));
        assert!(matrix.values()[2].is_nan());
        let rows = read(br#"{"dataframe_split": {"index": [7], "columns": ["a", "b"], "data": [[1, 2]]}}"#).unwrap();
        assert_eq!(rows.columns.as_deref(), Some(&["a".to_owned(), "b".to_owned()][..]));
        assert_eq!(read(br#"{"inputs": [1, null, 3]}"#).unwrap().len(), 3);
        assert_eq!(read(br#"{"inputs": ["a", "b"]}"#).unwrap().cells(), &Cells::Texts(vec!["a".into(), "b".into()]));
        let rows = read(b"{\"inputs\": [[0.1]]}").unwrap();
        assert!(matches!(rows.cells(), Cells::Numbers(matrix) if matrix.values()[0].to_bits() == 0.1f64.to_bits()));
    }

    #[test]
    fn broken_ones_are_refused_with_the_place() {
        let cases = [
            ("{\"inputs\": [[1, 2], [3]]}", "row 2 has 1 value"),
            ("{\"inputs\": [[1, \"x\"]]}", "column 2 is \"x\", which is no number"),
            ("{\"inputs\": [[1], 2]}", "a value stands between rows"),
            ("{\"inputs\": [1, [2]]}", "a list stands where a value must stand"),
            ("{\"inputs\": [[[1]]]}", "a list stands where a value must stand"),
            ("{\"inputs\": [1, \"x\"]}", "row 2, column 1 is \"x\""),
            ("{\"inputs\": []}", "there are no rows"),
            ("{\"inputs\": [[]]}", "there are no rows"),
            ("{\"inputs\": [[1]], \"inputs\": [[2]]}", "stands beside the rows"),
            ("{\"rows\": [[1]]}", "unknown field"),
            ("{}", "neither"),
            ("[[1]]", "an object with"),
            ("{\"inputs\": [[1]]} x", "trailing"),
            ("{\"inputs\": [[1e999]]}", "out of range"),
            ("{\"inputs\": [[{}]]}", "invalid type"),
            ("{\"dataframe_split\": {\"columns\": [\"a\"], \"data\": [[1, 2]]}}", "row 1 has 2 values, and 1"),
            ("{\"dataframe_split\": {\"columns\": [\"a\"]}}", "missing field `data`"),
            ("{\"dataframe_split\": {\"columns\": [\"a\"], \"data\": [1]}}", "not of rows"),
        ];
        for (text, wanted) in cases {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
        let deep = format!("{{\"inputs\": {}", "[".repeat(100_000));
        assert!(read(deep.as_bytes()).is_err());
        let deep = format!("{{\"dataframe_split\": {{\"index\": {}", "[".repeat(100_000));
        assert!(read(deep.as_bytes()).is_err());
    }
}
