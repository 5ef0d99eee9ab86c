//! What the other reader does with names and objects, and what of it is certain to be harmless.
//!
//! An act with own values alone is our reader's act, too, and judged there. What is left comes from bytes that are no opcodes
//! to us, or from another memo: honest files hardly ever get that far, so nearly all of it is refused.

use super::super::acts::is_dotted;
use super::values::{Age, Item, Val};
use super::{Made, Next, Parts, Shadow};
use crate::graph::Name;
use crate::vocabulary::{Role, Shape};

/// What comes of a call.
enum Outcome {
    /// Nothing but an object.
    Harmless,
    /// Python raises.
    Raises,
    /// Nobody knows.
    Unknown,
}

impl Shape {
    /// Whether calling or making it runs nothing else and opens nothing, whatever the arguments are.
    fn is_inert(self) -> bool {
        matches!(
            self,
            Shape::Estimator
                | Shape::Record
                | Shape::Predictor
                | Shape::Tree
                | Shape::Array
                | Shape::ArrayBuffer
                | Shape::ArrayClass
                | Shape::ArrayWrapper
                | Shape::BaseObject
                | Shape::BitGeneratorClass
                | Shape::SeedSequenceClass
                | Shape::LossFunction
                | Shape::DType
                | Shape::Scalar
                | Shape::Type
                | Shape::Set
                | Shape::FrozenSet
                | Shape::Bytes
                | Shape::Slice
                | Shape::Complex
                | Shape::OrderedDict
                | Shape::NamedTuple
                | Shape::Moment
                | Shape::Number
        )
    }

    /// Whether nothing can change what it makes, but itself when it is given its first state.
    pub(super) fn stays(self) -> bool {
        matches!(
            self,
            Shape::Array
                | Shape::ArrayBuffer
                | Shape::ArrayClass
                | Shape::DType
                | Shape::Scalar
                | Shape::Slice
                | Shape::Complex
                | Shape::Bytes
                | Shape::FrozenSet
                | Shape::Moment
                | Shape::Number
        )
    }

    /// Whether a dict as its state becomes attributes, and nothing else happens.
    fn takes_any_attributes(self) -> bool {
        matches!(self, Shape::Estimator | Shape::Record | Shape::Predictor | Shape::Tree)
    }

    /// A call with arguments that an honest file would not give it.
    fn called_with(self, args: &Val) -> Outcome {
        if self.is_inert() {
            return Outcome::Harmless;
        }
        let Val::Tuple(Some(args)) = args else { return Outcome::Unknown };
        let is_number = |val: &Val| matches!(val, Val::None | Val::Plain);
        let may_be_text = |val: &Val| matches!(val, Val::Text(_) | Val::LongText | Val::Wild);
        match (self, &**args) {
            (Shape::Opaque | Shape::Member | Shape::Statespace | Shape::FormulaData, _) => Outcome::Unknown,
            // `func(module, name)`: imports the one, gets the other.
            (Shape::Ufunc, [module, name]) if may_be_text(module) && may_be_text(name) => Outcome::Unknown,
            (Shape::Ufunc, _) => Outcome::Raises,
            // `encode(text, codec)`: looks for a module of the codec's name.
            (Shape::Latin1, [_, codec] | [_, codec, _]) if may_be_text(codec) => Outcome::Unknown,
            (Shape::Latin1, [_, _, ..]) => Outcome::Raises,
            // `base.__new__(class, state)`, and then `base.__init__`.
            (Shape::Reconstructor, [_, Val::Name(_) | Val::Object(_) | Val::Wild | Val::Other, _]) => Outcome::Unknown,
            (Shape::Reconstructor, _) => Outcome::Raises,
            // Numbers and nothing ask for no names and no files.
            (_, args) if args.iter().all(is_number) => Outcome::Harmless,
            // The second argument is called, the first one too if it is a type.
            (Shape::BitGenerator | Shape::RandomState, args) => {
                let passes = |val: &Val| is_number(val) || matches!(val, Val::Text(_) | Val::LongText);
                if args.iter().all(passes) { Outcome::Harmless } else { Outcome::Unknown }
            }
            // Code that Cython wrote for `__reduce__`: the class has to be its own, the checksum right.
            (
                Shape::LossUnpickler | Shape::ColumnUnpickler | Shape::SeedSequence,
                [Val::Name(_), Val::Plain, Val::None | Val::Tuple(_)],
            ) => Outcome::Harmless,
            (Shape::NeighborsTree | Shape::Distance, [Val::Name(Some(shape))]) if shape.is_inert() => Outcome::Harmless,
            _ => Outcome::Unknown,
        }
    }

    /// Whether what it makes may be something that can be called. Of scikit-learn's own objects kernels, losses and scorers can,
    /// which are records; its estimators can not.
    fn may_make_functions(self) -> bool {
        self.makes_functions()
            || self.is_opaque()
            || self.looks_up()
            || matches!(
                self,
                Shape::Record
                    | Shape::Type
                    | Shape::Distribution
                    | Shape::Frozen
                    | Shape::LossFunction
                    | Shape::LossUnpickler
                    | Shape::Reconstructor
                    | Shape::DillType
            )
    }
}

/// A name as it can be imported: importlib looks for a file that is called like what stands behind the last dot, whatever that
/// is. No module is called by control characters.
fn is_importable(module: &str) -> bool {
    !module.is_empty() && !module.chars().any(|c| c.is_ascii_control())
}

/// The same among texts that honest files have in their memo, such as the names of columns: those that look like a module's.
fn is_like_a_module(module: &str) -> bool {
    is_dotted(module.strip_prefix('.').unwrap_or(module))
}

/// Whether the beginning of a line that is too long to be kept could be that of a module, or of a package with one in it.
fn may_be_module(begun: &[u8]) -> bool {
    let line = begun.split(|byte| *byte == b'\n').next().unwrap_or_default();
    !line.iter().any(u8::is_ascii_control)
}

/// Whether an object without a `__setstate__` of its own, or with scikit-learn's, is not given this: it is no mapping, and no
/// pair of one and of slots.
fn is_no_state(state: &Val) -> bool {
    match state {
        Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Name(_) => true,
        Val::Tuple(Some(items)) => items.len() != 2,
        _ => false,
    }
}

impl Shadow {
    /// Fetching a name; `own` says whether our reader fetches it, too.
    fn find(&mut self, module: &[u8], name: &[u8], own: Own) -> Result<Val, Next> {
        let (Ok(module), Ok(qualname)) = (std::str::from_utf8(module), std::str::from_utf8(name)) else {
            return Err(Next::Stopped);
        };
        let mapped = self.protocol < 3;
        let name = Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped, at: self.at };
        match self.vocabulary.role(&name) {
            // What is safe by its arguments alone is not, with what another reader may find for them.
            Role::Known(entry) if entry.shape.looks_up() && own != Own::Both => {
                Err(Next::Bad(format!("fetches {name}")))
            }
            Role::Known(entry) => Ok(Val::Name(Some(entry.shape))),
            Role::Allowed => Ok(Val::Name(None)),
            Role::Dangerous(_) => Err(Next::Bad(format!("fetches {name}"))),
            // The module is imported before the name is looked for.
            Role::Unknown => {
                let importable = match self.parts {
                    Parts::Opcodes | Parts::Elements => is_importable(module),
                    Parts::Nested | Parts::Again | Parts::Shared => is_like_a_module(module),
                };
                Err(if importable && !self.is_nobodys(own) {
                    Next::Bad(format!("fetches {name}"))
                } else {
                    Next::Stopped
                })
            }
        }
    }

    /// Whether an unknown name is none of the other reader's own: ours fetches it as well; or honest pickles are read with the
    /// memo of another, and some text stands where the module should, before a name of the tables. There is no such name.
    fn is_nobodys(&self, own: Own) -> bool {
        own == Own::Both || (matches!(self.parts, Parts::Nested | Parts::Shared) && own == Own::Name)
    }

    /// GLOBAL and INST: the names of two lines; INST makes an object of it.
    pub(super) fn global(&mut self, bytes: &[u8], instance: bool) -> Next {
        let Some((lines, length)) = super::lines::lines(bytes, 2) else {
            return match bytes.get(1..super::lines::LINE) {
                Some(begun) if may_be_module(begun) => Next::Bad("fetches a name that is longer than any".to_owned()),
                Some(_) => Next::Stopped,
                None => Next::More,
            };
        };
        let [module, name] = lines.as_slice() else { return Next::Stopped };
        let ours = self.is_ours();
        match self.find(module, name, if ours { Own::Both } else { Own::Neither }) {
            Ok(val) if instance => match self.pop_mark() {
                Some((items, of)) => {
                    let args = items.map_or(Val::Tuple(None), |items| Val::tuple(items.iter().map(|item| &item.val)));
                    let callee = Item { val, own: ours, age: Age::New };
                    self.call(callee, Item { val: args, own: of.own, age: of.age }, length)
                }
                None => Next::Stopped,
            },
            Ok(val) => {
                self.push(val);
                Next::Used(length)
            }
            Err(next) => next,
        }
    }

    /// STACK_GLOBAL: the names of two texts.
    pub(super) fn stack_global(&mut self) -> Next {
        let (Some(name), Some(module)) = (self.pop(), self.pop()) else { return Next::Stopped };
        let own = match (module.own && self.is_ours(), name.own && self.is_ours()) {
            (true, true) => Own::Both,
            (false, true) => Own::Name,
            _ => Own::Neither,
        };
        let found = match (&module.val, &name.val) {
            (Val::Text(module), Val::Text(name)) => self.find(module, name, own),
            (Val::Wild | Val::LongText | Val::Text(_), Val::Wild | Val::LongText | Val::Text(_)) => {
                Err(Next::Bad("fetches a name of which nothing is known".to_owned()))
            }
            _ => Err(Next::Stopped),
        };
        match found {
            Ok(val) => {
                self.push_made(val, Made { own: own == Own::Both, age: Age::New });
                Next::Used(1)
            }
            Err(next) => next,
        }
    }

    /// REDUCE, NEWOBJ and their like: a call of `callee`, or an object of it; `length` is the opcode's.
    pub(super) fn call(&mut self, callee: Item, args: Item, length: usize) -> Next {
        // What can not be taken for arguments.
        if matches!(args.val, Val::None | Val::Name(_)) {
            return Next::Stopped;
        }
        let of = Made::of(&[&callee, &args]);
        let own = of.own && self.is_ours();
        let made = match callee.val {
            // What it makes is an object of the class that it is called with.
            Val::Name(Some(Shape::Reconstructor)) if own => match args.val {
                Val::Tuple(Some(args)) => match args.first() {
                    Some(Val::Name(shape)) => Val::Object(*shape),
                    _ => Val::Wild,
                },
                _ => Val::Wild,
            },
            Val::Name(shape) if own => Val::Object(shape),
            Val::Name(shape) => match shape.map_or(Outcome::Unknown, |shape| shape.called_with(&args.val)) {
                Outcome::Harmless => Val::Object(shape),
                Outcome::Raises => return Next::Stopped,
                Outcome::Unknown => {
                    return Next::Bad("calls a function with arguments of which nothing is known".to_owned());
                }
            },
            Val::Object(Some(shape)) if !shape.may_make_functions() => return Next::Stopped,
            Val::Object(_) | Val::Other | Val::Wild => {
                return Next::Bad("calls a thing of which nothing is known".to_owned());
            }
            Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Dict | Val::Container | Val::Tuple(_) => {
                return Next::Stopped;
            }
        };
        self.push_made(made, of);
        Next::Used(length)
    }

    /// APPEND, APPENDS and ADDITEMS: `append`, `extend` or `add` of what is on the stack now.
    pub(super) fn put_in(&mut self, items: Made) -> Next {
        let Some(target) = self.pop() else { return Next::Stopped };
        let own = items.own && target.own && self.is_ours();
        match target.val {
            _ if own => {}
            Val::Dict | Val::Container => {}
            Val::Object(Some(shape)) if shape.stays() => return Next::Stopped,
            // Whatever stands under that name is called, an attribute too.
            Val::Name(_) | Val::Object(_) | Val::Other | Val::Wild => {
                return Next::Bad("puts items into a thing of which nothing is known".to_owned());
            }
            Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Tuple(_) => return Next::Stopped,
        }
        self.put(target, items, own)
    }

    /// SETITEM and SETITEMS: what is on the stack now gets pairs as its class takes them, which is never a call of a value.
    pub(super) fn put_pairs(&mut self, items: Made) -> Next {
        let Some(target) = self.pop() else { return Next::Stopped };
        let own = items.own && target.own && self.is_ours();
        match target.val {
            Val::None | Val::Text(_) | Val::LongText | Val::Name(_) | Val::Tuple(_) => Next::Stopped,
            _ => self.put(target, items, own),
        }
    }

    fn put(&mut self, target: Item, items: Made, own: bool) -> Next {
        self.changed(&target, own);
        self.stack.push(Item { own, age: target.age.max(items.age), ..target });
        Next::Used(1)
    }

    /// Notes that something was changed, and whether ours was in the same way. A value that is not own may be one of those
    /// from before the parting, by another name.
    fn changed(&mut self, target: &Item, own: bool) {
        self.spoiled |= !own && (target.own || target.age != Age::Old);
        self.spoiled_old |= !own;
    }

    /// BUILD.
    pub(super) fn build(&mut self) -> Next {
        let (Some(state), Some(target)) = (self.pop(), self.pop()) else { return Next::Stopped };
        let own = state.own && target.own && self.is_ours();
        let bad = |what: &str| Next::Bad(format!("gives {what} a state of which nothing is known"));
        match target.val {
            _ if own => {}
            Val::Object(Some(shape)) if shape.takes_any_attributes() && matches!(state.val, Val::Dict) => {}
            // Code of numpy's that takes what fits, and raises otherwise.
            Val::Object(Some(
                Shape::BitGenerator
                | Shape::BitGeneratorClass
                | Shape::RandomState
                | Shape::SeedSequence
                | Shape::SeedSequenceClass
                | Shape::LossFunction,
            )) => {}
            Val::Object(Some(shape)) if shape.stays() => {}
            // Perhaps an array of numbers.
            Val::Plain => {}
            // To everyone but joblib this is an object like others, and its attributes are never looked at.
            Val::Object(Some(Shape::ArrayWrapper))
                if self.parts != Parts::Elements && matches!(state.val, Val::Dict) => {}
            Val::Object(Some(Shape::Type)) if matches!(state.val, Val::Tuple(_)) => {}
            Val::Object(Some(shape))
                if (shape.takes_any_attributes() || shape == Shape::Distribution) && is_no_state(&state.val) =>
            {
                return Next::Stopped;
            }
            Val::Object(Some(Shape::Distribution)) => return bad("a distribution of scipy's"),
            Val::Object(_) | Val::Name(_) | Val::Other | Val::Wild => return bad("a thing"),
            Val::None | Val::Text(_) | Val::LongText | Val::Dict | Val::Container | Val::Tuple(_) => {
                return Next::Stopped;
            }
        }
        if matches!(target.val, Val::Object(Some(Shape::ArrayWrapper)) | Val::Wild) {
            // An array follows: its bytes are no opcodes of ours. Behind it goes on who takes it for an array, with whatever is
            // on the stack then.
            self.aligned = Some(false);
            self.survived.set(self.survived.get() || self.parts == Parts::Elements);
        }
        self.changed(&target, own);
        let held = if state.age == Age::New { Age::New } else { Age::Holds };
        self.stack.push(Item { own, age: target.age.max(held), ..target });
        Next::Used(1)
    }
}

/// Which texts of a name our own reader has at the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Both,
    Name,
    Neither,
}
