//! What the machine does, told as it happens: as JSON lines, or to who looks for places in a file.

use super::Task;
use super::output::Counted;
use crate::format::{self, Act, Argument, Consumer};
use crate::graph::{self, Name, NameId};
use crate::twin::Survey;
use std::io::Write;

/// Writes events as JSON lines.
pub(super) struct Tracer<'t, 'a> {
    pub out: &'t mut Counted<'a>,
    pub task: &'t Task,
    pub survey: Option<Survey>,
    pub failed: Option<std::io::Error>,
}

impl Consumer for Tracer<'_, '_> {
    fn event(&mut self, at: u64, act: Act, _: NameId, name: &Name) {
        if *self.task == Task::Trace && self.failed.is_none() {
            let name = json_text(&name.dotted());
            self.failed = writeln!(self.out, "{{\"at\":{at},\"event\":\"{}\",\"name\":{name}}}", act.text()).err();
        }
    }

    fn opcode(&mut self, at: u64, head: &[u8], length: u64) {
        if let Some(survey) = &mut self.survey {
            survey.opcode(at, head, length);
        } else if self.failed.is_none() {
            self.failed = self.write_opcode(at, head, length).err();
        }
    }
}

impl Tracer<'_, '_> {
    fn write_opcode(&mut self, at: u64, head: &[u8], length: u64) -> std::io::Result<()> {
        let shown = format::show_opcode(head);
        let name = shown.as_ref().map_or("unknown", |shown| shown.name);
        write!(self.out, "{{\"at\":{at},\"opcode\":\"{name}\"")?;
        match shown.and_then(|shown| shown.argument) {
            Some(Argument::Int(number)) => write!(self.out, ",\"argument\":{number}")?,
            Some(Argument::Float(number)) if number.is_finite() => write!(self.out, ",\"argument\":{number:?}")?,
            Some(Argument::Float(number)) => write!(self.out, ",\"argument\":\"{}\"", graph::show_float(number))?,
            Some(Argument::Text(text)) => write!(self.out, ",\"argument\":{}", json_text(&text))?,
            None => {}
        }
        writeln!(self.out, ",\"bytes\":{length}}}")
    }
}

/// A JSON text of ASCII alone, so that nothing of a file reaches a terminal as it stands.
fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out.push('"');
    out
}
