//! Two readers out of one: where it is not known how a reader goes on, it is followed in both ways.
//!
//! What is known of lists and dicts stands in cells, by all the names that a value has. Each of the two readers has cells of its
//! own: what one of them does to a list, the other has not done.

use super::Shadow;
use super::fields::Dict;
use super::lists::Items;
use super::values::Val;
use std::collections::HashMap;

/// Cells that were made anew, by those that they stand for.
#[derive(Default)]
struct Renewed {
    lists: HashMap<usize, Items>,
    dicts: HashMap<usize, Dict>,
}

impl Renewed {
    fn renew(&mut self, val: &mut Val) {
        match val {
            Val::List(items) => *items = self.lists.entry(items.cell()).or_insert_with(|| items.renewed()).clone(),
            Val::Dict(dict) => *dict = self.dicts.entry(dict.cell()).or_insert_with(|| dict.renewed()).as_here(dict),
            Val::Tuple(Some(items)) if items.iter().any(|item| matches!(item, Val::List(_) | Val::Dict(_))) => {
                let mut renewed = items.to_vec();
                renewed.iter_mut().for_each(|item| self.renew(item));
                *items = renewed.into();
            }
            _ => {}
        }
    }
}

impl Shadow {
    /// The same reader, to be followed apart from this one.
    pub(super) fn apart(&self) -> Shadow {
        let mut other = self.clone();
        let mut renewed = Renewed::default();
        other.stack.each(&mut |val| renewed.renew(val));
        other.base.each(&mut |val| renewed.renew(val));
        other.memo.values_mut().for_each(|entry| renewed.renew(entry.val()));
        let apart = |place: &Option<Box<Shadow>>| place.as_ref().map(|other| Box::new(other.apart()));
        (other.twin, other.elder) = (apart(&self.twin), apart(&self.elder));
        other
    }
}
