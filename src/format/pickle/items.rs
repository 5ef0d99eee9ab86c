//! What a pickle puts into lists, dicts, sets and objects.

use super::super::event::Act;
use super::super::fault::{Fault, Malformed};
use super::machine::Machine;
use crate::graph::{NameId, Value, View};
use crate::vocabulary::{Functions, Misuse, Shape, Takes};

impl Machine<'_, '_, '_> {
    pub(super) fn append(&mut self, at: u64, opcode: &'static str, start: usize) -> Result<(), Fault> {
        let target = self.target(at, opcode, start)?;
        if !target.is_list() {
            return self.items_of_object(at, opcode, start, target, Act::Append, Takes::Items);
        }
        self.check_not_frozen(at, target, opcode)?;
        self.put_into(target, start)
    }

    pub(super) fn set_items(&mut self, at: u64, opcode: &'static str, start: usize) -> Result<(), Fault> {
        let target = self.target(at, opcode, start)?;
        self.check_pairs(at, opcode, start)?;
        if !target.is_dict() {
            return self.items_of_object(at, opcode, start, target, Act::SetItem, Takes::Pairs);
        }
        self.check_keys(at, opcode, start)?;
        self.check_not_frozen(at, target, opcode)?;
        self.put_into(target, start)
    }

    pub(super) fn add_items(&mut self, at: u64, start: usize) -> Result<(), Fault> {
        let target = self.target(at, "ADDITEMS", start)?;
        if !target.is_set() {
            return self.items_of_object(at, "ADDITEMS", start, target, Act::Add, Takes::Members);
        }
        self.check_items(at, "ADDITEMS", start)?;
        self.check_not_frozen(at, target, "ADDITEMS")?;
        self.put_into(target, start)
    }

    fn check_not_frozen(&self, at: u64, target: Value, opcode: &'static str) -> Result<(), Fault> {
        if !self.ctx.heap.is_frozen(target) || self.refused() {
            return Ok(());
        }
        let what = format!("{opcode} changes {} that was used before", self.ctx.heap.view(target).kind());
        self.misused(at, None, Misuse::act(what, "an honest file fills a container before it uses it"))
    }

    /// Puts items into an object, if its shape takes them.
    fn items_of_object(
        &mut self,
        at: u64,
        opcode: &'static str,
        start: usize,
        target: Value,
        act: Act,
        wanted: Takes,
    ) -> Result<(), Fault> {
        let Some((id, object)) = self.ctx.heap.as_object(target) else {
            return self.items_of_no_object(at, opcode, start, target, act);
        };
        let (name, made_by, built, mut items) = (object.name, object.made_by, object.built, object.items);
        if self.height() == start {
            return Ok(());
        }
        self.event(at, act, made_by);
        let takes = self.ctx.roles.shape(name).map(Shape::takes);
        // A dict that is also a list is no honest class.
        let mixed = match self.ctx.heap.view(items) {
            View::List(_) => wanted != Takes::Items,
            View::Dict(_) => wanted == Takes::Items,
            _ => false,
        };
        let fits = takes == Some(wanted)
            || (takes == Some(Takes::PairsOrItems) && matches!(wanted, Takes::Pairs | Takes::Items) && !built);
        if !self.refused() && (!fits || mixed) {
            let misuse = Misuse::act(format!("{opcode} puts items into it"), "an honest file puts none there");
            return self.misused(at, Some(name), misuse);
        }
        match wanted {
            Takes::Pairs => {
                self.check_keys(at, opcode, start)?;
                self.check_attributes(at, name, start)?;
            }
            Takes::Members => self.check_items(at, opcode, start)?,
            _ => {}
        }
        if self.ctx.heap.view(items).kind() == "None" {
            items = match wanted {
                Takes::Items => self.ctx.heap.list(&mut self.ctx.budget)?,
                _ => self.ctx.heap.dict(&mut self.ctx.budget)?,
            };
            if let Some(object) = self.ctx.heap.object_mut(id) {
                object.items = items;
            }
        }
        let holds = self.ctx.roles.shape(name).map_or(Functions::Refused, Shape::items_hold);
        for height in start..self.height() {
            let value = self.at_height(height).unwrap_or(Value::NONE);
            let settled = self.ctx.scene(name).settle(value, holds);
            match settled {
                Err(Misuse::Limit(exceeded)) => return Err(exceeded.into()),
                Err(misuse) if !self.refused() => return self.misused(at, Some(name), misuse),
                _ => {}
            }
        }
        self.put_into(items, start)
    }

    /// Checks the keys of pairs from `start` on by what the shape of their target makes of them.
    fn check_attributes(&mut self, at: u64, name: NameId, start: usize) -> Result<(), Fault> {
        let Some(shape) = self.ctx.roles.shape(name).filter(|_| !self.refused()) else { return Ok(()) };
        for height in (start..self.height()).step_by(2) {
            let key = self.at_height(height).unwrap_or(Value::NONE);
            let checked = shape.key(&self.ctx.scene(name), key);
            checked.or_else(|misuse| self.misused(at, Some(name), misuse))?;
        }
        Ok(())
    }

    /// A name that items are put into, or something that takes none.
    fn items_of_no_object(
        &mut self,
        at: u64,
        opcode: &'static str,
        start: usize,
        target: Value,
        act: Act,
    ) -> Result<(), Fault> {
        if self.refused() {
            self.truncate(start);
            return Ok(());
        }
        let kind = self.ctx.heap.view(target).kind();
        if self.height() == start {
            return self.malformed(at, Malformed::NoItems(opcode, kind));
        }
        let Some((name, _)) = self.ctx.heap.as_name(target) else {
            return self.malformed(at, Malformed::Target(opcode, kind));
        };
        self.event(at, act, name);
        const HONEST: &str = "an honest file puts items into what it made";
        self.misused(at, Some(name), Misuse::act(format!("{opcode} puts items into what it stands for"), HONEST))
    }
}
