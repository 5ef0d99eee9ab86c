//! What compiled code indexes by without looking, in classes that this build does not type: a fault in it is a read or a write outside of
//! an array when the model is used. What these checks pass is still not typed.
//!
//! What an honest file never holds is a fault, also where it is of another kind than it must be: an object can pass for a number or a list
//! where scikit-learn compares it, and be something else where compiled code takes it. In doubt, a part is left alone: thousands of honest
//! models of every version decide.

mod answers;
mod arrow;
mod boosting;
mod clusters;
mod histogram;
mod linear;
mod neighbors;
mod pandas;
mod parts;
mod points;
mod preprocessor;
mod scipy;
mod sparse;
mod splines;
mod svm;
mod tables;
mod words;

use super::error::Fault;
use super::state::{Flaw, Version, Work, no};
use crate::graph::{Array, Folded, Heap, Name, Object, Range, Value, View};
use parts::{Parts, as_array, axes};

/// Checks an object, if it is of a class that is known here.
pub(super) fn check(heap: &Heap, object: &Object, name: &Name, work: &Work) -> Result<(), Flaw> {
    let parts = || Parts::of(heap, object, work);
    let checked = match (name.module.split('.').next().unwrap_or_default(), name.qualname.as_str()) {
        ("sklearn", class) => return of_sklearn(heap, object, class, work),
        ("pandas", class) if pandas::is_compiled(class) && !object.built => Err(Fault::Missing("_ndarray")),
        ("pandas", "Categorical") => pandas::check(heap, object, work),
        ("pandas", "IntegerArray" | "FloatingArray" | "BooleanArray") => pandas::check_masked(&parts()?),
        ("pandas", "BlockIndex") => pandas::check_runs(heap, object, work),
        ("pandas", "SparseArray") => pandas::check_few(&parts()?),
        ("pandas", "MultiIndex") => tables::check_levels(heap, object, work),
        ("pandas", "BlockManager" | "SingleBlockManager") => tables::check_blocks(heap, object, work),
        ("hdbscan", "HDBSCAN") => clusters::check_package(&parts()?, "_single_linkage_tree", "_condensed_tree"),
        ("hdbscan", "SingleLinkageTree" | "CondensedTree") => {
            clusters::check_package(&parts()?, "_linkage", "_raw_tree")
        }
        ("pyarrow", "_restore_array") => arrow::check(heap, object, work),
        ("scipy", "RectBivariateSpline" | "SmoothBivariateSpline" | "LSQBivariateSpline") => {
            splines::check_surface(&parts()?)
        }
        ("scipy", "interp2d") => splines::check_plane(&parts()?),
        ("scipy", "UnivariateSpline" | "InterpolatedUnivariateSpline" | "LSQUnivariateSpline") => {
            splines::check_curve(&parts()?)
        }
        ("scipy", "NdBSpline") => splines::check_many(&parts()?),
        ("scipy", "cKDTree" | "KDTree") => points::check(heap, object, work),
        ("scipy", "Delaunay") => scipy::check_triangles(&parts()?),
        ("scipy", "LinearNDInterpolator" | "CloughTocher2DInterpolator") => scipy::check_over_triangles(&parts()?),
        ("scipy", "RegularGridInterpolator") => scipy::check_grid(&parts()?),
        ("scipy", "gaussian_kde") => scipy::check_density(&parts()?),
        ("scipy", class) => match sparse::format_of(class) {
            Some(format) => sparse::check(&parts()?, format, object.items),
            None => Ok(()),
        },
        _ => Ok(()),
    };
    Ok(checked?)
}

fn of_sklearn(heap: &Heap, object: &Object, class: &str, work: &Work) -> Result<(), Flaw> {
    let parts = || Parts::of(heap, object, work);
    let checked = match class {
        "KDTree" | "KDTree32" | "KDTree64" => neighbors::check(heap, object, neighbors::Tree::Boxes, work),
        "BallTree" | "BallTree32" | "BallTree64" => neighbors::check(heap, object, neighbors::Tree::Balls, work),
        "KNeighborsClassifier" | "RadiusNeighborsClassifier" => neighbors::check_labels(&parts()?),
        "KNeighborsRegressor"
        | "RadiusNeighborsRegressor"
        | "NearestNeighbors"
        | "KNeighborsTransformer"
        | "RadiusNeighborsTransformer"
        | "LocalOutlierFactor" => neighbors::check_rows(&parts()?),
        "OneVsRestClassifier" => answers::check_members(&parts()?),
        // What is wrong with these is told with the member that it is in.
        "GradientBoostingClassifier" => return boosting::check(&parts()?, true),
        "GradientBoostingRegressor" => return boosting::check(&parts()?, false),
        "IsolationForest" | "RandomTreesEmbedding" => return boosting::check_list(&parts()?),
        "TreePredictor" => histogram::check_tree(&parts()?),
        "HistGradientBoostingClassifier" | "HistGradientBoostingRegressor" => histogram::check(&parts()?),
        "SVC" => svm::check(&parts()?, "c_svc"),
        "NuSVC" => svm::check(&parts()?, "nu_svc"),
        "SVR" => svm::check(&parts()?, "epsilon_svr"),
        "NuSVR" => svm::check(&parts()?, "nu_svr"),
        "OneClassSVM" => svm::check(&parts()?, "one_class"),
        "CountVectorizer" | "TfidfVectorizer" | "DictVectorizer" => words::check_vocabulary(&parts()?, "vocabulary_"),
        "MultiLabelBinarizer" => words::check_labels(&parts()?),
        "FeatureHasher" | "HashingVectorizer" => words::check_hashing(&parts()?),
        "OneHotEncoder" => words::check_one_hot(&parts()?),
        "Birch" => clusters::check_norms(&parts()?),
        "KMeans" | "MiniBatchKMeans" => clusters::check_centers(&parts()?),
        "BisectingKMeans" => clusters::check_parts(&parts()?),
        "FeatureAgglomeration" => clusters::check_groups(&parts()?),
        "HDBSCAN" => clusters::check_hierarchy(&parts()?),
        "SGDClassifier"
        | "SGDRegressor"
        | "SGDOneClassSVM"
        | "Perceptron"
        | "PassiveAggressiveClassifier"
        | "PassiveAggressiveRegressor" => linear::check_averages(&parts()?),
        _ => Ok(()),
    };
    Ok(checked?)
}

/// The class of an object, without its module.
fn class_of<'h>(heap: &'h Heap, object: &Object) -> &'h str {
    heap.get_name(object.name).map(|name| name.qualname.as_str()).unwrap_or_default()
}

/// The ends of an array of whole numbers; `None` when it has none, or they are not known yet.
fn range(heap: &Heap, work: &Work, attribute: &'static str, array: &Array) -> Result<Option<Range>, Fault> {
    let found = work.fold(heap, attribute, array, "whole numbers", |folded| match folded {
        Folded::Range(range) => Some(range),
        _ => None,
    })?;
    Ok(found.flatten())
}

/// Checks that every number of an array is the index of one of `count` things, or at least `least`, where that stands for none.
fn between(
    heap: &Heap,
    work: &Work,
    attribute: &'static str,
    array: &Array,
    least: i64,
    count: u64,
) -> Result<(), Fault> {
    let Some(range) = range(heap, work, attribute, array)? else { return Ok(()) };
    for found in [range.min, range.max] {
        if found < least || found >= 0 {
            index(attribute, found, count)?;
        }
    }
    Ok(())
}

/// Checks that every number of an array is the index of one of `count` things.
fn indices(heap: &Heap, work: &Work, attribute: &'static str, array: &Array, count: u64) -> Result<(), Fault> {
    between(heap, work, attribute, array, 0, count)
}

/// Checks that a number is the index of one of `count` things.
fn index(attribute: &'static str, found: i64, count: u64) -> Result<(), Fault> {
    match u64::try_from(found) {
        Ok(found) if found < count => Ok(()),
        _ => Err(Fault::Index { attribute, found, count }),
    }
}

/// Checks that a length or count is what another part says.
fn agrees(attribute: &'static str, found: u64, other: &'static str, wanted: u64) -> Result<(), Fault> {
    if found == wanted {
        return Ok(());
    }
    Err(Fault::Differs { attribute, found: signed(found), other, wanted })
}

/// Checks that a model says how many features it takes, if its version does: rows are checked by nothing else.
fn says_features(parts: &Parts<'_>) -> Result<(), Fault> {
    const SINCE: Version = Version(0, 24);
    // The second mark is one of `KMeans`, which no older version has.
    let new = parts.version().is_some_and(|version| version >= SINCE) || parts.get("_n_threads").is_some();
    let silent = new && parts.get("n_features_in_").is_none();
    if silent { Err(Fault::Missing("n_features_in_")) } else { Ok(()) }
}

/// A count as a fault shows it.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The items of a list; none of anything else.
fn items(heap: &Heap, list: Value) -> Vec<Value> {
    match heap.view(list) {
        View::List(items) => items.collect(),
        _ => Vec::new(),
    }
}

/// Lengths that a tuple of whole numbers gives.
fn lengths(heap: &Heap, value: Value) -> Option<Vec<u64>> {
    let items = heap.as_tuple(value)?;
    items.map(|item| heap.view(item).int().and_then(|length| u64::try_from(length).ok())).collect()
}

/// The shape of an array or of a sparse matrix.
fn shape(heap: &Heap, value: Value) -> Option<Vec<u64>> {
    match heap.view(value) {
        View::Array(array) => Some(array.shape.to_vec()),
        View::Object(_, object) if sparse::is_sparse(heap, object) => {
            lengths(heap, heap.lookup(object.state, "_shape")?)
        }
        _ => None,
    }
}

/// Rows of an array or of a sparse matrix.
fn rows(heap: &Heap, value: Value) -> Option<u64> {
    shape(heap, value)?.first().copied()
}
