//! What a pickle does with names and objects. Each act is told as an event, then checked by the shape of its name, and only
//! then makes what it makes.
//!
//! After a name that refuses the file the machine goes on, so that a report can say what would have been done: with no more
//! events, and with everything that such a name makes as an object of that name.

use super::super::event::Act;
use super::super::fault::{Fault, Malformed};
use super::super::suspects::Use;
use super::machine::Machine;
use super::shadow::Writer;
use crate::graph::{Name, NameId, Value, View};
use crate::vocabulary::{Built, Called, Made, Misuse, Role, Shape};

/// Longest module or name in it, in bytes.
const LONGEST_NAME: usize = 1000;
const TWICE: &str = "an honest file gives each object its state once";
pub(super) const GIVEN: &str = "an honest file gives the dict of an object's attributes to that object alone";

impl Machine<'_, '_, '_> {
    /// Whether a name was met that refuses the file.
    pub(super) fn refused(&self) -> bool {
        !self.ctx.suspects.is_empty()
    }

    pub(super) fn event(&mut self, at: u64, act: Act, name: NameId) {
        if !self.refused()
            && let Some(found) = self.ctx.heap.get_name(name)
        {
            self.ctx.events.event(at, act, name, found);
        }
    }

    pub(super) fn misused<T>(&self, at: u64, name: Option<NameId>, misuse: Misuse) -> Result<T, Fault> {
        match misuse {
            Misuse::Limit(exceeded) => Err(exceeded.into()),
            misuse => Err(Fault::Misused { at, name, misuse }),
        }
    }

    // ---- names

    fn find(&mut self, at: u64, module: String, qualname: String) -> Result<Value, Fault> {
        let mapped = self.level()?.protocol < 3;
        let name = Name { module, qualname, mapped, at };
        self.ctx.asks_for(&name.module, Some(&name.qualname));
        let (id, new) = self.ctx.heap.names.intern(name, &mut self.ctx.budget)?;
        self.event(at, Act::Find, id);
        if new {
            self.add_role(id);
            self.one_writer(at, id)?;
        }
        Ok(self.ctx.heap.name(id))
    }

    /// Notes what a name is that is met for the first time.
    fn add_role(&mut self, id: NameId) {
        let role = self.ctx.heap.get_name(id).map_or(Role::Unknown, |name| self.ctx.vocabulary.role(name));
        self.ctx.roles.push(role);
        if matches!(role, Role::Unknown | Role::Dangerous(_)) {
            self.ctx.suspects.add(id);
        }
    }

    /// Refuses a wrapper of joblib's in a file with those of scikit-learn's copy of it, and the reverse.
    fn one_writer(&self, at: u64, id: NameId) -> Result<(), Fault> {
        const HONEST: &str = "the reader of each takes the other's elements for opcodes, and no writer mixes them";
        let Some(name) = self.ctx.heap.get_name(id).filter(|_| self.ctx.roles.shape(id).is_some_and(Shape::is_wrapper))
        else {
            return Ok(());
        };
        if self.ctx.followed.found.is_written_by(Writer::of(&name.module)) {
            return Ok(());
        }
        let what = "the file has arrays of joblib's and of the copy that scikit-learn had of it";
        self.misused(at, Some(id), Misuse::act(what, HONEST))
    }

    /// Two lines: a module and a name.
    fn name_lines(&mut self, at: u64, opcode: &'static str) -> Result<Value, Fault> {
        // CPython's readers take UTF-8 for GLOBAL, and ASCII alone for INST.
        let of_opcode = |line: &&str| opcode != "INST" || line.is_ascii();
        let text = |line: &[u8]| std::str::from_utf8(line).ok().filter(of_opcode).map(str::to_owned);
        let wrong = Fault::Malformed { at, what: Malformed::Text(opcode) };
        let Some(module) = text(self.line(at, opcode)?) else { return Err(wrong) };
        let qualname = self.line(at, opcode).map(text);
        if !matches!(qualname, Ok(Some(_))) {
            self.ctx.asks_for(&module, None);
        }
        let Some(qualname) = qualname? else { return Err(wrong) };
        self.name_length(at, opcode, &module)?;
        self.name_length(at, opcode, &qualname)?;
        self.find(at, module, qualname)
    }

    /// Refuses a name that is longer than any: what is said of a name, and looking for it in the tables, costs its length
    /// each time that it is asked for.
    fn name_length(&self, at: u64, opcode: &'static str, name: &str) -> Result<(), Fault> {
        match name.len() {
            0..=LONGEST_NAME => Ok(()),
            length => self.malformed(at, Malformed::LongName(opcode, length)),
        }
    }

    pub(super) fn global(&mut self, at: u64) -> Result<(), Fault> {
        let name = self.name_lines(at, "GLOBAL")?;
        self.push(name)
    }

    pub(super) fn stack_global(&mut self, at: u64) -> Result<(), Fault> {
        let (qualname, module) = (self.pop(at, "STACK_GLOBAL")?, self.pop(at, "STACK_GLOBAL")?);
        // CPython wants an exact `str`; numpy's texts are of a class of their own.
        let own = |value: &Value| self.ctx.heap.as_object(*value).is_none();
        let text = |value| Some(value).filter(own).and_then(|value| self.ctx.heap.as_str(value));
        let (Some(module), Some(qualname)) = (text(module), text(qualname)) else {
            let texts = [module, qualname]
                .iter()
                .all(|part| own(part) && matches!(self.ctx.heap.view(*part), View::Text(_) | View::Latin(_)));
            return self.malformed(at, if texts { Malformed::NameText } else { Malformed::Name });
        };
        self.name_length(at, "STACK_GLOBAL", module)?;
        self.name_length(at, "STACK_GLOBAL", qualname)?;
        let (module, qualname) = (module.to_owned(), qualname.to_owned());
        let name = self.find(at, module, qualname)?;
        self.push(name)
    }

    // ---- calls

    pub(super) fn reduce(&mut self, at: u64) -> Result<(), Fault> {
        let args = self.pop(at, "REDUCE")?;
        let callee = self.pop(at, "REDUCE")?;
        let made = self.call(at, callee, args)?;
        self.push(made)
    }

    /// `callee(*args)`.
    fn call(&mut self, at: u64, callee: Value, args: Value) -> Result<Value, Fault> {
        let Some((name, _)) = self.ctx.heap.as_name(callee) else { return self.call_of_no_name(at, callee, args) };
        if self.ctx.heap.as_tuple(args).is_none() && !self.refused() {
            let kind = self.ctx.heap.view(args).kind();
            let misuse = Misuse::act(format!("it is called with {kind} for arguments"), "arguments are always a tuple");
            return self.misused(at, Some(name), misuse);
        }
        self.event(at, Act::Call, name);
        self.ctx.suspects.note(name, Use::Called(args));
        let Some(shape) = self.ctx.roles.shape(name) else { return self.object(name, name, args) };
        let mut scene = self.ctx.scene(name);
        let made = scene.pay_for_copies(args).and_then(|()| shape.call(&mut scene, args)).and_then(|made| {
            scene.settle(args, crate::vocabulary::Functions::Checked)?;
            Ok(made)
        });
        self.make(at, name, args, made)
    }

    fn call_of_no_name(&mut self, at: u64, callee: Value, args: Value) -> Result<Value, Fault> {
        let name = self.ctx.heap.as_object(callee).map(|(_, object)| object.name);
        if let Some(name) = name.filter(|_| self.refused()) {
            return self.object(name, name, args);
        }
        let kind = self.ctx.heap.view(callee).kind();
        match name {
            Some(name) if self.ctx.roles.shape(name) == Some(Shape::Partial) => {
                self.call_of_partial(at, name, callee, args)
            }
            Some(name) if self.ctx.roles.shape(name) == Some(Shape::BuiltinType) => {
                self.call_of_builtin_type(at, name, callee, args)
            }
            Some(name) if self.ctx.roles.shape(name) == Some(Shape::DillType) => {
                let called = crate::vocabulary::call_of_dill_type(&mut self.ctx.scene(name), callee, args);
                self.call_of_dill(at, name, args, called)
            }
            Some(name) if self.ctx.roles.shape(name) == Some(Shape::DillAttribute) => {
                self.event(at, Act::Call, name);
                let made = crate::vocabulary::call_of_dill_attribute(&mut self.ctx.scene(name), callee, args);
                self.make(at, name, args, made)
            }
            Some(name) if self.ctx.roles.shape(name) == Some(Shape::Attribute) => {
                self.call_of_attribute(at, name, callee, args)
            }
            Some(name) => {
                let misuse = Misuse::act("what it made is called", "an honest file calls names only");
                self.misused(at, Some(name), misuse)
            }
            None => self.malformed(at, Malformed::Target("REDUCE", kind)),
        }
    }

    /// The partials that honest files call: what makes a block of a table in pandas 1.3, and results of scipy's tests below protocol 4.
    fn call_of_partial(&mut self, at: u64, name: NameId, callee: Value, args: Value) -> Result<Value, Fault> {
        let state = self.ctx.heap.as_object(callee).map_or(Value::NONE, |(_, object)| object.state);
        match crate::vocabulary::result_of_partial(&mut self.ctx.scene(name), state, args) {
            Ok(None) => {}
            Ok(Some((class, values))) => {
                self.event(at, Act::Call, name);
                return self.object(class, name, values);
            }
            Err(misuse) => return self.misused(at, Some(name), misuse),
        }
        let made = crate::vocabulary::block_of_partial(&mut self.ctx.scene(name), state, args);
        match made {
            Ok(function) => {
                self.event(at, Act::Call, name);
                self.object(function, name, args)
            }
            Err(misuse) => self.misused(at, Some(name), misuse),
        }
    }

    /// A type that cloudpickle fetched by its name, called: `MethodType(Class.method, object)`.
    fn call_of_builtin_type(&mut self, at: u64, name: NameId, callee: Value, args: Value) -> Result<Value, Fault> {
        match crate::vocabulary::call_of_builtin_type(&mut self.ctx.scene(name), callee, args) {
            Ok(called) => {
                self.event(at, Act::Call, name);
                let class = match called {
                    Called::Method => name,
                    Called::Empty(module, qualname) => self.class(at, module, qualname)?,
                };
                self.object(class, name, args)
            }
            Err(misuse) => self.misused(at, Some(name), misuse),
        }
    }

    /// A class of the tables that no opcode asked for.
    fn class(&mut self, at: u64, module: &str, qualname: &str) -> Result<NameId, Fault> {
        let name = Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped: false, at };
        let (id, new) = self.ctx.heap.names.intern(name, &mut self.ctx.budget)?;
        if new {
            self.add_role(id);
        }
        Ok(id)
    }

    /// A type that dill fetched by its name, called: `slice(0, 2, None)`.
    fn call_of_dill(&mut self, at: u64, name: NameId, args: Value, called: Result<(), Misuse>) -> Result<Value, Fault> {
        match called {
            Ok(()) => {
                self.event(at, Act::Call, name);
                self.object(name, name, args)
            }
            Err(misuse) => self.misused(at, Some(name), misuse),
        }
    }

    /// The one method that honest files fetch and call: `getattr(ZoneInfo, '_unpickle')('Europe/Paris', True)`.
    fn call_of_attribute(&mut self, at: u64, name: NameId, callee: Value, args: Value) -> Result<Value, Fault> {
        match crate::vocabulary::call_of_attribute(&mut self.ctx.scene(name), callee, args) {
            Ok(class) => {
                self.event(at, Act::Call, name);
                self.object(class, name, args)
            }
            Err(misuse) => self.misused(at, Some(name), misuse),
        }
    }

    /// What a shape says that was made, as a value.
    fn make(&mut self, at: u64, name: NameId, args: Value, made: Result<Made, Misuse>) -> Result<Value, Fault> {
        match made {
            Ok(Made::Object(class)) => self.object(class, name, args),
            Ok(Made::Found(class)) => {
                let found = self.object(class, name, args)?;
                if let Some((id, _)) = self.ctx.heap.as_object(found)
                    && let Some(object) = self.ctx.heap.object_mut(id)
                {
                    (object.built, object.hashable) = (true, true);
                }
                Ok(found)
            }
            Ok(Made::Is(value)) if matches!(self.ctx.heap.view(value), View::DType(..)) => {
                self.object_read_as(name, args, value)
            }
            Ok(Made::Is(value)) => {
                self.freeze(value);
                Ok(value)
            }
            Ok(Made::ReadAs(value)) => self.object_read_as(name, args, value),
            Err(Misuse::Limit(exceeded)) => Err(exceeded.into()),
            Err(_) if self.refused() => self.object(name, name, args),
            Err(misuse) => self.misused(at, Some(name), misuse),
        }
    }

    fn freeze(&mut self, value: Value) {
        if matches!(self.ctx.heap.view(value), View::Set(_) | View::FrozenSet(_) | View::Dict(_) | View::List(_)) {
            self.ctx.heap.freeze(value, false);
        }
    }

    fn object(&mut self, class: NameId, made_by: NameId, args: Value) -> Result<Value, Fault> {
        let shape = self.ctx.roles.shape(class);
        self.ctx.budget.memory(shape.map_or(0, Shape::weight))?;
        let value = self.ctx.heap.object(class, made_by, args, &mut self.ctx.budget)?;
        if let Some((id, _)) = self.ctx.heap.as_object(value)
            && let Some(object) = self.ctx.heap.object_mut(id)
        {
            object.hashable = shape.is_some_and(Shape::makes_keys);
        }
        Ok(value)
    }

    /// An object that is read as a value.
    fn object_read_as(&mut self, name: NameId, args: Value, value: Value) -> Result<Value, Fault> {
        let object = self.object(name, name, args)?;
        if let Some((id, _)) = self.ctx.heap.as_object(object)
            && let Some(object) = self.ctx.heap.object_mut(id)
        {
            (object.state, object.is_state) = (value, true);
        }
        Ok(object)
    }

    // ---- objects

    /// `class.__new__(class, *args, **keywords)`.
    pub(super) fn new_object(&mut self, at: u64, opcode: &'static str, keywords: Option<Value>) -> Result<(), Fault> {
        let args = self.pop(at, opcode)?;
        let class = self.pop(at, opcode)?;
        if self.ctx.heap.as_tuple(args).is_none() {
            return self.malformed(at, Malformed::Arguments(opcode, self.ctx.heap.view(args).kind()));
        }
        if let Some(keywords) = keywords {
            let Some(pairs) = self.ctx.heap.as_dict(keywords) else {
                return self.malformed(at, Malformed::Arguments(opcode, self.ctx.heap.view(keywords).kind()));
            };
            if pairs.len() > 0 && !self.refused() {
                let name = self.ctx.heap.as_name(class).map(|(name, _)| name);
                let shape = name.and_then(|name| self.ctx.roles.shape(name));
                let checked = match (name, shape) {
                    (Some(name), Some(shape)) => shape.keywords(&mut self.ctx.scene(name), keywords),
                    _ => Err(Misuse::act("it is made with keyword arguments", "an honest file gives it none")),
                };
                if let Err(misuse) = checked {
                    return self.misused(at, name, misuse);
                }
            }
        }
        let object = self.instantiate(at, opcode, class, args)?;
        self.push(object)
    }

    fn instantiate(&mut self, at: u64, opcode: &'static str, class: Value, args: Value) -> Result<Value, Fault> {
        let Some((name, _)) = self.ctx.heap.as_name(class) else {
            return self.malformed(at, Malformed::Target(opcode, self.ctx.heap.view(class).kind()));
        };
        self.event(at, Act::New, name);
        self.ctx.suspects.note(name, Use::Made);
        let Some(shape) = self.ctx.roles.shape(name) else { return self.object(name, name, args) };
        let made = shape.make(&mut self.ctx.scene(name), args);
        self.make(at, name, args, made)
    }

    /// OBJ and INST: without arguments the class is made empty, else it is called (`instantiate` in `Modules/_pickle.c`).
    fn instantiate_or_call(&mut self, at: u64, opcode: &'static str, class: Value, args: Value) -> Result<(), Fault> {
        let empty = self.ctx.heap.as_tuple(args).is_some_and(|items| items.is_empty());
        // Only of a class: what was made is called even so.
        let object = self.ctx.heap.as_object(class).is_some();
        let made =
            if empty && !object { self.instantiate(at, opcode, class, args) } else { self.call(at, class, args) }?;
        self.push(made)
    }

    pub(super) fn obj(&mut self, at: u64) -> Result<(), Fault> {
        let start = self.mark(at, "OBJ")?;
        let Some(class) = self.at_height(start) else { return self.malformed(at, Malformed::Stack("OBJ")) };
        let args = self.take_tuple(start.saturating_add(1))?;
        self.truncate(start);
        self.instantiate_or_call(at, "OBJ", class, args)
    }

    pub(super) fn inst(&mut self, at: u64) -> Result<(), Fault> {
        let class = self.name_lines(at, "INST")?;
        let start = self.mark(at, "INST")?;
        let args = self.take_tuple(start)?;
        self.instantiate_or_call(at, "INST", class, args)
    }

    // ---- state

    pub(super) fn build(&mut self, at: u64) -> Result<(), Fault> {
        let state = self.pop(at, "BUILD")?;
        let target = self.top(at, "BUILD")?;
        let Some((id, object)) = self.ctx.heap.as_object(target) else {
            return self.build_on_no_object(at, target, state);
        };
        let (name, made_by, object) = (object.name, object.made_by, *object);
        let key = self.ctx.roles.shape(name).is_some_and(Shape::makes_keys_of_its_state);
        self.event(at, Act::State, made_by);
        self.ctx.suspects.note(name, Use::GivenState);
        if !self.refused() && (object.built || object.frozen) {
            let what = match (object.built, object.state) {
                (true, Value::NONE) => "it is given a state, and is there already",
                (true, _) => "it is given a state twice",
                (false, _) => "it is given a state after it was used",
            };
            return self.misused(at, Some(name), Misuse::act(what, TWICE));
        }
        let leaves = self.ctx.roles.shape(name).is_some_and(Shape::leaves_its_state);
        if !leaves && !self.ctx.heap.give(state) && !self.refused() {
            return self.misused(at, Some(name), Misuse::act("its state may stand elsewhere, too", GIVEN));
        }
        let built = match self.ctx.roles.shape(name) {
            Some(shape) => {
                let mut scene = self.ctx.scene(name);
                scene.pay_for_copies(state).and_then(|()| shape.build(&mut scene, id, state))
            }
            None => Ok(Built::State),
        };
        let built = match built {
            Ok(built) => built,
            Err(Misuse::Limit(exceeded)) => return Err(exceeded.into()),
            Err(_) if self.refused() && self.ctx.roles.shape(name) != Some(Shape::ArrayWrapper) => Built::State,
            Err(misuse) => return self.misused(at, Some(name), misuse),
        };
        if let Some(object) = self.ctx.heap.object_mut(id) {
            object.built = true;
            object.hashable |= key;
            (object.state, object.is_state) = match built {
                Built::Is(value) => (value, true),
                Built::State | Built::Follows(_) | Built::Beside(_) => (state, false),
            };
        }
        match built {
            Built::Follows(raw) => self.array_follows(at, name, raw),
            Built::Beside(beside) => self.array_beside(at, name, beside),
            Built::State | Built::Is(_) => Ok(()),
        }
    }

    fn build_on_no_object(&mut self, at: u64, target: Value, state: Value) -> Result<(), Fault> {
        match self.ctx.heap.as_name(target) {
            Some((name, _)) if self.refused() => {
                self.ctx.suspects.note(name, Use::GivenState);
                Ok(())
            }
            Some((name, _)) => {
                let misuse = Misuse::act(
                    "the class itself is given a state, which changes it for the whole program",
                    "an honest file gives a state to objects only",
                );
                self.misused(at, Some(name), misuse)
            }
            None if self.refused() => Ok(()),
            None if self.is_nothing(state) => self.malformed(at, Malformed::NoState(self.ctx.heap.view(target).kind())),
            None => self.malformed(at, Malformed::Target("BUILD", self.ctx.heap.view(target).kind())),
        }
    }

    /// Whether a state gives nothing to Python's readers: it is false, or a pair of such.
    fn is_nothing(&self, state: Value) -> bool {
        let is_false = |value: Value| match self.ctx.heap.view(value) {
            View::None | View::Bool(false) | View::Int(0) => true,
            View::Float(number) => number == 0.0,
            View::Text(text) => text.bytes().is_empty(),
            View::Bytes(blob) | View::ByteArray(blob) => self.ctx.heap.blob(blob).is_some_and(|blob| blob.len == 0),
            View::Tuple(items) | View::List(items) | View::Set(items) | View::FrozenSet(items) => items.is_empty(),
            View::Dict(pairs) => pairs.len() == 0,
            _ => false,
        };
        let pair = self.ctx.heap.as_tuple(state).filter(|parts| parts.len() == 2);
        pair.map_or(is_false(state), |mut parts| parts.all(is_false))
    }
}
