//! What the other reader does with names and objects, and what of it is certain to be harmless.
//!
//! An act with own values alone is our reader's act, too, and judged there. What is left comes from bytes that are no opcodes
//! to us, or from another memo: honest files hardly ever get that far, so nearly all of it is refused.

use super::calls::Outcome;
use super::dtypes::bytes_of_dtype;
use super::fields::{Fields, Pairs};
use super::lists::Inert;
use super::raises::{begins_with_no_index, has_no_slices};
use super::states::{has_no_dtype, inert_elements, is_kept, is_state_of_an_array};
use super::values::{Age, Item, Val};
use super::{Made, NO_FILE, Next, Parts, Shadow};
use crate::vocabulary::Shape;

/// Most that honest files come to. What is put into one another may be as deep, and keys of one hash as many.
const MOST_ACTS: u32 = 1000;

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
        let mut of = Made::of(&[&callee, &args]);
        // The reader that is written in Python iterates them before it sees what they are for.
        let is_judged = of.own && self.is_ours();
        if !is_judged && !args.val.answers_as_made() {
            return Next::Bad("calls something with what is no tuple".to_owned());
        }
        // A dtype is what it is called with, wherever it was found. What takes the same texts, such as a path, is another thing to ours, so that
        // they are asked here.
        of.own |= args.own && callee.val.is_called_as_a_dtype(&args.val) && !self.vocabulary.is_widened();
        let own = of.own && self.is_ours();
        let is_dtype = matches!(callee.val, Val::Name(Some(Shape::DType)));
        let number = bytes_of_dtype(&args.val).filter(|_| is_dtype);
        let made = match callee.val {
            // What it makes is an object of the class that it is called with.
            Val::Name(Some(Shape::Reconstructor)) if own => match args.val {
                Val::Tuple(Some(args)) => match args.first() {
                    Some(Val::Name(shape)) => Val::Object(*shape),
                    _ => Val::Wild,
                },
                _ => Val::Wild,
            },
            Val::Name(Some(Shape::Latin1)) if is_letter(&args.val) => Val::Few(Some(b'b')),
            Val::Name(shape) if own => Val::Object(shape),
            Val::Namesake if own => Val::Namesake,
            callee => match callee.called_with(how, &args.val) {
                Outcome::Makes(_) if !self.may_act(1) => return many_acts(),
                Outcome::Makes(made) => made,
                Outcome::Raises => return Next::Stopped,
                Outcome::Unknown if matches!(callee, Val::Name(_)) => {
                    return Next::Bad("calls a function with arguments of which nothing is known".to_owned());
                }
                Outcome::Unknown => return Next::Bad("calls a thing of which nothing is known".to_owned()),
            },
        };
        self.push_made(made, of);
        self.stack.number(number);
        Next::Used(length)
    }

    /// APPEND and APPENDS, and with `adds` ADDITEMS: `append`, `extend` or `add` of what is on the stack now, with so many items.
    pub(super) fn put_in(&mut self, of: Made, items: Option<&[Item]>, adds: bool) -> Next {
        let Some(target) = self.pop() else { return Next::Stopped };
        let own = of.own && target.own && self.is_ours();
        let cost = if own { 0 } else { cost_of_keys(items.filter(|_| adds)) };
        let are_plain = || items.is_some_and(|items| items.iter().all(|item| item.val.is_data()));
        match &target.val {
            _ if own => {}
            _ if self.reaches_back(target.age) && !are_plain() => return reached_back(),
            Val::List(_) if !adds => {}
            Val::Set if adds && raises_when_hashed(items) => return Next::Stopped,
            Val::Set if adds && are_keys(items) => {}
            Val::Set if adds => return hashes(),
            target if target.has_no_append(adds) => return Next::Stopped,
            // Whatever stands under that name is called, an attribute too.
            _ => return Next::Bad("puts items into a thing of which nothing is known".to_owned()),
        }
        if !self.may_act(cost) {
            return many_acts();
        }
        if let Val::List(list) = &target.val {
            list.add(items);
        }
        self.put(target, of, own)
    }

    /// SETITEM and SETITEMS: what is on the stack now gets these pairs, if they are known.
    pub(super) fn put_pairs(&mut self, items: Made, pairs: Option<&[Item]>) -> Next {
        let Some(target) = self.pop() else { return Next::Stopped };
        let own = items.own && target.own && self.is_ours();
        let (keys, Pairs { plain, hooks, .. }) = (pairs.map(keys_of), Pairs::of(pairs));
        let are_keys = own || are_keys(keys.as_deref());
        let cost = if own { 0 } else { cost_of_keys(keys.as_deref()) };
        if let Val::List(list) = &target.val {
            list.forget();
        }
        match &target.val {
            _ if !own && self.reaches_back(target.age) && !plain => return reached_back(),
            Val::Dict(_) if !own && raises_when_keyed(pairs) => return Next::Stopped,
            Val::Dict(dict) if !own && dict.pairs().kept => {
                return Next::Bad("puts items into the fields of a dtype".to_owned());
            }
            Val::Dict(dict) if are_keys => dict.put(pairs, target.own && self.is_ours()),
            Val::Dict(_) => return hashes(),
            _ if own => {}
            // Dicts of other names; an ordered one may be the fields of a dtype.
            Val::Object(Some(Shape::OrderedDict | Shape::Bunch))
                if are_keys && !hooks && holds_no_field(pairs) && self.may_act(1) => {}
            Val::List(_) if begins_with_no_index(pairs) => return Next::Stopped,
            // Of a slice they would iterate what they are given.
            Val::List(_) if has_no_slices(pairs) => {}
            target if target.has_no_items() => return Next::Stopped,
            _ => return Next::Bad("puts items into a thing of which nothing is known".to_owned()),
        }
        if !self.may_act(cost) {
            return many_acts();
        }
        self.changed_dicts |= !own;
        self.filled |= !plain;
        self.put(target, items, own)
    }

    /// Counts what it does with values that were not judged; whether honest files come to as much.
    pub(super) fn may_act(&mut self, cost: u32) -> bool {
        self.acts = self.acts.saturating_add(cost);
        self.acts <= MOST_ACTS
    }

    /// Whether this may be what the pickle before returned: whoever reads all pickles with one memo has that already. It is given nothing that
    /// could be called. Who goes on behind an array without elements is still in the pickle that it belongs to.
    fn reaches_back(&self, age: Age) -> bool {
        self.parts == Parts::Shared && !self.in_step && age == Age::Old
    }

    fn put(&mut self, target: Item, items: Made, own: bool) -> Next {
        self.changed(target.own, target.age, own);
        self.holds_old |= items.age != Age::New;
        self.stack.push(Item { own, age: target.age.max(items.age), ..target });
        Next::Used(1)
    }

    /// Notes that something was changed, and whether ours was in the same way. A value that is not own may be one of those
    /// from before the parting, by another name; what ours changed by an opcode that is its own may be anything.
    fn changed(&mut self, target_own: bool, age: Age, own: bool) {
        if own {
            return;
        }
        if target_own || age != Age::Old || self.is_ours() {
            self.changes.anything();
        }
        self.changes.of_before();
    }

    /// Notes that nothing is done to a value, where ours may have changed anything by the same opcode.
    pub(super) fn passes_over(&mut self, judged: bool, own: bool, age: Age) {
        if !judged && self.is_ours() {
            self.changed(own, age, false);
        }
    }

    /// BUILD, at the beginning of these bytes.
    pub(super) fn build(&mut self, bytes: &[u8]) -> Next {
        let (Some(state), Some(target)) = (self.pop(), self.pop()) else { return Next::Stopped };
        let own = state.own && target.own && self.is_ours();
        let bad = |what: &str| Next::Bad(format!("gives {what} a state of which nothing is known"));
        // Who knows it by another name would not know that it was given one.
        let is_held = self.is_held(&target) && state.val.may_be_tuple();
        let is_an_array = matches!(target.val, Val::Object(Some(Shape::Array)));
        let inert = if is_an_array { inert_elements(&state.val) } else { Inert::No };
        let val = match target.val {
            Val::Object(Some(Shape::DType)) if is_held => return bad("a dtype"),
            Val::Object(Some(Shape::Array)) if is_held => return bad("an array"),
            Val::Object(Some(Shape::DType)) if own => match state.val {
                Val::DTypeState(Fields::None) => Val::Object(Some(Shape::DType)),
                _ => Val::Structure,
            },
            val if own => val.with_a_state(),
            val @ Val::Object(Some(Shape::Array)) if is_state_of_an_array(&state.val) => val.with_a_state(),
            val if val.raises_when_given(&state.val) => return Next::Stopped,
            // There is no such thing, or it is an array, and raises.
            Val::Namesake if has_no_dtype(&state.val) => Val::Namesake,
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
            val @ Val::Object(Some(shape)) if is_kept(shape, &state.val, !self.changed_dicts) => {
                let plain = matches!(&state.val, Val::Dict(state) if state.pairs().plain);
                if self.reaches_back(target.age) && !plain {
                    return reached_back();
                }
                val
            }
            // Python looks whether a state is empty before it asks what it is for.
            val if (val.is_of_python() && state.val.may_be_nothing())
                || (val.is_a_function() && matches!(state.val, Val::Numbers)) =>
            {
                self.passes_over(false, target.own, target.age);
                self.stack.push(Item { val, ..target });
                return Next::Used(1);
            }
            Val::Numbers => return bad("an array"),
            Val::Object(Some(shape)) if shape.has_memory() => return bad("an array"),
            _ => return bad("a thing"),
        };
        if !own && !self.may_act(1) {
            return many_acts();
        }
        let is_wrapper = matches!(val, Val::Object(Some(Shape::ArrayWrapper)));
        // With other values ours may have an array here, whatever this is: the machine says so when it comes by.
        if !own && self.is_ours() {
            self.came_to.borrow_mut().insert(self.at.saturating_add(1));
            if !self.in_step && self.parts != Parts::Elements {
                self.may_be_nested();
            }
        }
        if !own && matches!(val, Val::Object(Some(Shape::BitGenerator | Shape::SeedSequence))) {
            // It was made anew, so that nothing of before is one of them.
            self.changes.anything();
        } else {
            self.changed(target.own, target.age, own);
        }
        let held = if state.age == Age::New { Age::New } else { Age::Holds };
        self.holds_old |= held != Age::New;
        let number = target.number.filter(|_| matches!(val, Val::Object(Some(Shape::DType))));
        let made = self.made(val, own, target.age.max(held)).with_number(number);
        let made = Item { held: target.held, inert, ..made };
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

fn reached_back() -> Next {
    Next::Bad("gives what an earlier pickle returned a thing of which nothing is known".to_owned())
}

/// What follows of more than any honest file comes to.
pub(super) fn many_acts() -> Next {
    Next::Bad("does more than any honest file comes to".to_owned())
}

/// How many of these keys may have the same hash: what is no text, and no number below 2^32. Long texts are compared for long.
pub(super) fn cost_of_keys(keys: Option<&[Item]>) -> u32 {
    let may_collide = |key: &&Item| match key.val {
        Val::Plain | Val::Number => key.number.is_none(),
        Val::Text(_) | Val::None | Val::Name(_) => false,
        _ => true,
    };
    keys.map_or(0, |keys| u32::try_from(keys.iter().filter(may_collide).count()).unwrap_or(u32::MAX))
}

/// What follows of a key of which nothing is known.
pub(super) fn hashes() -> Next {
    Next::Bad("hashes a thing of which nothing is known".to_owned())
}

/// Whether none of the values may be a field of a dtype.
fn holds_no_field(pairs: Option<&[Item]>) -> bool {
    let is_none = |item: &Item| match item.val {
        Val::Object(Some(Shape::OrderedDict | Shape::Bunch)) => true,
        ref val => !val.may_be_tuple(),
    };
    pairs.is_some_and(|pairs| pairs.iter().skip(1).step_by(2).all(is_none))
}

/// The keys of these pairs.
pub(super) fn keys_of(pairs: &[Item]) -> Vec<Item> {
    pairs.iter().step_by(2).cloned().collect()
}

/// Whether Python may hash these.
pub(super) fn are_keys(items: Option<&[Item]>) -> bool {
    items.is_some_and(|items| items.iter().all(|item| item.val.is_key()))
}

/// Whether Python raises that hashes these in turn, and runs nothing before.
pub(super) fn raises_when_hashed(items: Option<&[Item]>) -> bool {
    items.is_some_and(|items| Val::raise_when_hashed(items.iter().map(|item| &item.val)))
}

/// The same of the keys of these pairs. Where one has no value, Python raises, and `cPickle` of Python 2 passes over it.
pub(super) fn raises_when_keyed(pairs: Option<&[Item]>) -> bool {
    pairs.is_some_and(|pairs| Val::raise_when_hashed(pairs.as_chunks::<2>().0.iter().map(|[key, _]| &key.val)))
}

/// `('b', 'latin1')`, of which `_codecs.encode` makes the letter that every array is made with up to protocol 2. To Python 2 it is a text,
/// but the name of nothing.
fn is_letter(args: &Val) -> bool {
    matches!(args, Val::Tuple(Some(args)) if matches!(&**args, [Val::Text(text), Val::Text(codec)] if **text == *b"b" && **codec == *b"latin1"))
}
