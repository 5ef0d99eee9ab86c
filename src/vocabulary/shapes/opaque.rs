//! Classes that the user allows by name: made empty or of data, given items of a dict or list, then one dict of attributes.
//!
//! What such a class does with them is its own, and the user answers for it; Python itself must run nothing. So the state
//! sets no attribute that Python looks for on an object, and a name in it is data or a function without side effects.

use super::super::scene::{Functions, Misuse, Role, Scene};
use super::super::shape::{Built, Made, Shape};
use super::super::table;
use super::dill::made_type;
use super::{estimator, sets};
use crate::graph::{Name, NameId, ObjectId, Value, View};

const HONEST: &str = "an honest file gives it one dict of attributes with text keys, each once";
/// What an object may have beside its class, for who reads it: text or nothing.
const NOTES: &[&str] = &["__version__", "__doc__", CACHE];
/// Where networkx keeps graphs that it made of this one (`networkx/utils/backends.py`): a dict, and Python looks for no such name.
const CACHE: &str = "__networkx_cache__";

const MADE: &str = "an honest file makes it empty: only classes of your own are made of data";

/// `NEWOBJ` of an allowed class, which calls its `__new__`: that of `object` takes nothing, that of a named tuple its values. Of
/// the libraries that everybody has, some do more than to keep them: `numpy.core.memmap.memmap` writes the file that it is told. A
/// name with a dot in it may be one of theirs, as another module knows it: `np.memmap`.
pub fn make(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let foreign = |name: &Name| table::is_of_a_library(&name.module) || name.qualname.contains('.');
    let foreign = scene.heap.get_name(scene.name).is_none_or(foreign);
    if foreign && scene.heap.as_tuple(args).is_none_or(|args| !args.is_empty()) {
        return Err(Misuse::act("a class of a library is made with arguments", MADE));
    }
    scene.settle(args, Functions::Opaque)?;
    Ok(Made::Object(scene.name))
}

const MEMBER: &str =
    "an honest file calls only enumerations of your own, with whole numbers, or fetches their members by name";
const BY_NAME: &str = "with a text it could be a class that opens a file of that name; an enumeration of your own is read where its members are \
     saved by name: give it __reduce_ex__ = enum.pickle_by_enum_name (since Python 3.12), and save the model again";

/// Whether an allowed name is written as classes of one's own are: functions are not, and a name with a dot in it may be another
/// module's, or a library's.
fn is_own_class(scene: &Scene<'_>, name: NameId) -> bool {
    let first = |name: &Name| name.qualname.trim_start_matches('_').chars().next();
    matches!(scene.roles.get(name), Role::Allowed)
        && scene.heap.get_name(name).is_some_and(|name| {
            !table::is_of_a_known_package(&name.module)
                && !name.qualname.contains('.')
                && first(name).is_some_and(char::is_uppercase)
        })
}

/// `Color(1)`: a member of an enumeration by its value (`enum.py`, `Enum.__reduce_ex__`), which looks it up and makes nothing. That it is
/// one is the user's word. To another class a small number may still be a size, a process or an open file (SECURITY.md).
pub fn member(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let whole = |value: Value| {
        scene.heap.as_object(value).is_none()
            && matches!(scene.heap.view(value), View::Int(number) if u32::try_from(number.unsigned_abs()).is_ok())
    };
    let value = scene.heap.as_tuple(args).and_then(|args| args.exactly::<1>()).map(|[value]| value);
    let fits = value.is_some_and(|value| match scene.heap.view(value) {
        View::Tuple(mut parts) if scene.heap.as_object(value).is_none() => parts.len() <= 8 && parts.all(whole),
        _ => whole(value),
    });
    if is_own_class(scene, scene.name) && value.is_some_and(|value| matches!(scene.heap.view(value), View::Text(_))) {
        return Err(Misuse::act("it is called with a text", BY_NAME));
    }
    if !fits || !is_own_class(scene, scene.name) {
        return Err(Misuse::act("it is called", MEMBER));
    }
    Ok(Made::Found(scene.name))
}

/// The class whose member `getattr(Color, 'RED')` fetches (Python 3.11.0 to 3.11.3), if an allowed class is asked.
pub fn member_by_name(scene: &Scene<'_>, class: Value) -> Option<NameId> {
    scene.heap.as_name(class).map(|(class, _)| class).filter(|class| is_own_class(scene, *class))
}

const BASE: &str = "an honest file makes it of a tuple, list, dict, text or number, as its base holds it";
/// Bases of Python's own that hold data, each with its kind of value.
fn holds(base: &str, value: &View<'_>) -> bool {
    match base {
        "tuple" => matches!(value, View::Tuple(_)),
        "list" => matches!(value, View::List(_)),
        "dict" => matches!(value, View::Dict(_)),
        "str" => matches!(value, View::Text(_)),
        "int" => matches!(value, View::Int(_) | View::Long(_)),
        "float" => matches!(value, View::Float(_)),
        _ => false,
    }
}

/// `_reconstructor(class, tuple, (…))`: the same at protocols 0 and 1, for a class of data. Only its base is asked to make it.
pub fn reconstruct(scene: &mut Scene<'_>, class: NameId, base: Value, value: Value) -> Result<Made, Misuse> {
    let name = scene.shape_of(base).filter(|(_, shape)| *shape == Shape::Type).map(|(name, _)| name);
    let base = name.map(|name| scene.class_of(name)).or_else(|| made_type(scene, base));
    let own = base.is_some_and(|base| holds(base, &scene.heap.view(value)));
    if !own || scene.heap.as_object(value).is_some() {
        return Err(Misuse::act("it makes something else than an object of data", BASE));
    }
    scene.settle(value, Functions::Opaque)?;
    Ok(Made::Object(class))
}

/// The state of an allowed class. A dict that is its own attributes (`self.__dict__ = self`) has itself for a state: nothing
/// is set that was not put into it.
pub fn state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    if scene.heap.as_object(state).is_some_and(|(id, _)| id == object) {
        let itself = scene.heap.get_object(object).map_or(Value::NONE, |object| object.items);
        return match scene.heap.view(itself) {
            View::Dict(_) => attributes(scene, itself),
            View::None => Ok(Built::State),
            _ => Err(Misuse::act("its state is no dict", HONEST)),
        };
    }
    let is_member = scene.roles.shape(scene.name) == Some(Shape::Member);
    if (is_member || matches!(scene.roles.get(scene.name), Role::Allowed)) && is_its_own_form(scene, state) {
        scene.settle(state, Functions::Opaque)?;
        return Ok(Built::State);
    }
    match scene.heap.as_tuple(state).and_then(|parts| parts.exactly()) {
        Some([own, slots]) if scene.heap.as_object(state).is_none() && has_slots(scene) => {
            if !matches!(scene.heap.view(own), View::None) {
                attributes(scene, own)?;
            }
            attributes(scene, slots)?;
            scene.heap.freeze(state, false);
            Ok(Built::State)
        }
        _ => attributes(scene, state),
    }
}

/// Whether the class may have `__slots__`: what its parents set by slots, Python sets one by one as `setattr` does, which asks the class.
/// That of numpy's arrays sets where their memory is.
fn has_slots(scene: &Scene<'_>) -> bool {
    let own = |name: &Name| !table::is_of_a_known_package(&name.module) && !name.qualname.contains('.');
    matches!(scene.roles.get(scene.name), Role::Allowed) && scene.heap.get_name(scene.name).is_some_and(own)
}

/// Whether a state is such as only a `__setstate__` of the class's own takes: Python fails on it by itself. A dict becomes attributes,
/// and of a pair each part may: of plain values and functions neither does.
fn is_its_own_form(scene: &Scene<'_>, state: Value) -> bool {
    let plain = |part: Value| match scene.heap.view(part) {
        View::Dict(_) | View::Object(..) => false,
        View::Name(..) => scene.shape_of(part).is_some_and(|(_, shape)| shape == Shape::Opaque),
        _ => true,
    };
    match scene.heap.view(state) {
        View::Dict(_) | View::Object(..) | View::Name(..) => false,
        View::Tuple(mut items) => items.len() != 2 || items.all(plain),
        _ => true,
    }
}

fn attributes(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    if matches!(scene.roles.get(scene.name), Role::Known(entry) if entry.in_set) {
        sets::check_links(scene, state)?;
    }
    for note in NOTES {
        let Some(value) = scene.heap.lookup(state, note) else { continue };
        let (fits, wanted) = match (*note, scene.heap.view(value)) {
            (CACHE, view) => (matches!(view, View::Dict(_)) && scene.heap.as_object(value).is_none(), "dict"),
            (_, view) => (matches!(view, View::Text(_) | View::None), "text"),
        };
        if !fits {
            return Err(Misuse::act(format!("its {note} is no {wanted}"), HONEST));
        }
    }
    estimator::attributes(scene, state, estimator::Known::Opaque(NOTES), Functions::Opaque)
}
