//! Splines of scipy: their compiled code reads as many knots and coefficients as the degree asks for, in room for degrees up to five
//! (`scipy/interpolate/_bspl.pyx`; `scipy/interpolate/fitpack/splev.f`).

use crate::model::error::Fault;
use crate::model::state::{Flaw, State, length};

/// Largest degree of FITPACK's splines.
const FITPACK: u64 = 5;
/// Largest degree of a `BSpline` that is believed: its room is allocated by it.
const LARGEST: u64 = 1 << 10;

/// Checks a `BSpline`: its degree, knots and coefficients.
pub(super) fn check(state: &State<'_>) -> Result<(), Flaw> {
    if state.get("t").is_none() {
        return Ok(());
    }
    let knots = length("t", state.array("t")?)?;
    let coefficients = state.array("c")?.shape.first().copied().unwrap_or(0);
    fits(state.int("k")?, LARGEST, knots, coefficients)
}

/// Checks a `UnivariateSpline`: the same in a tuple.
pub(super) fn check_fitpack(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let Some([knots, coefficients, degree]) =
        state.get("_eval_args").and_then(|parts| heap.as_tuple(parts)?.exactly::<3>())
    else {
        return Ok(());
    };
    let (Some(knots), Some(coefficients)) = (heap.as_array(knots), heap.as_array(coefficients)) else { return Ok(()) };
    fits(heap.view(degree).int(), FITPACK, length("t", knots)?, length("c", coefficients)?)
}

fn fits(degree: Option<i64>, largest: u64, knots: u64, coefficients: u64) -> Result<(), Flaw> {
    let found = degree.ok_or(Fault::Missing("k"))?;
    let Some(degree) = u64::try_from(found).ok().filter(|degree| *degree <= largest) else {
        return Err(Fault::Index { attribute: "k", found, count: largest.saturating_add(1) }.into());
    };
    let needed = degree.saturating_add(1);
    let least = needed.saturating_mul(2);
    if knots < least {
        return Err(Fault::Below {
            attribute: "the number of knots",
            found: i64::try_from(knots).unwrap_or(i64::MAX),
            least,
        }
        .into());
    }
    let least = knots.saturating_sub(needed);
    if coefficients < least {
        let found = i64::try_from(coefficients).unwrap_or(i64::MAX);
        return Err(Fault::Below { attribute: "the number of coefficients", found, least }.into());
    }
    Ok(())
}
