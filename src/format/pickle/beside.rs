//! Arrays in files beside the model, as joblib before 0.10 wrote them (`joblib/numpy_pickle_compat.py`).

use super::super::compress::zfile;
use super::super::ctx::Reads;
use super::super::fault::Fault;
use super::super::npy;
use super::machine::Machine;
use crate::bytes::{InputStream, Limit, Reader, Stream};
use crate::graph::{Array, ArrayData, NameId, Value};
use crate::vocabulary::{Beside, Misuse, Raw};

/// What is paid for a name, beside its bytes.
const ENTRY: u64 = 64;

impl Machine<'_, '_, '_> {
    /// Reads the array that a wrapper stands for, which takes the wrapper's place on the stack
    /// (`NumpyUnpickler.load_build`).
    pub(super) fn array_beside(&mut self, at: u64, name: NameId, beside: Beside) -> Result<(), Fault> {
        const HONEST: &str = "joblib before 0.10 writes each array into a file of its own";
        if self.levels.len() != 1 || self.ctx.reads == Reads::Plain {
            let misuse = Misuse::act("it stands in a pickle inside an array, where nothing is read for it", HONEST);
            return self.misused(at, Some(name), misuse);
        }
        if !self.ctx.suspects.is_empty() {
            return Ok(());
        }
        let file = self.ctx.heap.as_str(beside.file).unwrap_or_default().to_owned();
        self.ctx.budget.memory((file.len() as u64).saturating_add(ENTRY))?;
        if !self.ctx.beside_read.insert(file.clone()) {
            return self.misused(at, Some(name), Misuse::act("it names a file that was read before", HONEST));
        }
        let array = self.file_beside(&file, beside.elements).map_err(|fault| match fault {
            fault @ (Fault::Limit(_) | Fault::Absent { .. }) => fault,
            fault => Fault::Inside { file, fault: Box::new(fault) },
        })?;
        let two = self.ctx.heap.as_array(array).is_some_and(|array| array.shape.len() == 2);
        if beside.matrix && !two {
            return self.misused(
                at,
                Some(name),
                Misuse::act("it is a numpy.matrix, and its array has not two axes", HONEST),
            );
        }
        self.pop(at, "BUILD")?;
        self.push(array)
    }

    fn file_beside(&mut self, file: &str, elements: Option<Raw>) -> Result<Value, Fault> {
        let mut input = self.ctx.open_beside(file)?;
        let stream: Box<dyn Stream + '_> = Box::new(InputStream::new(&mut input));
        let decoded = self.ctx.budget.limit(Limit::Decoded);
        let stream = match elements {
            Some(_) => zfile(stream, decoded, self.ctx.budget.window())?,
            None => stream,
        };
        let mut reader = Reader::new(stream);
        let array = match elements {
            Some(raw) => {
                let (shape, count) = match self.ctx.scene(NameId(0)).shape(raw.shape) {
                    Ok((shape, count)) => (shape, count),
                    Err(misuse) => return Err(Fault::Misused { at: 0, name: None, misuse }),
                };
                Machine::new(&mut reader, self.ctx).elements(raw, shape, count)?
            }
            None => npy::array(&mut reader, self.ctx)?,
        };
        if reader.peek()?.is_some() {
            return Err(Fault::Trailing { at: reader.offset(), because: None });
        }
        drop(reader);
        input.finish()?;
        Ok(array)
    }

    /// The bare elements of an array, which are no objects, at the stream's next byte.
    pub fn elements(&mut self, raw: Raw, shape: Vec<u64>, count: u64) -> Result<Value, Fault> {
        let at = self.reader.offset();
        let size = self.ctx.heap.get_dtype(raw.dtype).map_or(0, |dtype| dtype.size);
        let Some(length) = count.checked_mul(size).filter(|length| i64::try_from(*length).is_ok()) else {
            let misuse = Misuse::act("the shape of an array is too large", "no array has more bytes than there can be");
            return Err(Fault::Misused { at, name: None, misuse });
        };
        let data = ArrayData::Blob(self.blob(at, length, Some((raw.dtype, shape.len())))?);
        let array = Array { dtype: raw.dtype, shape: shape.into(), fortran: raw.fortran, data, nested: 0 };
        Ok(self.ctx.heap.array(array, &mut self.ctx.budget)?)
    }

    /// The objects of an array at the stream's next byte: a pickle of exactly that array, which numpy reads with `pickle.load`.
    pub fn objects(&mut self, raw: Raw) -> Result<Value, Fault> {
        let at = self.reader.offset();
        let reads = std::mem::replace(&mut self.ctx.reads, Reads::Plain);
        let loaded = self.load();
        self.ctx.reads = reads;
        let value = loaded?;
        self.check_nested(at, raw, value)?;
        Ok(value)
    }
}
