//! Triangulations and what is interpolated over them (`scipy/spatial/_qhull.pyx`; `scipy/interpolate/_interpnd.pyx`), grids
//! (`_rgi_cython.pyx`), and densities (`scipy/stats/_stats.pyx`): their compiled code believes the lengths and indices that it is given.

use super::{Parts, as_array, axes, between, class_of, index, no, range, signed};
use crate::graph::{Value, View};
use crate::model::error::Fault;
use crate::model::state::{length, shaped};

/// The neighbour of a side that has none.
const NOBODY: i64 = -1;
/// Fewest axes of a triangulation.
const FEWEST: u64 = 2;
/// Most axes for which a point has room: one less than numpy 1 knows (`NPY_MAXDIMS`).
const MOST: u64 = 31;

/// Checks a `Delaunay`: its points, and simplices that have one corner more than there are dimensions.
pub(super) fn check_triangles(parts: &Parts<'_>) -> Result<(), Fault> {
    let [count, ndim] = axes("_points", parts.array("_points")?)?;
    let [sides, _] = axes("simplices", parts.array("simplices")?)?;
    for (attribute, wanted) in [("ndim", ndim), ("npoints", count), ("nsimplex", sides)] {
        parts.agrees(attribute, "simplices", wanted)?;
    }
    if ndim < FEWEST {
        return Err(Fault::Below { attribute: "the number of axes", found: signed(ndim), least: FEWEST });
    }
    if ndim > MOST {
        return Err(Fault::Above { attribute: "the number of axes", found: ndim, most: MOST });
    }
    let corners = ndim.saturating_add(1);
    for (attribute, least, limit) in [("simplices", 0, count), ("neighbors", NOBODY, sides)] {
        let array = parts.array(attribute)?;
        shaped(attribute, array, &[sides, corners])?;
        between(parts.heap, parts.work, attribute, array, least, limit)?;
    }
    shaped("equations", parts.array("equations")?, &[sides, corners.saturating_add(1)])?;
    for attribute in ["min_bound", "max_bound"] {
        shaped(attribute, parts.array(attribute)?, &[ndim])?;
    }
    // These are worked out when they are asked for.
    if let Some(transform) = parts.array_if_fitted("_transform")? {
        shaped("_transform", transform, &[sides, corners, ndim])?;
    }
    if let Some(array) = parts.array_if_fitted("_vertex_to_simplex")? {
        shaped("_vertex_to_simplex", array, &[count])?;
        between(parts.heap, parts.work, "_vertex_to_simplex", array, NOBODY, sides)?;
    }
    if parts.fitted("_vertex_neighbor_vertices") {
        check_neighbors(parts, parts.needed("_vertex_neighbor_vertices")?, count)?;
    }
    Ok(())
}

/// Checks which points are beside each of `count` points: those between two places of a list of them.
fn check_neighbors(parts: &Parts<'_>, value: Value, count: u64) -> Result<(), Fault> {
    const NEIGHBORS: &str = "_vertex_neighbor_vertices";
    let Some([starts, points]) = parts.heap.as_tuple(value).and_then(|pair| pair.exactly::<2>()) else {
        return Err(no(NEIGHBORS, &parts.heap.view(value), "a tuple of two arrays"));
    };
    let (starts, points) = (as_array(parts.heap, NEIGHBORS, starts)?, as_array(parts.heap, NEIGHBORS, points)?);
    shaped(NEIGHBORS, starts, &[count.saturating_add(1)])?;
    let listed = length(NEIGHBORS, points)?;
    between(parts.heap, parts.work, NEIGHBORS, points, 0, count)?;
    let Some(range) = range(parts.heap, parts.work, NEIGHBORS, starts)? else { return Ok(()) };
    if !range.rises {
        return Err(Fault::Falls(NEIGHBORS));
    }
    index(NEIGHBORS, range.first, listed.saturating_add(1))?;
    index(NEIGHBORS, range.last, listed.saturating_add(1))
}

/// Checks an interpolation over triangles: values, and perhaps slopes, for each point; and where it looks for the number of axes of a row.
pub(super) fn check_over_triangles(parts: &Parts<'_>) -> Result<(), Fault> {
    let triangles = match parts.view("tri") {
        None => return Ok(()),
        Some(View::Object(_, own)) if class_of(parts.heap, own) == "Delaunay" => {
            Parts::of(parts.heap, own, parts.work)?
        }
        Some(view) => return Err(no("tri", &view, "a Delaunay")),
    };
    let [count, ndim] = axes("_points", triangles.array("_points")?)?;
    if let Some(points) = parts.array_if_fitted("points")? {
        shaped("points", points, &[count, ndim])?;
    }
    let values = parts.array("values")?;
    let wanted = [count, values.shape.get(1).copied().unwrap_or(1)];
    shaped("values", values, &wanted)?;
    if parts.get("grad").is_some() {
        shaped("grad", parts.array("grad")?, &[wanted[0], wanted[1], ndim])?;
    }
    Ok(())
}

/// Checks a `RegularGridInterpolator`: a value for each crossing of its lines.
pub(super) fn check_grid(parts: &Parts<'_>) -> Result<(), Fault> {
    for (lines, values) in [("grid", "values"), ("_grid", "_values")] {
        let Some(lines) = parts.get(lines) else { continue };
        let Some(lines) = parts.heap.as_tuple(lines) else {
            return Err(no("grid", &parts.heap.view(lines), "a tuple"));
        };
        let lengths = lines.map(|line| length("grid", as_array(parts.heap, "grid", line)?));
        let mut wanted = lengths.collect::<Result<Vec<u64>, Fault>>()?;
        let values = parts.array(values)?;
        wanted.extend(values.shape.iter().skip(wanted.len()));
        shaped("values", values, &wanted)?;
    }
    Ok(())
}

/// Checks a `gaussian_kde`: a weight for each point, and as many numbers as the points have, in pairs.
pub(super) fn check_density(parts: &Parts<'_>) -> Result<(), Fault> {
    let Some(points) = parts.array_if_fitted("dataset")? else { return Ok(()) };
    let [numbers, count] = axes("dataset", points)?;
    for (attribute, wanted) in [("d", numbers), ("n", count)] {
        parts.agrees(attribute, "dataset", wanted)?;
    }
    for attribute in ["covariance", "inv_cov", "cho_cov", "_data_covariance", "_data_inv_cov", "_data_cho_cov"] {
        if parts.get(attribute).is_some() {
            shaped(attribute, parts.array(attribute)?, &[numbers, numbers])?;
        }
    }
    if parts.get("_weights").is_some() {
        shaped("_weights", parts.array("_weights")?, &[count])?;
    }
    Ok(())
}
