//! Answers as CSV (RFC 4180).

use super::{Answer, Data};
use crate::model::Label;
use std::io::{self, Write};

pub(super) fn write(answers: &[Answer], out: &mut dyn Write) -> io::Result<()> {
    let mut first = true;
    let mut cell = |text: &str, out: &mut dyn Write| {
        if !std::mem::take(&mut first) {
            out.write_all(b",")?;
        }
        field(text, out)
    };
    for answer in answers {
        for name in header(answer) {
            cell(&name, out)?;
        }
    }
    out.write_all(b"\n")?;
    let rows = answers.first().map_or(0, Answer::rows);
    for row in 0..rows {
        let mut first = true;
        for answer in answers {
            each(&answer.data, row, &mut |text| {
                if !std::mem::take(&mut first) {
                    out.write_all(b",")?;
                }
                field(text, out)
            })?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn header(answer: &Answer) -> Vec<String> {
    let method = answer.method.text();
    let named = |names: &[String]| names.iter().map(|name| format!("{method}_{name}")).collect::<Vec<_>>();
    match &answer.data {
        Data::Numbers(_) => vec![method.to_owned()],
        Data::Labels(outputs) if outputs.len() == 1 => vec![method.to_owned()],
        Data::Labels(outputs) => (0..outputs.len()).map(|index| format!("{method}_{index}")).collect(),
        Data::Matrix(_, names) => named(names),
        Data::Matrices(all) => (0usize..)
            .zip(all)
            .flat_map(|(index, (_, names))| names.iter().map(move |name| format!("{method}_{index}_{name}")))
            .collect(),
    }
}

fn each(data: &Data, row: usize, cell: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()> {
    let floats = |values: Option<&[f64]>, cell: &mut dyn FnMut(&str) -> io::Result<()>| {
        values.unwrap_or_default().iter().try_for_each(|value| cell(&float(*value)))
    };
    match data {
        Data::Numbers(numbers) => floats(numbers.values.get(row..).and_then(|rest| rest.get(..1)), cell),
        Data::Labels(outputs) => outputs.iter().try_for_each(|picks| {
            let index = picks.rows.get(row).map(|index| *index as usize);
            match index.and_then(|index| picks.labels.items.get(index)) {
                Some(Label::Float(value)) => cell(&float(*value)),
                label => cell(&label.map(Label::text).unwrap_or_default()),
            }
        }),
        Data::Matrix(matrix, _) => floats(matrix.rows().nth(row), cell),
        Data::Matrices(all) => all.iter().try_for_each(|(matrix, _)| floats(matrix.rows().nth(row), cell)),
    }
}

fn float(value: f64) -> String {
    if value.is_nan() { String::new() } else { crate::model::repr::float(value) }
}

fn field(text: &str, out: &mut dyn Write) -> io::Result<()> {
    if text.contains([',', '"', '\n', '\r']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
