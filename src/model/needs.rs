//! What scikit-learn relies on without checking it: the parameters that every constructor sets (`__init__` of each class,
//! read in 0.22 to 1.9), and the attributes by which `predict` checks rows before it hands them to compiled code.
//!
//! Rows that are too narrow for a tree are read beyond their end; only `n_features_in_` of the forest and of each tree stands
//! before that (`sklearn/base.py`, `_check_n_features`, which passes an estimator that has none). Parameters are plain
//! values, so that cloning or showing an estimator ends.

use super::error::Fault;
use super::forest;
use super::state::{Flaw, State, Version};
use super::table::{Class, Family, Target, class_of, is_plain};
use crate::graph::{ArrayData, Heap, Object, Value, View};

/// What a parameter must be for an estimator to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A plain value; computing answers does not read it.
    Plain,
    /// A truth value.
    Flag,
    /// A whole number.
    Count,
    /// Threads or processes, or `None`.
    Jobs,
    /// Text.
    Text,
    /// Text or `None`.
    Path,
    /// What the members of a forest are copied from.
    Prototype,
    /// The steps of a pipeline, which are checked there.
    Steps,
}

/// A parameter of a constructor, and the versions that have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    since: Version,
    until: Version,
}

/// Threads that `n_jobs` may ask for: as many as the largest machines have processors. joblib starts all of them at once.
const JOBS: i64 = 1024;

/// The first version, and one after the last.
const FIRST: Version = Version(0, 0);
const LAST: Version = Version(u32::MAX, 0);

/// Versions whose sources were read for what they set without exception.
const READ: std::ops::RangeInclusive<Version> = Version(0, 24)..=Version(1, 9);

/// The newest version whose models may still lack a parameter only because they were made by an older one, loaded, and
/// saved again: what came later may be absent from an honest file.
const SETTLED: Version = Version(0, 19);

const fn always(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, since: FIRST, until: LAST }
}

const fn plain(name: &'static str) -> Parameter {
    always(name, Kind::Plain)
}

const fn since(major: u32, minor: u32, parameter: Parameter) -> Parameter {
    Parameter { since: Version(major, minor), ..parameter }
}

const fn until(major: u32, minor: u32, parameter: Parameter) -> Parameter {
    Parameter { until: Version(major, minor), ..parameter }
}

/// `sklearn/tree/_classes.py`; of forests too (`sklearn/ensemble/_forest.py`), but for the splitter.
const GROWTH: &[Parameter] = &[
    always("criterion", Kind::Text),
    plain("max_depth"),
    plain("min_samples_split"),
    plain("min_samples_leaf"),
    plain("min_weight_fraction_leaf"),
    plain("max_features"),
    plain("max_leaf_nodes"),
    plain("random_state"),
    plain("class_weight"),
    since(0, 19, plain("min_impurity_decrease")),
    until(0, 24, since(0, 18, plain("min_impurity_split"))),
    since(0, 22, plain("ccp_alpha")),
    since(1, 4, plain("monotonic_cst")),
];
const TREE: &[Parameter] = &[always("splitter", Kind::Text)];
const FOREST: &[Parameter] = &[
    always("n_estimators", Kind::Count),
    always("n_jobs", Kind::Jobs),
    always("verbose", Kind::Count),
    plain("bootstrap"),
    plain("oob_score"),
    plain("warm_start"),
    plain("estimator_params"),
    until(1, 1, always("base_estimator", Kind::Prototype)),
    since(1, 2, always("estimator", Kind::Prototype)),
    since(0, 22, plain("max_samples")),
];
/// `sklearn/linear_model/_base.py`
const LINEAR: &[Parameter] = &[
    plain("fit_intercept"),
    plain("copy_X"),
    always("n_jobs", Kind::Jobs),
    until(1, 1, plain("normalize")),
    since(0, 24, plain("positive")),
    since(1, 7, plain("tol")),
];
/// `sklearn/linear_model/_logistic.py`
const LOGISTIC: &[Parameter] = &[
    plain("penalty"),
    plain("dual"),
    plain("tol"),
    plain("C"),
    plain("fit_intercept"),
    plain("intercept_scaling"),
    plain("class_weight"),
    plain("random_state"),
    always("solver", Kind::Text),
    plain("max_iter"),
    until(1, 7, always("multi_class", Kind::Text)),
    always("verbose", Kind::Count),
    plain("warm_start"),
    always("n_jobs", Kind::Jobs),
    since(0, 21, plain("l1_ratio")),
];
/// `sklearn/preprocessing/_data.py`
const SCALER: &[Parameter] =
    &[always("copy", Kind::Flag), always("with_mean", Kind::Flag), always("with_std", Kind::Flag)];
/// `sklearn/pipeline.py`
const PIPELINE: &[Parameter] = &[
    always("steps", Kind::Steps),
    since(0, 19, always("memory", Kind::Path)),
    since(0, 21, always("verbose", Kind::Count)),
    since(1, 6, plain("transform_input")),
];

impl Parameter {
    /// Whether a version has it.
    pub fn is_of(&self, version: Version) -> bool {
        (self.since..=self.until).contains(&version)
    }

    /// Whether no honest file of a version can lack it.
    fn is_certain(&self, version: Version) -> bool {
        READ.contains(&version) && self.since <= SETTLED && self.until == LAST
    }
}

/// The parameters of a class.
pub(super) fn parameters(family: Family) -> impl Iterator<Item = &'static Parameter> {
    let (own, shared): (_, &[Parameter]) = match family {
        Family::Tree(_) => (TREE, GROWTH),
        Family::Forest(..) => (FOREST, GROWTH),
        Family::LinearRegression => (LINEAR, &[]),
        Family::LogisticRegression => (LOGISTIC, &[]),
        Family::StandardScaler => (SCALER, &[]),
        Family::Pipeline => (PIPELINE, &[]),
    };
    own.iter().chain(shared)
}

/// Attributes that fitting sets and that `predict` reads before, or beside, what the family's own checks ask for.
fn fitted(family: Family) -> &'static [&'static str] {
    match family {
        Family::Tree(Target::Labels) | Family::Forest(Target::Labels, _) => {
            &["n_features_in_", "n_outputs_", "n_classes_"]
        }
        Family::Tree(Target::Values) | Family::Forest(Target::Values, _) => &["n_features_in_", "n_outputs_"],
        _ => &[],
    }
}

/// Whether an estimator was fitted, as far as the checks of its family see it.
fn is_fitted(state: &State<'_>, family: Family) -> bool {
    match family {
        Family::Tree(_) => state.fitted("tree_"),
        Family::Forest(..) => forest::is_fitted(state),
        Family::LinearRegression | Family::LogisticRegression => state.fitted("coef_"),
        Family::StandardScaler => state.get("scale_").is_some(),
        Family::Pipeline => true,
    }
}

/// Checks that an estimator has the parameters of its version, of kinds that harm nobody, and what rows are checked by.
///
/// What no honest file of the version lacks is a fault. What an honest file can lack, when its estimator was made by another
/// version or never fitted, and a parameter of another kind, which anyone may set, is unknown.
pub(super) fn check(state: &State<'_>, class: &Class) -> Result<(), Flaw> {
    let version = state.version();
    let made = is_fitted(state, class.family);
    let mut unknown = None;
    let mut absent = |name, certain: bool| {
        if certain && made {
            return Err(Flaw::from(Fault::Missing(name)));
        }
        unknown.get_or_insert_with(|| Flaw::Unknown(format!("{name} is missing")));
        Ok(())
    };
    if made {
        for name in fitted(class.family).iter().filter(|name| state.get(name).is_none()) {
            absent(name, version.is_some_and(|version| READ.contains(&version)))?;
        }
    }
    let needed = |parameter: &&Parameter| version.is_none_or(|version| parameter.is_of(version));
    for parameter in parameters(class.family).filter(needed).filter(|parameter| state.get(parameter.name).is_none()) {
        absent(parameter.name, version.is_some_and(|version| parameter.is_certain(version)))?;
    }
    if let Some(unknown) = unknown {
        return Err(unknown);
    }
    for parameter in parameters(class.family) {
        let Some(value) = state.get(parameter.name) else { continue };
        if !fits(state, class.family, parameter.kind, value)? {
            return Err(Flaw::Unknown(format!("{} is of a kind or size that is not judged", parameter.name)));
        }
    }
    Ok(())
}

/// What of [`check`] refuses the estimator.
pub(super) fn refuse(state: &State<'_>, class: &Class) -> Result<(), Flaw> {
    match check(state, class) {
        Err(Flaw::Unknown(_)) => Ok(()),
        result => result,
    }
}

fn fits(state: &State<'_>, family: Family, kind: Kind, value: Value) -> Result<bool, Fault> {
    let view = state.heap.view(value);
    Ok(match kind {
        Kind::Plain => is_plain_value(state, value, 2)?,
        Kind::Flag => matches!(view, View::Bool(_) | View::Int(_)),
        Kind::Count => match view {
            View::Object(_, object) => is_numpys(state.heap, object),
            view => matches!(view, View::Bool(_)) || view.int().is_some(),
        },
        Kind::Jobs => match view {
            View::None | View::Bool(_) => true,
            view => view.int().is_some_and(|jobs| jobs <= JOBS),
        },
        Kind::Text => matches!(view, View::Text(_)),
        Kind::Path => matches!(view, View::Text(_) | View::None),
        Kind::Prototype => match view {
            View::Object(_, object) => {
                let class = state.heap.get_name(object.name).and_then(class_of);
                class.is_some_and(|class| matches!(family, Family::Forest(_, member) if member == class.qualname))
            }
            view => matches!(view, View::Text(_) | View::None),
        },
        Kind::Steps => true,
    })
}

/// Whether a value is a number, a text or the like, or holds such in at most so many containers around one another.
fn is_plain_value(state: &State<'_>, value: Value, levels: u32) -> Result<bool, Fault> {
    let below = levels.checked_sub(1);
    let all = |items: &mut dyn Iterator<Item = Value>| {
        let Some(below) = below else { return Ok(false) };
        for item in items {
            state.work.spend(1)?;
            if !is_plain_value(state, item, below)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    match state.heap.view(value) {
        View::List(mut items) | View::Tuple(mut items) | View::Set(mut items) | View::FrozenSet(mut items) => {
            all(&mut items)
        }
        View::Dict(pairs) => all(&mut pairs.flat_map(|(key, value)| [key, value])),
        View::Array(array) => Ok(matches!(array.data, ArrayData::Blob(_))),
        View::Object(_, object) => Ok(is_numpys(state.heap, object)),
        View::Name(..) => Ok(false),
        _ => Ok(true),
    }
}

/// Whether an object is one of numpy's: a number or a random state.
fn is_numpys(heap: &Heap, object: &Object) -> bool {
    heap.get_name(object.name).is_some_and(|name| is_plain(name) && name.module.split('.').next() == Some("numpy"))
}
