//! Vectorizers that open the files that rows name (`CountVectorizer(input="filename")`, `sklearn/feature_extraction/text.py`): the rows are
//! those of who uses the model. Behind another step they would be what that makes, such as the names of columns that it learned.

use crate::graph::{Heap, Object, ObjectId, Value, View};
use std::collections::HashSet;

/// Attributes in which an estimator has others that are given the same rows, or may be.
const SAME_ROWS: &[&str] = &[
    "base_estimator",
    "base_estimator_",
    "best_estimator_",
    "best_params_",
    "calibrated_classifiers_",
    "cv_results_",
    "estimator",
    "estimator_",
    "estimators",
    "estimators_",
    "named_estimators_",
    "param_distributions",
    "param_grid",
    "regressor",
    "regressor_",
    "transformer_list",
    "transformers",
    "transformers_",
];

/// The first vectorizer that opens files and is given what another step makes.
pub(super) fn behind_another(heap: &Heap, roots: &[Value]) -> Option<ObjectId> {
    let all = (0u64..).map(ObjectId).zip(heap.objects());
    let mut openers = all.filter(|(_, object)| opens_files(heap, object)).map(|(id, _)| id).peekable();
    openers.peek()?;
    let first = given_rows(heap, roots);
    openers.find(|id| !first.contains(id))
}

fn opens_files(heap: &Heap, object: &Object) -> bool {
    let is_vectorizer = heap.get_name(object.name).is_some_and(|name| name.qualname.ends_with("Vectorizer"));
    let input = || heap.lookup(object.state, "input").and_then(|input| heap.as_str(input));
    is_vectorizer && matches!(input(), Some("filename" | "file"))
}

/// The objects that are given the rows of who uses what the file hands out.
fn given_rows(heap: &Heap, roots: &[Value]) -> HashSet<ObjectId> {
    let (mut todo, mut met, mut containers) = (roots.to_vec(), HashSet::new(), HashSet::new());
    while let Some(value) = todo.pop() {
        match heap.view(value) {
            View::List(items) | View::Tuple(items) | View::Set(items) if containers.insert(value) => todo.extend(items),
            View::Dict(pairs) if containers.insert(value) => todo.extend(pairs.map(|(_, value)| value)),
            View::Object(id, object) if met.insert(id) => {
                todo.extend([object.args, object.items]);
                let name = heap.get_name(object.name);
                if !name.is_some_and(|name| name.module.starts_with("sklearn.")) {
                    todo.push(object.state);
                } else if name.is_some_and(|name| name.qualname == "Pipeline") {
                    todo.extend(first_step(heap, object));
                } else {
                    todo.extend(SAME_ROWS.iter().filter_map(|key| heap.lookup(object.state, key)));
                }
            }
            _ => {}
        }
    }
    met
}

/// The first step of a pipeline that does something.
fn first_step(heap: &Heap, pipeline: &Object) -> Option<Value> {
    let steps = heap.as_items(heap.lookup(pipeline.state, "steps")?)?;
    let mut steps = steps.filter_map(|step| heap.as_items(step)?.at(1));
    steps.find(|step| !matches!(heap.view(*step), View::None | View::Text(_)))
}
