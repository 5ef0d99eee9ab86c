//! What looks something up and keeps it: `getattr` on a closed list of pairs (`attributes.txt`), numpy's `vectorize` round such a
//! method, and `operator.itemgetter`. A name on the list is never walked. What was fetched is never called, but for the one method
//! that makes a time zone.

use super::super::scene::{Functions, Misuse, Role, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::{Form, arguments_of, state_of};
use super::{arguments, cloudpickle, opaque, plain};
use crate::graph::{NameId, Object, ObjectId, Value, View};
use std::sync::OnceLock;

/// What an attribute is fetched of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    /// An object that was made empty and has no state: its class answers.
    Object,
    /// A class.
    Class,
}

/// A line of the list: of what, its module, its class, and the attribute.
type Pair = (Of, &'static str, &'static str, &'static str);

fn pairs() -> &'static [Pair] {
    static READ: OnceLock<Vec<Pair>> = OnceLock::new();
    READ.get_or_init(|| include_str!("../attributes.txt").lines().filter_map(read).flatten().collect())
}

/// `object module: classes: attributes`.
fn read(line: &'static str) -> Option<Vec<Pair>> {
    let (head, attributes) = line.rsplit_once(": ").filter(|_| !line.starts_with('#'))?;
    let (head, classes) = head.split_once(": ")?;
    let (of, module) = match head.split_once(' ')? {
        ("object", module) => (Of::Object, module),
        ("class", module) => (Of::Class, module),
        _ => return None,
    };
    let each = |class| attributes.split_whitespace().map(move |attribute| (of, module, class, attribute));
    Some(classes.split_whitespace().flat_map(each).collect())
}

const ATTRIBUTE: &str = "an honest file fetches the few methods that scipy, scikit-learn and texts keep, and keeps them where functions are";

const ZONE: &str = "an honest file calls it with the name of a zone, and whether it may be one that Python has already";

/// `getattr(object, 'name')`. Python asks the object first, then its class: so the object is an empty one.
pub fn attribute(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [target, name] = arguments(scene, args, ATTRIBUTE)?;
    // Python 3.11 fetches a member of an enumeration by its name (`enum.py`, `Enum.__reduce_ex__`).
    if let Some((class, Shape::Enumeration)) = scene.shape_of(target)
        && scene.heap.as_object(name).is_none()
        && scene.heap.as_str(name).is_some_and(is_member)
    {
        return Ok(Made::Object(class));
    }
    if let Some(class) = opaque::member_by_name(scene, target)
        && scene.heap.as_object(name).is_none()
        && scene.heap.as_str(name).is_some_and(is_member)
    {
        return Ok(Made::Found(class));
    }
    // Results of scipy's tests are made by their class's `__new__`, in a partial (`function::partial_state`).
    if scene.heap.as_object(name).is_none() && scene.heap.is_text(name, "__new__") && is_result(scene, target) {
        return Ok(Made::Object(scene.name));
    }
    let (of, class) = match scene.heap.view(target) {
        View::Name(class, _) => (Of::Class, class),
        View::Object(_, object) if !is_empty(object) => {
            return Err(Misuse::act("it looks up an attribute of an object that has a state", ATTRIBUTE));
        }
        View::Object(_, object) => (Of::Object, object.name),
        _ => return Err(Misuse::act("it looks up an attribute of something else", ATTRIBUTE)),
    };
    let plain = scene.heap.as_object(name).is_none();
    if !scene.heap.as_str(name).is_some_and(|name| plain && is_listed(scene, of, class, name)) {
        return Err(Misuse::act("it looks up another attribute", ATTRIBUTE));
    }
    Ok(Made::Object(scene.name))
}

/// Whether an object was made and given nothing, so that only its class can answer.
fn is_empty(object: &Object) -> bool {
    !object.built && !object.is_state && object.items == Value::NONE
}

/// Whether an attribute of a class, or of its objects, is on the list.
fn is_listed(scene: &Scene<'_>, of: Of, class: NameId, attribute: &str) -> bool {
    match scene.roles.get(class) {
        Role::Known(entry) => pairs().contains(&(of, entry.module, entry.name, attribute)),
        _ => false,
    }
}

/// Whether a value is an empty object whose class has this method, which is on the list.
pub fn has_method(scene: &Scene<'_>, value: Value, method: &str) -> bool {
    let object = scene.heap.as_object(value);
    object.is_some_and(|(_, object)| is_empty(object) && is_listed(scene, Of::Object, object.name, method))
}

/// Whether a value is the class of a result of `scipy.stats`, whose `__new__` makes a tuple of its arguments and does nothing else
/// (`scipy/_lib/_bunch.py`, `_make_tuple_bunch`).
fn is_result(scene: &Scene<'_>, class: Value) -> bool {
    match scene.shape_of(class).map(|(class, shape)| (scene.roles.get(class), shape)) {
        Some((Role::Known(entry), Shape::NamedTuple)) => entry.module.starts_with("scipy.stats"),
        _ => false,
    }
}

/// The class whose `__new__` a value is, as `getattr` found it.
pub fn class_of_new(scene: &Scene<'_>, value: Value) -> Option<NameId> {
    let [class, attribute] = scene.made_of(value, Shape::Attribute)?.exactly()?;
    let found = scene.heap.is_text(attribute, "__new__");
    scene.shape_of(class).map(|(class, _)| class).filter(|_| found)
}

/// Whether a name is written as members of enumerations are.
fn is_member(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Bytes of a zone that Python reads from its file anew, as it does if it is told so.
const READ_ANEW: u64 = 8192;

/// `getattr(ZoneInfo, '_unpickle')(key, from_cache)` (`Lib/zoneinfo/_zoneinfo.py`, `__reduce__`), which reads the zone from the
/// machine's own list of them: the one method that is called. The class that it makes an object of.
pub fn call_of_attribute(scene: &mut Scene<'_>, made: Value, args: Value) -> Result<NameId, Misuse> {
    const KEY: &[Form] = &[Form::Text, Form::Either(&[Form::Bool, Form::One(&[0, 1])])];
    let parts = scene.heap.as_object(made).and_then(|(_, made)| scene.heap.as_tuple(made.args)?.exactly::<2>());
    let class = parts.and_then(|[class, _]| scene.shape_of(class)).filter(|(_, shape)| *shape == Shape::TimeZone);
    let Some((class, _)) = class else {
        return Err(Misuse::act("what it made is called", "an honest file calls names only, and what makes a zone"));
    };
    arguments_of(scene, args, &[KEY], ZONE)?;
    let key = scene.heap.as_tuple(args).and_then(|items| items.at(0)).unwrap_or(Value::NONE);
    if !scene.heap.as_str(key).is_some_and(plain::is_zone) {
        return Err(Misuse::act("its zone has no name that a zone can have", ZONE));
    }
    let cached = scene.heap.as_tuple(args).and_then(|items| items.at(1)).map(|cached| scene.heap.view(cached));
    if matches!(cached, Some(View::Bool(false) | View::Int(0))) {
        scene.budget.memory(READ_ANEW)?;
    }
    scene.settle(args, Functions::Refused)?;
    Ok(class)
}

/// Whether a value is this object's own method of this name: what `getattr` finds on its class is put back where it stands.
pub fn is_own_method(scene: &Scene<'_>, object: ObjectId, name: &str, value: Value) -> bool {
    own(scene, object, value) == Some(name)
}

/// Whether a value is a method of this very object.
pub fn is_own(scene: &Scene<'_>, object: ObjectId, value: Value) -> bool {
    own(scene, object, value).is_some()
}

/// The name of the method of this object that `getattr` found, or cloudpickle made, if the value is one.
fn own<'s>(scene: &'s Scene<'_>, object: ObjectId, value: Value) -> Option<&'s str> {
    found(scene, value)
        .or_else(|| cloudpickle::method(scene, value))
        .filter(|(of, _)| *of == object)
        .map(|(_, name)| name)
}

/// The object and the name of a method that `getattr` found, if the value is one.
fn found<'s>(scene: &'s Scene<'_>, value: Value) -> Option<(ObjectId, &'s str)> {
    let [target, attribute] = scene.made_of(value, Shape::Attribute)?.exactly()?;
    Some((scene.heap.as_object(target)?.0, scene.heap.as_str(attribute)?))
}

/// Whether a value is a method of an object, and no type that could make one.
pub fn is_method(scene: &Scene<'_>, value: Value) -> bool {
    found(scene, value).is_some() || cloudpickle::method(scene, value).is_some()
}

const VECTORIZED: &str = "an honest file gives it one method of a distribution, and says how it is called";

/// The state of `numpy.vectorize` (`numpy/lib/_function_base_impl.py`), which calls its function for each element.
pub fn vectorized_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const NOTHING: Form = Form::None;
    const KEYS: &[(&str, Form)] = &[
        ("pyfunc", Form::Object(&[Shape::Attribute, Shape::BuiltinType])),
        ("cache", Form::Bool),
        ("signature", NOTHING),
        ("__name__", Form::Word(&["_entropy"])),
        ("_ufunc", Form::Either(&[NOTHING, Form::Dict(&[])])),
        ("_doc", NOTHING),
        ("__doc__", NOTHING),
        ("otypes", Form::Either(&[NOTHING, Form::Word(&["d"])])),
        ("excluded", Form::Data),
        ("_in_and_out_core_dims", NOTHING),
    ];
    state_of(scene, state, KEYS, VECTORIZED)?;
    if !scene.heap.lookup(state, "pyfunc").is_some_and(|function| is_method(scene, function)) {
        return Err(Misuse::act("its function is no method", VECTORIZED));
    }
    let excluded = scene.heap.lookup(state, "excluded").map(|excluded| scene.heap.view(excluded));
    if !matches!(excluded, Some(View::Set(items)) if items.is_empty()) {
        return Err(Misuse::act("it leaves some of its arguments out", VECTORIZED));
    }
    scene.settle(state, Functions::Allowed)?;
    Ok(Built::State)
}

const ITEMS: &str = "an honest file calls it with texts and whole numbers";

/// `operator.itemgetter('a', 0)`: asks what it is called with for these items.
pub fn item_getter(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const ITEM: Form = Form::Either(&[Form::Text, Form::Whole]);
    if plain::class(scene) == "attrgetter" {
        return attribute_getter(scene, args);
    }
    let some = scene.heap.as_tuple(args).is_some_and(|items| !items.is_empty());
    if !some || !Form::Many(&Form::Either(&[ITEM, Form::Many(&ITEM)])).fits(scene, args)? {
        return Err(Misuse::act("it is called with something else", ITEMS));
    }
    scene.settle(args, Functions::Refused)?;
    Ok(Made::Object(scene.name))
}

const ATTRIBUTES: &str = "an honest file calls it with names of attributes that do not begin with an underscore";

/// `operator.attrgetter('coef_', 'svd.components_')`: asks what it is called with for these attributes, and calls none of them.
fn attribute_getter(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let name = |value: Value| {
        let text = scene.heap.as_str(value).filter(|_| scene.heap.as_object(value).is_none());
        text.is_some_and(|text| text.len() <= LONGEST && text.split('.').all(is_public))
    };
    let names = scene.heap.as_tuple(args).filter(|names| !names.is_empty());
    if !names.is_some_and(|mut names| names.all(name)) {
        return Err(Misuse::act("it is called with something else", ATTRIBUTES));
    }
    Ok(Made::Object(scene.name))
}

/// Longest chain of attributes, in bytes.
const LONGEST: usize = 256;

/// Whether this is the name of an attribute that is no secret of its class.
fn is_public(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain && name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
}

const NONE_TYPE: &str = "an honest file calls it with None";

/// `type(None)`: the one class that has no name of its own in Python 3.
pub fn none_type(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [of] = arguments(scene, args, NONE_TYPE)?;
    if !matches!(scene.heap.view(of), View::None) {
        return Err(Misuse::act("it asks for another type", NONE_TYPE));
    }
    Ok(Made::Object(scene.name))
}

#[cfg(test)]
mod tests {
    use super::super::super::table;
    use super::*;

    #[test]
    fn every_line_of_the_list_is_understood_and_none_fetches_what_python_gives_a_meaning_to() {
        let lines = include_str!("../attributes.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            assert!(read(line).is_some_and(|pairs| !pairs.is_empty()), "{line}");
        }
        for (of, module, class, attribute) in pairs() {
            assert!(!attribute.starts_with("__"), "{attribute}");
            let shape = table::find(module, class, false).map(|entry| entry.shape);
            let expected: &[Shape] = match of {
                Of::Object => &[Shape::Estimator, Shape::Distribution, Shape::Record],
                Of::Class => &[Shape::Type, Shape::TimeZone, Shape::Record, Shape::Table],
            };
            assert!(shape.is_some_and(|shape| expected.contains(&shape)), "{module}.{class}");
        }
        assert!(pairs().len() > 30);
    }
}
