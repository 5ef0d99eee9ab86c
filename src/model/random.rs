//! numpy's random states (`numpy/random/_pickle.py`): their C code reads at the position that the state names, and does not
//! compare it with what there is (`numpy/random/src/mt19937/mt19937.h`, `src/philox/philox.h`).

use super::error::Fault;
use super::state::{Flaw, kind};
use crate::graph::{Heap, Name, Object, View};

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

/// Checks the positions in a state, if it has them.
pub(super) fn check(heap: &Heap, object: &Object) -> Result<(), Flaw> {
    // Since numpy 1.24 a generator's seed sequence stands beside its state.
    let state = match heap.view(object.state) {
        View::Tuple(pair) => pair.at(0).unwrap_or(object.state),
        _ => object.state,
    };
    let inner = heap.lookup(state, "state");
    let positions = [
        ("pos", inner.and_then(|inner| heap.lookup(inner, "pos")), KEY),
        ("buffer_pos", heap.lookup(state, "buffer_pos"), BUFFER),
    ];
    for (attribute, value, count) in positions {
        let Some(view) = value.map(|value| heap.view(value)) else { continue };
        let found = view.int().ok_or_else(|| kind(attribute, &view, "an int"))?;
        if !u64::try_from(found).is_ok_and(|found| found <= count) {
            return Err(Fault::Position { attribute, found, count }.into());
        }
    }
    Ok(())
}
