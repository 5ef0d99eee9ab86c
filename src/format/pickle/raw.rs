//! Arrays of joblib's, whose elements stand in the stream (`joblib/numpy_pickle.py`, `NumpyArrayWrapper`).

use super::super::ctx::Reads;
use super::super::fault::{Fault, Malformed};
use super::machine::Machine;
use crate::graph::{Array, ArrayData, DTypeKind, NameId, Value};
use crate::vocabulary::{Misuse, Raw};

impl Machine<'_, '_, '_> {
    /// Reads the elements of a joblib array, which begin where the frame ends; the array takes its wrapper's place on the
    /// stack (`NumpyUnpickler.load_build`).
    pub(super) fn array_follows(&mut self, at: u64, name: NameId, raw: Raw) -> Result<(), Fault> {
        const HONEST: &str = "joblib writes an array's elements right behind the frame that its wrapper ends";
        if !self.frame_is_used_up()? {
            return self.misused(at, Some(name), Misuse::act("its elements begin inside a frame", HONEST));
        }
        if self.levels.len() != 1 || self.ctx.reads == Reads::Plain {
            let misuse = Misuse::act("it stands in a pickle inside an array, where no elements follow", HONEST);
            return self.misused(at, Some(name), misuse);
        }
        if self.ctx.reads == Reads::OldJoblib {
            let misuse = Misuse::act("it stands in a file of joblib before 0.10, which knows no such arrays", HONEST);
            return self.misused(at, Some(name), misuse);
        }
        self.ctx.raw_arrays = true;
        self.level()?.frame_end = None;
        let begins = self.reader.offset();
        let dtype = self.ctx.heap.get_dtype(raw.dtype);
        let (kind, size, objects) =
            dtype.map_or((DTypeKind::Void, 0, false), |dtype| (dtype.kind, dtype.size, dtype.objects));
        let (shape, count) = self.shape(at, name, raw)?;
        let Some(length) = count.checked_mul(size).filter(|length| i64::try_from(*length).is_ok()) else {
            return self.misused(at, Some(name), Misuse::act("its shape is too large", HONEST));
        };
        if objects || !raw.padded {
            self.follow_survivor(begins)?;
            self.follow_plain(objects, length == 0)?;
        } else {
            // The length of a padding is no opcode: there `pickle.load` has stopped.
            self.followed = true;
        }
        self.pop(at, "BUILD")?;
        if objects {
            return self.begin(Some(raw));
        }
        let padding = if raw.padded { self.padding(at, name)? } else { 0 };
        let data = ArrayData::Blob(self.blob(at, length, Some((raw.dtype, shape.len())))?);
        if raw.padded {
            self.follow_old_joblib(begins, padding, kind)?;
        }
        let array = Array { dtype: raw.dtype, shape, fortran: raw.fortran, data, nested: 0 };
        let value = self.ctx.heap.array(array, &mut self.ctx.budget)?;
        self.push(value)
    }

    /// A byte with the length of the padding, and the padding (`NumpyArrayWrapper.write_array`).
    fn padding(&mut self, at: u64, name: NameId) -> Result<u8, Fault> {
        let Some(length) = self.reader.byte()? else { return self.malformed(at, Malformed::Ended) };
        let mut plain = true;
        let start = self.reader.offset().saturating_add(u64::from(length));
        if !self.reader.pass(u64::from(length), &mut |piece| plain &= piece.iter().all(|byte| *byte == 0xff))? {
            return self.malformed(at, Malformed::Ended);
        }
        if !matches!(length, 1..=16) || start % 16 != 0 || !plain {
            const HONEST: &str = "joblib pads with 1 to 16 bytes 0xff, so that the elements begin at a multiple of 16";
            let misuse = Misuse::act("its padding is none of joblib's", HONEST);
            return self.misused(at, Some(name), misuse);
        }
        Ok(length)
    }

    fn shape(&mut self, at: u64, name: NameId, raw: Raw) -> Result<(Box<[u64]>, u64), Fault> {
        match self.ctx.scene(name).shape(raw.shape) {
            Ok((shape, count)) => Ok((shape.into(), count)),
            Err(misuse) => self.misused(at, Some(name), misuse),
        }
    }

    /// Checks that what a nested pickle holds is the array of objects that its wrapper announced.
    pub(super) fn check_nested(&mut self, at: u64, raw: Raw, value: Value) -> Result<(), Fault> {
        const HONEST: &str = "joblib stores an array of objects as a pickle of exactly that array";
        if self.refused() {
            return Ok(());
        }
        let announced = self.ctx.heap.as_tuple(raw.shape).map(|items| {
            items
                .map(|item| self.ctx.heap.view(item).int().and_then(|length| u64::try_from(length).ok()))
                .collect::<Vec<_>>()
        });
        let found = self.ctx.heap.as_array(value).filter(|array| matches!(array.data, ArrayData::Objects(_)));
        let same = found.is_some_and(|array| {
            announced.is_some_and(|announced| announced.iter().copied().eq(array.shape.iter().copied().map(Some)))
        });
        if same {
            return Ok(());
        }
        self.misused(at, None, Misuse::act("the pickle inside an array holds something else", HONEST))
    }
}
