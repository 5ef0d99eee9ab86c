//! What pandas takes for an index of levels (`pandas/core/indexes/multi.py`, `MultiIndex._verify_integrity`): a file may give it the same
//! level and the same codes many times.

use super::super::scene::{Misuse, Scene};
use super::pandas::range_in;
use crate::graph::{Value, View};

/// What pandas takes for an element of a level, in bytes for each of its own: a table of hashes.
const HASHED: u64 = 3;

/// What pandas takes to look at a level, in values read: 70 µs in pandas 1.0 if it is small.
const LEVEL: u64 = 2000;

/// Rows that pandas looks at in the time of a value: 1.5 to 7 ns each for their codes in pandas before 2, and as much whether they are sorted.
const CODES: u64 = 8;
const SORTED: u64 = 16;

/// What pandas takes for a level beside its rows to see whether those are sorted by it and those before, in values read: 3 µs.
const ASKED: u64 = 100;

/// How many elements a level has before its codes take so many bytes (`pandas/core/dtypes/cast.py`, `coerce_indexer_dtype`).
const WIDTHS: [(u64, u64); 3] = [(127, 1), (32_767, 2), (2_147_483_647, 4)];

/// Pays for the levels of an index: pandas looks whether what is in each is there once, and before 2 makes an array of a range. How many
/// there are was paid for.
pub(super) fn pay_for_levels(scene: &mut Scene<'_>, parts: Value) -> Result<(), Misuse> {
    let levels = scene.heap.lookup(parts, "levels").and_then(|levels| scene.heap.as_items(levels));
    let Some(levels) = levels else { return Ok(()) };
    scene.budget.values((levels.len() as u64).saturating_mul(LEVEL))?;
    let levels: Vec<Value> = levels.collect();
    let (mut bytes, mut lengths) = (0u64, Vec::with_capacity(levels.len()));
    for level in levels {
        let (range, columns) = (range_in(scene, level)?, scene.columns_in(level)?);
        bytes =
            bytes.saturating_add(range.unwrap_or(0).saturating_mul(8)).saturating_add(columns.saturating_mul(HASHED));
        lengths.push(range.unwrap_or(columns / 8));
    }
    scene.budget.memory(bytes)?;
    pay_for_codes(scene, parts, &lengths)
}

/// Pays for the codes of levels of these lengths, which pandas makes anew where they are not as wide as it has them. If it is told by
/// how many levels the rows are sorted, pandas before 1.5 looks by how many they are: by all, then by all but the last, and so on.
fn pay_for_codes(scene: &mut Scene<'_>, parts: Value, lengths: &[u64]) -> Result<(), Misuse> {
    let codes = ["codes", "labels"].into_iter().find_map(|key| scene.heap.lookup(parts, key));
    let codes: Vec<Value> = codes.and_then(|codes| scene.heap.as_items(codes)).into_iter().flatten().collect();
    let told = scene.heap.lookup(parts, "sortorder").is_some_and(|told| !matches!(scene.heap.view(told), View::None));
    let (mut all, mut most) = (0u64, 0u64);
    for (place, codes) in codes.iter().enumerate() {
        let Some(array) = scene.heap.as_array(*codes) else { continue };
        let (rows, width) = (array.len(), scene.heap.get_dtype(array.dtype).map_or(0, |dtype| dtype.size));
        (all, most) = (all.saturating_add(rows), most.max(rows));
        if told || lengths.get(place).is_none_or(|length| width != width_for(*length)) {
            scene.pay_for_copy(*codes)?;
        }
    }
    scene.budget.values(all / CODES)?;
    if told {
        let levels = codes.len() as u64;
        let looks = levels.saturating_mul(levels.saturating_add(1)) / 2;
        scene.budget.values(looks.saturating_mul((most / SORTED).saturating_add(ASKED)))?;
    }
    Ok(())
}

/// Bytes of a code of a level that is so long.
fn width_for(length: u64) -> u64 {
    WIDTHS.into_iter().find(|(end, _)| length < *end).map_or(8, |(_, width)| width)
}
