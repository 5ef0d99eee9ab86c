//! Functions with arguments bound to them (`functools.partial`), and named tuples.

use super::super::scene::{Functions, Misuse, Role, Scene};
use super::super::shape::{Built, Made, Shape};
use super::super::table;
use super::estimator::{self, Known};
use super::form::{Form, state_of};
use super::{arguments, called, container, lookup, plain, record};
use crate::graph::{Items, NameId, Value, View};

const PARTIAL: &str = "an honest file calls it with one function of the vocabulary, and gives it that function and plain data; int has a base, defaultdict what makes its missing values";

/// `partial(function)`.
pub fn partial(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [function] = arguments(scene, args, PARTIAL)?;
    let callable = is_function(scene, function) || is_int(scene, function) || plain::is_default_dict(scene, function);
    if !callable && lookup::class_of_new(scene, function).is_none() {
        return Err(Misuse::act("its argument is no function", PARTIAL));
    }
    Ok(Made::Object(scene.name))
}

fn is_function(scene: &Scene<'_>, value: Value) -> bool {
    let named = scene.shape_of(value).is_some_and(|(_, shape)| matches!(shape, Shape::Function | Shape::Block));
    let looked_up = scene.heap.as_object(value).and_then(|(_, object)| scene.roles.shape(object.name));
    named || looked_up == Some(Shape::Ufunc)
}

/// Whether a value is the type `int`, which makes a number of a text, and at most is told to which base it is written.
fn is_int(scene: &Scene<'_>, value: Value) -> bool {
    let name = scene.heap.as_name(value).map(|(id, _)| scene.roles.get(id));
    matches!(name, Some(Role::Known(entry)) if (entry.module, entry.name) == ("builtins", "int"))
}

/// `partial.__setstate__` (`Modules/_functoolsmodule.c`): the function, which takes the first one's place, its arguments, its
/// keywords, and attributes, of which there are none.
pub fn partial_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let [function, positional, keywords, attributes] = arguments(scene, state, PARTIAL)?;
    if let Some(class) = lookup::class_of_new(scene, function) {
        return result_in_partial(scene, class, positional, keywords, attributes);
    }
    let plain = if is_int(scene, function) {
        const BASE: Form = Form::Dict(&[("base", Form::Whole)]);
        Form::Tuple(&[]).fits(scene, positional)? && BASE.fits(scene, keywords)?
    } else if plain::is_default_dict(scene, function) {
        let known = |factories: Items<'_>| {
            factories.len() <= 1 && factories.into_iter().all(|factory| plain::is_factory(scene, factory))
        };
        scene.heap.as_tuple(positional).is_some_and(known) && Form::Dict(&[]).fits(scene, keywords)?
    } else if is_function(scene, function) {
        has_room_for_rows(scene, function, positional) && container::has_text_keys(scene, keywords)?
    } else {
        return Err(Misuse::act("its state holds something else than a function", PARTIAL));
    };
    let bare = match scene.heap.view(attributes) {
        View::None => true,
        View::Dict(pairs) => pairs.len() == 0,
        _ => false,
    };
    if !plain || !bare {
        return Err(Misuse::act("its arguments are something else, or it has attributes", PARTIAL));
    }
    let arguments = if plain::is_default_dict(scene, function) { Functions::Checked } else { Functions::Refused };
    for value in [positional, keywords] {
        called::arguments(scene, value)?;
    }
    scene.settle(positional, arguments)?;
    for value in [keywords, attributes] {
        scene.settle(value, Functions::Refused)?;
    }
    Ok(Built::State)
}

/// Functions of two arrays, of which the first can be kept: what they make is new.
const OF_TWO: &[&str] = &[
    "add",
    "arctan2",
    "divide",
    "dot",
    "fmax",
    "fmin",
    "hypot",
    "matmul",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "power",
    "subtract",
    "true_divide",
];

/// Whether rows are what a function with these arguments is called with, and no place to write to: a function of numpy's takes one for the
/// output where it has all others, and some functions give back what they keep. A block of pandas' is made of no rows.
fn has_room_for_rows(scene: &Scene<'_>, function: Value, positional: Value) -> bool {
    let Some(kept) = scene.heap.as_tuple(positional) else { return false };
    let name = of_numpy(scene, function);
    if name.is_some_and(|name| called::WITH_TUPLES.contains(&name)) {
        return false;
    }
    if kept.is_empty() || scene.shape_of(function).is_some_and(|(_, shape)| shape == Shape::Block) {
        return true;
    }
    let numbers = kept.at(0).is_some_and(|kept| called::are_numbers(scene, kept));
    kept.len() == 1 && numbers && name.is_some_and(|name| OF_TWO.contains(&name))
}

/// The name of a function of numpy's, however it is fetched.
pub(super) fn of_numpy<'s>(scene: &'s Scene<'_>, function: Value) -> Option<&'s str> {
    match scene.heap.view(function) {
        View::Name(_, name) if name.module.starts_with("numpy") => Some(name.qualname.as_str()),
        View::Object(_, looked_up) if scene.roles.shape(looked_up.name) == Some(Shape::Ufunc) => {
            scene.heap.as_str(scene.heap.as_tuple(looked_up.args)?.at(1)?)
        }
        _ => None,
    }
}

const RESULT: &str =
    "an honest file gives it the class, as many values as that has fields, and what it has beside them";

/// `partial(Class.__new__, Class, *values, **keywords)`: how a result of `scipy.stats` is written below protocol 4 (`Lib/pickle.py`,
/// `save_reduce` of `__newobj_ex__`). The class may be one that is derived from the one whose `__new__` it is.
fn result_in_partial(
    scene: &mut Scene<'_>,
    class: NameId,
    positional: Value,
    keywords: Value,
    attributes: Value,
) -> Result<Built, Misuse> {
    let wrong = || Misuse::act("it makes something else than a result", RESULT);
    let values: Vec<Value> = scene.heap.as_tuple(positional).ok_or_else(wrong)?.collect();
    let (made, values) = values.split_first().ok_or_else(wrong)?;
    let made = match scene.shape_of(*made) {
        Some((made, Shape::NamedTuple)) => made,
        _ => return Err(wrong()),
    };
    let fields = |class| names_of(scene, class).attributes.len();
    if values.len() != fields(made) || values.len() != fields(class) {
        return Err(Misuse::act("it is made of another number of values", TUPLE));
    }
    if !matches!(scene.heap.view(attributes), View::None) {
        return Err(Misuse::act("it has attributes", RESULT));
    }
    for value in values {
        scene.settle(*value, Functions::Refused)?;
    }
    let mut scene = Scene { heap: scene.heap, budget: scene.budget, roles: scene.roles, name: made };
    tuple_keywords(&mut scene, keywords)?;
    Ok(Built::State)
}

/// What a partial with this state makes when it is called with these arguments, if it is one of such a class: the class, and the
/// arguments that its `__new__` is called with.
pub fn result_of_partial(scene: &mut Scene<'_>, state: Value, args: Value) -> Result<Option<(NameId, Value)>, Misuse> {
    let Some([function, positional, ..]) = scene.heap.as_tuple(state).and_then(|state| state.exactly::<4>()) else {
        return Ok(None);
    };
    if lookup::class_of_new(scene, function).is_none() {
        return Ok(None);
    }
    if scene.heap.as_tuple(args).is_none_or(|args| !args.is_empty()) {
        return Err(Misuse::act("it is called with more arguments", RESULT));
    }
    let made = scene.heap.as_tuple(positional).and_then(|values| values.at(0)).and_then(|made| scene.shape_of(made));
    Ok(made.map(|(made, _)| (made, positional)))
}

const WRAPPED: &str = "an honest file gives it one function";

/// `NotMemorizedFunc(func)` (`joblib/memory.py`): calls its function, when it is called, and nothing else.
pub fn wrapped_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const FUNCTION: Form = Form::Name(&[Shape::Function, Shape::Opaque]);
    state_of(scene, state, &[("func", FUNCTION)], WRAPPED)?;
    scene.settle(state, Functions::Allowed)?;
    Ok(Built::State)
}

const UFUNC: &str = "an honest file calls it with a module of numpy and a function of it that has no side effects";
/// Modules of numpy, and of the vocabulary, in which its functions were found by who saved them.
const NUMPY: &[&str] = &[
    "numpy",
    "numpy.core",
    "numpy.core._methods",
    "numpy.core._multiarray_umath",
    "numpy.core.arrayprint",
    "numpy.core.fromnumeric",
    "numpy.core.function_base",
    "numpy.core.getlimits",
    "numpy.core.numeric",
    "numpy.core.umath",
    "numpy._core",
    "numpy._core._multiarray_umath",
    "numpy._core.umath",
    "numpy.lib.function_base",
    "numpy.lib.nanfunctions",
    "numpy.lib.type_check",
    "numpy.lib.ufunclike",
    "scipy.stats._discrete_distns",
    "sklearn.utils.fixes",
];

/// `_ufunc_reconstruct('numpy', 'log1p')`: imports the module and looks the name up in it (`numpy/core/__init__.py`).
pub fn ufunc(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [module, name] = arguments(scene, args, UFUNC)?;
    let known = scene.heap.as_str(module).is_some_and(|module| NUMPY.contains(&module))
        && scene.heap.as_str(name).and_then(|name| table::find("numpy", name, false)).map(|entry| entry.shape)
            == Some(Shape::Function);
    // The functions of scipy.special, some of which numpy has, too.
    let special = match (scene.heap.as_str(module), scene.heap.as_str(name)) {
        (Some(module), Some(name)) if module.starts_with("scipy.special") => {
            table::find(module, name, false).map(|entry| entry.shape) == Some(Shape::Function)
        }
        _ => false,
    };
    let known = known || special;
    if !known || scene.heap.as_object(module).is_some() || scene.heap.as_object(name).is_some() {
        return Err(Misuse::act("it looks up something else", UFUNC));
    }
    Ok(Made::Object(scene.name))
}

const TUPLE: &str = "an honest file makes it of as many values as it has fields";

/// `NEWOBJ` of a named tuple: its class is called with its values.
pub fn named_tuple(scene: &mut Scene<'_>, values: Value) -> Result<Made, Misuse> {
    values_of(scene, scene.name, values)?;
    Ok(Made::Object(scene.name))
}

/// `_reconstructor(class, tuple, (…))`: the same at protocols 0 and 1.
pub fn reconstruct_tuple(scene: &mut Scene<'_>, class: NameId, base: Value, values: Value) -> Result<Made, Misuse> {
    let tuple = scene.heap.as_name(base).is_some_and(|(_, base)| &*base.qualname == "tuple");
    if !tuple || !scene.shape_of(base).is_some_and(|(_, shape)| shape == Shape::Type) {
        return Err(Misuse::act("it makes something else than a tuple", TUPLE));
    }
    values_of(scene, class, values)?;
    Ok(Made::Object(class))
}

fn names_of(scene: &Scene<'_>, class: NameId) -> &'static record::Names {
    record::names_of(scene.class_of(class))
}

const BESIDE: &str = "an honest file gives it only what its class has beside its fields";

/// Keywords that a named tuple is made with (`scipy/_lib/_bunch.py`, `_make_tuple_bunch`): what it has beside its fields, which
/// its `__new__` does not look at.
pub fn tuple_keywords(scene: &mut Scene<'_>, keywords: Value) -> Result<(), Misuse> {
    let object = Known::Only(None, &names_of(scene, scene.name).beside);
    estimator::attributes(scene, keywords, object, Functions::Refused).map(|_| ())
}

/// The state of such a tuple: the same once more.
pub fn tuple_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let names = names_of(scene, scene.name);
    if names.beside.is_empty() {
        return Err(Misuse::act("it is given a state", BESIDE));
    }
    estimator::attributes(scene, state, Known::Only(None, &names.beside), Functions::Refused)
}

fn values_of(scene: &mut Scene<'_>, class: NameId, values: Value) -> Result<(), Misuse> {
    let fields = names_of(scene, class).attributes.len();
    if scene.heap.as_tuple(values).map(|values| values.len()) != Some(fields) {
        return Err(Misuse::act("it is made of another number of values", TUPLE));
    }
    // One of them holds the parameters of an old search, functions among them.
    let parameters = scene.class_of(class) == "_CVScoreTuple";
    scene.settle(values, if parameters { Functions::Allowed } else { Functions::Refused })
}
