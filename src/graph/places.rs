//! Where Python puts the keys of a dict or set: from place to place of its table, until one is free (`Objects/dictobject.c`,
//! `find_empty_slot`; `Objects/setobject.c`, `set_add_entry`). Of keys whose hashes a file may choose, it may also choose that each has to
//! pass all that were there before.

use super::hash::{self, Known};
use super::heap::Heap;
use super::value::{Tag, Value};
use crate::bytes::{Budget, Exceeded};
use std::collections::HashMap;

/// Keys of a container that is not looked at.
const FEW: u64 = 10_000;
/// Places that an honest key passes at most, on average, those included that it passes where the table grows.
const HONEST: u64 = 16;
/// What a key takes in a table, in bytes: its hash, what tells it from others, and up to four places.
const KEY: u64 = 32;
/// Places in line that a set looks at before it goes on.
const IN_LINE: u64 = 9;
/// Keys up to which a set grows by four times.
const SMALL_SET: u64 = 50_000;

/// The tables of the containers with many keys.
#[derive(Debug, Default)]
pub(super) struct Tables(HashMap<u64, Table>);

/// A table of keys.
#[derive(Debug)]
struct Table {
    is_set: bool,
    /// In the order in which they came.
    keys: Vec<Known>,
    /// Numbers of these, from 1 on; 0 where nothing is. As many as a power of two.
    places: Vec<u32>,
    /// How many places were passed.
    passed: u64,
    /// For how many of them was paid.
    paid: u64,
}

impl Table {
    fn new(is_set: bool) -> Table {
        Table { is_set, keys: Vec::new(), places: vec![0; 8], passed: 0, paid: 0 }
    }

    fn mask(&self) -> u64 {
        (self.places.len() as u64).saturating_sub(1)
    }

    fn at(&mut self, place: u64) -> Option<&mut u32> {
        usize::try_from(place).ok().and_then(|place| self.places.get_mut(place))
    }

    /// Adds a key, if it is not there.
    fn add(&mut self, key: Known) {
        let number = u32::try_from(self.keys.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.keys.push(key);
        if !self.put(key, number) {
            self.keys.pop();
            return;
        }
        let (used, size) = (self.keys.len() as u64, self.places.len() as u64);
        let grown = match self.is_set {
            true if used.saturating_mul(5) >= self.mask().saturating_mul(3) => {
                used.saturating_mul(if used > SMALL_SET { 2 } else { 4 }).saturating_add(1).next_power_of_two()
            }
            false if used.saturating_mul(3) >= size.saturating_mul(2) => size.saturating_mul(2),
            _ => return,
        };
        self.places = vec![0; usize::try_from(grown).unwrap_or(0)];
        for (key, number) in std::mem::take(&mut self.keys).into_iter().zip(1u32..) {
            self.keys.push(key);
            self.put(key, number);
        }
    }

    /// Puts a number into the first free place for a key; whether that was not there.
    fn put(&mut self, key: Known, number: u32) -> bool {
        let (mask, mut place, mut perturb) = (self.mask(), key.hash & self.mask(), key.hash);
        loop {
            let line = if self.is_set && place.saturating_add(IN_LINE) <= mask { IN_LINE } else { 0 };
            for place in place..=place.saturating_add(line) {
                let Some(found) = self.at(place) else { return false };
                let there = *found;
                if there == 0 {
                    *found = number;
                    return true;
                }
                let there = usize::try_from(there.saturating_sub(1)).ok().and_then(|there| self.keys.get(there));
                if there == Some(&key) {
                    return false;
                }
                self.passed = self.passed.saturating_add(1);
            }
            perturb >>= 5;
            place = place.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1) & mask;
        }
    }
}

impl Heap {
    /// Pays for the places that Python passes as these keys (and values, of a dict) come into a dict or set, as far as they are more than
    /// those of honest keys.
    #[inline]
    pub(super) fn pay_for_places(
        &mut self,
        container: Value,
        items: impl Iterator<Item = Value>,
        budget: &mut Budget,
    ) -> Result<(), Exceeded> {
        let step = match container.tag() {
            Tag::Dict => 2,
            Tag::Set | Tag::FrozenSet => 1,
            _ => return Ok(()),
        };
        if self.sequence_at(container).len() as u64 <= FEW.saturating_mul(step) {
            return Ok(());
        }
        let mut tables = std::mem::take(&mut self.tables);
        let paid = self.pay_in(&mut tables, container, items, step, budget);
        self.tables = tables;
        paid
    }

    #[cold]
    fn pay_in(
        &self,
        tables: &mut Tables,
        container: Value,
        items: impl Iterator<Item = Value>,
        step: u64,
        budget: &mut Budget,
    ) -> Result<(), Exceeded> {
        let is_new = !tables.0.contains_key(&container.bits());
        let table = tables.0.entry(container.bits()).or_insert_with(|| Table::new(step == 1));
        let step = usize::try_from(step).unwrap_or(1);
        let mut add = |key: Value| -> Result<(), Exceeded> {
            let hash = match key.tag() {
                Tag::Int | Tag::Long | Tag::Float | Tag::Tuple | Tag::FrozenSet | Tag::Object => hash::of(self, key),
                _ => None,
            };
            if let Some(known) = hash {
                budget.memory(KEY)?;
                table.add(known);
                let honest = (table.keys.len() as u64).saturating_mul(HONEST);
                let more = table.passed.saturating_sub(honest).saturating_sub(table.paid);
                table.paid = table.paid.saturating_add(more);
                budget.values(more)?;
            }
            Ok(())
        };
        if is_new {
            return self.sequence_at(container).step_by(step).try_for_each(&mut add);
        }
        items.step_by(step).try_for_each(add)
    }
}
