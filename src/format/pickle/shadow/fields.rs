//! What a shadow knows of dicts, and of the fields of a dtype, which stand in one: numpy writes where they say.

use super::values::{Item, Val};
use crate::vocabulary::Shape;
use std::cell::Cell;
use std::rc::Rc;

/// What a [`Val::Field`] is made of.
pub(super) const FIELD: [Val; 2] = [Val::Object(Some(Shape::DType)), Val::Plain];

/// What a [`Val::DTypeState`] without fields is made of.
pub(super) const STATE: [Val; 8] = {
    const NUMBER: Val = Val::Plain;
    [NUMBER, Val::LongText, Val::None, Val::None, Val::None, NUMBER, NUMBER, NUMBER]
};

/// A dict.
#[derive(Debug, Clone)]
pub(super) struct Dict {
    /// What is in it, by all the names that it has.
    held: Rc<Cell<Pairs>>,
    /// Whether it is the one that our own reader has at this place, whatever is in it.
    here: bool,
}

impl Dict {
    /// A dict of these pairs, and whether it is ours.
    pub fn new(pairs: Pairs, here: bool) -> Dict {
        Dict { held: Rc::new(Cell::new(pairs)), here }
    }

    /// The same, as one that ours need not have there.
    pub fn foreign(self) -> Dict {
        Dict { here: false, ..self }
    }

    /// What tells this dict from others.
    pub fn cell(&self) -> usize {
        Rc::as_ptr(&self.held).addr()
    }

    /// The same, of a dict of another reader.
    pub fn renewed(&self) -> Dict {
        Dict::new(self.held.get(), self.here)
    }

    /// This dict, by a name that it has as that one: ours has it there, or not.
    pub fn as_here(&self, other: &Dict) -> Dict {
        Dict { here: other.here, ..self.clone() }
    }

    /// What is in it.
    pub fn pairs(&self) -> Pairs {
        self.held.get()
    }

    /// A dtype has it for its fields from here on.
    pub fn keep(&self) {
        self.held.set(Pairs { kept: true, ..self.held.get() });
    }

    /// It gets these pairs, if they are known; with `ours`, ours has the same dict at this place. What it has in another one was not
    /// judged here.
    pub fn put(&self, pairs: Option<&[Item]>, ours: bool) {
        let elsewhere = |item: &Item| matches!(item.val, Val::Field(0)) && !(ours && item.own);
        let mut put = Pairs::of(pairs);
        if pairs.is_some_and(|pairs| pairs.iter().any(elsewhere)) {
            put.fields = None;
        }
        self.held.set(self.held.get().and(put));
    }
}

impl Val {
    /// Whether it is the name of a keyword of `RangeIndex`.
    fn is_of_a_range(&self) -> bool {
        matches!(self, Val::Text(text) if matches!(&**text, b"name" | b"start" | b"stop" | b"step"))
    }

    fn may_be_the_version(&self) -> bool {
        match self {
            Val::Text(text) => **text == *b"_sklearn_version",
            key => key.may_be_a_hook(),
        }
    }
}

/// How many bytes fields take together, if there are some; none if they are ours in part: another one may lie over ours.
fn together(one: Option<u32>, other: Option<u32>) -> Option<Option<u32>> {
    match (one, other) {
        (Some(one), Some(other)) if (one == 0) != (other == 0) => None,
        (one, other) => Some(one.max(other)),
    }
}

/// What is known of a dict's keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pairs {
    /// How many were put into it.
    pub puts: u32,
    /// Whether each of the values is a number, a text or an array of numbers; of one that ours has, perhaps a dict of such.
    pub plain: bool,
    /// Whether a key may be one that Python asks an object for by itself.
    pub hooks: bool,
    /// Whether scikit-learn may find something there that is no text for its own version: it writes that out.
    pub version: bool,
    /// If each of the values is a [`Val::Field`], and either all are ours or none, how many bytes a dtype with them has to have.
    pub fields: Option<u32>,
    /// Whether all of them are what pandas makes an index of numbers with equal steps of.
    pub ranges: bool,
    /// Whether a dtype keeps this very dict for its fields.
    pub kept: bool,
}

impl Pairs {
    /// Those of an empty dict.
    pub const NONE: Pairs =
        Pairs { puts: 0, plain: true, hooks: false, version: false, fields: Some(0), ranges: true, kept: false };
    /// Those of a dict that is not looked into.
    pub const ANY: Pairs =
        Pairs { puts: u32::MAX, plain: false, hooks: true, version: true, fields: None, ranges: false, kept: false };

    /// Keys and values in turn, if they are known.
    pub fn of(items: Option<&[Item]>) -> Pairs {
        items.map_or(Pairs::ANY, |items| Pairs {
            puts: u32::try_from(items.len() / 2).unwrap_or(u32::MAX),
            plain: (items.iter().skip(1).step_by(2)).all(|value| value.val.is_data()),
            hooks: items.iter().step_by(2).any(|key| key.val.may_be_a_hook()),
            version: items
                .chunks(2)
                .any(|pair| matches!(pair, [key, value] if key.val.may_be_the_version() && !value.val.is_primitive())),
            fields: (items.iter().skip(1).step_by(2))
                .try_fold(None, |most, value| match value.val {
                    Val::Field(end) => together(most, Some(end)),
                    _ => None,
                })
                .map(Option::unwrap_or_default),
            ranges: items
                .chunks(2)
                .all(|pair| matches!(pair, [key, value] if key.val.is_of_a_range() && value.val.is_primitive())),
            kept: false,
        })
    }

    /// These, and those as well.
    pub fn and(self, other: Pairs) -> Pairs {
        let ends = |pairs: Pairs| pairs.fields.map(|end| (pairs.puts > 0).then_some(end));
        let both = ends(self).zip(ends(other)).and_then(|(one, other)| together(one, other));
        let fields = both.map(Option::unwrap_or_default);
        Pairs {
            puts: self.puts.saturating_add(other.puts),
            plain: self.plain && other.plain,
            hooks: self.hooks || other.hooks,
            version: self.version || other.version,
            fields,
            ranges: self.ranges && other.ranges,
            kept: self.kept || other.kept,
        }
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

impl Fields {
    /// What numpy makes of these parts of a dtype's state (`arraydescr_setstate`): it raises if the order is no text of one character,
    /// the names are no tuple or the fields no dict, and looks at nothing that is in them. `size` is what it says of its own bytes.
    pub fn of(order: &Item, elements: &Item, names: &Item, fields: &Item, size: Option<u32>) -> Fields {
        let ordered = match &order.val {
            Val::Text(order) => order.len() == 1 && order.is_ascii(),
            val => val.may_be_text(),
        };
        let bare = |item: &Item| matches!(item.val, Val::None);
        match (bare(names), bare(fields)) {
            _ if !ordered => return Fields::Wrong,
            // What is None here may be fields to ours, by which its size and flags were judged.
            (true, true) if names.own && fields.own && bare(elements) && order.val.is_text() => return Fields::None,
            (true, true) => return Fields::Placed,
            (false, false) if names.val.may_be_tuple() && fields.val.may_be_dict() => {}
            // Nobody knows whether the other one is None, too.
            (true, false) if matches!(fields.val, Val::Wild) => {}
            (false, true) if matches!(names.val, Val::Wild) => {}
            _ => return Fields::Wrong,
        }
        if let Val::Dict(dict) = &fields.val {
            dict.keep();
        }
        let own = [order, elements, names, fields].iter().all(|item| item.own);
        let placed = matches!(&fields.val, Val::Dict(dict) if dict.here && dict.pairs().fields.is_some_and(|end| end == 0 || size.is_some_and(|size| end <= size)));
        // In another order numpy would turn the bytes of each field. To Python 2 anything is a name, by which it is looked up.
        let turned = !matches!(&order.val, Val::Text(order) if **order == *b"|");
        let texts = |name: &Val| matches!(name, Val::Text(_) | Val::LongText);
        let named = matches!(&names.val, Val::Tuple(Some(names)) if names.iter().all(texts));
        if own || (placed && !turned && named) { Fields::Placed } else { Fields::Anywhere }
    }
}
