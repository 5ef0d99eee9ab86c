//! What the other reader does with names and objects, and what of it is certain to be harmless.
//!
//! An act with own values alone is our reader's act, too, and judged there. What is left comes from bytes that are no opcodes
//! to us, or from another memo: honest files hardly ever get that far, so nearly all of it is refused.

use super::calls::Outcome;
use super::dtypes::bytes_of_dtype;
use super::fields::{Fields, Pairs};
use super::states::{Given, holds_numbers, is_state_of_an_array, may_be_state_of_an_array};
use super::values::{Age, Held, Item, Val};
use super::{Made, NO_FILE, Next, Parts, Shadow};
use crate::vocabulary::{Shape, Takes};

/// What is done with a callee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It is called.
    Called,
    /// An object of it is made, by its `__new__`.
    Made,
}

impl Shadow {
    /// REDUCE, NEWOBJ and their like: a call of `callee`, or an object of it; `length` is the opcode's.
    pub(super) fn call(&mut self, how: How, callee: Item, args: Item, length: usize) -> Next {
        // What can not be taken for arguments.
        if matches!(args.val, Val::None | Val::Mark)
            || matches!(args.val, Val::Name(Some(shape)) if !shape.may_be_iterable())
        {
            return Next::Stopped;
        }
        let mut of = Made::of(&[&callee, &args]);
        // The reader that is written in Python iterates them before it sees what they are for.
        let is_judged = of.own && self.is_ours();
        if !is_judged && !args.val.is_iterated_by_python() {
            return Next::Bad("calls something with what is no tuple".to_owned());
        }
        if how == How::Made && matches!(callee.val, Val::Name(Some(shape)) if shape.is_function()) {
            return Next::Stopped;
        }
        // A dtype is what it is called with, wherever it was found: no other name of the tables takes its arguments and its state.
        of.own |= args.own && matches!(callee.val, Val::Name(Some(Shape::DType))) && !self.vocabulary.is_widened();
        let own = of.own && self.is_ours();
        let is_dtype = matches!(callee.val, Val::Name(Some(Shape::DType)));
        let is_buffer = matches!(callee.val, Val::Name(Some(Shape::ArrayBuffer)));
        let number = match &args.val {
            Val::Tuple(Some(args)) if is_buffer => matches!(&**args, [_, _, Val::Lengths(_), _]).then_some(0),
            args => bytes_of_dtype(args).filter(|_| is_dtype),
        };
        let made = match callee.val {
            // What it makes is an object of the class that it is called with.
            Val::Name(Some(Shape::Reconstructor)) if own => match args.val {
                Val::Tuple(Some(args)) => match args.first() {
                    Some(Val::Name(shape)) => Val::Object(*shape),
                    _ => Val::Wild,
                },
                _ => Val::Wild,
            },
            Val::Name(Some(Shape::Latin1)) if is_letter(&args.val) => Val::Plain,
            Val::Name(shape) if own => Val::Object(shape),
            Val::Namesake if own => Val::Namesake,
            Val::Name(shape) => match shape.map_or(Outcome::Unknown, |shape| shape.called_with(how, &args.val)) {
                Outcome::Makes(made) => made,
                Outcome::Raises => return Next::Stopped,
                Outcome::Unknown => {
                    return Next::Bad("calls a function with arguments of which nothing is known".to_owned());
                }
            },
            Val::Object(Some(shape)) if !shape.may_make_functions() => return Next::Stopped,
            val if val.is_no_class() => return Next::Stopped,
            _ => return Next::Bad("calls a thing of which nothing is known".to_owned()),
        };
        self.push_made(made, of);
        self.stack.number(number);
        Next::Used(length)
    }

    /// APPEND and APPENDS, and with `adds` ADDITEMS: `append`, `extend` or `add` of what is on the stack now, with so many items.
    pub(super) fn put_in(&mut self, of: Made, items: Option<&[Item]>, adds: bool) -> Next {
        let Some(target) = self.pop() else { return Next::Stopped };
        let own = of.own && target.own && self.is_ours();
        match target.val {
            _ if own => {}
            // Bytes that can change have both, too.
            Val::List(_) | Val::Plain | Val::Bytes if !adds => {}
            Val::Set if adds && are_keys(items) => {}
            Val::Set if adds => return hashes(),
            // Of a dtype of objects a scalar is whatever it was made of: bytes that can change, too.
            Val::Object(Some(shape)) if shape.stays() && shape != Shape::Scalar => return Next::Stopped,
            // Neither these nor an array's wrapper have such an attribute.
            Val::Name(Some(shape)) if shape.has_no_append() => return Next::Stopped,
            Val::Object(Some(shape)) if shape.takes_nothing() => return Next::Stopped,
            val if val.is_no_class() => return Next::Stopped,
            // Whatever stands under that name is called, an attribute too.
            _ => return Next::Bad("puts items into a thing of which nothing is known".to_owned()),
        }
        if let Val::List(length) = &target.val {
            length.add(items.map(<[Item]>::len));
        }
        self.put(target, of, own)
    }

    /// SETITEM and SETITEMS: what is on the stack now gets these pairs, if they are known.
    pub(super) fn put_pairs(&mut self, items: Made, pairs: Option<&[Item]>) -> Next {
        let Some(target) = self.pop() else { return Next::Stopped };
        let own = items.own && target.own && self.is_ours();
        let are_keys = own || are_keys(pairs.map(keys_of).as_deref());
        if let Val::List(length) = &target.val {
            length.forget();
        }
        let plain = pairs.is_some_and(|pairs| pairs.iter().all(|item| item.val.is_plain()));
        match &target.val {
            Val::Dict(_)
                if are_keys
                    && !own
                    && pairs.is_some_and(|pairs| keys_of(pairs).iter().any(|key| key.val.has_no_hash())) =>
            {
                return Next::Stopped;
            }
            Val::Dict(dict) if are_keys => dict.put(pairs, target.own && self.is_ours()),
            Val::Dict(_) => return hashes(),
            _ if own => {}
            // Dicts of other names, and lists, of which an item is set.
            Val::Object(Some(shape))
                if shape.takes() == Takes::Pairs && *shape != Shape::Dok && are_keys && !Pairs::of(pairs).hooks => {}
            // Of a slice they would iterate what they are given.
            Val::List(_) if has_no_slices(pairs) => {}
            Val::List(_) => return Next::Bad("sets items of a list to things of which nothing is known".to_owned()),
            // Bytes that can change, which take numbers only.
            Val::Plain | Val::Bytes if has_no_slices(pairs) => {}
            // An array without fields has no item of that name.
            Val::Numbers if matches!(pairs, Some([key, ..]) if matches!(key.val, Val::Text(_) | Val::LongText)) => {
                return Next::Stopped;
            }
            // Of arrays what they are given is asked for its elements.
            Val::Numbers if plain => {}
            // An array of before was judged with its memory.
            Val::Object(Some(shape)) if shape.stays() && plain && (target.age == Age::Old || !shape.has_memory()) => {}
            Val::Object(Some(shape)) if shape.has_no_items() => return Next::Stopped,
            // What an allowed name stands for is not known.
            Val::Name(Some(shape)) if !shape.is_opaque() => return Next::Stopped,
            val if val.is_no_class() && !matches!(val, Val::Numbers) => return Next::Stopped,
            _ => return Next::Bad("puts items into a thing of which nothing is known".to_owned()),
        }
        // Of the last key there is no value: Python raises, once it has set the items before it.
        if pairs.is_some_and(|pairs| pairs.len() % 2 != 0) {
            return Next::Stopped;
        }
        self.put(target, items, own)
    }

    fn put(&mut self, target: Item, items: Made, own: bool) -> Next {
        self.changed(target.own, target.age, own);
        self.holds_old |= items.age != Age::New;
        self.stack.push(Item { own, age: target.age.max(items.age), ..target });
        Next::Used(1)
    }

    /// Notes that something was changed, and whether ours was in the same way. A value that is not own may be one of those
    /// from before the parting, by another name.
    fn changed(&mut self, target_own: bool, age: Age, own: bool) {
        self.spoiled |= !own && (target_own || age != Age::Old);
        self.spoiled_old |= !own;
    }

    /// BUILD, at the beginning of these bytes.
    pub(super) fn build(&mut self, bytes: &[u8]) -> Next {
        let (Some(state), Some(target)) = (self.pop(), self.pop()) else { return Next::Stopped };
        let own = state.own && target.own && self.is_ours();
        let bad = |what: &str| Next::Bad(format!("gives {what} a state of which nothing is known"));
        // Who knows it by another name would not know that it was given one.
        let is_held = target.held == Held::Elsewhere && state.val.may_be_tuple();
        let val = match target.val {
            Val::Object(Some(Shape::DType)) if is_held => return bad("a dtype"),
            Val::Object(Some(Shape::Array)) if is_held => return bad("an array"),
            Val::Object(Some(Shape::DType)) if own => match state.val {
                Val::DTypeState(Fields::None) => Val::Object(Some(Shape::DType)),
                _ => Val::Structure,
            },
            val if own => val.with_a_state(),
            val @ Val::Object(Some(Shape::Array)) if is_state_of_an_array(&state.val) => val.with_a_state(),
            // An array twice: views of it would look at memory that is no longer its own.
            Val::Numbers | Val::Object(Some(Shape::Array | Shape::ArrayClass | Shape::ArrayBuffer))
                if may_be_state_of_an_array(&state.val) =>
            {
                return bad("an array");
            }
            Val::Numbers | Val::Object(Some(Shape::Array | Shape::ArrayClass | Shape::ArrayBuffer)) => {
                return Next::Stopped;
            }
            // Its size and flags are those that were judged with its code.
            Val::Object(Some(Shape::DType)) if target.own && matches!(state.val, Val::DTypeState(_)) => match state.val
            {
                Val::DTypeState(Fields::None) => Val::Object(Some(Shape::DType)),
                // One that is not a copy is numpy's own, which takes anything for its state and does nothing.
                Val::DTypeState(Fields::Wrong) => Val::Object(Some(Shape::DType)),
                Val::DTypeState(Fields::Placed) => Val::Structure,
                _ => return bad("a dtype"),
            },
            Val::Object(Some(Shape::DType)) | Val::Structure if state.val.may_be_tuple() => return bad("a dtype"),
            val @ (Val::Object(Some(Shape::DType)) | Val::Structure) => val,
            // Attributes that nobody asks for.
            val @ Val::Object(Some(Shape::ArrayWrapper))
                if self.parts != Parts::Elements && matches!(&state.val, Val::Dict(dict) if !dict.pairs().hooks) =>
            {
                val
            }
            val @ Val::Object(Some(shape)) => match shape.given(&state.val, &self.vocabulary) {
                Given::Harmless => val,
                Given::Unknown(what) => return bad(what),
            },
            // Python looks whether a state is empty before it asks what it is for.
            val if val.is_no_class() && state.val.may_be_nothing() => {
                self.stack.push(Item { val, ..target });
                return Next::Used(1);
            }
            val if val.is_no_class() => return Next::Stopped,
            _ => return bad("a thing"),
        };
        let is_wrapper = matches!(val, Val::Object(Some(Shape::ArrayWrapper)));
        // With other values ours may have an array here, whatever this is: the machine says so when it comes by.
        if !own && self.is_ours() {
            self.came_to.borrow_mut().insert(self.at.saturating_add(1));
            if !self.in_step && self.parts != Parts::Elements {
                self.may_be_nested();
            }
        }
        if !own && matches!(val, Val::Object(Some(shape)) if holds_numbers(shape)) {
            self.reseeded = self.reseeded.saturating_add(1);
        } else {
            self.changed(target.own, target.age, own);
        }
        let held = if state.age == Age::New { Age::New } else { Age::Holds };
        self.holds_old |= held != Age::New;
        let number = match &val {
            Val::Object(Some(Shape::DType)) => target.number,
            Val::Object(Some(Shape::ArrayClass)) => is_state_of_an_array(&state.val).then_some(0),
            _ => None,
        };
        let made = self.made(val, own, target.age.max(held)).with_number(number);
        let made = Item { held: target.held, ..made };
        self.becomes(&made);
        self.stack.push(made);
        if is_wrapper { self.array_follows(own, bytes) } else { Next::Used(1) }
    }

    /// Behind the state of an array's wrapper its elements follow, or the pickle that they stand in. Who knows nothing of
    /// arrays reads on: in a pickle that is ours, or in nothing if it is in step with us, or else in bytes that are no opcodes of ours.
    fn array_follows(&mut self, own: bool, bytes: &[u8]) -> Next {
        let begins = self.at.saturating_add(1);
        if self.parts == Parts::Elements {
            return self.lives_through(begins);
        }
        self.aligned = Some(self.is_ours());
        if own && !self.fork(begins, bytes) {
            self.came_to.borrow_mut().insert(begins);
        }
        if own && !self.in_step {
            self.may_be_nested();
        }
        Next::Used(1)
    }

    /// An old joblib takes the bytes for an array, and goes on behind it with whatever is on its stack and in its memo. It takes
    /// them from where its own frame ends, and goes on in that frame.
    fn lives_through(&mut self, begins: u64) -> Next {
        self.came_to.borrow_mut().insert(begins);
        match self.frame {
            Some(end) if end > begins && end < NO_FILE => {
                Next::Bad("takes an array from behind a frame that is none of this file".to_owned())
            }
            _ => Next::Stopped,
        }
    }
}

/// What follows of a key of which nothing is known.
pub(super) fn hashes() -> Next {
    Next::Bad("hashes a thing of which nothing is known".to_owned())
}

/// The keys of these pairs.
pub(super) fn keys_of(pairs: &[Item]) -> Vec<Item> {
    pairs.iter().step_by(2).cloned().collect()
}

/// Whether Python may hash these.
pub(super) fn are_keys(items: Option<&[Item]>) -> bool {
    items.is_some_and(|items| items.iter().all(|item| item.val.is_key()))
}

/// Whether none of these keys is a slice.
fn has_no_slices(pairs: Option<&[Item]>) -> bool {
    let no_slice = |key: &Item| matches!(key.val, Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Bytes);
    pairs.is_some_and(|pairs| pairs.iter().step_by(2).all(no_slice))
}

/// `('b', 'latin1')`, of which `_codecs.encode` makes the letter that every array is made with up to protocol 2. To Python 2 it is a text,
/// but the name of nothing.
fn is_letter(args: &Val) -> bool {
    matches!(args, Val::Tuple(Some(args)) if matches!(&**args, [Val::Text(text), Val::Text(codec)] if **text == *b"b" && **codec == *b"latin1"))
}
