//! How deep containers stand in one another. Python takes a container apart when it lets go of it for the last time, and some kinds by
//! a call for each level: with too many the process ends.

use super::heap::Heap;
use super::sequence::Items;
use super::value::{Tag, Value};
use super::walk::Seen;
use crate::bytes::{Budget, Exceeded, Limit};
use std::collections::HashMap;

/// The parts of a container, without the steps to them.
enum Light<'h> {
    Items(Items<'h>),
    Three([Option<Value>; 3]),
    One(Option<Value>),
}

impl Iterator for Light<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        match self {
            Light::Items(items) => items.next(),
            Light::Three(parts) => parts.iter_mut().find_map(Option::take),
            Light::One(part) => part.take(),
        }
    }
}

/// A container whose parts are being walked, and how high the highest of them is so far.
struct Climb<'h> {
    value: Value,
    parts: Light<'h>,
    height: u64,
}

impl<'h> Climb<'h> {
    fn new(value: Value, parts: Light<'h>) -> Climb<'h> {
        Climb { value, parts, height: 0 }
    }

    /// The next of the parts that may hold others; all that it passes count as steps.
    #[inline]
    fn next_holder(&mut self, steps: &mut u64) -> Option<Value> {
        let mut passed = 0u64;
        let found = match &mut self.parts {
            Light::Items(items) => items.find(|part| counted(part, &mut passed)),
            parts => parts.find(|part| counted(part, &mut passed)),
        };
        *steps = steps.saturating_add(passed);
        found
    }
}

/// Whether a value may hold others; counts it.
#[inline]
fn counted(value: &Value, passed: &mut u64) -> bool {
    *passed = passed.saturating_add(1);
    !value.is_leaf()
}

/// What is known of a value that was met.
enum Met<'h> {
    Height(u64),
    New(Light<'h>),
}

/// How deep containers stand in one another below each one that was met.
struct Heights {
    seen: Seen,
    /// Those whose parts are being walked.
    climbed: Seen,
    /// Whether one of these was met below itself.
    is_cyclic: bool,
    /// Those that are higher than `low`; all others are taken for as high as that.
    high: HashMap<u64, u64>,
    low: u64,
}

impl Heights {
    /// What an entry costs, in bytes.
    const ENTRY: u64 = 48;

    /// None yet, where this is the limit.
    fn up_to(depth: u64) -> Heights {
        // Of honest containers nearly all are lower, and a few levels more or less do not matter below a high limit.
        Heights {
            seen: Seen::default(),
            climbed: Seen::default(),
            is_cyclic: false,
            high: HashMap::new(),
            low: if depth < 1000 { 1 } else { 8 },
        }
    }

    /// The height of one that was met, or is being walked.
    fn get(&mut self, value: Value) -> Option<u64> {
        if !self.seen.has(value) {
            return None;
        }
        self.is_cyclic = self.is_cyclic || self.climbed.has(value);
        Some(if self.high.is_empty() { self.low } else { self.high.get(&value.bits()).copied().unwrap_or(self.low) })
    }

    fn set(&mut self, value: Value, height: u64, budget: &mut Budget) -> Result<(), Exceeded> {
        if height > self.low {
            budget.memory(Heights::ENTRY)?;
            self.high.insert(value.bits(), height);
        }
        Ok(())
    }
}

/// A container in a graph with circles (R. Tarjan, "Depth-first search and linear graph algorithms", 1972).
struct Node {
    /// When it was met.
    index: usize,
    /// The first met of those that it leads to and that lead to it.
    lowest: usize,
    /// How high the highest is that it leads to and that does not lead to it.
    below: u64,
    /// Its own height, once it is known.
    height: Option<u64>,
}

/// What a node costs, in bytes.
const NODE: u64 = 96;

impl Heap {
    /// Checks that below `roots`, which are all that was made, no containers stand in one another deeper than the limit.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if they do, or if memory to find out is not left.
    pub fn check_depth<R: Iterator<Item = Value>>(
        &self,
        roots: impl Fn() -> R,
        budget: &mut Budget,
    ) -> Result<(), Exceeded> {
        let depth = budget.limit(Limit::Depth);
        if self.containers() <= depth || self.deepest().is_some_and(|deepest| deepest <= depth) {
            return Ok(());
        }
        self.steps_below(roots, budget).map(drop)
    }

    /// How many values are met below `roots` until it is known that no containers stand in one another deeper than the limit, by any
    /// way: Python takes a container apart when it lets go of it for the last time, wherever it was met first.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if they do, or if memory for those that are higher than a few levels is not left.
    pub fn steps_below<R: Iterator<Item = Value>>(
        &self,
        roots: impl Fn() -> R,
        budget: &mut Budget,
    ) -> Result<u64, Exceeded> {
        let (steps, is_cyclic) = self.climb(roots(), budget)?;
        if is_cyclic {
            self.climb_cycles(roots(), budget)?;
        }
        Ok(steps)
    }

    /// The same, and whether containers stand in one another in a circle: there it counts what is higher up for low.
    fn climb(&self, roots: impl Iterator<Item = Value>, budget: &mut Budget) -> Result<(u64, bool), Exceeded> {
        let depth = budget.limit(Limit::Depth);
        let (mut steps, mut heights) = (0u64, Heights::up_to(depth));
        let mut path: Vec<Climb<'_>> = Vec::new();
        for root in roots {
            steps = steps.saturating_add(1);
            match self.meet(root, &mut heights, &mut steps) {
                Met::Height(height) if height > depth => return Err(budget.exceeded(Limit::Depth)),
                Met::Height(_) => continue,
                Met::New(parts) => path.push(Climb::new(root, parts)),
            }
            loop {
                let above = path.len() as u64;
                let Some(top) = path.last_mut() else { break };
                let Some(value) = top.next_holder(&mut steps) else {
                    let (value, height) = (top.value, top.height.saturating_add(1));
                    path.pop();
                    heights.climbed.forget(value);
                    heights.set(value, height, budget)?;
                    if let Some(below) = path.last_mut() {
                        below.height = below.height.max(height);
                    }
                    continue;
                };
                match self.meet(value, &mut heights, &mut steps) {
                    Met::New(_) if above >= depth => return Err(budget.exceeded(Limit::Depth)),
                    Met::New(parts) => path.push(Climb::new(value, parts)),
                    Met::Height(height) => {
                        top.height = top.height.max(height);
                        if top.height.saturating_add(above) > depth {
                            return Err(budget.exceeded(Limit::Depth));
                        }
                    }
                }
            }
        }
        Ok((steps, heights.is_cyclic))
    }

    /// How high a value is, or its parts if that is yet to be found.
    fn meet(&self, value: Value, heights: &mut Heights, steps: &mut u64) -> Met<'_> {
        if let Some(height) = self.height_of(value) {
            return Met::Height(height);
        }
        if let Some(count) = self.leaves(value) {
            *steps = steps.saturating_add(count);
            return Met::Height(1);
        }
        if let Some(height) = heights.get(value) {
            return Met::Height(height);
        }
        let Some(parts) = self.light_parts(value) else { return Met::Height(0) };
        heights.seen.first_time(value);
        heights.climbed.first_time(value);
        Met::New(parts)
    }

    /// The same where containers stand in one another in circles. The cycle collector takes a circle apart in the order in which its
    /// containers were made, so that all of them may come to hang in one another.
    fn climb_cycles(&self, roots: impl Iterator<Item = Value>, budget: &mut Budget) -> Result<(), Exceeded> {
        let depth = budget.limit(Limit::Depth);
        let mut nodes: HashMap<u64, Node> = HashMap::new();
        let (mut path, mut open): (Vec<Climb<'_>>, Vec<Value>) = (Vec::new(), Vec::new());
        for root in roots {
            path.push(Climb { value: Value::NONE, parts: Light::One(Some(root)), height: 0 });
            while let Some(top) = path.last_mut() {
                let above = top.value.bits();
                if let Some(value) = top.parts.next() {
                    let known = self.height_of(value).or_else(|| self.leaves(value).map(|_| 1));
                    let (height, lowest) = match (known, nodes.get(&value.bits())) {
                        (Some(height), _) => (height, usize::MAX),
                        (None, Some(Node { height: Some(height), .. })) => (*height, usize::MAX),
                        (None, Some(node)) => (0, node.index),
                        (None, None) => {
                            if let Some(parts) = self.light_parts(value) {
                                budget.memory(NODE)?;
                                let index = nodes.len();
                                nodes.insert(value.bits(), Node { index, lowest: index, below: 0, height: None });
                                open.push(value);
                                path.push(Climb { value, parts, height: 0 });
                            }
                            continue;
                        }
                    };
                    if let Some(node) = nodes.get_mut(&above) {
                        node.below = node.below.max(height);
                        node.lowest = node.lowest.min(lowest);
                    }
                    continue;
                }
                let value = top.value;
                path.pop();
                let Some(node) = nodes.get(&value.bits()) else { continue };
                let (mut height, lowest) = (0, node.lowest);
                if node.index == lowest {
                    height = close_circle(value, &mut open, &mut nodes);
                }
                if height > depth {
                    return Err(budget.exceeded(Limit::Depth));
                }
                if let Some(node) = path.last().and_then(|below| nodes.get_mut(&below.value.bits())) {
                    node.below = node.below.max(height);
                    node.lowest = node.lowest.min(if height == 0 { lowest } else { usize::MAX });
                }
            }
        }
        Ok(())
    }

    fn light_parts(&self, value: Value) -> Option<Light<'_>> {
        match value.tag() {
            Tag::Tuple => Some(Light::Items(self.tuple_at(value))),
            Tag::List | Tag::Dict | Tag::Set | Tag::FrozenSet => Some(Light::Items(self.sequence_at(value))),
            Tag::Object => {
                let (_, object) = self.as_object(value)?;
                Some(Light::Three([Some(object.args), Some(object.state), Some(object.items)]))
            }
            Tag::Array => match self.as_array(value)?.data {
                super::array::ArrayData::Objects(list) => Some(Light::One(Some(list))),
                super::array::ArrayData::Blob(_) => None,
            },
            _ => None,
        }
    }
}

/// Gives all in the circle that begins with this container their height, and takes them from those that are open: what one of them
/// leads to, and those of them that Python takes apart by calls.
fn close_circle(first: Value, open: &mut Vec<Value>, nodes: &mut HashMap<u64, Node>) -> u64 {
    let start = open.iter().rposition(|value| value.bits() == first.bits()).unwrap_or(open.len());
    let circle = open.split_off(start);
    let called = |value: &&Value| matches!(value.tag(), Tag::Object | Tag::Array);
    let below = circle.iter().filter_map(|value| nodes.get(&value.bits())).map(|node| node.below).max();
    let size = (circle.iter().filter(called).count() as u64).max(1);
    let height = below.unwrap_or(0).saturating_add(size);
    for value in &circle {
        if let Some(node) = nodes.get_mut(&value.bits()) {
            node.height = Some(height);
        }
    }
    height
}
