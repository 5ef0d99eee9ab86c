//! scipy's distributions (`scipy/stats/_distn_infrastructure.py`): their `__setstate__` runs `exec` on a text that stands in
//! their state. The text is a fixed template filled with the names of the parameters; no other text passes.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Shape};
use super::closed_state;
use super::form::Form;
use crate::graph::{Value, View};

const HONEST: &str = "an honest file gives it attributes with scipy's own text for reading parameters";
const KEYS: &[&str] = &[
    "_stats_has_moments",
    "_random_state",
    "_ctor_param",
    "badvalue",
    "name",
    "a",
    "b",
    "xtol",
    "moment_type",
    "moment_tol",
    "inc",
    "shapes",
    "extradoc",
    "_parse_arg_template",
    "numargs",
    "__doc__",
    "vecentropy",
    "_updated_ctor_param",
    "_rvs_uses_size_attribute",
    "_rvs_size_warned",
    "_support",
    "parameterization",
    "xk",
    "pk",
    "qvals",
    "_density",
    "_hbin_widths",
    "_hbins",
    "_hcdf",
    "_histogram",
    "_hpdf",
];
/// Longest list of parameters' names, in bytes. One state can be given to many objects, and is compared for each.
const LONGEST: usize = 1000;
/// Most parameters: scipy's own have four at most.
const MOST: usize = 16;
/// What compiling its program text takes, in values read: 300 µs in CPython 3.13.
const COMPILED: u64 = 10_000;
const CTOR: &[&str] = &[
    "momtype",
    "a",
    "b",
    "xtol",
    "badvalue",
    "name",
    "longname",
    "shapes",
    "extradoc",
    "seed",
    "moment_tol",
    "values",
    "inc",
];

/// The state of a distribution.
pub fn state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    scene.budget.values(COMPILED)?;
    if scene.heap.as_tuple(state).is_some() {
        return old_state(scene, state);
    }
    closed_state(scene, state, KEYS, HONEST)?;
    let shapes = parameters(scene, state)?;
    let template = scene.heap.lookup(state, "_parse_arg_template");
    let text = template.and_then(|template| scene.heap.as_str(template)).unwrap_or_default();
    if text != filled(&shapes, "loc=0, scale=1", "loc, scale") && text != filled(&shapes, "loc=0", "loc, 1") {
        return Err(Misuse::act("its state holds other program text than scipy's, and scipy would run it", HONEST));
    }
    if let Some(parameters) = scene.heap.lookup(state, "_ctor_param") {
        closed_state(scene, parameters, CTOR, HONEST)?;
    }
    // Compiled code of some draws by it, whatever it is (`scipy/stats/_biasedurn.pyx`).
    const RANDOM: Form =
        Form::Either(&[Form::None, Form::Whole, Form::Object(&[Shape::RandomState, Shape::LegacyRandomState])]);
    if let Some(random) = scene.heap.lookup(state, "_random_state")
        && !RANDOM.fits(scene, random)?
    {
        return Err(Misuse::act("its _random_state is none", HONEST));
    }
    const ENTROPY: Form = Form::Object(&[Shape::Vectorized, Shape::Attribute, Shape::BuiltinType]);
    for (key, value) in scene.heap.as_dict(state).into_iter().flatten().collect::<Vec<_>>() {
        let method = scene.heap.is_text(key, "vecentropy") && ENTROPY.fits(scene, value)?;
        scene.settle(value, if method { Functions::Allowed } else { Functions::Refused })?;
    }
    scene.heap.freeze(state, false);
    Ok(Built::State)
}

/// The state before scipy 1.6: what the constructor is called with, and a random state. The names of parameters come into a
/// program text, and other texts into one with `%` in it.
fn old_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const NUMBER: Form =
        Form::Either(&[Form::None, Form::Whole, Form::Float, Form::Array, Form::Object(&[Shape::Scalar])]);
    const ONE: Form = Form::Either(&[Form::Bool, Form::Whole, Form::Float, Form::Object(&[Shape::Scalar])]);
    const NUMBERS: Form = Form::Either(&[Form::Numbers, Form::Many(&ONE)]);
    const WORDS: Form = Form::Either(&[Form::None, Form::Text]);
    const RANDOM: Form = Form::Object(&[Shape::RandomState, Shape::LegacyRandomState]);
    const PARAMETERS: &[(&str, Form)] = &[
        ("momtype", NUMBER),
        ("a", NUMBER),
        ("b", NUMBER),
        ("xtol", NUMBER),
        ("badvalue", NUMBER),
        ("name", WORDS),
        ("longname", WORDS),
        ("shapes", WORDS),
        ("extradoc", WORDS),
        ("seed", Form::None),
        ("moment_tol", NUMBER),
        // What rv_sample and rv_histogram are made of: scipy counts with it.
        ("values", Form::Either(&[Form::None, Form::Many(&NUMBERS)])),
        ("histogram", Form::Many(&NUMBERS)),
        ("inc", NUMBER),
    ];
    if !Form::Tuple(&[Form::Dict(PARAMETERS), RANDOM]).fits(scene, state)? {
        return Err(Misuse::act("its state is something else", HONEST));
    }
    let first = scene.heap.as_tuple(state).and_then(|parts| parts.at(0)).unwrap_or(Value::NONE);
    parameters(scene, first)?;
    for key in ["name", "longname", "extradoc"] {
        let text = scene.heap.lookup(first, key).map(|text| scene.heap.view(text));
        if matches!(text, Some(View::Text(text)) if text.bytes().contains(&b'%') || text.bytes().len() > LONGEST) {
            return Err(Misuse::act(format!("its {key} has signs that scipy would replace"), HONEST));
        }
    }
    // Each distribution sorts and sums them.
    for key in ["values", "histogram"] {
        let numbers = scene.heap.lookup(first, key).and_then(|numbers| scene.heap.as_tuple(numbers));
        for numbers in numbers.into_iter().flatten().collect::<Vec<_>>() {
            scene.pay_for_copy(numbers)?;
        }
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

/// The names of a distribution's parameters.
fn parameters(scene: &Scene<'_>, state: Value) -> Result<Vec<String>, Misuse> {
    let shapes = match scene.heap.lookup(state, "shapes").map(|value| scene.heap.view(value)) {
        None | Some(View::None) => Vec::new(),
        Some(View::Text(text)) => {
            let text = text.as_str().filter(|text| text.len() <= LONGEST).unwrap_or("(");
            // Of its own values and their weights (rv_sample): it has no parameters, and a blank for them.
            let names = text.split(',').map(str::trim).filter(|_| text != " ");
            names.map(str::to_owned).collect()
        }
        Some(_) => return Err(Misuse::act("its parameters' names are no text", HONEST)),
    };
    if shapes.len() > MOST {
        return Err(Misuse::act("it has more parameters than any distribution", HONEST));
    }
    if !shapes.iter().all(|name| is_parameter(name)) {
        return Err(Misuse::act("its parameters have names that are none", HONEST));
    }
    Ok(shapes)
}

/// A parameter's name: letters, digits and underscores, and no word of Python's.
fn is_parameter(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.len() <= 32 && name.chars().all(plain) && !name.starts_with("__")
}

/// scipy's `parse_arg_template`, filled.
fn filled(shapes: &[String], input: &str, output: &str) -> String {
    let shapes: String = shapes.iter().map(|name| format!("{name}, ")).collect();
    format!(
        "\ndef _parse_args(self, {shapes} {input}):\n    return ({shapes}), {output}\n\
         \ndef _parse_args_rvs(self, {shapes} {input}, size=None):\n    return self._argcheck_rvs({shapes} {output}, size=size)\n\
         \ndef _parse_args_stats(self, {shapes} {input}, moments='mv'):\n    return ({shapes}), {output}, moments\n"
    )
}

const FROZEN: &str = "an honest file gives it a distribution of scipy's and its parameters";

/// The state of a frozen distribution.
pub fn frozen_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    closed_state(scene, state, &["args", "kwds", "dist", "a", "b"], FROZEN)?;
    let dist = scene.heap.lookup(state, "dist").and_then(|dist| scene.heap.as_object(dist));
    if dist.and_then(|(_, dist)| scene.roles.shape(dist.name)) != Some(Shape::Distribution) {
        return Err(Misuse::act("its distribution is none", FROZEN));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
