//! Compiled parts of trees that scikit-learn before 0.18 saved with a model (`sklearn/tree/_tree.pyx`, `Splitter.__reduce__`,
//! `Criterion.__reduce__`). Their constructors allocate by the counts that they are given.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::container;
use super::form::{self, Form, arguments_of};
use crate::graph::{Value, View};

const SPLITTER: &str = "an honest file calls it with a criterion, counts, a share, and a random state";
/// Largest count: more outputs or features than any honest model has.
const LARGEST: i64 = 1 << 24;

/// Bytes that a criterion takes for an output; `MAE` has two queues for each.
const OUTPUT: u64 = 9000;

/// `BestSplitter(criterion, max_features, min_samples_leaf, min_weight_leaf, random_state, presort)`, in its older forms too.
pub fn splitter(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const CRITERION: Form = Form::Object(&[Shape::Criterion]);
    const RANDOM: Form = Form::Object(&[Shape::RandomState, Shape::LegacyRandomState]);
    const OLD: &[Form] = &[CRITERION, Form::Whole, Form::Whole, RANDOM];
    const WEIGHED: &[Form] = &[CRITERION, Form::Whole, Form::Whole, Form::Float, RANDOM];
    const SORTED: &[Form] = &[CRITERION, Form::Whole, Form::Whole, Form::Float, RANDOM, Form::Bool];
    arguments_of(scene, args, &[OLD, WEIGHED, SORTED], SPLITTER)?;
    small(scene, args, SPLITTER)?;
    Ok(Made::Object(scene.name))
}

const CRITERION: &str =
    "an honest file calls it with a number of outputs, and of samples or an array of numbers of classes";

/// `MSE(n_outputs)`, `MSE(n_outputs, n_samples)`, `Gini(n_outputs, n_classes)`.
pub fn criterion(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    arguments_of(scene, args, &[&[Form::Whole], &[Form::Whole, Form::Whole], &[Form::Whole, Form::Array]], CRITERION)?;
    small(scene, args, CRITERION)?;
    let outputs = scene.heap.as_tuple(args).and_then(|items| scene.heap.view(items.at(0)?).int());
    scene.budget.memory(outputs.and_then(|outputs| u64::try_from(outputs).ok()).unwrap_or(0).saturating_mul(OUTPUT))?;
    let items = scene.heap.as_tuple(args).and_then(|items| items.exactly::<2>());
    if let Some([outputs, classes]) = items
        && let Some(array) = scene.heap.as_array(classes)
        && scene.heap.view(outputs).int() != i64::try_from(array.len()).ok()
    {
        return Err(Misuse::act("it has not one number of classes an output", CRITERION));
    }
    Ok(Made::Object(scene.name))
}

fn small(scene: &Scene<'_>, args: Value, honest: &'static str) -> Result<(), Misuse> {
    let mut numbers = scene.heap.as_tuple(args).into_iter().flatten().filter_map(|item| scene.heap.view(item).int());
    if numbers.all(|number| (0..=LARGEST).contains(&number)) {
        return Ok(());
    }
    Err(Misuse::act("a count is larger than any", honest))
}

/// The state of both, which is empty.
pub fn empty_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    if !matches!(scene.heap.view(state), View::Dict(pairs) if pairs.len() == 0) {
        return Err(Misuse::act("its state is not empty", SPLITTER));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const MEMORY: &str = "an honest file calls it with None for a folder, or gives it none and no store";

/// joblib's `Memory(None, mmap_mode, compress, verbose)`: with a folder it would make that, and later load what is in it.
pub fn no_memory(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const MODE: Form = Form::Either(&[Form::None, Form::Text]);
    const LEVEL: Form = Form::Either(&[Form::Bool, Form::Whole]);
    arguments_of(scene, args, &[&[Form::None, MODE, LEVEL, LEVEL]], MEMORY)?;
    Ok(Made::Object(scene.name))
}

/// The state of `Memory` since joblib 0.12: it keeps nothing, and calls what it wraps, as long as it has no store.
pub fn no_memory_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const NOTHING: Form = Form::None;
    const NUMBER: Form = Form::Either(&[Form::Bool, Form::Whole]);
    const KEYS: &[(&str, Form)] = &[
        ("depth", Form::Whole),
        ("_name", Form::Either(&[Form::None, Form::Text])),
        ("_verbose", NUMBER),
        ("mmap_mode", Form::Either(&[Form::None, Form::Text])),
        ("timestamp", Form::Either(&[Form::None, Form::Float])),
        ("backend", Form::Word(&["local"])),
        ("compress", NUMBER),
        ("bytes_limit", Form::Either(&[Form::None, Form::Whole])),
        ("backend_options", Form::Dict(&[])),
        ("cachedir", NOTHING),
        ("location", NOTHING),
        ("store_backend", NOTHING),
    ];
    form::state_of(scene, state, KEYS, MEMORY)?;
    if scene.heap.lookup(state, "store_backend").is_none() {
        return Err(Misuse::act("its state does not say that it has no store", MEMORY));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const WARNINGS: &str = "an honest file gives it for some of its keys a text and the class of a warning";

/// The state of `DeprecationDict` (`sklearn/utils/deprecation.py`), which calls `warnings.warn` with what stands there, and of
/// `_DictWithDeprecatedKeys` (`sklearn/covariance/_graph_lasso.py`), which says it itself.
pub fn warnings_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const WARNING: Form = Form::Tuple(&[Form::Tuple(&[Form::Text, Form::Name(&[Shape::Error])]), Form::Dict(&[])]);
    const RENAMED: &str = "_deprecated_key_to_new_key";
    if let Some(names) = scene.heap.lookup(state, RENAMED) {
        form::state_of(scene, state, &[(RENAMED, Form::Data)], WARNINGS)?;
        let text = |(_, value)| matches!(scene.heap.view(value), View::Text(_));
        let named = scene.heap.as_dict(names).into_iter().flatten().all(text);
        if !container::has_text_keys(scene, names)? || !named {
            return Err(Misuse::act("its new keys are no texts", WARNINGS));
        }
        scene.settle(state, Functions::Refused)?;
        return Ok(Built::State);
    }
    let pairs = scene.heap.as_dict(state).filter(|pairs| pairs.len() == 1);
    let only = pairs.and_then(|mut pairs| pairs.next()).filter(|(key, _)| scene.heap.is_text(*key, "_deprecations"));
    let Some((_, warnings)) = only else {
        return Err(Misuse::act("its state is something else", WARNINGS));
    };
    if !container::has_text_keys(scene, warnings)? {
        return Err(Misuse::act("its warnings are no dict with text keys", WARNINGS));
    }
    let values: Vec<Value> = scene.heap.as_dict(warnings).into_iter().flatten().map(|(_, value)| value).collect();
    scene.budget.memory((values.len() as u64).saturating_mul(8))?;
    for value in values {
        if !WARNING.fits(scene, value)? {
            return Err(Misuse::act("one of its warnings is none", WARNINGS));
        }
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
