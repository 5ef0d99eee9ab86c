//! The classes that this build types: one line each, from which checks, models and documentation are derived.
//!
//! A class has moved between modules over the years; every spelling that a pickle can hold is listed.

use crate::graph::Name;

/// What a supervised estimator answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// One of its classes.
    Labels,
    /// A number.
    Values,
}

/// Which checks and which computation a class has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// A single decision tree.
    Tree(Target),
    /// A list of trees of the class that is named.
    Forest(Target, &'static str),
    /// Least squares.
    LinearRegression,
    /// Linear scores turned into probabilities.
    LogisticRegression,
    /// Subtracts a mean and divides by a scale.
    StandardScaler,
    /// Steps one after another.
    Pipeline,
}

/// A class that this build types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class {
    pub qualname: &'static str,
    pub modules: &'static [&'static str],
    pub family: Family,
}

const TREE: &[&str] = &["sklearn.tree._classes", "sklearn.tree.tree"];
const FOREST: &[&str] = &["sklearn.ensemble._forest", "sklearn.ensemble.forest"];
const LINEAR: &[&str] = &["sklearn.linear_model._base", "sklearn.linear_model.base"];
const LOGISTIC: &[&str] = &["sklearn.linear_model._logistic", "sklearn.linear_model.logistic"];
const SCALER: &[&str] = &["sklearn.preprocessing._data", "sklearn.preprocessing.data"];
const PIPELINE: &[&str] = &["sklearn.pipeline"];

const fn class(qualname: &'static str, modules: &'static [&'static str], family: Family) -> Class {
    Class { qualname, modules, family }
}

/// Every class that this build types.
pub(super) const CLASSES: &[Class] = &[
    class("DecisionTreeClassifier", TREE, Family::Tree(Target::Labels)),
    class("DecisionTreeRegressor", TREE, Family::Tree(Target::Values)),
    class("ExtraTreeClassifier", TREE, Family::Tree(Target::Labels)),
    class("ExtraTreeRegressor", TREE, Family::Tree(Target::Values)),
    class("RandomForestClassifier", FOREST, Family::Forest(Target::Labels, "DecisionTreeClassifier")),
    class("RandomForestRegressor", FOREST, Family::Forest(Target::Values, "DecisionTreeRegressor")),
    class("ExtraTreesClassifier", FOREST, Family::Forest(Target::Labels, "ExtraTreeClassifier")),
    class("ExtraTreesRegressor", FOREST, Family::Forest(Target::Values, "ExtraTreeRegressor")),
    class("LinearRegression", LINEAR, Family::LinearRegression),
    class("LogisticRegression", LOGISTIC, Family::LogisticRegression),
    class("StandardScaler", SCALER, Family::StandardScaler),
    class("Pipeline", PIPELINE, Family::Pipeline),
];

/// The class that a name stands for, if this build types it.
pub(super) fn class_of(name: &Name) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.qualname == name.qualname && class.modules.contains(&name.module.as_str()))
}

/// Whether a name is that of the structure inside every tree estimator.
pub(super) fn is_tree(name: &Name) -> bool {
    name.qualname == "Tree" && name.module == "sklearn.tree._tree"
}

/// Whether what a name makes is plain data, which has no invariants that a computation relies on. joblib's wrappers have
/// become arrays.
pub(super) fn is_plain(name: &Name) -> bool {
    let root = name.module.split('.').next().unwrap_or_default();
    matches!(
        root,
        "numpy"
            | "joblib"
            | "builtins"
            | "__builtin__"
            | "collections"
            | "datetime"
            | "decimal"
            | "copyreg"
            | "copy_reg"
            | "_codecs"
    )
}

/// Words at the end of a class's name that say what it is for, the first that fits counts.
const TASKS: &[(&str, &str)] = &[
    ("LogisticRegression", "classifier"),
    ("LogisticRegressionCV", "classifier"),
    ("Classifier", "classifier"),
    ("ClassifierCV", "classifier"),
    ("SVC", "classifier"),
    ("NB", "classifier"),
    ("Perceptron", "classifier"),
    ("NearestCentroid", "classifier"),
    ("DiscriminantAnalysis", "classifier"),
    ("Regressor", "regressor"),
    ("RegressorCV", "regressor"),
    ("Regression", "regressor"),
    ("SVR", "regressor"),
    ("Ridge", "regressor"),
    ("RidgeCV", "regressor"),
    ("Lasso", "regressor"),
    ("LassoCV", "regressor"),
    ("ElasticNet", "regressor"),
    ("ElasticNetCV", "regressor"),
    ("KMeans", "clusterer"),
    ("Birch", "clusterer"),
    ("Clustering", "clusterer"),
    ("DBSCAN", "clusterer"),
    ("Forest", "outlier detector"),
    ("OneClassSVM", "outlier detector"),
    ("Scaler", "transformer"),
    ("Encoder", "transformer"),
    ("Binarizer", "transformer"),
    ("Discretizer", "transformer"),
    ("Imputer", "transformer"),
    ("Transformer", "transformer"),
    ("Vectorizer", "transformer"),
    ("Normalizer", "transformer"),
    ("Features", "transformer"),
    ("FeatureUnion", "transformer"),
    ("PCA", "transformer"),
    ("SVD", "transformer"),
    ("SelectKBest", "transformer"),
];

/// What a class of scikit-learn is for, if its name says so.
pub(super) fn task_of(name: &Name) -> Option<&'static str> {
    if name.module.split('.').next() != Some("sklearn") {
        return None;
    }
    TASKS.iter().find(|(end, _)| name.qualname.ends_with(end)).map(|(_, task)| *task)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(module: &str, qualname: &str) -> Name {
        Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped: false, at: 0 }
    }

    #[test]
    fn the_trees_of_every_forest_are_in_the_table() {
        for class in CLASSES {
            if let Family::Forest(target, member) = class.family {
                assert!(CLASSES.iter().any(|other| other.qualname == member && other.family == Family::Tree(target)));
            }
        }
    }

    #[test]
    fn names_say_what_a_class_is_for() {
        assert_eq!(task_of(&name("sklearn.linear_model._logistic", "LogisticRegression")), Some("classifier"));
        assert_eq!(task_of(&name("sklearn.linear_model._base", "LinearRegression")), Some("regressor"));
        assert_eq!(task_of(&name("acme.models", "LinearRegression")), None);
        assert_eq!(task_of(&name("sklearn.pipeline", "Pipeline")), None);
    }

    #[test]
    fn old_modules_are_known_and_others_are_not() {
        assert!(class_of(&name("sklearn.ensemble.forest", "RandomForestClassifier")).is_some());
        assert!(class_of(&name("sklearn.ensemble", "RandomForestClassifier")).is_none());
    }
}
