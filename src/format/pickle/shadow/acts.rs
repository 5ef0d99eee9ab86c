//! What the other reader does with names and objects, and what of it is certain to be harmless.
//!
//! An act with own values alone is our reader's act, too, and judged there. What is left comes from bytes that are no opcodes
//! to us, or from another memo: honest files hardly ever get that far, so nearly all of it is refused.

use super::super::acts::is_dotted;
use super::values::{Age, Item, Val, followed_shape};
use super::{Made, NO_FILE, Next, Parts, Shadow};
use crate::graph::Name;
use crate::vocabulary::{Role, Shape, Takes, keeps_attributes};

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
    /// Whether calling it runs nothing of its arguments, whatever they are: code that Cython or C has, which looks at their types,
    /// and classes that keep what they are given, as estimators do.
    fn takes_anything(self) -> bool {
        matches!(
            self,
            Shape::Estimator
                | Shape::Tree
                | Shape::Array
                | Shape::ArrayBuffer
                | Shape::ArrayWrapper
                | Shape::BaseObject
                | Shape::LossFunction
                | Shape::DType
                | Shape::Scalar
                | Shape::Slice
                | Shape::NamedTuple
                | Shape::Moment
        )
    }

    /// Whether calling or making it runs nothing else and opens nothing, if its arguments are numbers and texts: what has
    /// attributes could be asked for them, and for its items.
    fn takes_plain_values(self) -> bool {
        matches!(
            self,
            Shape::Record
                | Shape::Predictor
                | Shape::Type
                | Shape::Bytes
                | Shape::Complex
                | Shape::OrderedDict
                | Shape::ArrayClass
                | Shape::BitGeneratorClass
                | Shape::SeedSequenceClass
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
        matches!(self, Shape::Estimator | Shape::Record)
    }

    /// Whether its state is asked for its type, and to be made another one (`astype`): arrays answer, and other objects what
    /// they were told.
    fn takes_arrays(self) -> bool {
        matches!(self, Shape::Predictor | Shape::Tree)
    }

    /// A call with arguments that an honest file would not give it.
    fn called_with(self, args: &Val) -> Outcome {
        if self.takes_anything() {
            return Outcome::Harmless;
        }
        let Val::Tuple(Some(args)) = args else { return Outcome::Unknown };
        if self.takes_plain_values() && args.iter().all(|val| val.is_plain() || matches!(val, Val::Name(_))) {
            return Outcome::Harmless;
        }
        let is_number = |val: &Val| matches!(val, Val::None | Val::Plain | Val::Numbers);
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
                // numpy's own constructor looks its argument up among the names of generators.
                let own = |val: &Val| matches!(val, Val::Name(Some(Shape::BitGenerator)));
                let passes = |val: &Val| is_number(val) || matches!(val, Val::Text(_) | Val::LongText) || own(val);
                if args.iter().all(passes) { Outcome::Harmless } else { Outcome::Unknown }
            }
            // Code that Cython wrote for `__reduce__`: the class has to be its own, the checksum right.
            (
                Shape::LossUnpickler | Shape::ColumnUnpickler | Shape::SeedSequence,
                [Val::Name(_), Val::Plain, Val::None | Val::Tuple(_)],
            ) => Outcome::Harmless,
            (Shape::NeighborsTree | Shape::Distance, [Val::Name(Some(shape))])
                if shape.takes_anything() || shape.takes_plain_values() =>
            {
                Outcome::Harmless
            }
            // `ndarray` is C's; subclasses, which ask what they are given, take three at most.
            (Shape::ArrayClass, [_, _, _, _, ..]) => Outcome::Harmless,
            (Shape::Set | Shape::FrozenSet, [Val::Container | Val::Dict(_) | Val::Tuple(_)]) => Outcome::Harmless,
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

/// Whether this is code of numpy's that takes what fits as a state, and raises otherwise.
fn takes_numbers(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::BitGenerator
            | Shape::BitGeneratorClass
            | Shape::RandomState
            | Shape::SeedSequence
            | Shape::SeedSequenceClass
            | Shape::LossFunction
    )
}

/// Whether this is a state that makes an array of bytes or objects, of a dtype that was made as ours makes one: numpy compares the
/// bytes with it.
fn is_state_of_an_array(state: &Val) -> bool {
    let Val::Tuple(Some(parts)) = state else { return false };
    matches!(
        &**parts,
        [
            Val::Plain,
            Val::Tuple(_),
            // What is followed as ours has our arguments and our state.
            Val::Object(Some(Shape::DType)) | Val::Namesake,
            Val::Plain,
            Val::Plain | Val::Text(_) | Val::LongText | Val::Container
        ]
    )
}

/// Whether a value may be a tuple or another sequence, which alone is a state to numpy. An array's wrapper is none.
fn may_be_tuple(state: &Val) -> bool {
    if matches!(state, Val::Object(Some(Shape::ArrayWrapper))) {
        return false;
    }
    matches!(state, Val::Tuple(_) | Val::DTypeState | Val::Object(_) | Val::Namesake | Val::Other | Val::Wild)
}

/// Whether an object without a `__setstate__` of its own, or with scikit-learn's, is not given this: it is no mapping, and no
/// pair of one and of slots.
fn is_no_state(state: &Val) -> bool {
    match state {
        Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Numbers | Val::Name(_) => true,
        Val::Tuple(Some(items)) => items.len() != 2,
        Val::DTypeState => true,
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
            role @ Role::Known(_) => Ok(Val::Name(followed_shape(role))),
            Role::Allowed => Ok(Val::Name(None)),
            Role::Dangerous(_) => Err(Next::Bad(format!("fetches {name}"))),
            // The module is imported before the name is looked for.
            Role::Unknown => {
                // What every module has, folders have, too: each in Python's path is one, `lib-dynload` everywhere.
                let any = !self.reads_pickles() || qualname.starts_with("__");
                let importable = if any { is_importable(module) } else { is_like_a_module(module) };
                match own {
                    _ if !importable => Err(Next::Stopped),
                    // Ours fetches it as well, and is refused for it.
                    Own::Both => Err(Next::Stopped),
                    // Of numpy's in every module that has one, and called in nearly every file.
                    Own::Name if self.reads_pickles() && qualname == "scalar" => Ok(Val::Name(Some(Shape::Scalar))),
                    // A class by the name of an estimator, in whatever module: made without arguments, it keeps what it is given.
                    Own::Name if self.reads_pickles() && keeps_attributes(qualname) => {
                        Ok(Val::Name(Some(Shape::Record)))
                    }
                    Own::Name if self.reads_pickles() => Ok(Val::Namesake),
                    _ => Err(Next::Bad(format!("fetches {name}"))),
                }
            }
        }
    }

    /// Whether it reads honest pickles with the memo of another: there some text stands where the module of a name of the tables
    /// should. Hardly ever there is such a module with such a name; then it is a [`Val::Namesake`].
    fn reads_pickles(&self) -> bool {
        matches!(self.parts, Parts::Nested | Parts::Again | Parts::Shared)
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
                let own = own == Own::Both || matches!(val, Val::Namesake);
                self.push_made(val, Made { own, age: Age::New });
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
        let mut of = Made::of(&[&callee, &args]);
        // A dtype is what it is called with, wherever it was found.
        of.own |= args.own && matches!(callee.val, Val::Name(Some(Shape::DType)));
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
            Val::Namesake if own => Val::Namesake,
            Val::Name(shape) => match shape.map_or(Outcome::Unknown, |shape| shape.called_with(&args.val)) {
                Outcome::Harmless => Val::Object(shape),
                Outcome::Raises => return Next::Stopped,
                Outcome::Unknown => {
                    return Next::Bad("calls a function with arguments of which nothing is known".to_owned());
                }
            },
            Val::Object(Some(shape)) if !shape.may_make_functions() => return Next::Stopped,
            Val::Object(_) | Val::Namesake | Val::Other | Val::Wild => {
                return Next::Bad("calls a thing of which nothing is known".to_owned());
            }
            Val::None
            | Val::Text(_)
            | Val::LongText
            | Val::Plain
            | Val::Numbers
            | Val::Dict(_)
            | Val::Container
            | Val::DTypeState
            | Val::Tuple(_) => {
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
            Val::Dict(_) | Val::Container => {}
            Val::Object(Some(shape)) if shape.stays() => return Next::Stopped,
            // Whatever stands under that name is called, an attribute too.
            Val::Name(_) | Val::Object(_) | Val::Namesake | Val::Other | Val::Wild => {
                return Next::Bad("puts items into a thing of which nothing is known".to_owned());
            }
            Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Numbers | Val::DTypeState | Val::Tuple(_) => {
                return Next::Stopped;
            }
        }
        self.put(target, items, own)
    }

    /// SETITEM and SETITEMS: what is on the stack now gets these pairs, if they are known.
    pub(super) fn put_pairs(&mut self, items: Made, pairs: Option<&[Item]>) -> Next {
        let Some(target) = self.pop() else { return Next::Stopped };
        let own = items.own && target.own && self.is_ours();
        let plain = pairs.is_some_and(|pairs| pairs.iter().all(|item| item.val.is_plain()));
        match &target.val {
            Val::Dict(bare) => bare.set(bare.get() && Val::are_bare(pairs)),
            _ if own => {}
            // Dicts of other names, and lists, of which an item is set.
            Val::Object(Some(shape)) if shape.takes() == Takes::Pairs && *shape != Shape::Dok => {}
            Val::Container => {}
            // Bytes that can change, which take numbers only.
            Val::Plain => {}
            // An array without fields has no item of that name.
            Val::Numbers if matches!(pairs, Some([key, ..]) if matches!(key.val, Val::Text(_) | Val::LongText)) => {
                return Next::Stopped;
            }
            // Of arrays what they are given is asked for its elements.
            Val::Numbers if plain => {}
            Val::Object(Some(shape)) if shape.stays() && plain => {}
            Val::Numbers | Val::Object(_) | Val::Namesake | Val::Other | Val::Wild => {
                return Next::Bad("puts items into a thing of which nothing is known".to_owned());
            }
            Val::None | Val::Text(_) | Val::LongText | Val::Name(_) | Val::DTypeState | Val::Tuple(_) => {
                return Next::Stopped;
            }
        }
        self.put(target, items, own)
    }

    fn put(&mut self, target: Item, items: Made, own: bool) -> Next {
        self.changed(target.own, target.age, own);
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
        let val = match target.val {
            val if own => val.with_a_state(),
            val @ Val::Object(Some(Shape::Array)) if is_state_of_an_array(&state.val) => val.with_a_state(),
            // An array twice: views of it would look at memory that is no longer its own.
            Val::Numbers | Val::Object(Some(Shape::Array | Shape::ArrayClass)) => {
                let parts = !matches!(&state.val, Val::DTypeState)
                    && !matches!(&state.val, Val::Tuple(Some(items)) if !matches!(items.len(), 4 | 5));
                return if parts && may_be_tuple(&state.val) { bad("an array") } else { Next::Stopped };
            }
            // Its size and flags are those that were judged with its code.
            val @ Val::Object(Some(Shape::DType)) if target.own && matches!(state.val, Val::DTypeState) => val,
            Val::Object(Some(Shape::DType)) => {
                return if may_be_tuple(&state.val) { bad("a dtype") } else { Next::Stopped };
            }
            val @ Val::Object(Some(shape)) => match &state.val {
                Val::Dict(_) if shape.takes_any_attributes() || shape == Shape::ColumnType => val,
                Val::Dict(bare) if shape.takes_arrays() && bare.get() => val,
                // Attributes that nobody asks for.
                Val::Dict(_) if shape == Shape::ArrayWrapper && self.parts != Parts::Elements => val,
                Val::Tuple(_) if shape == Shape::Type => val,
                _ if shape.stays() => val,
                _ if takes_numbers(shape) => val,
                state if (shape.takes_any_attributes() || shape == Shape::Distribution) && is_no_state(state) => {
                    return Next::Stopped;
                }
                _ if shape == Shape::Distribution => return bad("a distribution of scipy's"),
                _ => return bad("a thing"),
            },
            Val::Object(None) | Val::Name(_) | Val::Namesake | Val::Other | Val::Wild => return bad("a thing"),
            Val::None
            | Val::Text(_)
            | Val::LongText
            | Val::Plain
            | Val::Dict(_)
            | Val::Container
            | Val::DTypeState
            | Val::Tuple(_) => {
                return Next::Stopped;
            }
        };
        let is_wrapper = matches!(val, Val::Object(Some(Shape::ArrayWrapper)));
        // With other values ours may have an array here, whatever this is: the machine says so when it comes by.
        if !own && self.is_ours() {
            self.came_to.borrow_mut().insert(self.at.saturating_add(1));
        }
        self.changed(target.own, target.age, own);
        let held = if state.age == Age::New { Age::New } else { Age::Holds };
        self.stack.push(Item { val, own, age: target.age.max(held) });
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
            self.other_memo();
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

/// Which texts of a name our own reader has at the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Both,
    Name,
    Neither,
}
