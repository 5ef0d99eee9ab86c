//! What a shape works on: the heap, the budget, and what each name of the file is.

use super::danger::Danger;
use super::shape::Shape;
use super::table::Entry;
use crate::bytes::{Budget, Exceeded};
use crate::graph::{Array, DType, DTypeKind, Heap, Items, NameId, Object, Value, View};
use std::borrow::Cow;

/// What a name is to coldload.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    /// It is in the tables.
    Known(&'static Entry),
    /// The user allows it: made empty with plain state, or kept as a value; called with a whole number alone.
    Allowed,
    /// Nothing is known about it.
    Unknown,
    /// It can run code, or brings code with it.
    Dangerous(&'static Danger),
}

/// What each name of a file is, by its index.
#[derive(Debug, Default)]
pub struct Roles {
    roles: Vec<Role>,
    bound: Option<NameId>,
}

impl Roles {
    /// Adds the role of the next name.
    pub fn push(&mut self, role: Role) {
        if let (None, Role::Known(entry)) = (self.bound, role)
            && entry.shape.is_bound()
        {
            self.bound = u32::try_from(self.roles.len()).ok().map(NameId);
        }
        self.roles.push(role);
    }

    /// The role of a name.
    pub fn get(&self, name: NameId) -> Role {
        self.roles.get(name.0 as usize).copied().unwrap_or(Role::Unknown)
    }

    /// The first name that may not stand as a value: see [`Shape::is_bound`].
    pub fn bound(&self) -> Option<NameId> {
        self.bound
    }

    /// The shape of a name: [`Shape::Opaque`] for one that the user allows, none for one that refuses the file.
    pub fn shape(&self, name: NameId) -> Option<Shape> {
        match self.get(name) {
            Role::Known(entry) => Some(entry.shape),
            Role::Allowed => Some(Shape::Opaque),
            Role::Unknown | Role::Dangerous(_) => None,
        }
    }
}

/// A known name in an act that no honest file does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// What was done, and what an honest file does.
    #[error("{what}; {honest}")]
    Act {
        /// What the file does.
        what: Cow<'static, str>,
        /// What an honest file does.
        honest: Cow<'static, str>,
    },
    /// A limit was met while the act was checked.
    #[error(transparent)]
    Limit(#[from] Exceeded),
}

impl Misuse {
    /// What the file does, and what an honest file does.
    pub fn parts(&self) -> (String, String) {
        match self {
            Misuse::Act { what, honest } => (what.to_string(), honest.to_string()),
            Misuse::Limit(exceeded) => (exceeded.to_string(), String::new()),
        }
    }

    /// A misuse: what the file does, and what an honest file does.
    pub fn act(what: impl Into<Cow<'static, str>>, honest: impl Into<Cow<'static, str>>) -> Misuse {
        Misuse::Act { what: what.into(), honest: honest.into() }
    }
}

/// Many keys that share one hash: see [`Heap::clashes`].
pub const CLASH: &str = "its keys have one hash: Python would compare each with all the others, for hours";

/// What a shape may look at and change.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The file's values.
    pub heap: &'a mut Heap,
    /// What is left of the limits.
    pub budget: &'a mut Budget,
    /// What each name is.
    pub roles: &'a Roles,
    /// The name that the act is on.
    pub name: NameId,
}

/// Whether names and functions may stand in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Functions {
    /// The shape has looked at them already.
    Checked,
    /// The value is in a slot that holds functions: those without side effects may stand there, and types.
    Allowed,
    /// It belongs to a class that the user allows: what holds for a slot, and classes of data.
    Opaque,
    /// It is data only: types may stand in it.
    Refused,
    /// It is what the file gives to who loads it: any name may stand in it, but one that looks something up, or opens it.
    Given,
}

/// Most arguments, or parts of a state, that anything copies.
const PARTS: usize = 8;
/// Bytes that Python takes for an item of a list, set or dict.
const ITEM: u64 = 64;
/// How much longer the numbers of a typed array are than bytes.
const WIDER: u64 = 8;

/// Containers and names that wait to be looked at without being paid for.
const WAITING: usize = 1 << 16;

/// The first few of some values, and how many they are.
fn first(values: impl Iterator<Item = Value>) -> ([Value; PARTS], usize) {
    let (mut few, mut count) = ([Value::NONE; PARTS], 0usize);
    for (place, value) in few.iter_mut().zip(values) {
        *place = value;
        count = count.saturating_add(1);
    }
    (few, count)
}

/// Whether it is an index or a column of pandas'.
fn is_columns(roles: &Roles, object: &Object) -> bool {
    matches!(roles.shape(object.name), Some(Shape::IndexClass | Shape::Column))
}

impl Scene<'_> {
    /// The shape of a name that stands as a value, if it is in the vocabulary.
    pub fn shape_of(&self, value: Value) -> Option<(NameId, Shape)> {
        let (id, _) = self.heap.as_name(value)?;
        Some((id, self.roles.shape(id)?))
    }

    /// The arguments of the call that made a value, if that was one of a name of this shape.
    pub fn made_of(&self, value: Value, shape: Shape) -> Option<Items<'_>> {
        let (_, made) = self.heap.as_object(value)?;
        self.heap.as_tuple(made.args).filter(|_| self.roles.shape(made.name) == Some(shape))
    }

    /// What a class is called in the tables: Python 2's names may be others.
    pub fn class_of(&self, name: NameId) -> &str {
        match self.roles.get(name) {
            Role::Known(entry) => entry.name,
            _ => self.heap.get_name(name).map_or("", |name| name.qualname.as_str()),
        }
    }

    /// Pays for what Python copies once more: arguments, and parts of a state, that were given to something before. What is given for
    /// the first time is no longer than the file, and so are its copies.
    pub fn pay_for_copies(&mut self, given: Value) -> Result<(), Misuse> {
        let Some(items) = self.heap.as_tuple(given) else { return self.pay_for_copy(given) };
        let (parts, count) = first(items);
        for part in parts.into_iter().take(count) {
            self.pay_for_copy(part)?;
            // Attributes that a call is given.
            if let Some(named) = self.heap.as_dict(part).filter(|pairs| pairs.len() <= PARTS) {
                let (values, count) = first(named.map(|(_, value)| value));
                values.into_iter().take(count).try_for_each(|value| self.pay_for_copy(value))?;
            }
        }
        Ok(())
    }

    /// The same of one part.
    pub fn pay_for_copy(&mut self, part: Value) -> Result<(), Misuse> {
        let (copied, is_container) = match self.heap.view(part) {
            View::Bytes(blob) | View::ByteArray(blob) => {
                (self.heap.blob(blob).map_or(0, |blob| blob.len.saturating_mul(WIDER)), false)
            }
            View::Array(array) => (self.widened(array), false),
            View::List(items) | View::Set(items) | View::FrozenSet(items) => {
                ((items.len() as u64).saturating_mul(ITEM), true)
            }
            View::Dict(pairs) => ((pairs.items().len() as u64).saturating_mul(ITEM), true),
            // They are counted part by part.
            View::Object(_, object) if is_columns(self.roles, object) => {
                if self.heap.uses_again(part) {
                    let bytes = self.columns_in(part)?;
                    self.budget.memory(bytes)?;
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        let again = if is_container { self.heap.is_frozen(part) } else { self.heap.uses_again(part) };
        if again {
            self.budget.memory(copied)?;
        }
        Ok(())
    }

    /// Bytes of an array's elements, as what is made of them: of numbers of one byte some make numbers of eight, and of texts objects.
    fn widened(&self, array: &Array) -> u64 {
        let wide = |dtype: &DType| match dtype.kind {
            DTypeKind::Text | DTypeKind::Bytes => dtype.size.saturating_add(ITEM),
            _ => dtype.size.max(WIDER),
        };
        array.len().saturating_mul(self.heap.get_dtype(array.dtype).map_or(WIDER, wide))
    }

    /// Bytes of what an index or a column of pandas' is made of, as far as it is arrays, one in another: each as often as it stands there.
    /// Who asks pays for the way.
    pub fn columns_in(&mut self, columns: Value) -> Result<u64, Exceeded> {
        let (mut todo, mut bytes) = (vec![columns], 0u64);
        while let Some(value) = todo.pop() {
            match self.heap.view(value) {
                View::Array(array) => bytes = bytes.saturating_add(self.widened(array)),
                View::Tuple(items) | View::List(items) => {
                    self.budget.values(items.len() as u64)?;
                    todo.extend(items.filter(|item| self.holds_columns(*item)));
                }
                View::Dict(pairs) => {
                    self.budget.values(pairs.len() as u64)?;
                    todo.extend(pairs.map(|(_, value)| value).filter(|value| self.holds_columns(*value)));
                }
                View::Object(_, object) if is_columns(self.roles, object) => {
                    self.budget.values(1)?;
                    todo.extend([object.args, object.state]);
                }
                _ => {}
            }
        }
        Ok(bytes)
    }

    /// Whether a value may be, or hold, what stands in columns.
    fn holds_columns(&self, value: Value) -> bool {
        match self.heap.view(value) {
            View::Array(_) | View::Tuple(_) | View::List(_) | View::Dict(_) => true,
            View::Object(_, object) => is_columns(self.roles, object),
            _ => false,
        }
    }

    /// Checks a value that becomes part of a state or an argument, and freezes every container in it: what was looked at
    /// must not change afterwards. Each container is walked once for each answer, so the work stays linear.
    pub fn settle(&mut self, value: Value, functions: Functions) -> Result<(), Misuse> {
        if !self.heap.holds_more(value) {
            return Ok(());
        }
        let pure = functions == Functions::Refused;
        let mut todo = vec![value];
        let mut paid = WAITING;
        while let Some(value) = todo.pop() {
            let items = match self.heap.view(value) {
                View::Name(id, name) => {
                    let shape = self.roles.shape(id);
                    let fits = match functions {
                        Functions::Checked => true,
                        Functions::Given => !shape.is_some_and(Shape::is_bound),
                        Functions::Allowed => {
                            shape.is_some_and(|shape| shape.makes_plain_values() || shape == Shape::Function)
                        }
                        Functions::Opaque => shape.is_some_and(|shape| {
                            shape.is_plain_value() || shape == Shape::Function || shape.is_kept_class()
                        }),
                        Functions::Refused => shape.is_some_and(Shape::is_plain_value),
                    };
                    if !fits {
                        let what = if pure { "data belongs" } else { "a function without side effects belongs" };
                        return Err(Misuse::act(
                            format!("{name} stands where {what}"),
                            "an honest file keeps functions and types only in the attributes that hold them",
                        ));
                    }
                    continue;
                }
                View::Object(_, object) => {
                    self.settle_object(object.name, object.args, functions)?;
                    continue;
                }
                View::Tuple(items) | View::List(items) | View::Set(items) | View::FrozenSet(items) => items,
                View::Dict(pairs) => pairs.items(),
                _ => continue,
            };
            if self.heap.is_pure(value)
                || (matches!(functions, Functions::Checked | Functions::Given) && self.heap.is_frozen(value))
            {
                continue;
            }
            if matches!(functions, Functions::Allowed | Functions::Opaque) && self.heap.is_frozen(value) {
                // Looked at before, for another answer; who asks again and again pays for it.
                self.budget.values(items.len() as u64)?;
            }
            todo.extend(items.filter(|item| self.heap.holds_more(*item)));
            if todo.capacity() > paid {
                // What it grows to, and what it grows from.
                self.budget.memory((todo.capacity().saturating_sub(paid) as u64).saturating_mul(12))?;
                paid = todo.capacity();
            }
            self.heap.freeze(value, pure);
        }
        Ok(())
    }

    fn settle_object(&self, name: NameId, args: Value, functions: Functions) -> Result<(), Misuse> {
        let pure = functions == Functions::Refused;
        let Some(shape) = self.roles.shape(name) else { return Ok(()) };
        if shape.is_wrapper() {
            return Err(Misuse::act(
                "an array's wrapper is used again after its array was read",
                "an honest file uses each wrapper once, and then its array",
            ));
        }
        let is_checked = functions == Functions::Checked;
        if !is_checked && super::shapes::dill::is_found(self, shape, args) {
            return Err(Misuse::act(
                "what dill found in numpy's module stands somewhere else than before its arguments",
                "an honest file calls what it finds so, and keeps none of it",
            ));
        }
        if !is_checked && super::shapes::cloudpickle::is_type(self, shape, args) {
            return Err(Misuse::act(
                "a type that cloudpickle found stands somewhere else than before its arguments",
                "an honest file calls what it finds so, and keeps none of it",
            ));
        }
        if pure && shape.makes_functions() {
            let shown = self.heap.get_name(name).map(ToString::to_string).unwrap_or_default();
            return Err(Misuse::act(
                format!("a function made by {shown} stands where data belongs"),
                "an honest file keeps functions only in the attributes that hold them",
            ));
        }
        Ok(())
    }

    /// A shape and its number of elements, from a tuple of whole numbers.
    pub fn shape(&self, shape: Value) -> Result<(Vec<u64>, u64), Misuse> {
        const HONEST: &str = "an array's shape is a tuple of lengths";
        let lengths = super::shapes::numpy::lengths(self, shape, HONEST)?;
        let count = super::shapes::numpy::elements(&lengths);
        Ok((lengths, count.ok_or_else(|| Misuse::act("its shape is too large", HONEST))?))
    }
}
