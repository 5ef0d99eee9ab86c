//! Triangulations and what is interpolated over them (`scipy/spatial/_qhull.pyx`; `scipy/interpolate/_interpnd.pyx`), grids
//! (`_rgi_cython.pyx`), and densities (`scipy/stats/_stats.pyx`): their compiled code believes the lengths and indices that it is given.

use super::{between, no};
use crate::graph::View;
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, shaped};

/// The neighbour of a side that has none.
const NOBODY: i64 = -1;

/// Checks a `Delaunay`: its points, and simplices that have one corner more than there are dimensions.
pub(super) fn check_triangles(state: &State<'_>) -> Result<(), Flaw> {
    let points = state.array("_points")?;
    let simplices = state.array("simplices")?;
    let ([count, axes], [sides, _]) = (&*points.shape, &*simplices.shape) else {
        return Err(Fault::Shape { attribute: "simplices", found: simplices.shape.to_vec(), wanted: vec![0, 3] }.into());
    };
    let (count, axes, sides) = (*count, *axes, *sides);
    let corners = axes.saturating_add(1);
    for (attribute, wanted) in [("ndim", axes), ("npoints", count), ("nsimplex", sides)] {
        state.agrees(attribute, "simplices", wanted)?;
    }
    for (attribute, least, limit) in [("simplices", 0, count), ("neighbors", NOBODY, sides)] {
        let array = state.array(attribute)?;
        shaped(attribute, array, &[sides, corners])?;
        between(state.heap, state.work, attribute, array, least, limit)?;
    }
    shaped("equations", state.array("equations")?, &[sides, corners.saturating_add(1)])?;
    // These are worked out when they are asked for.
    if state.fitted("_transform") {
        shaped("_transform", state.array("_transform")?, &[sides, corners, axes])?;
    }
    if state.fitted("_vertex_to_simplex") {
        let array = state.array("_vertex_to_simplex")?;
        shaped("_vertex_to_simplex", array, &[count])?;
        between(state.heap, state.work, "_vertex_to_simplex", array, NOBODY, sides)?;
    }
    Ok(())
}

/// Checks an interpolation over triangles: values, and perhaps slopes, for each point.
pub(super) fn check_over_triangles(state: &State<'_>) -> Result<(), Flaw> {
    let Some(triangles) = state.view("tri") else { return Ok(()) };
    let View::Object(_, triangles) = triangles else { return Err(no("tri", &triangles, "a Delaunay").into()) };
    let triangles = State::of(state.heap, triangles, state.work)?;
    let [count, axes] = *triangles.array("_points")?.shape else { return Ok(()) };
    let values = state.array("values")?;
    let wanted = [count, values.shape.get(1).copied().unwrap_or(1)];
    shaped("values", values, &wanted)?;
    if state.get("grad").is_some() {
        shaped("grad", state.array("grad")?, &[wanted[0], wanted[1], axes])?;
    }
    Ok(())
}

/// Checks a `RegularGridInterpolator`: a value for each crossing of its lines.
pub(super) fn check_grid(state: &State<'_>) -> Result<(), Flaw> {
    for (lines, values) in [("grid", "values"), ("_grid", "_values")] {
        let Some(lines) = state.get(lines) else { continue };
        let Some(lines) = state.heap.as_tuple(lines) else {
            return Err(no("grid", &state.heap.view(lines), "a tuple").into());
        };
        let lengths = lines.map(|line| state.heap.as_array(line).map(|line| line.len()));
        let Some(mut wanted) = lengths.collect::<Option<Vec<u64>>>() else { return Err(Fault::Missing("grid").into()) };
        let values = state.array(values)?;
        wanted.extend(values.shape.iter().skip(wanted.len()));
        shaped("values", values, &wanted)?;
    }
    Ok(())
}

/// Checks a `gaussian_kde`: a weight for each point, and as many numbers as the points have, in pairs.
pub(super) fn check_density(state: &State<'_>) -> Result<(), Flaw> {
    let Some(View::Array(points)) = state.view("dataset") else { return Ok(()) };
    let [axes, count] = *points.shape else { return Ok(()) };
    for (attribute, wanted) in [("d", axes), ("n", count)] {
        state.agrees(attribute, "dataset", wanted)?;
    }
    for attribute in ["covariance", "inv_cov", "cho_cov", "_data_covariance", "_data_inv_cov", "_data_cho_cov"] {
        if state.get(attribute).is_some() {
            shaped(attribute, state.array(attribute)?, &[axes, axes])?;
        }
    }
    if state.get("_weights").is_some() {
        shaped("_weights", state.array("_weights")?, &[count])?;
    }
    Ok(())
}
