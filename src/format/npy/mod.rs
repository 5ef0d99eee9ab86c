//! numpy's `.npy`, versions 1.0 to 3.0 (`numpy/lib/format.py`): a header that says dtype, order and shape, then the elements; of
//! an array of objects a pickle of the array.
//!
//! The header is the text of a Python dict. It is parsed, never evaluated, and has exactly the three keys that numpy writes.

pub(crate) mod header;

use super::ctx::Ctx;
use super::fault::{Fault, Malformed};
use super::pickle::Machine;
use crate::bytes::Reader;
use crate::graph::{DType, DTypeKind, Field, Order, Totals, Value, View};
use crate::vocabulary::{Misuse, Raw};
use header::{Descr, Header};

/// What every `.npy` begins with.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// Longest header, in bytes: of a structure of a thousand fields. numpy warns beyond 10,000.
const HEADER: u32 = 64 << 10;
/// Most bytes of an element: numpy's own limit until version 2.
const LARGEST: u64 = i32::MAX.unsigned_abs() as u64;

/// The array that begins at the stream's next byte.
pub(super) fn array(reader: &mut Reader<'_>, ctx: &mut Ctx<'_>) -> Result<Value, Fault> {
    let start = reader.offset();
    let malformed = |what| Fault::Malformed { at: start, what };
    let ended = || Fault::Malformed { at: start, what: Malformed::Npy("it ends in its header") };
    let magic = reader.array::<6>()?.ok_or_else(ended)?;
    let version = reader.array::<2>()?.ok_or_else(ended)?;
    if magic != MAGIC {
        return Err(malformed(Malformed::Npy("it does not begin as numpy begins one")));
    }
    let length = match version {
        [1, 0] => u32::from(u16::from_le_bytes(reader.array()?.ok_or_else(ended)?)),
        [2 | 3, 0] => u32::from_le_bytes(reader.array()?.ok_or_else(ended)?),
        _ => return Err(malformed(Malformed::Npy("it has a version that numpy does not write"))),
    };
    if length > HEADER {
        return Err(malformed(Malformed::Npy("its header is longer than 64 KiB")));
    }
    let header = reader.take(usize::try_from(length).unwrap_or(usize::MAX))?.ok_or_else(ended)?;
    let text = match version {
        // latin-1, of which numpy makes use only for the names of fields.
        [1 | 2, 0] => header.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8(header.to_vec()).map_err(|_| malformed(Malformed::Npy("its header is no text")))?,
    };
    ctx.budget.memory(u64::from(length).saturating_mul(8))?;
    let parsed =
        Header::parse(&text).ok_or_else(|| malformed(Malformed::Npy("its header is not as numpy writes it")))?;
    let dtype = dtype(ctx, &parsed.descr)?
        .ok_or_else(|| malformed(Malformed::Npy("its descr is no dtype that coldload knows")))?;
    let items: Vec<Value> = parsed
        .shape
        .iter()
        .map(|length| ctx.heap.int(i64::try_from(*length).unwrap_or(-1), &mut ctx.budget))
        .collect::<Result<_, _>>()?;
    let shape = ctx.heap.tuple(items.into_iter(), &mut ctx.budget)?;
    let objects = dtype.objects;
    let dtype = ctx.heap.dtype(dtype, &mut ctx.budget)?;
    let View::DType(dtype, _) = ctx.heap.view(dtype) else {
        return Err(malformed(Malformed::Npy("its descr is no dtype that coldload knows")));
    };
    let raw = Raw { dtype, shape, fortran: parsed.fortran, padded: false };
    let mut machine = Machine::new(reader, ctx);
    if objects {
        return machine.objects(raw);
    }
    let Some(count) = crate::vocabulary::elements(&parsed.shape) else {
        let misuse = Misuse::act("the shape of an array is too large", "no array has more elements than there can be");
        return Err(Fault::Misused { at: start, name: None, misuse });
    };
    machine.elements(raw, parsed.shape, count)
}

/// The dtype of a descr; `None` if it is none that is known.
fn dtype(ctx: &mut Ctx<'_>, descr: &Descr) -> Result<Option<DType>, Fault> {
    let fields = match descr {
        Descr::Code(code) => return Ok(header::of_code(code)),
        Descr::Fields(fields) => fields,
        Descr::Subarray(element, shape) => {
            let Some(element) = dtype(ctx, element)?.filter(|element| element.kind != DTypeKind::Subarray) else {
                return Ok(None);
            };
            let count = crate::vocabulary::elements(shape).filter(|_| crate::vocabulary::is_printable(shape));
            let size = count.and_then(|count| count.checked_mul(element.size)).filter(|size| *size <= LARGEST);
            let parts = element.parts.saturating_mul(count.unwrap_or(u64::MAX));
            let steps = element.steps.saturating_mul(count.unwrap_or(u64::MAX)).max(1);
            let depth = element.depth.saturating_add(1);
            let of =
                |size| DType { kind: DTypeKind::Subarray, order: Order::None, size, parts, steps, depth, ..element };
            return Ok(size.map(of).filter(DType::has_an_end));
        }
    };
    // As deep as the parser went, which is not deep.
    let (mut made, mut offset) = (Vec::<Field>::with_capacity(fields.len()), 0u64);
    let mut totals = Totals::default();
    ctx.budget.values((fields.len() as u64).saturating_mul(fields.len() as u64))?;
    for (name, descr) in fields {
        let Some(field) = dtype(ctx, descr)? else { return Ok(None) };
        let size = field.size;
        let padding = name.is_empty();
        // numpy gives a field without a name to such bytes alone, and passes over arrays of bytes, too.
        if padding && field.kind != DTypeKind::Void {
            return Ok(None);
        }
        if !padding {
            if made.iter().any(|known| known.name == *name) {
                return Ok(None);
            }
            totals = totals.and(&field);
            let field = ctx.heap.dtype(field, &mut ctx.budget)?;
            let View::DType(dtype, _) = ctx.heap.view(field) else { return Ok(None) };
            made.push(Field { name: name.clone(), dtype, offset });
        }
        let Some(next) = offset.checked_add(size).filter(|next| *next <= LARGEST) else {
            return Ok(None);
        };
        offset = next;
    }
    Ok((!made.is_empty()).then(|| DType::structure(made, offset, totals)).filter(DType::has_an_end))
}
