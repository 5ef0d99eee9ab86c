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
mod preprocessor;
mod scipy;
mod sparse;
mod splines;
mod svm;
mod tables;
mod words;

use super::error::Fault;
use super::state::{Flaw, State, Version, Work};
use crate::graph::{Array, Folded, Heap, Name, Object, Range, Value, View};

/// Checks an object, if it is of a class that is known here.
pub(super) fn check(heap: &Heap, object: &Object, name: &Name, work: &Work) -> Result<(), Flaw> {
    let state = || State::of(heap, object, work);
    match (name.module.split('.').next().unwrap_or_default(), name.qualname.as_str()) {
        ("sklearn", class) => of_sklearn(heap, object, class, work),
        ("pandas", class) if pandas::is_compiled(class) && !object.built => Err(Fault::Missing("_ndarray").into()),
        ("pandas", "Categorical") => pandas::check(heap, object, work),
        ("pandas", "IntegerArray" | "FloatingArray" | "BooleanArray") => pandas::check_masked(&state()?),
        ("pandas", "BlockIndex") => pandas::check_runs(heap, object, work),
        ("pandas", "SparseArray") => pandas::check_few(&state()?),
        ("pandas", "MultiIndex") => Ok(tables::check_levels(heap, object, work)?),
        ("pandas", "BlockManager" | "SingleBlockManager") => Ok(tables::check_blocks(heap, object, work)?),
        ("hdbscan", "HDBSCAN") => clusters::check_package(&state()?, "_single_linkage_tree", "_condensed_tree"),
        ("hdbscan", "SingleLinkageTree" | "CondensedTree") => {
            clusters::check_package(&state()?, "_linkage", "_raw_tree")
        }
        ("pyarrow", "_restore_array") => Ok(arrow::check(heap, object, work)?),
        ("scipy", "RectBivariateSpline" | "SmoothBivariateSpline" | "LSQBivariateSpline") => {
            splines::check_surface(&state()?)
        }
        ("scipy", "interp2d") => splines::check_plane(&state()?),
        ("scipy", "NdBSpline") => splines::check_many(&state()?),
        ("scipy", "Delaunay") => scipy::check_triangles(&state()?),
        ("scipy", "LinearNDInterpolator" | "CloughTocher2DInterpolator") => scipy::check_over_triangles(&state()?),
        ("scipy", "RegularGridInterpolator") => scipy::check_grid(&state()?),
        ("scipy", "gaussian_kde") => scipy::check_density(&state()?),
        ("scipy", class) => match sparse::format_of(class) {
            Some(format) => sparse::check(&state()?, format, object.items),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn of_sklearn(heap: &Heap, object: &Object, class: &str, work: &Work) -> Result<(), Flaw> {
    let state = || State::of(heap, object, work);
    match class {
        "KDTree" | "KDTree32" | "KDTree64" => neighbors::check(heap, object, neighbors::Tree::Boxes, work),
        "BallTree" | "BallTree32" | "BallTree64" => neighbors::check(heap, object, neighbors::Tree::Balls, work),
        "KNeighborsClassifier" | "RadiusNeighborsClassifier" => neighbors::check_labels(&state()?),
        "KNeighborsRegressor"
        | "RadiusNeighborsRegressor"
        | "NearestNeighbors"
        | "KNeighborsTransformer"
        | "RadiusNeighborsTransformer"
        | "LocalOutlierFactor" => neighbors::check_rows(&state()?),
        "OneVsRestClassifier" => answers::check_members(&state()?),
        "TreePredictor" => histogram::check_tree(&state()?),
        "HistGradientBoostingClassifier" | "HistGradientBoostingRegressor" => histogram::check(&state()?),
        "GradientBoostingClassifier" => boosting::check(&state()?, true),
        "GradientBoostingRegressor" => boosting::check(&state()?, false),
        "IsolationForest" | "RandomTreesEmbedding" => boosting::check_list(&state()?),
        "SVC" => svm::check(&state()?, "c_svc"),
        "NuSVC" => svm::check(&state()?, "nu_svc"),
        "SVR" => svm::check(&state()?, "epsilon_svr"),
        "NuSVR" => svm::check(&state()?, "nu_svr"),
        "OneClassSVM" => svm::check(&state()?, "one_class"),
        "CountVectorizer" | "TfidfVectorizer" | "DictVectorizer" => words::check_vocabulary(&state()?, "vocabulary_"),
        "MultiLabelBinarizer" => words::check_labels(&state()?),
        "FeatureHasher" | "HashingVectorizer" => words::check_hashing(&state()?),
        "OneHotEncoder" => words::check_one_hot(&state()?),
        "Birch" => clusters::check_norms(&state()?),
        "KMeans" | "MiniBatchKMeans" => clusters::check_centers(&state()?),
        "BisectingKMeans" => clusters::check_parts(&state()?),
        "FeatureAgglomeration" => clusters::check_groups(&state()?),
        "HDBSCAN" => clusters::check_hierarchy(&state()?),
        "SGDClassifier"
        | "SGDRegressor"
        | "SGDOneClassSVM"
        | "Perceptron"
        | "PassiveAggressiveClassifier"
        | "PassiveAggressiveRegressor" => linear::check_averages(&state()?),
        _ => Ok(()),
    }
}

/// The class of an object, without its module.
fn class_of<'h>(heap: &'h Heap, object: &Object) -> &'h str {
    heap.get_name(object.name).map(|name| name.qualname.as_str()).unwrap_or_default()
}

/// The fault of a part that is of another kind than every honest file has.
fn no(attribute: &str, found: &View<'_>, wanted: &'static str) -> Fault {
    Fault::Kind { attribute: attribute.to_owned(), found: found.kind(), wanted }
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
fn says_features(state: &State<'_>) -> Result<(), Fault> {
    const SINCE: Version = Version(0, 24);
    let silent = state.get("n_features_in_").is_none() && state.version().is_some_and(|version| version >= SINCE);
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

/// Rows of an array or of a sparse matrix.
fn rows(heap: &Heap, value: Value) -> Option<u64> {
    match heap.view(value) {
        View::Array(array) => array.shape.first().copied(),
        View::Object(_, sparse) => lengths(heap, heap.lookup(sparse.state, "_shape")?)?.first().copied(),
        _ => None,
    }
}
