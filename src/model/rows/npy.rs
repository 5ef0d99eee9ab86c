//! Rows in numpy's `.npy`, versions 1.0 to 3.0 (`numpy/lib/format.py`).

use super::{Rows, RowsError};
use crate::format::npy::header::{Descr, Header, of_code};
use crate::graph::DTypeKind;
use crate::model::matrix::Matrix;
use crate::model::numbers::{elements, is_numeric, reader};
use crate::reason::escape;

pub(super) fn read(bytes: &[u8]) -> Result<Rows, RowsError> {
    let (header, data) = split(bytes).ok_or_else(|| form("it does not begin as numpy begins one"))?;
    let header = std::str::from_utf8(header).map_err(|_| form("its header is no text"))?;
    let Header { descr, fortran, shape } =
        Header::parse(header).ok_or_else(|| form("its header is not as numpy writes it"))?;
    let Descr::Code(code) = descr else { return Err(RowsError::Elements("records".to_owned())) };
    let other = || RowsError::Elements(escape(&code));
    let dtype = of_code(&code).filter(is_numeric).ok_or_else(other)?;
    let columns = match *shape.as_slice() {
        [_] => 1,
        [_, columns] => usize::try_from(columns).map_err(|_| form("it is too large"))?,
        _ => return Err(form(&format!("it has {} dimensions, and rows have two", shape.len()))),
    };
    let read = reader(&dtype).ok_or_else(other)?;
    let values = elements(data, dtype.size, &shape, fortran, read)
        .ok_or_else(|| form(&format!("its shape does not fit its {} bytes of data", data.len())))?;
    let matrix = Matrix::new(values, columns).ok_or(RowsError::Empty)?;
    let single = dtype.kind == DTypeKind::Float && dtype.size == 4;
    Rows::numbers(if single { matrix.of_singles() } else { matrix }, None)
}

fn form(what: &str) -> RowsError {
    RowsError::Form { format: ".npy", what: what.to_owned() }
}

/// Header and data.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (version, rest) = bytes.strip_prefix(b"\x93NUMPY")?.split_first_chunk::<2>()?;
    let (length, rest) = match version {
        [1, 0] => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        [2 | 3, 0] => {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            (usize::try_from(u32::from_le_bytes(*length)).ok()?, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rows::Cells;

    fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
        let mut out = b"\x93NUMPY".to_vec();
        out.extend([version, 0]);
        match version {
            1 => out.extend(u16::try_from(header.len()).unwrap().to_le_bytes()),
            _ => out.extend(u32::try_from(header.len()).unwrap().to_le_bytes()),
        }
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(data);
        out
    }

    #[test]
    fn orders_and_types_are_read() {
        let header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2), }    \n";
        let rows = read(&file(2, header, &[0, 1, 0, 2, 0xff, 0xff, 0, 4])).unwrap();
        assert_eq!(rows.cells(), &Cells::Numbers(Matrix::new(vec![1.0, -1.0, 2.0, 4.0], 2).unwrap()));
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }\n";
        let rows = read(&file(1, header, &0.1f32.to_le_bytes())).unwrap();
        assert!(matches!(rows.cells(), Cells::Numbers(matrix) if matrix.is_single()));
        let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }\n";
        assert_eq!(read(&file(1, header, &[1, 0, 1])).unwrap().len(), 3);
    }

    #[test]
    fn broken_ones_are_refused() {
        let good = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }\n";
        for (what, bytes) in [
            ("no magic", b"NUMPY".to_vec()),
            ("cut header", file(1, good, &[])[..40].to_vec()),
            ("too little data", file(1, good, &[0; 7])),
            ("too much data", file(1, good, &[0; 9])),
            ("objects", file(1, &good.replace("<f8", "|O"), &[0; 8])),
            ("records", file(1, &good.replace("'<f8'", "[('a', '<f8')]"), &[0; 8])),
            ("texts", file(1, &good.replace("<f8", "<U2"), &[0; 8])),
            ("a key twice", file(1, &good.replace(", }", ", 'descr': '<f8'}"), &[0; 8])),
            ("another key", file(1, &good.replace("shape", "sharp"), &[0; 8])),
            ("an expression", file(1, &good.replace("(1, 1)", "(1, 1*1)"), &[0; 8])),
            ("no order", file(1, &good.replace("<f8", "|f8"), &[0; 8])),
            ("version", file(4, good, &[0; 8])),
            ("huge", file(1, &good.replace("(1, 1)", "(9999999999999, 9999999999999)"), &[0; 8])),
            ("flat", file(1, &good.replace("(1, 1)", "()"), &[0; 8])),
        ] {
            assert!(read(&bytes).is_err(), "{what}");
        }
        assert!(read(&file(3, good, &[0; 8])).is_ok());
    }
}
