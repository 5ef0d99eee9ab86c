//! numpy's `.npy`, versions 1.0 to 3.0 (`numpy/lib/format.py`): a header that says dtype, order and shape, then the elements; of
//! an array of objects a pickle of the array.
//!
//! The header is the text of a Python dict. It is parsed, never evaluated, and has exactly the three keys that numpy writes.

use super::ctx::Ctx;
use super::fault::{Fault, Malformed};
use super::pickle::Machine;
use crate::bytes::Reader;
use crate::graph::{DType, DTypeKind, Field, Order, TimeUnit, Totals, Value, View};
use crate::vocabulary::{Misuse, Raw, dtype_of_code};

/// What every `.npy` begins with.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// Longest header, in bytes: of a structure of a thousand fields. numpy warns beyond 10,000.
const HEADER: u32 = 64 << 10;
/// Structures inside structures.
const NESTED: usize = 8;
/// Most fields of a structure.
const FIELDS: usize = 1024;
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

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    descr: Descr,
    fortran: bool,
    shape: Vec<u64>,
}

/// A dtype as `dtype_to_descr` writes it.
#[derive(Debug, PartialEq, Eq)]
enum Descr {
    /// Such as `<f8`.
    Code(String),
    /// A structure: names and dtypes. A title before a name is left out.
    Fields(Vec<(String, Descr)>),
    /// A field that is an array: the dtype of its elements, and its shape.
    Subarray(Box<Descr>, Vec<u64>),
}

/// The dtype of a descr; `None` if it is none that is known.
fn dtype(ctx: &mut Ctx<'_>, descr: &Descr) -> Result<Option<DType>, Fault> {
    let fields = match descr {
        Descr::Code(code) => return Ok(of_code(code)),
        Descr::Fields(fields) => fields,
        Descr::Subarray(element, shape) => {
            let Some(element) = dtype(ctx, element)?.filter(|element| element.kind != DTypeKind::Subarray) else {
                return Ok(None);
            };
            let count = crate::vocabulary::elements(shape).filter(|_| crate::vocabulary::is_printable(shape));
            let size = count.and_then(|count| count.checked_mul(element.size)).filter(|size| *size <= LARGEST);
            let parts = element.parts.saturating_mul(count.unwrap_or(u64::MAX));
            let depth = element.depth.saturating_add(1);
            let of = |size| DType { kind: DTypeKind::Subarray, order: Order::None, size, parts, depth, ..element };
            return Ok(size.map(of));
        }
    };
    // As deep as the parser went, which is not deep.
    let (mut made, mut offset) = (Vec::<Field>::with_capacity(fields.len()), 0u64);
    let mut totals = Totals::default();
    ctx.budget.values((fields.len() as u64).saturating_mul(fields.len() as u64))?;
    for (name, descr) in fields {
        let Some(field) = dtype(ctx, descr)? else { return Ok(None) };
        let size = field.size;
        let padding = name.is_empty() && field.kind == DTypeKind::Void;
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
    Ok((!made.is_empty()).then(|| DType::structure(made, offset, totals)))
}

/// A simple dtype: an order, a code, and of times a unit.
fn of_code(code: &str) -> Option<DType> {
    let mut chars = code.chars();
    let order = match chars.next()? {
        '<' => Order::Little,
        '>' => Order::Big,
        '|' => Order::None,
        _ => return None,
    };
    let code = match chars.as_str() {
        // Old numpy wrote their size.
        "O" => "O8",
        code => code,
    };
    let (code, unit) = match code.split_once('[') {
        Some((code, unit)) => (code, Some(unit.strip_suffix(']')?)),
        None => (code, None),
    };
    let mut dtype = dtype_of_code(code)?;
    let times = matches!(dtype.kind, DTypeKind::Datetime | DTypeKind::Timedelta);
    if (unit.is_some() && !times) || !unit.is_none_or(is_unit) || (order == Order::None) != (dtype.order == Order::None)
    {
        return None;
    }
    dtype.order = order;
    dtype.unit = unit.and_then(|unit| TimeUnit::of_name(unit.as_bytes()));
    Some(dtype)
}

/// A unit of time, with its count.
fn is_unit(unit: &str) -> bool {
    let name = unit.trim_start_matches(|c: char| c.is_ascii_digit());
    let count = unit.strip_suffix(name).unwrap_or_default();
    let known = matches!(name, "Y" | "M" | "W" | "D" | "h" | "m" | "s" | "ms" | "us" | "ns" | "ps" | "fs" | "as");
    known && count.len() <= 6 && !count.starts_with('0')
}

/// What is left of a header.
struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    fn take(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.trim_start_matches(' ').strip_prefix(token)?;
        Some(())
    }

    /// A text in either kind of quotes. None that numpy writes has a backslash in it.
    fn text(&mut self) -> Option<&'t str> {
        let quote = if self.take("'").is_some() { '\'' } else { self.take("\"").map(|()| '"')? };
        let (text, rest) = self.0.split_once(quote)?;
        self.0 = rest;
        (!text.contains(['\\', '\n', '\0'])).then_some(text)
    }

    /// A whole number as Python writes it; Python 2 wrote some with an L.
    fn number(&mut self) -> Option<u64> {
        let text = self.0.trim_start_matches(' ');
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at_checked(end)?;
        self.0 = rest.strip_prefix('L').unwrap_or(rest);
        let canonical = digits == "0" || !digits.starts_with('0');
        canonical.then(|| digits.parse().ok()).flatten().filter(|number| i64::try_from(*number).is_ok())
    }

    fn shape(&mut self) -> Option<Vec<u64>> {
        self.take("(")?;
        let mut shape = Vec::new();
        while self.take(")").is_none() {
            if shape.len() >= 64 {
                return None;
            }
            shape.push(self.number()?);
            if self.take(",").is_none() {
                self.take(")")?;
                // Without a comma, one number in parentheses is no tuple.
                return (shape.len() > 1).then_some(shape);
            }
        }
        Some(shape)
    }

    /// A field's name, or a title and the name.
    fn name(&mut self) -> Option<String> {
        if self.take("(").is_none() {
            return self.text().map(str::to_owned);
        }
        self.text()?;
        self.take(",")?;
        let name = self.text()?.to_owned();
        self.take(")")?;
        Some(name)
    }

    /// A code, or a list of names with codes or lists, and of arrays with their shapes.
    fn descr(&mut self, left: usize) -> Option<Descr> {
        if self.take("[").is_none() {
            return self.text().map(|code| Descr::Code(code.to_owned()));
        }
        let left = left.checked_sub(1)?;
        let mut fields = Vec::new();
        while self.take("]").is_none() {
            if fields.len() >= FIELDS {
                return None;
            }
            self.take("(")?;
            let name = self.name()?;
            self.take(",")?;
            let mut descr = self.descr(left)?;
            if self.take(",").is_some() {
                descr = Descr::Subarray(Box::new(descr), self.shape()?);
            }
            fields.push((name, descr));
            self.take(")")?;
            if self.take(",").is_none() {
                self.take("]")?;
                break;
            }
        }
        Some(Descr::Fields(fields))
    }
}

impl Header {
    fn parse(text: &str) -> Option<Header> {
        let mut cursor = Cursor(text);
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        cursor.take("{")?;
        while cursor.take("}").is_none() {
            let key = cursor.text()?;
            cursor.take(":")?;
            match key {
                "descr" if descr.is_none() => descr = Some(cursor.descr(NESTED)?),
                "fortran_order" if fortran.is_none() => {
                    fortran =
                        Some(cursor.take("True").map(|()| true).or_else(|| cursor.take("False").map(|()| false))?);
                }
                "shape" if shape.is_none() => shape = Some(cursor.shape()?),
                _ => return None,
            }
            if cursor.take(",").is_none() {
                cursor.take("}")?;
                break;
            }
        }
        let padded = cursor.0.trim_start_matches(' ');
        (padded == "\n").then_some(())?;
        Some(Header { descr: descr?, fortran: fortran?, shape: shape? })
    }
}
