//! The checks of each shape, one file a family. A check looks at arguments or state as they are at the moment of the act.

pub(super) mod arrow;
mod called;
pub(super) mod cloudpickle;
pub(super) mod container;
pub(super) mod dill;
pub(super) mod distribution;
mod dtype;
mod elements;
pub(super) mod estimator;
mod form;
pub(super) mod function;
pub(super) mod joblib;
mod levels;
pub(super) mod lookup;
pub(super) mod loss;
pub(super) mod masked;
pub(super) mod neighbors;
pub(super) mod numpy;
pub(super) mod old;
pub(super) mod opaque;
pub(super) mod pandas;
pub(super) mod plain;
pub(super) mod python;
pub(super) mod random;
pub(super) mod record;
mod rule;
pub(super) mod scipy;
pub(super) mod sets;
pub(super) mod sparse;
pub(super) mod stamp;
mod structure;
mod times;
pub(super) mod values;

pub use container::{INTERFACE, is_array_interface};
pub use dtype::dtype_of_code;
pub use numpy::{elements, is_printable};

use super::scene::{Misuse, Scene};
use crate::graph::Value;

/// The arguments, if there are exactly `N`.
fn arguments<const N: usize>(scene: &Scene<'_>, args: Value, honest: &'static str) -> Result<[Value; N], Misuse> {
    let items = scene.heap.as_tuple(args).ok_or_else(|| Misuse::act("it is called with no tuple", honest))?;
    let count = items.len();
    items.exactly().ok_or_else(|| Misuse::act(format!("it is called with {count} arguments"), honest))
}

/// The pairs of a state dict whose keys are all text, each once and from a closed list.
fn closed_state(scene: &Scene<'_>, state: Value, keys: &[&str], honest: &'static str) -> Result<(), Misuse> {
    let pairs = scene.heap.as_dict(state).ok_or_else(|| Misuse::act("its state is no dict", honest))?;
    let mut met = 0u64;
    for (key, _) in pairs {
        let found = keys.iter().position(|known| scene.heap.is_text(key, known));
        let Some(found) = found else {
            return Err(Misuse::act(format!("its state has {}", shown(scene, key)), honest));
        };
        let bit = 1u64.checked_shl(u32::try_from(found).unwrap_or(64)).unwrap_or(0);
        if met & bit != 0 {
            return Err(Misuse::act(format!("its state has {} twice", shown(scene, key)), honest));
        }
        met |= bit;
    }
    Ok(())
}

/// A key, for messages.
fn shown(scene: &Scene<'_>, key: Value) -> String {
    match scene.heap.view(key) {
        crate::graph::View::Text(text) => format!("the key \"{text}\""),
        other => format!("{} as a key", other.kind()),
    }
}
