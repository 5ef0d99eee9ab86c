//! Answers as JSON.

use super::{Answer, Data};
use crate::model::Label;
use std::io::{self, Write};

pub(super) fn write(answers: &[Answer], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{")?;
    for (index, answer) in answers.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(out, "{comma}\"{}\": ", answer.method.text())?;
        data(&answer.data, out)?;
    }
    out.write_all(b"}\n")
}

fn data(data: &Data, out: &mut dyn Write) -> io::Result<()> {
    match data {
        Data::Numbers(numbers) => list(numbers.values.iter(), out, |value, out| float(*value, out)),
        Data::Labels(outputs) => match outputs.as_slice() {
            [one] => list(one.iter(), out, label),
            several => {
                let rows = several.first().map_or(0, |picks| picks.rows.len());
                let mut columns: Vec<_> = several.iter().map(|picks| picks.iter()).collect();
                list(0..rows, out, |_, out| list(columns.iter_mut().filter_map(Iterator::next), out, label))
            }
        },
        Data::Matrix(matrix, _) => table(matrix.rows(), out),
        Data::Matrices(all) => list(all.iter(), out, |(matrix, _), out| table(matrix.rows(), out)),
    }
}

fn table<'m>(rows: impl Iterator<Item = &'m [f64]>, out: &mut dyn Write) -> io::Result<()> {
    list(rows, out, |row, out| list(row.iter(), out, |value, out| float(*value, out)))
}

fn list<T>(
    items: impl Iterator<Item = T>,
    out: &mut dyn Write,
    mut each: impl FnMut(T, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.write_all(b", ")?;
        }
        each(item, out)?;
    }
    out.write_all(b"]")
}

fn float(value: f64, out: &mut dyn Write) -> io::Result<()> {
    match value {
        value if value.is_nan() => out.write_all(b"null"),
        f64::INFINITY => out.write_all(b"\"inf\""),
        f64::NEG_INFINITY => out.write_all(b"\"-inf\""),
        // Rust writes the shortest digits that read back, in a form that JSON has too.
        value => write!(out, "{value:?}"),
    }
}

fn label(label: &Label, out: &mut dyn Write) -> io::Result<()> {
    match label {
        Label::Int(value) => write!(out, "{value}"),
        Label::Uint(value) => write!(out, "{value}"),
        Label::Float(value) => float(*value, out),
        Label::Bool(value) => write!(out, "{value}"),
        Label::Text(text) => Ok(serde_json::to_writer(out, text)?),
        Label::None => out.write_all(b"null"),
    }
}
