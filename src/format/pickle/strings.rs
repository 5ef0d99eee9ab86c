//! Text and bytes of a pickle, and the elements of arrays that stand in the stream.

use super::super::ctx::{Ctx, Keep};
use super::super::fault::{Fault, Malformed};
use super::literal;
use super::machine::Machine;
use crate::graph::{BlobId, DTypeId, DTypeKind, Fold, Folded, NodeFold, is_text};

/// Arrays of one axis that are kept even when only shapes are wanted: labels, names, counts; and of two, of whole numbers. In bytes.
const SMALL: u64 = 16 << 10;
/// Longest run that is taken from the reader's own buffer.
const BUFFERED: u64 = 32 << 10;

impl Machine<'_, '_, '_> {
    /// A run of bytes, to be looked at; paid for.
    pub(super) fn run(&mut self, at: u64, opcode: &'static str, length: u64) -> Result<Vec<u8>, Fault> {
        self.inside_frame(at, opcode, length)?;
        self.is_there(at, length)?;
        if let Err(limit) = self.ctx.budget.memory(length) {
            // What a compressor holds may end before that.
            let whole = self.reader.pass(length, &mut |_| {})?;
            return if whole { Err(limit.into()) } else { self.malformed(at, Malformed::Ended) };
        }
        let mut run = Vec::new();
        if !self.reader.pass(length, &mut |piece| run.extend_from_slice(piece))? {
            return self.malformed(at, Malformed::Ended);
        }
        Ok(run)
    }

    /// Refuses a run that is longer than the file, such as the one that a text begins with: `The ` is BINSTRING and a length.
    fn is_there(&mut self, at: u64, length: u64) -> Result<(), Fault> {
        if self.reader.lacks(length) { self.malformed(at, Malformed::Ended) } else { Ok(()) }
    }

    /// Text with a length.
    pub(super) fn text(&mut self, at: u64, opcode: &'static str, length: u64) -> Result<(), Fault> {
        if length > BUFFERED {
            let run = self.run(at, opcode, length)?;
            if !is_text(&run) {
                return self.malformed(at, Malformed::Text(opcode));
            }
            let value = self.ctx.heap.adopt_text(run);
            return self.push(value);
        }
        self.inside_frame(at, opcode, length)?;
        let run = self.reader.take(usize::try_from(length).unwrap_or(0))?;
        let run = run.ok_or_else(|| Fault::Malformed { at, what: Malformed::Ended })?;
        if !is_text(run) {
            return self.malformed(at, Malformed::Text(opcode));
        }
        let value = self.ctx.heap.text(run, &mut self.ctx.budget)?;
        self.push(value)
    }

    /// A Python 2 `str` with a length: text if it is ASCII.
    pub(super) fn string(&mut self, at: u64, opcode: &'static str, length: u64) -> Result<(), Fault> {
        let run = self.run(at, opcode, length)?;
        self.push_string(&run)
    }

    fn push_string(&mut self, run: &[u8]) -> Result<(), Fault> {
        let value = if run.is_ascii() {
            self.ctx.heap.text(run, &mut self.ctx.budget)?
        } else {
            self.ctx.heap.latin(run, &mut self.ctx.budget)?
        };
        self.push(value)
    }

    /// STRING: a Python 2 `str` as a line.
    pub(super) fn string_line(&mut self, at: u64) -> Result<(), Fault> {
        let run = literal::string(&self.text_line(at, "STRING")?);
        self.push_string(&run.ok_or_else(|| Fault::Malformed { at, what: Malformed::Text("STRING") })?)
    }

    /// UNICODE: text as a line.
    pub(super) fn unicode_line(&mut self, at: u64) -> Result<(), Fault> {
        let run = literal::raw_unicode(&self.text_line(at, "UNICODE")?);
        let run = run.ok_or_else(|| Fault::Malformed { at, what: Malformed::Text("UNICODE") })?;
        let value = self.ctx.heap.text(&run, &mut self.ctx.budget)?;
        self.push(value)
    }

    /// `bytes` with a length.
    pub(super) fn bytes(&mut self, at: u64, opcode: &'static str, length: u64) -> Result<(), Fault> {
        self.inside_frame(at, opcode, length)?;
        let ahead = self.array_ahead();
        let blob = self.blob(at, length, ahead)?;
        let value = self.ctx.heap.bytes(blob);
        self.push(value)
    }

    /// `bytearray` with a length.
    pub(super) fn bytearray(&mut self, at: u64, length: u64) -> Result<(), Fault> {
        self.inside_frame(at, "BYTEARRAY8", length)?;
        let blob = self.blob(at, length, None)?;
        let value = self.ctx.heap.bytearray(blob);
        self.push(value)
    }

    /// A run of `length` bytes, kept or passed. `array` says whose elements they are, if that is known: a dtype and a
    /// number of axes.
    pub(super) fn blob(&mut self, at: u64, length: u64, array: Option<(DTypeId, usize)>) -> Result<BlobId, Fault> {
        let start = self.reader.offset();
        self.is_there(at, length)?;
        let table = |id| self.ctx.heap.get_dtype(id).is_some_and(|dtype| dtype.kind == DTypeKind::Int);
        let small =
            length == 0 || (length <= SMALL && array.is_none_or(|(id, axes)| axes <= 1 || axes == 2 && table(id)));
        if self.ctx.keep == Keep::Bytes || small {
            if small {
                self.ctx.budget.memory(length)?;
            } else {
                self.ctx.budget.kept(length)?;
            }
            let mut kept = Vec::new();
            if !self.reader.pass(length, &mut |piece| kept.extend_from_slice(piece))? {
                return self.malformed(at, Malformed::Ended);
            }
            self.tail.clear();
            keep_end(&mut self.tail, &kept);
            return Ok(self.ctx.heap.keep_blob(start, kept, &mut self.ctx.budget)?);
        }
        let mut folds = self.folds(length, array)?;
        let mut tail = std::mem::take(&mut self.tail);
        tail.clear();
        let whole = self.reader.pass(length, &mut |piece| {
            folds.iter_mut().for_each(|(_, fold)| fold.push(piece));
            keep_end(&mut tail, piece);
        })?;
        self.tail = tail;
        if !whole {
            return self.malformed(at, Malformed::Ended);
        }
        let Ctx { heap, budget, .. } = &mut *self.ctx;
        let blob = heap.pass_blob(start, length, budget)?;
        for (elements, fold) in folds {
            match (elements, fold.finish()) {
                (Elements::Of(dtype), folded) => heap.set_fold(blob, dtype, folded, budget)?,
                (Elements::Guessed(size), Folded::Nodes(nodes)) => heap.guess_fold(blob, size, nodes, budget)?,
                (Elements::Guessed(_), _) => {}
            }
        }
        Ok(blob)
    }

    /// What to fold bytes with that stream past. Where the dtype is not known yet (protocol 5 writes it behind the bytes), both kinds of a
    /// decision tree's nodes are tried; for other arrays that have to be judged the file is read again.
    fn folds(&mut self, length: u64, array: Option<(DTypeId, usize)>) -> Result<Vec<(Elements, Fold)>, Fault> {
        let Ctx { heap, budget, wanted, .. } = &mut *self.ctx;
        let field = |id| heap.get_dtype(id);
        let asked = wanted.take(heap.next_blob());
        let mut folds: Vec<_> = asked.into_iter().map(|(id, fold)| (Elements::Of(id), fold)).collect();
        if let Some((id, _)) = array.filter(|(_, axes)| *axes <= 1)
            // Floats are seldom what compiled code indexes by: where they are, the file is read again.
            && let Some(dtype) = field(id).filter(|dtype| dtype.kind != DTypeKind::Float)
        {
            folds.extend(Fold::paid(dtype, length, field, budget)?.map(|fold| (Elements::Of(id), fold)));
        }
        if array.is_none() {
            for (size, count, fold) in NodeFold::guess(length) {
                budget.memory(count)?;
                folds.extend(fold().map(|fold| (Elements::Guessed(size), Fold::Nodes(fold))));
            }
        }
        Ok(folds)
    }
}

/// What bytes that stream past are the elements of.
enum Elements {
    /// Of this dtype.
    Of(DTypeId),
    /// Perhaps of a decision tree's nodes, of so many bytes each.
    Guessed(u64),
}

/// Keeps the last [`TAIL`] bytes of what passes.
fn keep_end(tail: &mut Vec<u8>, piece: &[u8]) {
    tail.extend_from_slice(piece.get(piece.len().saturating_sub(TAIL)..).unwrap_or_default());
    tail.drain(..tail.len().saturating_sub(TAIL));
}

/// Bytes of an array that are the last ones to a joblib that does not know padding: at most sixteen, and one more.
const TAIL: usize = 17;
