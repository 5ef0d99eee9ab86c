//! Small models made by hand, for tests: honest ones, each of which a test then changes in one thing.

use super::needs::{self, Kind};
use super::state::Version;
use super::table::class_of;
use crate::bytes::{Budget, Limits};
use crate::graph::{Array, ArrayData, DType, DTypeKind, Field, Heap, Name, Order, Value};

/// A heap, and a budget to fill it.
pub(super) struct Sample {
    pub heap: Heap,
    budget: Budget,
}

/// One node of a tree.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub left: i64,
    pub right: i64,
    pub feature: i64,
    pub threshold: f64,
}

/// A leaf.
pub(super) const LEAF: Node = Node { left: -1, right: -1, feature: -2, threshold: -2.0 };

/// A split.
pub(super) const fn split(left: i64, right: i64, feature: i64, threshold: f64) -> Node {
    Node { left, right, feature, threshold }
}

/// What a tree is made from.
#[derive(Clone)]
pub(super) struct Tree {
    pub nodes: Vec<Node>,
    /// Values of each node: outputs × classes.
    pub values: Vec<f64>,
    pub n_features: i64,
    pub n_classes: Vec<i64>,
    pub node_count: i64,
    pub max_depth: i64,
    pub shape: Vec<u64>,
}

impl Tree {
    /// Two features, three leaves, two classes kept as counts.
    pub fn honest() -> Tree {
        Tree {
            nodes: vec![split(1, 2, 0, 0.5), LEAF, split(3, 4, 1, 2.0), LEAF, LEAF],
            values: vec![4.0, 6.0, 3.0, 1.0, 1.0, 5.0, 1.0, 1.0, 0.0, 4.0],
            n_features: 2,
            n_classes: vec![2],
            node_count: 5,
            max_depth: 2,
            shape: vec![5, 1, 2],
        }
    }
}

impl Default for Sample {
    fn default() -> Sample {
        Sample { heap: Heap::default(), budget: Budget::new(&Limits::default(), 1 << 20) }
    }
}

impl Sample {
    pub fn int(&mut self, value: i64) -> Value {
        self.heap.int(value, &mut self.budget).unwrap()
    }

    pub fn float(&mut self, value: f64) -> Value {
        self.heap.float(value, &mut self.budget).unwrap()
    }

    pub fn text(&mut self, text: &str) -> Value {
        self.heap.text(text.as_bytes(), &mut self.budget).unwrap()
    }

    pub fn tuple(&mut self, items: &[Value]) -> Value {
        self.heap.tuple(items.iter().copied(), &mut self.budget).unwrap()
    }

    pub fn list(&mut self, items: &[Value]) -> Value {
        let list = self.heap.list(&mut self.budget).unwrap();
        items.iter().for_each(|item| self.heap.push(list, *item, &mut self.budget).unwrap());
        list
    }

    pub fn dict(&mut self, pairs: &[(&str, Value)]) -> Value {
        let dict = self.heap.dict(&mut self.budget).unwrap();
        for (key, value) in pairs {
            let key = self.text(key);
            self.heap.push(dict, key, &mut self.budget).unwrap();
            self.heap.push(dict, *value, &mut self.budget).unwrap();
        }
        dict
    }

    fn dtype(&mut self, kind: DTypeKind, size: u64, fields: Vec<Field>) -> Value {
        let order = if size == 1 { Order::None } else { Order::Little };
        self.heap.dtype(DType { fields, ..DType::plain(kind, order, size) }, &mut self.budget).unwrap()
    }

    fn array(&mut self, dtype: Value, shape: &[u64], bytes: Vec<u8>) -> Value {
        let crate::graph::View::DType(dtype, _) = self.heap.view(dtype) else { panic!("no dtype") };
        let blob = self.heap.keep_blob(0, bytes, &mut self.budget).unwrap();
        let array = Array { dtype, shape: shape.into(), fortran: false, data: ArrayData::Blob(blob), nested: 0 };
        self.heap.array(array, &mut self.budget).unwrap()
    }

    pub fn floats(&mut self, shape: &[u64], values: &[f64]) -> Value {
        let dtype = self.dtype(DTypeKind::Float, 8, Vec::new());
        self.array(dtype, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    pub fn ints(&mut self, values: &[i64]) -> Value {
        let dtype = self.dtype(DTypeKind::Int, 8, Vec::new());
        self.array(dtype, &[values.len() as u64], values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    /// An object with its state.
    pub fn object(&mut self, class: &str, args: &[Value], state: Value) -> Value {
        let (module, qualname) = class.rsplit_once('.').unwrap();
        let name = Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped: false, at: 0 };
        let (name, _) = self.heap.names.intern(name, &mut self.budget).unwrap();
        let args = self.tuple(args);
        let value = self.heap.object(name, name, args, &mut self.budget).unwrap();
        let (id, _) = self.heap.as_object(value).unwrap();
        let object = self.heap.object_mut(id).unwrap();
        (object.state, object.built) = (state, true);
        value
    }

    /// An estimator of the newest version that keeps counts in trees.
    pub fn estimator(&mut self, class: &str, state: &[(&str, Value)]) -> Value {
        self.estimator_of("1.2.2", class, state)
    }

    /// An estimator with this state, and those parameters of its version that are not in it, as constructors set them.
    pub fn estimator_of(&mut self, version: &str, class: &str, state: &[(&str, Value)]) -> Value {
        self.estimator_without(version, class, state, "")
    }

    /// The same, without one attribute.
    pub fn estimator_without(&mut self, version: &str, class: &str, state: &[(&str, Value)], absent: &str) -> Value {
        let mut state = state.to_vec();
        let (module, qualname) = class.rsplit_once('.').unwrap();
        let name = Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped: false, at: 0 };
        let parameters = class_of(&name).into_iter().flat_map(|class| needs::parameters(class.family));
        let of = Version::parse(version).unwrap();
        for parameter in parameters.filter(|parameter| parameter.is_of(of)) {
            if !state.iter().any(|(name, _)| *name == parameter.name) {
                let value = match (parameter.kind, parameter.name) {
                    (Kind::Flag, _) => Value::bool(true),
                    (Kind::Count, _) => self.int(0),
                    (Kind::Text, "criterion") => self.text("gini"),
                    (Kind::Text, "splitter") => self.text("best"),
                    (Kind::Text, "solver") => self.text("lbfgs"),
                    (Kind::Text, _) => self.text("auto"),
                    _ => Value::NONE,
                };
                state.push((parameter.name, value));
            }
        }
        state.push(("_sklearn_version", self.text(version)));
        state.retain(|(name, _)| *name != absent);
        let state = self.dict(&state);
        self.object(class, &[], state)
    }

    /// The structure inside a tree estimator.
    pub fn tree(&mut self, tree: &Tree) -> Value {
        let float = self.dtype(DTypeKind::Float, 8, Vec::new());
        let int = self.dtype(DTypeKind::Int, 8, Vec::new());
        let fields = [("left_child", int), ("right_child", int), ("feature", int), ("threshold", float)];
        let rest = [("impurity", float), ("n_node_samples", int), ("weighted_n_node_samples", float)];
        let field = |((name, dtype), offset): ((&str, Value), u64)| {
            let crate::graph::View::DType(dtype, _) = self.heap.view(dtype) else { panic!("no dtype") };
            Field { name: name.to_owned(), dtype, offset }
        };
        let fields = fields.into_iter().chain(rest).zip((0..).step_by(8)).map(field).collect();
        let dtype = self.dtype(DTypeKind::Struct, 56, fields);
        let bytes = tree.nodes.iter().flat_map(|node| {
            let words = [node.left, node.right, node.feature].map(i64::to_le_bytes);
            words.into_iter().chain([node.threshold.to_le_bytes()]).chain([[0; 8]; 3]).flatten()
        });
        let nodes = self.array(dtype, &[tree.nodes.len() as u64], bytes.collect());
        let values = self.floats(&tree.shape, &tree.values);
        let state = [("max_depth", self.int(tree.max_depth)), ("node_count", self.int(tree.node_count))];
        let state = self.dict(&[state[0], state[1], ("nodes", nodes), ("values", values)]);
        let outputs = self.int(tree.n_classes.len() as i64);
        let args = [self.int(tree.n_features), self.ints(&tree.n_classes), outputs];
        self.object("sklearn.tree._tree.Tree", &args, state)
    }

    /// A classifier around a tree.
    pub fn tree_classifier(&mut self, tree: &Tree) -> Value {
        let inner = self.tree(tree);
        let state = self.tree_state(inner);
        self.estimator("sklearn.tree._classes.DecisionTreeClassifier", &state)
    }

    /// What fitting sets in a classifier around a tree.
    pub fn tree_state(&mut self, inner: Value) -> [(&'static str, Value); 5] {
        [
            ("tree_", inner),
            ("n_features_in_", self.int(2)),
            ("n_outputs_", self.int(1)),
            ("n_classes_", self.int(2)),
            ("classes_", self.ints(&[10, 20])),
        ]
    }

    /// A forest of these trees.
    pub fn forest_classifier(&mut self, trees: &[Value]) -> Value {
        let state = self.forest_state(trees);
        self.estimator("sklearn.ensemble._forest.RandomForestClassifier", &state)
    }

    /// What fitting sets in a forest of these trees.
    pub fn forest_state(&mut self, trees: &[Value]) -> [(&'static str, Value); 5] {
        [
            ("estimators_", self.list(trees)),
            ("n_features_in_", self.int(2)),
            ("n_outputs_", self.int(1)),
            ("n_classes_", self.int(2)),
            ("classes_", self.ints(&[10, 20])),
        ]
    }

    /// A scaler of this many columns.
    pub fn scaler(&mut self, width: u64) -> Value {
        let ones = vec![1.0; width as usize];
        let state = [("mean_", self.floats(&[width], &ones)), ("scale_", self.floats(&[width], &ones))];
        self.estimator("sklearn.preprocessing._data.StandardScaler", &state)
    }

    /// A pipeline of these steps.
    pub fn pipeline(&mut self, steps: &[(&str, Value)]) -> Value {
        let pairs: Vec<Value> = steps
            .iter()
            .map(|(name, step)| {
                let name = self.text(name);
                self.tuple(&[name, *step])
            })
            .collect();
        let state = [("steps", self.list(&pairs))];
        self.estimator("sklearn.pipeline.Pipeline", &state)
    }

    /// A logistic regression with these parameters.
    pub fn logistic(&mut self, version: &str, classes: i64, parameters: &[(&str, &str)]) -> Value {
        let rows = if classes == 2 { 1 } else { classes as u64 };
        let coefficients: Vec<f64> = (0..rows * 2).map(|index| index as f64 - 1.0).collect();
        let intercepts: Vec<f64> = (0..rows).map(|index| 0.25 * index as f64 + 0.75).collect();
        let labels: Vec<i64> = (0..classes).collect();
        let mut state = vec![
            ("coef_", self.floats(&[rows, 2], &coefficients)),
            ("intercept_", self.floats(&[rows], &intercepts)),
            ("classes_", self.ints(&labels)),
        ];
        for (name, value) in parameters {
            state.push((name, self.text(value)));
        }
        self.estimator_of(version, "sklearn.linear_model._logistic.LogisticRegression", &state)
    }
}
