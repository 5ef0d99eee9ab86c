//! `cKDTree` and `KDTree` of scipy (`scipy/spatial/_ckdtree.pyx`, `__setstate__`; `scipy/spatial/ckdtree/src`): whoever loads one follows the
//! places of its nodes and writes there, and all that is asked of it reads the points that the leaves and `indices` say.

use super::parts::int;
use super::{as_array, axes, indices, no};
use crate::graph::{Array, DTypeKind, Folded, Heap, Object, Order, Value, View};
use crate::model::error::Fault;
use crate::model::numbers;
use crate::model::state::{Work, length, shaped, wrong_elements};

/// The smallest length of a box that is one. A place is brought into it by as many steps as its rounding error has lengths
/// (`distance.h`, `wrap_position`): a time in milliseconds by some million.
const SMALLEST: f64 = 1e-10;
/// The largest one, far from where numbers end.
const LARGEST: f64 = 1e300;

/// Checks a tree's state: a tuple.
pub(super) fn check(heap: &Heap, object: &Object, work: &Work) -> Result<(), Fault> {
    let Some(parts) = heap.as_tuple(object.state).and_then(|parts| parts.exactly::<10>()) else {
        // Its arrays are whatever was in memory.
        return Err(Fault::Missing("the state of a tree"));
    };
    let [nodes, data, n, m, leaf, maxes, mins, order, lengths, halves] = parts;
    let array = |name: &'static str, value: Value| as_array(heap, name, value);
    let data = floats(heap, "data", array("data", data)?)?;
    let [count, features] = axes("data", data)?;
    if data.fortran && count > 1 && features > 1 {
        return Err(wrong_elements(heap, "data", data, "rows one behind the other"));
    }
    for (name, said, wanted) in [("n", n, count), ("m", m, features)] {
        let said = int(heap, said).ok_or_else(|| no(name, &heap.view(said), "a whole number"))?;
        if u64::try_from(said) != Ok(wanted) {
            return Err(Fault::Differs { attribute: name, found: said, other: "data", wanted });
        }
    }
    for (attribute, value) in [("m", m), ("leafsize", leaf)] {
        let found = int(heap, value).unwrap_or_default();
        if found < 1 {
            return Err(Fault::Below { attribute, found, least: 1 });
        }
    }
    for (name, ends) in [("maxes", maxes), ("mins", mins)] {
        shaped(name, floats(heap, name, array(name, ends)?)?, &[features])?;
    }
    let order = array("indices", order)?;
    shaped("indices", order, &[count])?;
    if !is_native(heap, order, DTypeKind::Int) {
        return Err(wrong_elements(heap, "indices", order, "int64"));
    }
    indices(heap, work, "indices", order, count)?;
    check_box(heap, lengths, halves, features)?;
    check_nodes(heap, array("tree", nodes)?, count, features, work)
}

/// Whether the elements of an array are such as compiled code takes its memory for: eight bytes each, the lowest first.
fn is_native(heap: &Heap, array: &Array, kind: DTypeKind) -> bool {
    heap.get_dtype(array.dtype)
        .is_some_and(|dtype| dtype.kind == kind && dtype.size == 8 && dtype.order == Order::Little)
}

fn floats<'h>(heap: &Heap, name: &'static str, array: &'h Array) -> Result<&'h Array, Fault> {
    if is_native(heap, array, DTypeKind::Float) { Ok(array) } else { Err(wrong_elements(heap, name, array, "float64")) }
}

/// Checks the box that a tree repeats, if it does: none, or a length for each axis, and behind these their halves.
fn check_box(heap: &Heap, lengths: Value, halves: Value, features: u64) -> Result<(), Fault> {
    const BOX: &str = "boxsize_data";
    let none = [lengths, halves].map(|part| matches!(heap.view(part), View::None));
    if none == [true; 2] {
        return Ok(());
    }
    shaped("boxsize", floats(heap, "boxsize", as_array(heap, "boxsize", lengths)?)?, &[features])?;
    let both = floats(heap, BOX, as_array(heap, BOX, halves)?)?;
    shaped(BOX, both, &[features.saturating_mul(2)])?;
    // So many axes that they were not kept have no box.
    let values = numbers::floats(heap, BOX, both).map_err(|_| Fault::Box(BOX))?.values;
    let of_box = values.get(..values.len() / 2).unwrap_or_default();
    let is_length = |length: &f64| *length == 0.0 || (SMALLEST..=LARGEST).contains(length);
    if of_box.iter().all(is_length) { Ok(()) } else { Err(Fault::Box(BOX)) }
}

fn check_nodes(heap: &Heap, nodes: &Array, count: u64, features: u64, work: &Work) -> Result<(), Fault> {
    length("tree", nodes)?;
    let found = work.fold(heap, "tree", nodes, "the bytes of nodes", |folded| match folded {
        Folded::Points(found) => Some(found),
        _ => None,
    })?;
    let Some(found) = found else { return Ok(()) };
    if let Some(node) = found.broken {
        return Err(Fault::Misplaced(node));
    }
    if u64::try_from(found.points) != Ok(count) {
        return Err(Fault::Differs {
            attribute: "the points of the leaves",
            found: found.points,
            other: "data",
            wanted: count,
        });
    }
    if u64::try_from(found.axis).is_ok_and(|axis| axis >= features) {
        return Err(Fault::Index { attribute: "tree", found: found.axis, count: features });
    }
    Ok(())
}
