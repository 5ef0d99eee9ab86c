//! What a shadow knows of values.

use super::TEXT;
use super::fields::{Dict, FIELD, Fields, Pairs, STATE};
use super::lists::{Inert, Items};
use crate::vocabulary::Shape;
use std::rc::Rc;

/// Most bytes that are not told from numbers.
pub(super) const SHORT: u64 = 8;

/// A value, as far as a shadow knows it.
#[derive(Debug, Clone)]
pub(super) enum Val {
    None,
    Text(Rc<[u8]>),
    /// A text that is too long to be kept.
    LongText,
    /// A number: nothing that could stand for a mapping.
    Plain,
    /// At most [`SHORT`] bytes; the one, if they are one.
    Few(Option<u8>),
    /// A number of ours: Python's own, or one of numpy's, which takes any state and does nothing.
    Number,
    /// More bytes than [`SHORT`].
    Bytes,
    /// Bytes that can change. Arrays look at them, and numpy before 1.22 does not see that they move.
    ByteArray,
    /// An array of numbers, times or texts.
    Numbers,
    /// A name of the tables; without its shape, one whose objects do more with their state than others of it.
    Name(Option<Shape>),
    Object(Option<Shape>),
    /// What another module may have under a name of the tables that ours fetches there, and what it makes: known only as far as
    /// the same is done with it as with ours.
    Namesake,
    Dict(Dict),
    List(Items),
    /// A set, or one that does not change.
    Set,
    /// A tuple; its values if they are few, and no tuples themselves but those of numbers and texts.
    Tuple(Option<Rc<[Val]>>),
    /// In the state of an array, the lengths of its axes, if they are own, and how many elements these make.
    Lengths(Option<u32>),
    /// The dtype of one field and its own place, and how many bytes a dtype with it has to have; 0 if the field is ours, which was judged,
    /// and may be of anything.
    Field(u32),
    /// What may be a dtype's state, of which all that is a number, flags and size, is own.
    DTypeState(Fields),
    /// A dtype with fields, or of arrays, each of which certainly lies inside of it.
    Structure,
    Other,
    /// A mark, where it is a value: an `object()`.
    Mark,
    /// Anything.
    Wild,
}

/// A value on the other reader's stack or in its memo.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub val: Val,
    /// Whether our own reader has the same value at this place.
    pub own: bool,
    pub age: Age,
    /// What was changed before it was made.
    pub seen: Changes,
    /// The number that it is, or the bytes of one that a dtype of numbers has; of a tuple of numbers, their product.
    pub number: Option<u32>,
    /// Of an array of objects, whether none of them is a model, nor comes to hold one.
    pub inert: Inert,
    pub held: Held,
}

/// How often something was changed in another way than ours since the parting. What is made of own values later than that holds none
/// of it: whatever is put into it afterwards is asked then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changes {
    /// Anything.
    pub all: u64,
    /// What may be of before the parting.
    pub old: u64,
}

impl Changes {
    pub const NONE: Changes = Changes { all: 0, old: 0 };

    /// Something was changed that was made since the parting, or anything at all.
    pub fn anything(&mut self) {
        self.all = self.all.saturating_add(1);
    }

    /// Something was changed that may be of before the parting.
    pub fn of_before(&mut self) {
        self.old = self.old.saturating_add(1);
    }
}

/// By what other names the same value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// None.
    Alone,
    /// By an entry of the memo, which was made at this offset.
    Memo { index: u64, at: u64 },
    /// By any.
    Elsewhere,
}

/// When a value was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Age {
    /// After the parting, of nothing else.
    New,
    /// After the parting, and it holds something of before.
    Holds,
    /// Perhaps before the parting.
    Old,
}

impl Item {
    /// Anything, of which nothing is known.
    pub const WILD: Item = Item::old(Val::Wild, false);

    /// One of before the parting.
    pub const fn old(val: Val, own: bool) -> Item {
        Item { val, own, age: Age::Old, seen: Changes::NONE, number: None, inert: Inert::No, held: Held::Alone }
    }

    /// The same, as this number or a dtype of numbers of as many bytes.
    pub fn with_number(self, number: Option<u32>) -> Item {
        Item { number, ..self }
    }

    /// The same, as a value that ours need not have there.
    pub fn foreign(self) -> Item {
        let val = match self.val {
            Val::Dict(dict) => Val::Dict(dict.foreign()),
            Val::Field(_) => Val::Tuple(Some(Rc::new(FIELD))),
            // Numbers and texts, whatever it is the state of.
            Val::DTypeState(Fields::None) => Val::Tuple(Some(Rc::new(STATE))),
            Val::DTypeState(_) => Val::DTypeState(Fields::Anywhere),
            Val::Tuple(Some(items)) if items.iter().any(|item| matches!(item, Val::Lengths(_))) => {
                let foreign = |item: &Val| match item {
                    // Numbers still.
                    Val::Lengths(Some(_)) => Val::Tuple(Some(Rc::from([Val::Plain]))),
                    Val::Lengths(None) => Val::Tuple(None),
                    item => item.clone(),
                };
                Val::Tuple(Some(items.iter().map(foreign).collect()))
            }
            val => val,
        };
        Item { val, own: false, ..self }
    }
}

impl Val {
    pub fn text(bytes: &[u8]) -> Val {
        if bytes.len() <= TEXT { Val::Text(Rc::from(bytes)) } else { Val::LongText }
    }

    /// So many bytes, of which the first are these.
    pub fn bytes(length: u64, begin: &[u8]) -> Val {
        match length {
            1 => Val::Few(begin.first().copied()),
            ..=SHORT => Val::Few(None),
            _ => Val::Bytes,
        }
    }

    /// Whether what is in it can change after it was made, as far as a shadow lets anything be changed.
    pub fn is_mutable(&self) -> bool {
        match self {
            Val::Tuple(Some(items)) => items.iter().any(Val::is_mutable),
            // An array of objects stays, and what stands in it does not.
            Val::Object(shape) => {
                !shape.is_some_and(|shape| shape.stays() && !shape.has_memory() && shape != Shape::FrozenSet)
            }
            Val::Dict(_)
            | Val::List(_)
            | Val::Set
            | Val::Tuple(_)
            | Val::Lengths(_)
            | Val::DTypeState(Fields::Placed | Fields::Anywhere | Fields::Wrong)
            | Val::Other
            | Val::Wild => true,
            // With the first nothing is done but what ours does; the other is of numbers and texts.
            Val::Namesake
            | Val::DTypeState(Fields::None)
            | Val::None
            | Val::Text(_)
            | Val::LongText
            | Val::Plain
            | Val::Few(_)
            | Val::Number
            | Val::Bytes
            | Val::ByteArray
            | Val::Numbers
            | Val::Field(_)
            | Val::Structure
            | Val::Mark
            | Val::Name(_) => false,
        }
    }

    /// Whether it is one, or bytes.
    pub fn is_text(&self) -> bool {
        matches!(self, Val::Text(_) | Val::LongText | Val::Plain | Val::Few(_) | Val::Bytes | Val::ByteArray)
    }

    /// Whether it may be a text: one that is no text of ours to begin with, or of which nothing is known.
    pub fn may_be_text(&self) -> bool {
        matches!(
            self,
            Val::LongText
                | Val::Plain
                | Val::Few(_)
                | Val::Bytes
                | Val::ByteArray
                | Val::Wild
                | Val::Other
                | Val::Namesake
                | Val::Object(_)
        )
    }

    /// Whether it may be a tuple, or what is one by another name.
    pub fn may_be_tuple(&self) -> bool {
        match self {
            // An array's wrapper is none, nor is an array.
            Val::Object(Some(Shape::ArrayWrapper | Shape::ArrayClass)) => false,
            Val::Tuple(_) | Val::Lengths(_) | Val::Field(_) | Val::DTypeState(_) => true,
            Val::Object(_) | Val::Namesake | Val::Other | Val::Wild => true,
            _ => false,
        }
    }

    /// Whether it may be a text of Python's own, which a name is fetched by: numpy's are of other classes, and Python 2 fetches no
    /// name by two values.
    pub fn may_be_own_str(&self) -> bool {
        const OTHERS: [Shape; 4] = [Shape::Scalar, Shape::Type, Shape::Bytes, Shape::Latin1];
        self.may_be_str() && !matches!(self, Val::Object(Some(shape)) if OTHERS.contains(shape))
    }

    /// Whether it may be a text, of whatever class.
    pub fn may_be_str(&self) -> bool {
        match self {
            Val::Object(Some(shape)) => shape.may_make_texts(),
            Val::Text(_) | Val::LongText | Val::Namesake | Val::Other | Val::Wild => true,
            _ => false,
        }
    }

    /// Whether it may be an array that gets its state later, or a view of one.
    pub fn may_be_an_array(&self) -> bool {
        match self {
            Val::Object(Some(shape)) => shape.may_make_arrays(),
            Val::Namesake | Val::Other | Val::Wild => true,
            _ => false,
        }
    }

    /// Whether it may be a class.
    pub fn may_be_a_class(&self) -> bool {
        match self {
            Val::Object(Some(shape)) => shape.may_make_functions(),
            Val::Object(None) => false,
            _ => !self.is_no_class(),
        }
    }

    /// Whether it is one of Python's own values, and no class.
    pub fn is_no_class(&self) -> bool {
        let is_more = matches!(
            self,
            Val::Numbers
                | Val::Dict(_)
                | Val::List(_)
                | Val::Set
                | Val::Tuple(_)
                | Val::Lengths(_)
                | Val::Field(_)
                | Val::DTypeState(_)
                | Val::Structure
                | Val::Mark
        );
        is_more || self.is_primitive()
    }

    pub fn may_be_dict(&self) -> bool {
        matches!(self, Val::Dict(_) | Val::Object(_) | Val::Namesake | Val::Other | Val::Wild)
    }

    /// Whether it is None, a text, a number, bytes or an array of numbers: nothing that could be called.
    pub fn is_data(&self) -> bool {
        self.is_primitive() || matches!(self, Val::Numbers)
    }

    /// Whether it is None, a text, a number or bytes.
    pub fn is_primitive(&self) -> bool {
        matches!(
            self,
            Val::None
                | Val::Text(_)
                | Val::LongText
                | Val::Plain
                | Val::Few(_)
                | Val::Number
                | Val::Bytes
                | Val::ByteArray
        )
    }

    /// Whether it holds nothing that could be asked for attributes or items: a number, a text.
    pub fn is_plain(&self) -> bool {
        match self {
            Val::Numbers | Val::Structure | Val::Mark => true,
            Val::Object(Some(shape)) => {
                shape.stays()
                    && !matches!(shape, Shape::Array | Shape::ArrayBuffer | Shape::ArrayClass | Shape::FrozenSet)
            }
            val => val.is_primitive(),
        }
    }

    /// Whether nobody would take it for a model, nor find one in it: a number, a text, the wrapper of an array.
    /// `intact` says that nothing was changed since the parting, and `filled` that a dict came to hold more than numbers and texts.
    pub fn holds_no_model(&self, intact: bool, filled: bool) -> bool {
        match self {
            Val::Tuple(Some(items)) => items.iter().all(|item| item.holds_no_model(intact, filled)),
            Val::Dict(dict) => intact && !filled && dict.pairs().plain,
            Val::Lengths(_) => true,
            Val::Object(Some(Shape::ArrayWrapper | Shape::Scalar)) => intact,
            val => val.is_plain(),
        }
    }

    /// The same, whatever is changed. A name of the tables is no model, unless it is safe by its arguments alone.
    pub fn inert(&self) -> Inert {
        let is_inert = match self {
            Val::Tuple(Some(items)) => return Inert::of(items.iter()),
            Val::Dict(dict) if dict.pairs().plain => return Inert::InDicts,
            Val::Name(shape) => shape.is_some_and(|shape| !shape.is_opaque() && !shape.is_bound()),
            val => val.holds_no_model(false, true),
        };
        if is_inert { Inert::Always } else { Inert::No }
    }

    /// Whether Python may hash it, and compare it with others, and runs nothing and takes no time for that; what has no hash raises.
    pub fn is_key(&self) -> bool {
        match self {
            Val::Mark
            | Val::Lengths(Some(_))
            | Val::List(_)
            | Val::Dict(_)
            | Val::Numbers
            | Val::Structure
            | Val::DTypeState(Fields::None)
            | Val::Object(Some(Shape::ArrayWrapper | Shape::Array | Shape::ArrayClass | Shape::ArrayBuffer)) => true,
            Val::Name(shape) => shape.is_some_and(|shape| !shape.is_opaque()),
            Val::Object(shape) => shape.is_some_and(|shape| shape.stays() && shape.makes_keys()),
            Val::Tuple(Some(items)) => items.iter().all(Val::is_key),
            val => val.is_primitive(),
        }
    }

    /// Whether nothing that a file can change answers where it is iterated, or asked for `extend`: what has no such method raises.
    pub fn answers_as_made(&self) -> bool {
        match self {
            Val::Object(shape) => shape.is_some_and(|shape| shape.stays() || shape == Shape::ArrayWrapper),
            Val::Namesake | Val::Other | Val::Wild => false,
            _ => true,
        }
    }

    /// A dict of these.
    pub fn dict(pairs: Pairs) -> Val {
        Val::Dict(Dict::new(pairs, false))
    }

    /// An empty dict, and whether our own reader makes it as well.
    pub fn new_dict(here: bool) -> Val {
        Val::Dict(Dict::new(Pairs::NONE, here))
    }

    /// Whether this may be the name of an attribute that somebody calls or asks for who reads: `__setstate__`, `append`, `keys`, `items`; `close` of scipy's hulls
    /// when they are let go of, and `__array_interface__` of what is compared.
    pub fn may_be_a_hook(&self) -> bool {
        match self {
            Val::Text(text) => {
                text.starts_with(b"__")
                    || matches!(&**text, b"append" | b"extend" | b"add" | b"close" | b"keys" | b"items" | b"values")
            }
            // These are neither texts nor equal to one; lists and dicts are no keys at all.
            Val::Object(Some(shape)) => !matches!(
                shape,
                Shape::Estimator
                    | Shape::Tree
                    | Shape::Array
                    | Shape::ArrayClass
                    | Shape::ArrayBuffer
                    | Shape::ArrayWrapper
                    | Shape::DType
                    | Shape::Sparse
                    | Shape::LossFunction
            ),
            Val::LongText | Val::Object(None) | Val::Namesake | Val::Other | Val::Wild => true,
            _ => false,
        }
    }

    /// Whether it is one of Python's own values that may be no state at all, because it is empty or zero: then BUILD does nothing to what has no
    /// `__setstate__`, whatever that is. It may be two states, of which each is none: an object would be asked whether it is.
    pub fn may_be_nothing(&self) -> bool {
        match self {
            Val::Text(text) => text.is_empty(),
            Val::Tuple(Some(items)) => items.is_empty() || (items.len() == 2 && items.iter().all(Val::may_be_nothing)),
            Val::Tuple(None) | Val::DTypeState(_) | Val::Mark => false,
            val => val.is_no_class(),
        }
    }

    /// The same, once it was given a state: an array is given one once.
    pub fn with_a_state(self) -> Val {
        match self {
            Val::Object(Some(Shape::Array)) => Val::Object(Some(Shape::ArrayClass)),
            val => val,
        }
    }
}
