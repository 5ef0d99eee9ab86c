//! What cloudpickle writes for the methods that models keep, and for namespaces, where `pickle` has `getattr` and the class itself.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Made, Shape};
use super::form::arguments_of;
use super::{arguments, lookup};
use crate::graph::{ObjectId, Value, View};

const TYPE: &str = "an honest file calls it with 'MethodType' or 'SimpleNamespace', and calls what it finds";
const METHOD: &str = "an honest file makes a method of a function of a class and an empty object of it, of the few that scipy and scikit-learn keep";

/// A class of Python's `types` that cloudpickle finds by its name. Others make code and functions of what a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Method,
    Namespace,
}

/// `_builtin_type('MethodType')` (`cloudpickle/cloudpickle.py`): `getattr(types, name)`.
pub fn builtin_type(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [name] = arguments(scene, args, TYPE)?;
    if type_named(scene, name).is_none() {
        return Err(Misuse::act("it asks for another type", TYPE));
    }
    Ok(Made::Object(scene.name))
}

fn type_named(scene: &Scene<'_>, name: Value) -> Option<Type> {
    match scene.heap.as_str(name).filter(|_| scene.heap.as_object(name).is_none())? {
        "MethodType" => Some(Type::Method),
        "SimpleNamespace" => Some(Type::Namespace),
        _ => None,
    }
}

/// Whether an object that was made of these arguments is such a type itself.
pub fn is_type(scene: &Scene<'_>, shape: Shape, args: Value) -> bool {
    shape == Shape::BuiltinType && scene.heap.as_tuple(args).is_some_and(|args| args.len() == 1)
}

/// What such a type makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// A method of an object.
    Method,
    /// An empty object of this class: its module and its name.
    Empty(&'static str, &'static str),
}

/// `_builtin_type('MethodType')(Class.method, object)`, `_builtin_type('SimpleNamespace')()`.
pub fn call_of_type(scene: &mut Scene<'_>, made: Value, args: Value) -> Result<Called, Misuse> {
    let name = scene.made_of(made, Shape::BuiltinType).and_then(|args| args.exactly::<1>());
    match name.and_then(|[name]| type_named(scene, name)) {
        Some(Type::Namespace) => {
            arguments_of(scene, args, &[&[]], TYPE)?;
            Ok(Called::Empty("types", "SimpleNamespace"))
        }
        Some(Type::Method) => {
            let [function, target] = arguments(scene, args, METHOD)?;
            let method = function_of(scene, function);
            if !method.is_some_and(|method| lookup::has_method(scene, target, method)) {
                return Err(Misuse::act("it makes another method", METHOD));
            }
            scene.settle(args, Functions::Checked)?;
            Ok(Called::Method)
        }
        None => Err(Misuse::act("what it made is called", TYPE)),
    }
}

/// The name of the method that a function of a class is: `Class.method`.
fn function_of<'s>(scene: &'s Scene<'_>, function: Value) -> Option<&'s str> {
    let (id, name) = scene.heap.as_name(function)?;
    let method = name.qualname.rsplit_once('.').map(|(_, method)| method);
    method.filter(|_| scene.roles.shape(id) == Some(Shape::Function))
}

/// The object and the name of a method that was so made, if the value is one.
pub fn method<'s>(scene: &'s Scene<'_>, value: Value) -> Option<(ObjectId, &'s str)> {
    let [function, target] = scene.made_of(value, Shape::BuiltinType)?.exactly()?;
    let View::Object(target, _) = scene.heap.view(target) else { return None };
    Some((target, function_of(scene, function)?))
}
