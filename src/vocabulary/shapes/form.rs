//! What a value may look like, written as data: the forms of arguments and states whose classes have many.
//!
//! Forms nest only as deep as they are written, and never follow a value further.

use super::super::scene::{Misuse, Scene};
use super::super::shape::Shape;
use super::shown;
use crate::graph::{Value, View};

/// A form.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool,
    /// A whole number of at most 64 bits.
    Whole,
    /// A whole number of at most 64 bits, with a sign or without.
    Wide,
    /// A whole number of these.
    One(&'static [i64]),
    /// A float.
    Float,
    /// Text.
    Text,
    /// A text of these.
    Word(&'static [&'static str]),
    /// A numpy array.
    Array,
    /// A numpy array of one axis or more.
    Axes,
    /// A numpy array of numbers, of one axis or more: numpy and compiled code ask no objects for theirs.
    Numbers,
    /// A numpy dtype.
    DType,
    /// An object that a name of one of these shapes made.
    Object(&'static [Shape]),
    /// Such an object that was given its state, without which its class crashes.
    Built(&'static [Shape]),
    /// A name of one of these shapes, kept as a value.
    Name(&'static [Shape]),
    /// A tuple of exactly these.
    Tuple(&'static [Form]),
    /// A tuple or list of any number of these.
    Many(&'static Form),
    /// A dict with some of these keys, each once.
    Dict(&'static [(&'static str, Form)]),
    /// A dict of any data; who settles the value has looked at it.
    Pairs,
    /// One of these.
    Either(&'static [Form]),
    /// Any value that Python can hash without asking a class.
    Label,
    /// Any data; who settles the value has looked at it.
    Data,
}

impl Form {
    /// Whether a value has this form. Items of lists are paid for: many objects can share one list.
    pub fn fits(&self, scene: &mut Scene<'_>, value: Value) -> Result<bool, Misuse> {
        let view = scene.heap.view(value);
        Ok(match self {
            Form::None => matches!(view, View::None),
            Form::Bool => matches!(view, View::Bool(_)),
            Form::Whole => view.int().is_some(),
            Form::Wide => view.int().is_some() || matches!(view, View::Long([_, _, _, _, _, _, _, _, 0])),
            Form::One(numbers) => view.int().is_some_and(|number| numbers.contains(&number)),
            Form::Float => matches!(view, View::Float(_)),
            Form::Text => matches!(view, View::Text(_)),
            Form::Word(words) => matches!(view, View::Text(text) if words.iter().any(|word| text.is(word))),
            Form::Array => matches!(view, View::Array(_)),
            Form::Axes => matches!(view, View::Array(array) if !array.shape.is_empty()),
            Form::Numbers => {
                matches!(view, View::Array(array) if !array.shape.is_empty() && scene.heap.has_numbers(array))
            }
            Form::DType => matches!(view, View::DType(..)),
            Form::Object(shapes) => {
                let object = scene.heap.as_object(value).and_then(|(_, object)| scene.roles.shape(object.name));
                object.is_some_and(|shape| shapes.contains(&shape))
            }
            Form::Built(_) if !scene.heap.as_object(value).is_some_and(|(_, object)| object.built) => false,
            Form::Built(shapes) => Form::Object(shapes).fits(scene, value)?,
            Form::Name(shapes) => scene.shape_of(value).is_some_and(|(_, shape)| shapes.contains(&shape)),
            Form::Tuple(forms) => {
                let Some(items) = scene.heap.as_tuple(value).filter(|items| items.len() == forms.len()) else {
                    return Ok(false);
                };
                let items: Vec<Value> = items.collect();
                all(scene, forms.iter().zip(items))?
            }
            Form::Many(form) => {
                let (View::Tuple(items) | View::List(items)) = view else { return Ok(false) };
                scene.budget.values(items.len() as u64)?;
                scene.budget.memory((items.len() as u64).saturating_mul(8))?;
                let items: Vec<Value> = items.collect();
                all(scene, std::iter::repeat(*form).zip(items))?
            }
            Form::Dict(keys) => {
                let View::Dict(pairs) = view else { return Ok(false) };
                if pairs.len() > keys.len() {
                    return Ok(false);
                }
                let pairs: Vec<(Value, Value)> = pairs.collect();
                keyed(scene, &pairs, keys)?.is_none()
            }
            Form::Pairs => matches!(view, View::Dict(_)),
            Form::Either(forms) => {
                for form in *forms {
                    if form.fits(scene, value)? {
                        return Ok(true);
                    }
                }
                false
            }
            Form::Label => match scene.heap.hashed_parts(value) {
                Some(parts) => scene.budget.values(parts).map(|()| true)?,
                None => false,
            },
            Form::Data => true,
        })
    }
}

fn all<'f>(scene: &mut Scene<'_>, pairs: impl Iterator<Item = (&'f Form, Value)>) -> Result<bool, Misuse> {
    for (form, value) in pairs {
        if !form.fits(scene, value)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first pair of a dict that is not of these: its key is none of them or stands twice, or its value has another form.
fn keyed(
    scene: &mut Scene<'_>,
    pairs: &[(Value, Value)],
    keys: &[(&'static str, Form)],
) -> Result<Option<String>, Misuse> {
    let mut met = Vec::with_capacity(pairs.len().min(keys.len()));
    for (key, value) in pairs {
        let Some(at) = keys.iter().position(|(known, _)| scene.heap.is_text(*key, known)) else {
            return Ok(Some(format!("its state has {}", shown(scene, *key))));
        };
        if met.contains(&at) {
            return Ok(Some(format!("its state has {} twice", shown(scene, *key))));
        }
        met.push(at);
        if let Some((_, form)) = keys.get(at)
            && !form.fits(scene, *value)?
        {
            let kind = scene.heap.view(*value).kind();
            return Ok(Some(format!("{} is {kind}", shown(scene, *key))));
        }
    }
    Ok(None)
}

/// Checks that a state is a dict with some of these keys, each once, and freezes it with all that is in it.
pub fn state_of(
    scene: &mut Scene<'_>,
    state: Value,
    keys: &[(&'static str, Form)],
    honest: &'static str,
) -> Result<(), Misuse> {
    let pairs = scene.heap.as_dict(state).ok_or_else(|| Misuse::act("its state is no dict", honest))?;
    if pairs.len() > keys.len() {
        return Err(Misuse::act(format!("its state has {} keys", pairs.len()), honest));
    }
    let pairs: Vec<(Value, Value)> = pairs.collect();
    match keyed(scene, &pairs, keys)? {
        Some(wrong) => Err(Misuse::act(wrong, honest)),
        None => Ok(()),
    }
}

/// Refuses a part of a state, if it is a dict that may stand elsewhere too: Python changes it.
pub fn give(scene: &mut Scene<'_>, part: Option<Value>, what: &str, honest: &'static str) -> Result<(), Misuse> {
    if part.is_none_or(|part| scene.heap.give(part)) {
        return Ok(());
    }
    Err(Misuse::act(format!("its {what} may stand elsewhere, too"), honest))
}

/// Checks that arguments have one of these forms.
pub fn arguments_of(
    scene: &mut Scene<'_>,
    args: Value,
    forms: &[&'static [Form]],
    honest: &'static str,
) -> Result<(), Misuse> {
    for form in forms {
        if Form::Tuple(form).fits(scene, args)? {
            return Ok(());
        }
    }
    Err(Misuse::act("it is called with something else", honest))
}
