//! Which value of a file is the model: the top object, or one inside a container that people save beside it.

use super::repr::path;
use super::schema::{class, object};
use super::table::class_of;
use crate::graph::{Heap, Value, View};
use crate::reason::escape;

/// The value that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The value.
    pub value: Value,
    /// What the user should be told, when the choice was not theirs.
    pub note: Option<String>,
}

/// Why no value could be chosen. All are the user's to mend (`usage`, exit 2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// There are several estimators.
    #[error("the file holds {count} estimators; choose one with --at: {}", paths.join(" or "))]
    Several {
        /// How many.
        count: u64,
        /// Where the first ones are, as `--at` takes it, each with its class.
        paths: Vec<String>,
    },
    /// There is none.
    #[error("the file holds no estimator, but {0}")]
    None(&'static str),
    /// A key of the path leads nowhere.
    #[error("--at leads nowhere: there is no \"{key}\" in {inside}")]
    NoKey {
        /// The key, escaped.
        key: String,
        /// What it was looked for in.
        inside: String,
    },
}

/// Values that are looked at inside containers, and how deep.
const LOOKED: usize = 10_000;
const DEEP: usize = 4;
/// Estimators whose paths are listed.
const LISTED: usize = 6;

/// The value that a path leads to; without a path, the top object, or the one estimator in a container.
pub fn choose(heap: &Heap, root: Value, at: Option<&[String]>) -> Result<Choice, ChooseError> {
    match at {
        Some(keys) => Ok(Choice { value: follow(heap, root, keys)?, note: None }),
        None => search(heap, root),
    }
}

fn follow(heap: &Heap, root: Value, keys: &[String]) -> Result<Value, ChooseError> {
    let mut value = root;
    for key in keys {
        let number = key.parse::<i64>().ok();
        let next = match container(heap, value) {
            View::Dict(pairs) => {
                let fits = |found: &Value| match heap.view(*found) {
                    View::Text(text) => text.is(key),
                    view => number.is_some() && view.int() == number,
                };
                pairs.filter(|(found, _)| fits(found)).last().map(|(_, value)| value)
            }
            View::List(items) | View::Tuple(items) => {
                number.and_then(|number| usize::try_from(number).ok()).and_then(|index| items.at(index))
            }
            _ => None,
        };
        value = next.ok_or_else(|| {
            let inside = object(heap, value).map(|object| format!("a {}", escape(&class(heap, object))));
            ChooseError::NoKey {
                key: escape(key),
                inside: inside.unwrap_or_else(|| heap.view(value).kind().to_owned()),
            }
        })?;
    }
    Ok(value)
}

/// Whether a value is an estimator: of a class that this build types, or of any that scikit-learn has saved.
fn is_estimator(heap: &Heap, value: Value) -> bool {
    object(heap, value).is_some_and(|object| {
        let typed = heap.get_name(object.name).is_some_and(|name| class_of(name).is_some());
        typed || heap.lookup(object.state, "_sklearn_version").is_some()
    })
}

/// What a value is; of an object that items were put into (an `OrderedDict`, a `Bunch`), the items.
fn container(heap: &Heap, value: Value) -> View<'_> {
    match heap.view(value) {
        View::Object(_, object) if !is_estimator(heap, value) => heap.view(object.items),
        view => view,
    }
}

fn search(heap: &Heap, root: Value) -> Result<Choice, ChooseError> {
    // An object without items is what it is, whether or not it can be computed.
    if object(heap, root).is_some() && !matches!(container(heap, root), View::Dict(_) | View::List(_)) {
        return Ok(Choice { value: root, note: None });
    }
    let mut looked = 0usize;
    let mut found: Vec<(Value, Vec<String>)> = Vec::new();
    let mut todo = std::collections::VecDeque::from([(root, Vec::<String>::new())]);
    while let Some((value, keys)) = todo.pop_front() {
        if is_estimator(heap, value) {
            if !found.iter().any(|(known, _)| *known == value) {
                found.push((value, keys));
            }
            continue;
        }
        if keys.len() >= DEEP {
            continue;
        }
        let inner: Vec<(String, Value)> = match container(heap, value) {
            View::Dict(pairs) => {
                pairs.filter_map(|(key, value)| Some((text(heap, key)?, value))).take(LOOKED).collect()
            }
            View::List(items) | View::Tuple(items) => {
                items.enumerate().map(|(index, item)| (index.to_string(), item)).take(LOOKED).collect()
            }
            _ => continue,
        };
        for (key, value) in inner {
            looked = looked.saturating_add(1);
            if looked <= LOOKED {
                let mut keys = keys.clone();
                keys.push(key);
                todo.push_back((value, keys));
            }
        }
    }
    match found.as_slice() {
        [] => Err(ChooseError::None(heap.view(root).kind())),
        [(value, keys)] => {
            let name = object(heap, *value).map(|object| escape(&class(heap, object))).unwrap_or_default();
            let note = format!("used the {name} at {}, the only estimator in the file", path(keys));
            Ok(Choice { value: *value, note: Some(note) })
        }
        several => {
            let shown = |(value, keys): &(Value, Vec<String>)| {
                let name = object(heap, *value).and_then(|object| heap.get_name(object.name));
                format!("'{}' ({})", path(keys), name.map(|name| escape(&name.qualname)).unwrap_or_default())
            };
            let paths = several.iter().take(LISTED).map(shown).collect();
            Err(ChooseError::Several { count: several.len() as u64, paths })
        }
    }
}

fn text(heap: &Heap, key: Value) -> Option<String> {
    match heap.view(key) {
        View::Text(text) => text.as_str().map(str::to_owned),
        view => view.int().map(|int| int.to_string()),
    }
}
