//! Text that Arrow keeps (`pyarrow/array.pxi`, `_restore_array`): where each element begins stands in an array of places, which Arrow
//! follows without a look.

use super::{index, tables};
use crate::graph::{Array, ArrayData, BlobId, DTypeId, Folded, Heap, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::Work;

/// Types that have places, with what these are.
const TYPES: [(&str, DTypeId, u64); 4] = [
    ("string", DTypeId::PLACES[0], 4),
    ("binary", DTypeId::PLACES[0], 4),
    ("large_string", DTypeId::PLACES[1], 8),
    ("large_binary", DTypeId::PLACES[1], 8),
];

/// Checks the places of an array of text: they rise, and lie in its bytes.
pub(super) fn check(heap: &Heap, object: &Object, work: &Work) -> Result<(), Fault> {
    let parts = heap.as_tuple(object.args).and_then(|args| heap.as_tuple(args.at(0)?)?.exactly::<7>());
    let Some([of, length, _, offset, buffers, ..]) = parts else { return Ok(()) };
    let Some((dtype, size)) = places_of(heap, of) else { return Ok(()) };
    let Some([_, places, text]) = heap.as_items(buffers).and_then(|buffers| buffers.exactly::<3>()) else {
        return Ok(());
    };
    let whole = |value| tables::whole(heap, value).unwrap_or(0);
    let end = whole(offset).saturating_add(whole(length));
    let written = bytes(heap, places).and_then(|blob| Some((blob, heap.blob(blob)?.len.checked_div(size)?)));
    let Some((blob, count)) = written.filter(|(_, count)| *count > 0) else {
        // Of nothing, nothing is read.
        return if end == 0 { Ok(()) } else { Err(Fault::Missing("the places of text")) };
    };
    let array = Array { dtype, shape: Box::new([count]), fortran: false, data: ArrayData::Blob(blob), nested: 0 };
    let found = work.fold(heap, "the places of text", &array, "whole numbers", |folded| match folded {
        Folded::Range(range) => range,
        _ => None,
    })?;
    let Some(found) = found else { return Ok(()) };
    let text = bytes(heap, text).and_then(|blob| heap.blob(blob)).map_or(0, |blob| blob.len);
    for place in [found.min, found.max] {
        index("the places of text", place, text.saturating_add(1))?;
    }
    // A buffer may be longer than what is read of it.
    if found.risen > end { Ok(()) } else { Err(Fault::Falls("the places of text")) }
}

/// What the places of a type are, if it has any.
fn places_of(heap: &Heap, of: Value) -> Option<(DTypeId, u64)> {
    let (_, of) = heap.as_object(of)?;
    let alias = heap.as_tuple(of.args)?.at(0)?;
    TYPES.iter().find(|(name, ..)| heap.is_text(alias, name)).map(|(_, dtype, size)| (*dtype, *size))
}

/// The bytes that a buffer has.
fn bytes(heap: &Heap, buffer: Value) -> Option<BlobId> {
    let (_, buffer) = heap.as_object(buffer)?;
    match heap.view(heap.as_tuple(buffer.args)?.at(0)?) {
        View::Bytes(blob) | View::ByteArray(blob) => Some(blob),
        _ => None,
    }
}
