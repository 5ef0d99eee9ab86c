//! An answer as numpy's `.npy`, version 1.0 (`numpy/lib/format.py`).

use super::{Answer, Data, Picks, WriteError};
use crate::model::Label;
use std::io::Write;

pub(super) fn write(answers: &[Answer], out: &mut dyn Write) -> Result<(), WriteError> {
    let [answer] = answers else {
        let names: Vec<&str> = answers.iter().map(|answer| answer.method.text()).collect();
        return Err(WriteError::OneMethod(names.join(", ")));
    };
    match &answer.data {
        Data::Numbers(numbers) => floats(&numbers.values, &format!("({},)", numbers.values.len()), numbers.single, out),
        Data::Matrix(matrix, _) => {
            floats(matrix.values(), &format!("({}, {})", matrix.len(), matrix.columns()), matrix.is_single(), out)
        }
        Data::Matrices(all) => match all.as_slice() {
            [(matrix, _)] => {
                floats(matrix.values(), &format!("({}, {})", matrix.len(), matrix.columns()), matrix.is_single(), out)
            }
            _ => Err(WriteError::OneArray(answer.method.text())),
        },
        Data::Labels(outputs) => labels(outputs, answer.rows(), out),
    }
}

fn header(descr: &str, shape: &str, out: &mut dyn Write) -> Result<(), WriteError> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    // Magic, version and length take 10 bytes; the whole is a multiple of 64 and ends in a line feed.
    let padding = 63usize.saturating_sub(text.len().saturating_add(10) % 64);
    text.push_str(&" ".repeat(padding));
    text.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes())?;
    Ok(out.write_all(text.as_bytes())?)
}

fn floats(values: &[f64], shape: &str, single: bool, out: &mut dyn Write) -> Result<(), WriteError> {
    header(if single { "<f4" } else { "<f8" }, shape, out)?;
    for value in values {
        match single {
            true => out.write_all(&(*value as f32).to_le_bytes())?,
            false => out.write_all(&value.to_le_bytes())?,
        }
    }
    Ok(())
}

fn labels(outputs: &[Picks], rows: usize, out: &mut dyn Write) -> Result<(), WriteError> {
    let shape = match outputs {
        [_] => format!("({rows},)"),
        several => format!("({rows}, {})", several.len()),
    };
    let all: Vec<&Label> = outputs.iter().flat_map(|picks| &picks.labels.items).collect();
    let every = |test: fn(&Label) -> bool| all.iter().all(|label| test(label));
    let longest = |label: &&Label| if let Label::Text(text) = label { text.chars().count() } else { 0 };
    let width = all.iter().map(longest).max().unwrap_or(0).max(1);
    let descr = if every(|label| matches!(label, Label::Int(_))) {
        "<i8".to_owned()
    } else if every(|label| matches!(label, Label::Uint(_) | Label::Int(0..))) {
        "<u8".to_owned()
    } else if every(|label| matches!(label, Label::Float(_))) {
        "<f8".to_owned()
    } else if every(|label| matches!(label, Label::Bool(_))) {
        "|b1".to_owned()
    } else if every(|label| matches!(label, Label::Text(_))) {
        format!("<U{width}")
    } else {
        return Err(WriteError::Mixed);
    };
    header(&descr, &shape, out)?;
    let mut columns: Vec<_> = outputs.iter().map(Picks::iter).collect();
    for _ in 0..rows {
        for label in columns.iter_mut().filter_map(Iterator::next) {
            element(label, width, out)?;
        }
    }
    Ok(())
}

fn element(label: &Label, width: usize, out: &mut dyn Write) -> Result<(), WriteError> {
    match label {
        Label::Int(value) => out.write_all(&value.to_le_bytes())?,
        Label::Uint(value) => out.write_all(&value.to_le_bytes())?,
        Label::Float(value) => out.write_all(&value.to_le_bytes())?,
        Label::Bool(value) => out.write_all(&[u8::from(*value)])?,
        Label::Text(text) => {
            let codes = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
            for code in codes {
                out.write_all(&code.to_le_bytes())?;
            }
        }
        Label::None => {}
    }
    Ok(())
}
