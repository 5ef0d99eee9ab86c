//! Rows, as a user's files hold them: whatever the bytes, they are read as a rectangle, or refused in words.

use crate::model::{Cells, Rows, RowsFormat};

/// A file of rows; its first byte chooses the form.
pub fn rows(data: &[u8]) {
    let Some((form, data)) = data.split_first() else { return };
    let format = match form % 3 {
        0 => RowsFormat::Csv,
        1 => RowsFormat::Npy,
        _ => RowsFormat::Json,
    };
    let read = Rows::read(data, format);
    // NaN is not itself; as text it is.
    assert_eq!(format!("{read:?}"), format!("{:?}", Rows::read(data, format)), "the same rows are read otherwise");
    match read {
        Ok(rows) => {
            assert!(!rows.is_empty(), "rows are read, and there are none");
            match rows.cells() {
                Cells::Numbers(matrix) => {
                    assert_eq!(matrix.values().len(), matrix.len() * matrix.columns(), "the rows are no rectangle");
                    assert!(matrix.values().len() <= data.len(), "more values than bytes");
                }
                Cells::Texts(texts) => assert!(texts.len() <= data.len(), "more texts than bytes"),
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert!(!said.chars().any(char::is_control), "{said:?} is not escaped");
        }
    }
}
