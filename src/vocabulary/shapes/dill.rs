//! What dill writes for types and arrays, and how it finds numpy's constructor of arrays.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::{arguments, container, numpy, plain, python};
use crate::graph::{ObjectId, Value, View};

const TYPE: &str = "an honest file calls it with the name of a plain type, such as 'int'";
/// Types that make empty values or hold plain ones, by the names that dill has for them: Python's own, and those that Python 2's `types` has.
/// dill has a hundred others, among them those of code and functions.
const TYPES: &[(&str, &str)] = &[
    ("int", "int"),
    ("float", "float"),
    ("str", "str"),
    ("bool", "bool"),
    ("complex", "complex"),
    ("bytes", "bytes"),
    ("list", "list"),
    ("dict", "dict"),
    ("tuple", "tuple"),
    ("set", "set"),
    ("frozenset", "frozenset"),
    ("slice", "slice"),
    ("range", "range"),
    ("object", "object"),
    ("IntType", "int"),
    ("LongType", "int"),
    ("FloatType", "float"),
    ("StringType", "str"),
    ("UnicodeType", "str"),
    ("BooleanType", "bool"),
    ("ComplexType", "complex"),
    ("ListType", "list"),
    ("DictType", "dict"),
    ("DictionaryType", "dict"),
    ("TupleType", "tuple"),
    ("SliceType", "slice"),
    ("XRangeType", "range"),
    ("ObjectType", "object"),
];

/// `_load_type('int')`, in Python 2 `_load_type('IntType')`: a name of Python's.
pub fn type_of(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [name] = arguments(scene, args, TYPE)?;
    if plain_type(scene, name).is_none() {
        return Err(Misuse::act("it asks for another type", TYPE));
    }
    Ok(Made::Object(scene.name))
}

/// The plain type that dill calls so.
fn plain_type(scene: &Scene<'_>, name: Value) -> Option<&'static str> {
    let name = scene.heap.as_str(name).filter(|_| scene.heap.as_object(name).is_none())?;
    TYPES.iter().find(|(known, _)| *known == name).map(|(_, of)| *of)
}

/// The plain type that a value is, if dill fetched one.
pub fn made_type(scene: &Scene<'_>, value: Value) -> Option<&'static str> {
    let [name] = scene.made_of(value, Shape::DillType)?.exactly()?;
    plain_type(scene, name)
}

/// `_load_type('slice')(0, 2, None)`: types that dill also calls.
pub fn call_of_type(scene: &mut Scene<'_>, made: Value, args: Value) -> Result<(), Misuse> {
    match made_type(scene, made) {
        Some("slice") => python::slice(scene, args).map(|_| ()),
        Some("complex") => python::complex(scene, args).map(|_| ()),
        Some("range") => plain::range(scene, args).map(|_| ()),
        Some("set") => container::set(scene, args, false).map(|_| ()),
        Some("frozenset") => container::set(scene, args, true).map(|_| ()),
        _ => Err(Misuse::act("what it made is called", "an honest file calls the types slice, complex, range and set")),
    }
}

const ARRAY: &str = "an honest file calls it with numpy's own constructor, its arguments, an array's state and None";

/// `_create_array(_reconstruct, (ndarray, (0,), b'b'), state, None)`: it *calls* its first argument.
pub fn array(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [constructor, inner, state, attributes] = arguments(scene, args, ARRAY)?;
    let named = scene.shape_of(constructor).map(|(_, shape)| shape) == Some(Shape::Array);
    if !named && found(scene, constructor) != Some(Found::Reconstruct) {
        return Err(Misuse::act("its first argument, which it calls, is another function", ARRAY));
    }
    let none = match scene.heap.view(attributes) {
        View::None => true,
        View::Dict(pairs) => pairs.len() == 0,
        _ => false,
    };
    if !none {
        return Err(Misuse::act("it sets attributes", ARRAY));
    }
    numpy::reconstruct(scene, inner)?;
    let parts = arguments(scene, state, ARRAY)?;
    numpy::array_of_state(scene, parts, ARRAY).map(Made::Is)
}

const MODULE: &str = "an honest file calls it with the name of the module in which numpy's constructor of arrays is";
/// Modules of numpy that have `_reconstruct`, as versions of numpy say of it.
const MODULES: &[&str] = &[
    "numpy.core.multiarray",
    "numpy.core._multiarray_umath",
    "numpy._core.multiarray",
    "numpy._core._multiarray_umath",
];

/// `_import_module('numpy.core._multiarray_umath')`.
pub fn module(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [name] = arguments(scene, args, MODULE)?;
    let plain = scene.heap.as_object(name).is_none();
    if !plain || !scene.heap.as_str(name).is_some_and(|name| MODULES.contains(&name)) {
        return Err(Misuse::act("it imports another module", MODULE));
    }
    Ok(Made::Object(scene.name))
}

const ATTRIBUTE: &str =
    "an honest file calls it with numpy's module and '_reconstruct' or 'scalar', and calls what it finds as that";

/// `_get_attr(_import_module('numpy.core._multiarray_umath'), '_reconstruct')`.
pub fn attribute(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    if found_in(scene, args).is_none() {
        return Err(Misuse::act("it fetches something else", ATTRIBUTE));
    }
    Ok(Made::Object(scene.name))
}

/// What that found, called: `_reconstruct(ndarray, (0,), b'b')`, `scalar(dtype('f8'), b'...')`.
pub fn call_of_attribute(scene: &mut Scene<'_>, made: Value, args: Value) -> Result<Made, Misuse> {
    let made = match found(scene, made) {
        Some(Found::Reconstruct) => numpy::reconstruct(scene, args)?,
        Some(Found::Scalar) => numpy::scalar(scene, args)?,
        None => return Err(Misuse::act("what it made is called", ATTRIBUTE)),
    };
    scene.settle(args, Functions::Checked)?;
    Ok(made)
}

/// The state of an array that was so made.
pub fn attribute_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let args = scene.heap.get_object(object).map_or(Value::NONE, |object| object.args);
    if scene.heap.as_tuple(args).is_none_or(|args| args.len() != 3) {
        return Err(Misuse::act("it is no array that is given a state", ATTRIBUTE));
    }
    numpy::array_state(scene, state)
}

/// Whether an object that was made of these arguments is numpy's module itself, or what dill found in it: by that an array is made, and
/// nothing else. Called with arguments of a file's choice, both of its functions would take any bytes for objects.
pub fn is_found(scene: &Scene<'_>, shape: Shape, args: Value) -> bool {
    shape == Shape::DillModule || (shape == Shape::DillAttribute && found_in(scene, args).is_some())
}

/// What dill finds in numpy's module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Reconstruct,
    Scalar,
}

/// What a value is, if dill found it.
fn found(scene: &Scene<'_>, value: Value) -> Option<Found> {
    let (_, made) = scene.heap.as_object(value)?;
    (scene.roles.shape(made.name) == Some(Shape::DillAttribute)).then(|| found_in(scene, made.args))?
}

/// What these arguments find.
fn found_in(scene: &Scene<'_>, args: Value) -> Option<Found> {
    let [module, name] = scene.heap.as_tuple(args)?.exactly()?;
    let (_, of) = scene.heap.as_object(module)?;
    let plain = scene.roles.shape(of.name) == Some(Shape::DillModule) && scene.heap.as_object(name).is_none();
    match scene.heap.as_str(name).filter(|_| plain)? {
        "_reconstruct" => Some(Found::Reconstruct),
        "scalar" => Some(Found::Scalar),
        _ => None,
    }
}
