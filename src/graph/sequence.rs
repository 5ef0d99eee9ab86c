//! Lists, tuples, dicts and sets: runs of 8-byte cells in pages. A tuple is one run; the others are chains of segments
//! that grow at their end, so that nothing is ever moved.

use super::paged::Paged;
use super::value::{Tag, Value};
use crate::bytes::{Budget, Exceeded};

/// Index of a list, dict or set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SequenceId(pub(super) u64);

/// A cell holds a value, a length or an index of another cell.
type Cell = u64;

/// Most items a segment.
const LONGEST: u64 = 4000;

/// Bits of a container's first cell, above its length or where its items stand: it was used; and no name is in it.
const FROZEN: Cell = 1 << 63;
const PURE: Cell = 1 << 62;
/// Bits of a tuple's first cell, between those and its length: how deep tuples stand in one another below it, itself
/// counted, if nothing else that holds values does. 0 says that it is not known.
const HEIGHT_AT: u32 = 54;
const HIGHEST: Cell = 0xff;
/// Bits of a container's first cell below those: how deep containers stood in one another below it when it was filled, itself
/// counted; the highest number says that it is not known.
const FILLED_AT: u32 = 46;
const FILLED: Cell = HIGHEST << FILLED_AT;
const HEAD: Cell = (1 << FILLED_AT) - 1;
/// The highest bit of that, in a list, dict or set of several segments.
const CHAIN: Cell = 1 << (FILLED_AT - 1);
/// The lowest bit of the height, of another container: something in it holds values itself.
const DEEP: Cell = 1 << HEIGHT_AT;

/// All cells. Cell 0 is the length of the empty tuple, so that index 0 never stands for a segment.
#[derive(Debug)]
pub(super) struct Cells {
    cells: Paged<Cell>,
    /// How deep containers stood in one another when they were filled, at most.
    deepest: u64,
}

/// A segment's first cell: index of the next segment (40 bits), capacity and used (12 bits each).
#[derive(Clone, Copy)]
struct Segment {
    next: u64,
    capacity: u64,
    used: u64,
}

/// Where the items of a list, dict or set stand.
#[derive(Clone, Copy)]
enum Run {
    Empty,
    /// In one segment, which says how many there are.
    Segment(u64),
    /// In several, and at `at` stand how many there are, the last segment and the first.
    Chain {
        at: u64,
        len: u64,
        last: u64,
        first: u64,
    },
}

impl Segment {
    const fn pack(self) -> Cell {
        self.next << 24 | self.capacity << 12 | self.used
    }

    const fn unpack(cell: Cell) -> Segment {
        Segment { next: cell >> 24, capacity: cell >> 12 & 0xfff, used: cell & 0xfff }
    }
}

impl Cells {
    pub fn new() -> Cells {
        Cells { cells: Paged::default(), deepest: 0 }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    fn get(&self, index: u64) -> Cell {
        usize::try_from(index).ok().and_then(|index| self.cells.get(index)).copied().unwrap_or(0)
    }

    /// The length of a tuple, or where the items of another container stand.
    fn head(&self, index: u64) -> Cell {
        self.get(index) & HEAD
    }

    pub fn freeze(&mut self, index: u64, pure: bool) {
        let flags = if pure { FROZEN | PURE } else { FROZEN };
        self.set(index, self.get(index) | flags);
    }

    pub fn is_frozen(&self, index: u64) -> bool {
        self.get(index) & FROZEN != 0
    }

    pub fn is_pure(&self, index: u64) -> bool {
        self.get(index) & PURE != 0
    }

    fn set(&mut self, index: u64, cell: Cell) {
        if let Some(found) = usize::try_from(index).ok().and_then(|index| self.cells.get_mut(index)) {
            *found = cell;
        }
    }

    #[inline]
    fn push(&mut self, cell: Cell, budget: &mut Budget) -> Result<u64, Exceeded> {
        if self.cells.is_empty() {
            self.begin(budget)?;
        }
        Ok(self.cells.push(cell, budget)? as u64)
    }

    #[cold]
    fn begin(&mut self, budget: &mut Budget) -> Result<(), Exceeded> {
        self.cells.push(0, budget).map(|_| ())
    }

    /// Makes a tuple; the empty one is always the same.
    pub fn tuple(&mut self, items: impl ExactSizeIterator<Item = Value>, budget: &mut Budget) -> Result<u64, Exceeded> {
        if items.len() == 0 {
            return Ok(0);
        }
        let len = items.len() as u64;
        let start = self.push(len, budget)?;
        let (mut below, mut filled) = (Some(0), 0);
        for item in items {
            below = below.and_then(|below| Some(self.height_of(item)?.max(below)));
            filled = self.filled(item).max(filled);
            self.cells.push(item.bits(), budget)?;
        }
        let known = below.map(|below| below.saturating_add(1)).filter(|height| *height <= HIGHEST);
        let filled = self.raise(filled);
        self.set(start, known.unwrap_or(0) << HEIGHT_AT | filled << FILLED_AT | len);
        Ok(start)
    }

    /// How deep containers stood in one another below a value when they were filled, itself counted; [`HIGHEST`] if that is not known.
    #[inline]
    fn filled(&self, value: Value) -> u64 {
        match value.tag() {
            _ if value.is_leaf() => 0,
            Tag::Object | Tag::Array => HIGHEST,
            _ => (self.get(value.payload()) >> FILLED_AT & HIGHEST).max(1),
        }
    }

    /// How deep they stand in a container that holds such values.
    #[inline]
    fn raise(&mut self, filled: u64) -> u64 {
        let filled = filled.saturating_add(1).min(HIGHEST);
        self.deepest = self.deepest.max(filled);
        filled
    }

    /// How deep containers stand in one another at most, if none was filled after it had come to stand in another one.
    pub fn deepest(&self) -> Option<u64> {
        (self.deepest < HIGHEST).then_some(self.deepest.max(1))
    }

    /// How deep containers stand in one another below a value, itself counted: 0 for what holds no values. Known only
    /// where all of them are tuples, for those do not change any more.
    #[inline]
    pub fn height_of(&self, value: Value) -> Option<u64> {
        match value.tag() {
            _ if value.is_leaf() => Some(0),
            Tag::Tuple if value.payload() == 0 => Some(1),
            Tag::Tuple => Some(self.get(value.payload()) >> HEIGHT_AT & HIGHEST).filter(|height| *height > 0),
            _ => None,
        }
    }

    /// How many items a list, dict or set has, if none of them holds values.
    pub fn leaves(&self, sequence: SequenceId) -> Option<u64> {
        if self.get(sequence.0) & DEEP != 0 {
            return None;
        }
        Some(match self.run(sequence) {
            Run::Empty => 0,
            Run::Segment(at) => Segment::unpack(self.get(at)).used,
            Run::Chain { len, .. } => len,
        })
    }

    /// Makes an empty list, dict or set.
    pub fn sequence(&mut self, budget: &mut Budget) -> Result<SequenceId, Exceeded> {
        Ok(SequenceId(self.push(0, budget)?))
    }

    /// Adds items at the end.
    pub fn extend(
        &mut self,
        sequence: SequenceId,
        items: impl ExactSizeIterator<Item = Value> + Clone,
        budget: &mut Budget,
    ) -> Result<(), Exceeded> {
        let count = items.len() as u64;
        if count == 0 {
            return Ok(());
        }
        let filled = items.clone().filter(|item| !item.is_leaf()).map(|item| self.filled(item)).max();
        let mut items = items;
        let mut run = self.run(sequence);
        let (len, mut last) = match run {
            Run::Empty => {
                let first = self.segment(count, count, &mut items, budget)?;
                self.point(sequence, first);
                run = Run::Segment(first);
                (count, first)
            }
            Run::Segment(segment) => (self.fill(segment, &mut items).saturating_add(count), segment),
            Run::Chain { len, last, .. } => {
                self.fill(last, &mut items);
                (len.saturating_add(count), last)
            }
        };
        while items.len() > 0 {
            let wanted = (items.len() as u64).max(len);
            let next = self.segment(items.len() as u64, wanted, &mut items, budget)?;
            self.set(last, Segment { next, ..Segment::unpack(self.get(last)) }.pack());
            if let Run::Segment(first) = run {
                let at = self.push(0, budget)?;
                self.push(0, budget)?;
                self.push(first, budget)?;
                self.point(sequence, CHAIN | at);
                run = Run::Chain { at, len, last, first };
            }
            last = next;
        }
        if let Run::Chain { at, .. } = run {
            self.set(at, len);
            self.set(at.saturating_add(1), last);
        }
        if let Some(filled) = filled {
            let head = self.get(sequence.0);
            let filled = self.raise(filled).max(head >> FILLED_AT & HIGHEST);
            self.set(sequence.0, head & !FILLED | DEEP | filled << FILLED_AT);
        }
        Ok(())
    }

    /// Where the items of a list, dict or set stand.
    fn run(&self, sequence: SequenceId) -> Run {
        match self.head(sequence.0) {
            0 => Run::Empty,
            head if head & CHAIN == 0 => Run::Segment(head),
            head => {
                let at = head & !CHAIN;
                Run::Chain {
                    at,
                    len: self.get(at),
                    last: self.get(at.saturating_add(1)),
                    first: self.get(at.saturating_add(2)),
                }
            }
        }
    }

    /// Says where the items of a list, dict or set stand.
    fn point(&mut self, sequence: SequenceId, head: Cell) {
        self.set(sequence.0, self.get(sequence.0) & !HEAD | head);
    }

    /// Adds as many items to a segment as it has room for; gives how many it had.
    fn fill(&mut self, at: u64, items: &mut impl Iterator<Item = Value>) -> u64 {
        let segment = Segment::unpack(self.get(at));
        let free = segment.capacity.saturating_sub(segment.used);
        let mut used = segment.used;
        for item in items.take(usize::try_from(free).unwrap_or(0)) {
            used = used.saturating_add(1);
            self.set(at.saturating_add(used), item.bits());
        }
        self.set(at, Segment { used, ..segment }.pack());
        segment.used
    }

    /// A new segment with the next `count` items, as far as it can hold them, and room for `wanted`.
    fn segment(
        &mut self,
        count: u64,
        wanted: u64,
        items: &mut impl Iterator<Item = Value>,
        budget: &mut Budget,
    ) -> Result<u64, Exceeded> {
        let (used, capacity) = (count.min(LONGEST), wanted.min(LONGEST));
        let at = self.push(Segment { next: 0, capacity, used }.pack(), budget)?;
        self.cells.extend(items.take(usize::try_from(used).unwrap_or(0)).map(Value::bits), budget)?;
        if used < capacity {
            self.cells.extend((used..capacity).map(|_| 0), budget)?;
        }
        Ok(at)
    }

    /// The items of a tuple.
    pub fn tuple_items(&self, start: u64) -> Items<'_> {
        let left = self.head(start);
        Items { cells: self, next: start.saturating_add(1), segment_left: left, left, segment: 0 }
    }

    /// The items of a list, dict or set.
    pub fn items(&self, sequence: SequenceId) -> Items<'_> {
        let (segment, len) = match self.run(sequence) {
            Run::Empty => return Items { cells: self, next: 0, segment_left: 0, left: 0, segment: 0 },
            Run::Segment(segment) => (segment, None),
            Run::Chain { first, len, .. } => (first, Some(len)),
        };
        let used = Segment::unpack(self.get(segment)).used;
        Items { cells: self, next: segment.saturating_add(1), segment_left: used, left: len.unwrap_or(used), segment }
    }
}

/// The items of a tuple, list, set or (keys and values in turn) dict, in order.
#[derive(Clone)]
pub struct Items<'a> {
    cells: &'a Cells,
    next: u64,
    segment_left: u64,
    left: u64,
    segment: u64,
}

impl std::fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Items({})", self.left)
    }
}

impl Items<'_> {
    /// The item at `index` of those that are left.
    pub fn at(&self, index: usize) -> Option<Value> {
        self.clone().nth(index)
    }

    /// Whether no item is left.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// All items, if there are exactly `N`.
    pub fn exactly<const N: usize>(&self) -> Option<[Value; N]> {
        if self.len() != N {
            return None;
        }
        let mut all = [Value::NONE; N];
        for (slot, item) in all.iter_mut().zip(self.clone()) {
            *slot = item;
        }
        Some(all)
    }
}

impl Iterator for Items<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        while self.segment_left == 0 {
            if self.left == 0 || self.segment == 0 {
                return None;
            }
            self.segment = Segment::unpack(self.cells.get(self.segment)).next;
            self.segment_left = Segment::unpack(self.cells.get(self.segment)).used;
            self.next = self.segment.saturating_add(1);
        }
        let item = Value::from_bits(self.cells.get(self.next));
        self.next = self.next.saturating_add(1);
        self.segment_left = self.segment_left.saturating_sub(1);
        self.left = self.left.saturating_sub(1);
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The keys and values of a dict, in the order in which they were set. A key that was set twice is there twice; the last
/// one counts.
#[derive(Debug, Clone)]
pub struct Pairs<'a>(pub(super) Items<'a>);

impl<'a> Pairs<'a> {
    /// Keys and values in turn.
    pub fn items(self) -> Items<'a> {
        self.0
    }
}

impl Iterator for Pairs<'_> {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<(Value, Value)> {
        Some((self.0.next()?, self.0.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len() / 2, Some(self.0.len() / 2))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Limits;

    #[test]
    fn sequences_grow_side_by_side() {
        let mut budget = Budget::new(&Limits::default(), 1 << 20);
        let mut cells = Cells::new();
        let lists: Vec<SequenceId> = (0..3).map(|_| cells.sequence(&mut budget).unwrap()).collect();
        for n in 0..10_000 {
            for (list, step) in lists.iter().zip([1, 2, 3]) {
                if n % step == 0 {
                    cells.extend(*list, [Value::small_int(n).unwrap()].into_iter(), &mut budget).unwrap();
                }
            }
        }
        for (list, step) in lists.iter().zip([1, 2, 3]) {
            let items: Vec<i64> = cells.items(*list).map(Value::signed_payload).collect();
            assert_eq!(items, (0..10_000).step_by(step).collect::<Vec<i64>>());
        }
    }

    #[test]
    fn sequences_take_many_items_at_once() {
        let mut budget = Budget::new(&Limits::default(), 1 << 20);
        let mut cells = Cells::new();
        let list = cells.sequence(&mut budget).unwrap();
        let mut wanted = Vec::new();
        for count in [3usize, 1, 9000, 0, 1, 2, 5000] {
            let items: Vec<Value> = (0..count as i64).map(|n| Value::small_int(n).unwrap()).collect();
            wanted.extend(0..count as i64);
            cells.extend(list, items.into_iter(), &mut budget).unwrap();
            assert_eq!(cells.items(list).map(Value::signed_payload).collect::<Vec<i64>>(), wanted);
        }
    }

    #[test]
    fn whether_a_sequence_holds_only_leaves_is_known_however_it_grew() {
        let mut budget = Budget::new(&Limits::default(), 1 << 20);
        let mut cells = Cells::new();
        let list = cells.sequence(&mut budget).unwrap();
        let mut wanted = 0;
        for count in [0usize, 1, 2, 3000, 1, 9000, 2] {
            cells.extend(list, (0..count).map(|_| Value::NONE), &mut budget).unwrap();
            wanted += count as u64;
            assert_eq!((cells.leaves(list), cells.items(list).len() as u64), (Some(wanted), wanted));
        }
        for holder in [Tag::Tuple, Tag::List, Tag::Dict, Tag::Set, Tag::FrozenSet, Tag::Object, Tag::Array] {
            let list = cells.sequence(&mut budget).unwrap();
            cells.extend(list, [Value::NONE, Value::new(holder, 0)].into_iter(), &mut budget).unwrap();
            cells.extend(list, [Value::NONE].into_iter(), &mut budget).unwrap();
            assert_eq!(cells.leaves(list), None, "{holder:?}");
        }
    }

    #[test]
    fn tuples_are_runs() {
        let mut budget = Budget::new(&Limits::default(), 1 << 20);
        let mut cells = Cells::new();
        let empty = cells.tuple([].into_iter(), &mut budget).unwrap();
        let pair = cells.tuple([Value::NONE, Value::bool(true)].into_iter(), &mut budget).unwrap();
        assert_eq!(cells.tuple_items(empty).len(), 0);
        assert_eq!(cells.tuple_items(pair).exactly(), Some([Value::NONE, Value::bool(true)]));
        assert_eq!(cells.tuple_items(pair).exactly::<3>(), None);
    }

    #[test]
    fn how_deep_tuples_are_is_known_where_they_hold_no_other_container() {
        let mut budget = Budget::new(&Limits::default(), 1 << 20);
        let mut cells = Cells::new();
        let mut of = |cells: &mut Cells, items: &[Value]| {
            Value::new(Tag::Tuple, cells.tuple(items.iter().copied(), &mut budget).unwrap())
        };
        let empty = of(&mut cells, &[]);
        let mut chain = of(&mut cells, &[empty, Value::NONE]);
        assert_eq!((cells.height_of(Value::NONE), cells.height_of(empty)), (Some(0), Some(1)));
        for height in 2..=HIGHEST {
            assert_eq!((cells.height_of(chain), cells.tuple_items(chain.payload()).len()), (Some(height), 2));
            chain = of(&mut cells, &[Value::NONE, chain]);
        }
        assert_eq!((cells.height_of(chain), cells.tuple_items(chain.payload()).len()), (None, 2), "too deep to say");
        let list = Value::new(Tag::List, 1);
        let holder = of(&mut cells, &[list]);
        assert_eq!(cells.height_of(holder), None, "a list may still grow");
        cells.freeze(chain.payload(), true);
        let pair = of(&mut cells, &[empty, empty]);
        cells.freeze(pair.payload(), true);
        assert_eq!((cells.height_of(pair), cells.tuple_items(pair.payload()).len()), (Some(2), 2), "used or not");
    }
}
