//! numpy's random states (`numpy/random/_pickle.py`): their C code reads at the position that the state names, and does not
//! compare it with what there is (`numpy/random/src/mt19937/mt19937.h`, `src/philox/philox.h`). It draws until a number is right,
//! which of zeros it never is (`src/distributions/distributions.c`).

use super::error::Fault;
use super::state::{Flaw, Work, kind};
use crate::graph::{Folded, Heap, Name, Object, Value, View};

/// Numbers that MT19937 makes at once.
const KEY: u64 = 624;
/// Numbers that Philox makes at once.
const BUFFER: u64 = 4;

/// Whether a name makes random states or their generators.
pub(super) fn is_random(name: &Name) -> bool {
    // The second since numpy 1.17, for what was written before.
    name.module == "numpy.random._pickle"
        || (name.module == "numpy.random" && name.qualname.starts_with("__RandomState_ctor"))
}

/// Checks a state: its positions, if it has them, and that it does not stand still, for then many a draw never ends.
pub(super) fn check(heap: &Heap, object: &Object, work: &Work) -> Result<(), Flaw> {
    // Before numpy 1.17 a name, the numbers, and more; since 1.24 a generator's seed sequence stands beside its state.
    let state = match heap.view(object.state) {
        View::Tuple(parts) if heap.as_str(parts.at(0).unwrap_or(object.state)).is_some() => {
            return Ok(parts.at(1).map_or(Ok(()), |key| check_key(heap, key, work))?);
        }
        View::Tuple(pair) => pair.at(0).unwrap_or(object.state),
        _ => object.state,
    };
    let inner = |key| heap.lookup(state, "state").and_then(|inner| heap.lookup(inner, key));
    let positions = [("pos", inner("pos"), KEY), ("buffer_pos", heap.lookup(state, "buffer_pos"), BUFFER)];
    for (attribute, value, count) in positions {
        let Some(view) = value.map(|value| heap.view(value)) else { continue };
        let found = view.int().ok_or_else(|| kind(attribute, &view, "an int"))?;
        if !u64::try_from(found).is_ok_and(|found| found <= count) {
            return Err(Fault::Position { attribute, found, count }.into());
        }
    }
    if let Some(step) = inner("inc").filter(|step| is_even(heap, *step)) {
        return Err(Fault::Kind {
            attribute: "inc".to_owned(),
            found: heap.view(step).kind(),
            wanted: "an odd number",
        }
        .into());
    }
    match inner("key").filter(|_| inner("pos").is_some()) {
        Some(key) => Ok(check_key(heap, key, work)?),
        None => Ok(()),
    }
}

/// Checks the numbers of MT19937: of nothing but zeros it makes zeros. Of the first one it uses but the highest bit.
fn check_key(heap: &Heap, key: Value, work: &Work) -> Result<(), Fault> {
    const HIGHEST: i64 = 1 << 31;
    let Some(array) = heap.as_array(key) else { return Ok(()) };
    let found = work.fold(heap, "key", array, "whole numbers", |folded| match folded {
        Folded::Range(range) => Some(range),
        _ => None,
    })?;
    match found.flatten() {
        Some(range) if range.first & HIGHEST == 0 && range.sum == range.first && range.min >= 0 => {
            Err(Fault::Still("key"))
        }
        _ => Ok(()),
    }
}

/// Whether a number is even: PCG64 adds it in each step, and stands still in some state if it is.
fn is_even(heap: &Heap, number: Value) -> bool {
    match heap.view(number) {
        View::Int(number) => number & 1 == 0,
        View::Long(bytes) => bytes.first().is_none_or(|byte| byte & 1 == 0),
        _ => false,
    }
}
