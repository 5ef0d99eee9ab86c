//! What a shadow knows of values, and what it begins with.

use super::{MOST, TEXT};
use crate::graph::{DTypeKind, Heap, Value, View};
use crate::vocabulary::{Role, Roles, Shape};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

/// Most values of a tuple that are known.
const FEW: usize = 8;

/// A value, as far as a shadow knows it.
#[derive(Debug, Clone)]
pub(super) enum Val {
    None,
    Text(Rc<[u8]>),
    /// A text that is too long to be kept.
    LongText,
    /// A number, or bytes: nothing that could stand for a mapping.
    Plain,
    /// An array of numbers.
    Numbers,
    /// A name of the tables; without its shape, one whose objects do more with their state than others of it.
    Name(Option<Shape>),
    Object(Option<Shape>),
    /// What another module may have under a name of the tables that ours fetches there, and what it makes: known only as far as
    /// the same is done with it as with ours.
    Namesake,
    Dict(Dict),
    List,
    /// A set, or one that does not change.
    Set,
    /// A tuple; its values if they are few, and no tuples themselves.
    Tuple(Option<Rc<[Val]>>),
    /// The dtype of one field and its place, of which the place is own.
    Field,
    /// What may be a dtype's state, of which all that is a number, flags and size, is own.
    DTypeState(Fields),
    /// A dtype with fields, or of arrays, and whether each of them certainly lies inside of it.
    Structure(bool),
    Other,
    /// Anything.
    Wild,
}

/// What a [`Val::Field`] is made of.
pub(super) const FIELD: [Val; 2] = [Val::Object(Some(Shape::DType)), Val::Plain];

/// A dict.
#[derive(Debug, Clone)]
pub(super) struct Dict {
    /// What is in it, by all the names that it has.
    held: Rc<Cell<Pairs>>,
    /// Whether it is the one that our own reader has at this place, whatever is in it.
    here: bool,
}

impl Dict {
    /// What is in it.
    pub fn pairs(&self) -> Pairs {
        self.held.get()
    }

    /// It gets these pairs, if they are known.
    pub fn put(&self, pairs: Option<&[Item]>) {
        self.held.set(self.held.get().and(Pairs::of(pairs)));
    }
}

/// What is known of a dict's keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pairs {
    /// Whether what has attributes stands in none of the values.
    pub bare: bool,
    /// Whether a key may be one that Python asks an object for by itself.
    pub hooks: bool,
    /// Whether each of the values is a [`Val::Field`].
    fields: bool,
}

impl Pairs {
    /// Those of an empty dict.
    pub const NONE: Pairs = Pairs { bare: true, hooks: false, fields: true };
    /// Those of a dict that is not looked into.
    pub const ANY: Pairs = Pairs { bare: false, hooks: true, fields: false };

    /// Keys and values in turn, if they are known.
    pub fn of(items: Option<&[Item]>) -> Pairs {
        items.map_or(Pairs::ANY, |items| Pairs {
            bare: Val::are_bare(Some(items)),
            hooks: items.iter().step_by(2).any(|key| key.val.may_be_a_hook()),
            fields: items.iter().skip(1).step_by(2).all(|value| matches!(value.val, Val::Field)),
        })
    }

    /// These, and those as well.
    pub fn and(self, other: Pairs) -> Pairs {
        Pairs { bare: self.bare && other.bare, hooks: self.hooks || other.hooks, fields: self.fields && other.fields }
    }
}

/// What the fields of a dtype's state are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// It has none.
    None,
    /// Each of them has a place that was judged.
    Placed,
    /// numpy would take any place in memory for one of them, and anything for its dtype.
    Anywhere,
    /// numpy raises.
    Wrong,
}

/// A value on the other reader's stack or in its memo.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub val: Val,
    /// Whether our own reader has the same value at this place.
    pub own: bool,
    pub age: Age,
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
    pub const WILD: Item = Item { val: Val::Wild, own: false, age: Age::Old };

    /// The same, as a value that ours need not have there.
    pub fn foreign(self) -> Item {
        let val = match self.val {
            Val::Dict(dict) => Val::Dict(Dict { here: false, ..dict }),
            Val::Field => Val::Tuple(Some(Rc::new(FIELD))),
            Val::DTypeState(fields) if fields != Fields::None => Val::DTypeState(Fields::Anywhere),
            val => val,
        };
        Item { val, own: false, ..self }
    }

    /// Whether this is a dtype without fields, or one with fields that was judged here.
    fn is_whole_dtype(&self) -> bool {
        match self.val {
            Val::Object(Some(Shape::DType)) => true,
            Val::Structure(_) => self.own,
            _ => false,
        }
    }
}

impl Val {
    pub fn text(bytes: &[u8]) -> Val {
        if bytes.len() <= TEXT { Val::Text(Rc::from(bytes)) } else { Val::LongText }
    }

    /// Whether what is in it can change after it was made, as far as a shadow lets anything be changed.
    pub fn is_mutable(&self) -> bool {
        match self {
            Val::Tuple(Some(items)) => items.iter().any(Val::is_mutable),
            Val::Object(shape) => !shape.is_some_and(Shape::stays),
            Val::Dict(_)
            | Val::List
            | Val::Set
            | Val::Tuple(_)
            | Val::DTypeState(_)
            | Val::Namesake
            | Val::Other
            | Val::Wild => true,
            Val::None
            | Val::Text(_)
            | Val::LongText
            | Val::Plain
            | Val::Numbers
            | Val::Field
            | Val::Structure(_)
            | Val::Name(_) => false,
        }
    }

    /// Whether it may be a text: one that is no text of ours to begin with, or of which nothing is known.
    fn may_be_text(&self) -> bool {
        matches!(self, Val::LongText | Val::Plain | Val::Wild | Val::Other | Val::Namesake | Val::Object(_))
    }

    /// Whether it may be a tuple, or what is one by another name.
    pub fn may_be_tuple(&self) -> bool {
        match self {
            // An array's wrapper is none.
            Val::Object(Some(Shape::ArrayWrapper)) => false,
            Val::Tuple(_) | Val::Field | Val::DTypeState(_) => true,
            Val::Object(_) | Val::Namesake | Val::Other | Val::Wild => true,
            _ => false,
        }
    }

    fn may_be_dict(&self) -> bool {
        matches!(self, Val::Dict(_) | Val::Object(_) | Val::Namesake | Val::Other | Val::Wild)
    }

    /// Whether it holds nothing that could be asked for attributes or items: a number, a text.
    pub fn is_plain(&self) -> bool {
        match self {
            Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Numbers | Val::Structure(_) => true,
            Val::Object(Some(shape)) => {
                shape.stays()
                    && !matches!(shape, Shape::Array | Shape::ArrayBuffer | Shape::ArrayClass | Shape::FrozenSet)
            }
            _ => false,
        }
    }

    /// Whether none of these has attributes but those of Python's own values and of arrays.
    pub fn are_bare(items: Option<&[Item]>) -> bool {
        let bare = |val: &Val| match val {
            Val::Object(shape) => shape.is_some_and(Shape::stays),
            Val::Name(_) | Val::Namesake | Val::Other | Val::Wild => false,
            _ => true,
        };
        items.is_some_and(|items| items.iter().all(|item| bare(&item.val)))
    }

    /// A dict of these.
    pub fn dict(pairs: Pairs) -> Val {
        Val::Dict(Dict { held: Rc::new(Cell::new(pairs)), here: false })
    }

    /// An empty dict, and whether our own reader makes it as well.
    pub fn new_dict(here: bool) -> Val {
        Val::Dict(Dict { held: Rc::new(Cell::new(Pairs::NONE)), here })
    }

    /// Whether this may be the name of an attribute that readers call: `__setstate__`, `__new__`, `append` and their like.
    fn may_be_a_hook(&self) -> bool {
        match self {
            Val::Text(text) => {
                matches!(&**text, b"__setstate__" | b"__new__" | b"__getinitargs__" | b"append" | b"extend" | b"add")
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

    /// Whether Python may take it for no state at all, because it is empty or zero: then BUILD does nothing to what has no
    /// `__setstate__`, whatever that is.
    pub fn may_be_nothing(&self) -> bool {
        match self {
            Val::Text(text) => text.is_empty(),
            Val::Tuple(Some(items)) => items.is_empty() || (items.len() == 2 && items.iter().all(Val::may_be_nothing)),
            Val::Name(_) | Val::DTypeState(_) => false,
            _ => true,
        }
    }

    /// The same, once it was given a state: an array is given one once.
    pub fn with_a_state(self) -> Val {
        match self {
            Val::Object(Some(Shape::Array)) => Val::Object(Some(Shape::ArrayClass)),
            val => val,
        }
    }

    /// A tuple of these, which ours has at the same place if they are own.
    pub fn tuple_of(items: &[Item]) -> Val {
        match items {
            [version, order, elements, names, fields, numbers @ ..]
                if numbers.len() == 3
                    && elements.own
                    && numbers.iter().chain([version]).all(|item| item.own && matches!(item.val, Val::Plain)) =>
            {
                Val::DTypeState(Fields::of(order, elements, names, fields))
            }
            // A title says nothing of its place.
            [dtype, place] | [dtype, place, _] if dtype.is_whole_dtype() && place.own => match place.val {
                Val::Plain => Val::Field,
                _ => Val::tuple(items.iter().map(|item| &item.val)),
            },
            items => Val::tuple(items.iter().map(|item| &item.val)),
        }
    }

    /// A tuple of these values.
    pub fn tuple<'v>(values: impl ExactSizeIterator<Item = &'v Val>) -> Val {
        let flat = |val: &Val| if matches!(val, Val::Tuple(_) | Val::Field) { Val::Tuple(None) } else { val.clone() };
        Val::Tuple((values.len() <= FEW).then(|| values.map(flat).collect()))
    }

    /// An array with elements of this kind.
    fn array(kind: Option<DTypeKind>) -> Val {
        if kind.is_some_and(is_number) { Val::Numbers } else { Val::Object(Some(Shape::ArrayClass)) }
    }

    fn of(heap: &Heap, roles: &Roles, value: Value) -> Val {
        if let View::DType(_, dtype) = heap.view(value)
            && matches!(dtype.kind, DTypeKind::Struct | DTypeKind::Subarray)
        {
            return Val::Structure(true);
        }
        if let Some((_, object)) = heap.as_object(value) {
            let made = Val::Object(followed_shape(roles.get(object.name)));
            return if object.built { made.with_a_state() } else { made };
        }
        match heap.view(value) {
            View::None => Val::None,
            View::Latin(_) => Val::LongText,
            View::Text(text) => Val::text(text.bytes()),
            View::Name(id, _) => Val::Name(followed_shape(roles.get(id))),
            View::Dict(pairs) => {
                let hooks = pairs.into_iter().any(|(key, _)| Val::of(heap, roles, key).may_be_a_hook());
                Val::dict(Pairs { bare: false, hooks, fields: false })
            }
            View::Tuple(items) => {
                let flat = |item: Value| match heap.view(item) {
                    View::Tuple(_) => Val::Tuple(None),
                    _ => Val::of(heap, roles, item),
                };
                Val::tuple(items.take(FEW.saturating_add(1)).map(flat).collect::<Vec<_>>().iter())
            }
            View::List(_) => Val::List,
            View::Set(_) | View::FrozenSet(_) => Val::Set,
            View::Array(array) => {
                let dtype = heap.get_dtype(array.dtype).map(|dtype| dtype.kind);
                Val::array(dtype)
            }
            View::Bool(_) | View::Int(_) | View::Long(_) | View::Float(_) | View::Bytes(_) | View::ByteArray(_) => {
                Val::Plain
            }
            _ => Val::Other,
        }
    }
}

impl Fields {
    /// What numpy makes of these parts of a dtype's state (`arraydescr_setstate`): it raises if the order is no text of one character,
    /// the names are no tuple or the fields no dict, and looks at nothing that is in them.
    fn of(order: &Item, elements: &Item, names: &Item, fields: &Item) -> Fields {
        let ordered = match &order.val {
            Val::Text(order) => order.len() == 1 && order.is_ascii(),
            val => val.may_be_text(),
        };
        let bare = |item: &Item| matches!(item.val, Val::None);
        match (bare(names), bare(fields)) {
            _ if !ordered => return Fields::Wrong,
            (true, true) if bare(elements) => return Fields::None,
            (true, true) => return Fields::Placed,
            (false, false) if names.val.may_be_tuple() && fields.val.may_be_dict() => {}
            // Nobody knows whether the other one is None, too.
            (true, false) if matches!(fields.val, Val::Wild) => {}
            (false, true) if matches!(names.val, Val::Wild) => {}
            _ => return Fields::Wrong,
        }
        let own = [order, elements, names, fields].iter().all(|item| item.own);
        let placed = matches!(&fields.val, Val::Dict(dict) if dict.here && dict.pairs().fields);
        // In another order numpy would turn the bytes of each field.
        let turned = !matches!(&order.val, Val::Text(order) if **order == *b"|");
        if own || (placed && !turned && matches!(names.val, Val::Tuple(_))) { Fields::Placed } else { Fields::Anywhere }
    }
}

/// The shape of a name, if what is known of the shape is all that there is to know: `IsotonicRegression` calls an attribute as soon as
/// it has its state.
pub(super) fn followed_shape(role: Role) -> Option<Shape> {
    match role {
        Role::Known(entry) => (entry.name != "IsotonicRegression").then_some(entry.shape),
        Role::Allowed => Some(Shape::Opaque),
        Role::Unknown | Role::Dangerous(_) => None,
    }
}

/// Whether elements are numbers: no pairs of texts, of which a dict could be made.
fn is_number(kind: DTypeKind) -> bool {
    matches!(kind, DTypeKind::Bool | DTypeKind::Int | DTypeKind::Uint | DTypeKind::Float | DTypeKind::Complex)
}

/// What a shadow begins with: our reader's stack and memo at the place where the other one parts from it.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Base {
    pub(super) stack: Vec<Val>,
    pub(super) marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Val>,
    /// Whether the memo holds more.
    pub(super) open: bool,
    /// Whether the stack goes on below.
    pub(super) bottomless: bool,
}

impl Base {
    /// The stack's upper values, and the memo; `None` for a memo that is not looked at.
    pub fn new(
        heap: &Heap,
        roles: &Roles,
        stack: impl Iterator<Item = Value>,
        memo: Option<&mut dyn Iterator<Item = (u64, Value)>>,
    ) -> Base {
        let val = |value| Val::of(heap, roles, value);
        let open = memo.is_none();
        let memo = memo.into_iter().flatten().map(|(index, value)| (index, val(value))).collect();
        Base { stack: stack.map(val).collect(), marks: Vec::new(), memo, open, bottomless: false }
    }

    /// Nothing is known of the stack and the memo.
    pub fn unknown() -> Base {
        Base { open: true, bottomless: true, ..Base::default() }
    }

    /// The same, of a stack that goes on below if this is so.
    #[must_use]
    pub fn going_on_below(mut self, bottomless: bool) -> Base {
        self.bottomless = bottomless;
        self
    }

    /// The same, with these marks on the stack.
    #[must_use]
    pub fn with_marks(mut self, marks: Vec<usize>) -> Base {
        self.marks = marks;
        self
    }

    /// The same, with an array of this kind of elements on the stack.
    #[must_use]
    pub fn with_an_array(mut self, kind: DTypeKind) -> Base {
        self.stack.push(Val::array(Some(kind)));
        self
    }
}

/// The other reader's stack: values and marks.
#[derive(Debug, Clone, Default)]
pub(super) struct Stack {
    values: Vec<Item>,
    /// Values above those that are kept.
    lost: usize,
    /// Whether there may be values below those that are known.
    bottomless: bool,
    /// Heights, and whether our own reader has the same mark.
    marks: Vec<(usize, bool)>,
}

impl Stack {
    /// What our reader has; where the other one is after the parting it takes in another order.
    pub fn of(base: &Base) -> Stack {
        let values = base.stack.iter().map(|val| Item { val: val.clone(), own: false, age: Age::Old }).collect();
        let marks = base.marks.iter().map(|height| (*height, false)).collect();
        Stack { values, lost: 0, bottomless: base.bottomless, marks }
    }

    pub fn push(&mut self, item: Item) {
        if self.values.len() < MOST {
            self.values.push(item);
        } else {
            self.lost = self.lost.saturating_add(1);
        }
    }

    fn height(&self) -> usize {
        self.values.len().saturating_add(self.lost)
    }

    /// Takes a value; anything, if the stack goes on below what is known, or above what is kept.
    pub fn pop(&mut self) -> Option<Item> {
        let fence = self.marks.last().map_or(0, |(height, _)| *height);
        if self.height() > fence {
            return match self.lost.checked_sub(1) {
                Some(lost) => {
                    self.lost = lost;
                    Some(Item::WILD)
                }
                None => self.values.pop(),
            };
        }
        // Below a mark of its own the reader finds nothing; below its known stack there may be more.
        if self.marks.is_empty() && self.bottomless { Some(Item::WILD) } else { None }
    }

    /// Sets a mark; `false` if there are too many.
    pub fn mark(&mut self, own: bool) -> bool {
        self.marks.push((self.height(), own));
        self.marks.len() < MOST
    }

    /// Takes a mark that is on top, as POP does.
    pub fn pop_bare_mark(&mut self) -> bool {
        let bare = self.marks.last().is_some_and(|(height, _)| *height == self.height());
        if bare {
            self.marks.pop();
        }
        bare
    }

    /// Takes everything above the last mark, and whether the mark is own. `None` if there is no mark; no values if they are
    /// not all known.
    pub fn pop_mark(&mut self) -> Option<(Option<Vec<Item>>, bool)> {
        let Some((height, own)) = self.marks.pop() else {
            (self.values, self.lost) = (Vec::new(), 0);
            return self.bottomless.then_some((None, false));
        };
        let known = height == self.height() || (self.lost == 0 && height <= self.values.len());
        let items = known.then(|| self.values.split_off(height.min(self.values.len())));
        self.lost = height.saturating_sub(MOST);
        self.values.truncate(height);
        Some((items, own))
    }
}
