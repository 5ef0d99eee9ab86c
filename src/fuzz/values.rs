//! Values that are known before they are read: what a pickle of them, in any of its spellings, comes to.
//!
//! The other targets compare readings of one file with each other; this one knows the answer.

use super::files::{WINDOWS, limits};
use super::{Bytes, spell};
use crate::bytes::{Budget, Input, Limit};
use crate::format::{self, Ctx, Fault, Keep, Parsed};
use crate::graph::{self, Heap, Value, View};
use crate::vocabulary::Vocabulary;

/// A value. A dict's keys and values stand in turn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    None,
    Bool(bool),
    Whole(i128),
    Float(f64),
    Text(String),
    /// A Python 2 `str` that is not ASCII.
    Latin(Vec<u8>),
    Bytes(Vec<u8>),
    Tuple(Vec<Tree>),
    List(Vec<Tree>),
    Dict(Vec<Tree>),
    Set(Vec<Tree>),
    FrozenSet(Vec<Tree>),
}

/// Longest of a few containers that have many items: more than a page of the stack, and than two segments of a list.
const LONG: usize = 10_000;
/// Values of a page of the stack.
const PAGE: usize = Budget::WORDS;

/// Makes values.
struct Maker<'d, 'b> {
    data: &'d mut Bytes<'b>,
    /// How many long containers may still be made.
    long: u8,
}

impl Maker<'_, '_> {
    fn value(&mut self, depth: u8) -> Tree {
        let kind = self.data.byte() % 16;
        if kind < 7 || depth == 0 {
            return self.leaf();
        }
        let count = match self.data.byte() {
            byte if byte >= 0xf0 && self.long > 0 => {
                self.long -= 1;
                usize::from(self.data.number()) % LONG
            }
            byte => usize::from(byte % 6),
        };
        match kind {
            7 | 8 => Tree::Tuple(self.items(count, depth)),
            9..=11 => Tree::List(self.items(count, depth)),
            12 | 13 => Tree::Dict((0..count).flat_map(|key| [small(key), self.item(count, key, depth)]).collect()),
            14 => Tree::Set((0..count).map(small).collect()),
            _ => Tree::FrozenSet((0..count).map(small).collect()),
        }
    }

    fn items(&mut self, count: usize, depth: u8) -> Vec<Tree> {
        (0..count).map(|index| self.item(count, index, depth)).collect()
    }

    /// One of `count` items. Of many most are small numbers, for which no byte is used: those that are left make values about the
    /// end of a page, and a few elsewhere.
    fn item(&mut self, count: usize, index: usize, depth: u8) -> Tree {
        let turns = index > 8 && (index + 8) % PAGE < 10;
        match count < 6 || turns || index % 1000 == 500 {
            true => self.value(depth - 1),
            false => small(index % 251),
        }
    }

    fn leaf(&mut self) -> Tree {
        match self.data.byte() % 10 {
            0 => Tree::None,
            1 => Tree::Bool(self.data.byte() & 1 == 1),
            2 => small(usize::from(self.data.byte())),
            3 => Tree::Whole(self.number(4)),
            4 => Tree::Whole(self.number(12)),
            5 => Tree::Float(f64::from(self.data.number()) - 1000.5),
            6 => Tree::Text(["", "a", "mean_", "\u{e9}\u{1f600}"][self.data.choose(4)].to_owned()),
            7 => {
                let length = usize::from(self.data.byte());
                Tree::Text("x".repeat(length))
            }
            8 => Tree::Latin([&[0x80 | self.data.byte()], self.data.take(3)].concat()),
            _ => {
                let length = usize::from(self.data.byte() % 8);
                Tree::Bytes(self.data.take(length).to_vec())
            }
        }
    }

    /// A number of at most so many bytes.
    fn number(&mut self, most: usize) -> i128 {
        let length = 1 + self.data.choose(most);
        let bytes = self.data.take(length);
        let sign = if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
        let mut wide = [sign; 16];
        wide[..bytes.len()].copy_from_slice(bytes);
        i128::from_le_bytes(wide)
    }
}

fn small(number: usize) -> Tree {
    Tree::Whole(number as i128)
}

/// How deep containers stand in one another.
fn height(tree: &Tree) -> u64 {
    match tree {
        Tree::Tuple(items) | Tree::List(items) | Tree::Dict(items) | Tree::Set(items) | Tree::FrozenSet(items) => {
            1 + items.iter().map(height).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// A value from `data`, in a pickle that spells it in one of many ways: it is read as what it is, in whatever pieces; under a
/// limit of depth that it does not keep it is refused for that; and with an opcode in it that reaches below a mark, as malformed.
pub fn values(data: &[u8]) {
    let mut data = Bytes::new(data);
    let (choice, wraps) = (data.byte(), data.byte());
    let mut tree = Maker { data: &mut data, long: 3 }.value(4);
    for level in 0..wraps % 24 {
        let beside = small(level.into());
        tree = match (wraps / 24 + level) % 4 {
            0 => Tree::Tuple(vec![tree]),
            1 => Tree::List(vec![beside, tree]),
            2 => Tree::Dict(vec![beside, tree]),
            _ => Tree::Tuple(vec![beside, tree]),
        };
    }
    let height = height(&tree);
    let deepest = match choice >> 4 & 3 {
        0 => height.saturating_sub(1),
        1 => height,
        _ => 1000,
    };
    let broken = choice >> 6 == 3;
    let (file, broken) = spell::pickle(&tree, &mut data, broken);
    let window = WINDOWS[usize::from(choice) % WINDOWS.len()];
    match read(&file, window, deepest, &tree) {
        Err(Fault::Malformed { .. }) if broken => {}
        Err(Fault::Limit(exceeded)) if exceeded.limit == Limit::Depth && height > deepest && !broken => {}
        Ok(true) if height <= deepest && !broken => {}
        other => panic!(
            "{}, {height} deep of {deepest}{}, is read as {other:?}",
            if file.len() < 200 { crate::reason::escape_bytes(&file) } else { format!("{} bytes", file.len()) },
            if broken { ", with an opcode that reaches below a mark" } else { "" },
        ),
    }
}

/// Whether a file reads as this value.
fn read(file: &[u8], window: usize, deepest: u64, tree: &Tree) -> Result<bool, Fault> {
    let vocabulary = Vocabulary::default();
    let (mut nobody, mut parsed) = ((), Parsed::default());
    let mut input = Input::from_bytes(file, window);
    let mut limits = limits();
    assert_eq!(limits.set(&format!("depth={deepest}")), Ok(()));
    let budget = Budget::new(&limits, input.size());
    let mut ctx = Ctx::new(&vocabulary, budget, Keep::Bytes, &mut nobody);
    format::read(&mut input, &mut ctx, &mut parsed)?;
    Ok(matches!(parsed.roots[..], [root] if is(&ctx.heap, root, tree)))
}

/// Whether a value of the graph is this one.
fn is(heap: &Heap, value: Value, tree: &Tree) -> bool {
    let all = |items: graph::Items<'_>, trees: &[Tree]| {
        items.len() == trees.len() && items.zip(trees).all(|(item, tree)| is(heap, item, tree))
    };
    match (heap.view(value), tree) {
        (View::None, Tree::None) => true,
        (View::Bool(found), Tree::Bool(wanted)) => found == *wanted,
        (View::Int(found), Tree::Whole(wanted)) => i128::from(found) == *wanted,
        (View::Long(found), Tree::Whole(wanted)) => long(found) == Some(*wanted),
        (View::Float(found), Tree::Float(wanted)) => found.to_bits() == wanted.to_bits(),
        (View::Text(found), Tree::Text(wanted)) => found.is(wanted),
        (View::Latin(found), Tree::Latin(wanted)) => found == wanted,
        (View::Bytes(found), Tree::Bytes(wanted)) => {
            matches!(heap.blob_bytes(found), graph::Bytes::Kept(found) if found == wanted)
        }
        (View::Tuple(items), Tree::Tuple(trees))
        | (View::List(items), Tree::List(trees))
        | (View::Set(items), Tree::Set(trees))
        | (View::FrozenSet(items), Tree::FrozenSet(trees)) => all(items, trees),
        (View::Dict(pairs), Tree::Dict(trees)) => all(pairs.items(), trees),
        _ => false,
    }
}

fn long(bytes: &[u8]) -> Option<i128> {
    let sign = if bytes.last()? & 0x80 != 0 { 0xff } else { 0 };
    let mut wide = [sign; 16];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i128::from_le_bytes(wide))
}
