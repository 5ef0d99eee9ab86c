//! The table of opcodes, as the other reader takes them: as much of each as a shadow has to know.

use super::acts::{How, are_keys, cost_of_keys, hashes, keys_of, many_acts, raises_when_hashed, raises_when_keyed};
use super::fields::Pairs;
use super::lines::{self, LINE, is_near_number, lines, may_be_read};
use super::lists::{Items, product};
use super::marks::Python2;
use super::values::{Held, Item, Val};
use super::{Made, Next, Parts, Shadow, TEXT};
use crate::format::pickle::literal;
use crate::graph::is_text;

/// Most bytes of a `bytearray`.
const MOST_BYTES: u64 = 1 << 30;
/// More bytes than this are memory that no machine gives for one: it raises before it reads.
const MOST_MEMORY: u64 = 1 << 38;

/// What follows of an index that no writer comes to.
fn far() -> Next {
    Next::Bad("makes room for more entries in its memo than any file has".to_owned())
}

impl Shadow {
    /// A value whose bytes do not matter.
    fn skip_value(&mut self, have: usize, head: usize, length: u64, value: Val) -> Next {
        self.push(value);
        let all = (head as u64).saturating_add(length);
        match all.checked_sub(have as u64) {
            Some(more) if more > 0 => Next::Skip(more),
            _ => Next::Used(usize::try_from(all).unwrap_or(usize::MAX)),
        }
    }

    /// Goes on if there is a value on the stack.
    fn has_top(&mut self) -> Next {
        match self.pop() {
            Some(top) => {
                self.stack.push(top);
                Next::Used(1)
            }
            None => Next::Stopped,
        }
    }

    /// Goes on if what is on the stack takes no items at all, or what it does with none is known: an `extend` is called with none, too.
    fn is_given_nothing(&mut self, of: Made) -> Next {
        let Some(top) = self.pop() else { return Next::Stopped };
        let is_judged = of.own && top.own && self.is_ours();
        if !is_judged && !top.val.answers_as_made() {
            return Next::Bad("puts items into a thing of which nothing is known".to_owned());
        }
        self.passes_over(is_judged, top.own, top.age);
        self.stack.push(top);
        Next::Used(1)
    }

    /// Whether it reads a Python 2 `str` beyond ASCII, at the beginning of these bytes: its user may have said in which encoding that is, but
    /// for joblib's. To Python 2 itself it is in none.
    fn reads_any_encoding(&mut self, bytes: &[u8]) -> bool {
        self.parts != Parts::Elements || self.goes_on_in_python_2(bytes)
    }

    /// PUT and GET with an index that is no number: a name like any other to Python 2, and an error to Python 3.
    fn by_a_name(&mut self, opcode: u8, name: &[u8], whole: bool) -> Next {
        // What was cut off may be the number behind white space.
        if is_near_number(lines::number(name), whole || name.contains(&0)) {
            return Next::Bad("uses the memo by a number in another spelling".to_owned());
        }
        match opcode {
            _ if self.python2 == Python2::None => Next::Stopped,
            b'p' => {
                self.has_names = true;
                self.has_top()
            }
            _ if self.has_names => {
                self.stack.push(Item::WILD);
                Next::Used(1)
            }
            _ => Next::Stopped,
        }
    }

    /// One opcode at the beginning of `bytes`.
    #[allow(clippy::too_many_lines)] // One table of opcodes reads better whole.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Next {
        let Some(opcode) = bytes.first().copied() else { return Next::More };
        let number = |from: usize, width: usize| {
            let argument = bytes.get(from..from.saturating_add(width))?;
            Some(argument.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte)))
        };
        let done = |alive: bool, length: usize| if alive { Next::Used(length) } else { Next::Stopped };
        match opcode {
            b'N' => {
                self.push(Val::None);
                Next::Used(1)
            }
            0x88 | 0x89 => {
                self.push(Val::Plain);
                Next::Used(1)
            }
            b')' | b']' | 0x8f => {
                self.push(match opcode {
                    b')' => Val::tuple([].iter()),
                    b']' => Val::List(Items::of(Some(&[]))),
                    _ => Val::Set,
                });
                if opcode == b')' {
                    self.stack.number(product(&[]));
                }
                Next::Used(1)
            }
            b'}' => {
                self.push(Val::new_dict(self.is_ours()));
                Next::Used(1)
            }
            b'(' => {
                let own = self.is_ours();
                if self.stack.mark(own) { Next::Used(1) } else { Next::Bad("opens marks without end".to_owned()) }
            }
            b'0' => done(self.stack.pop_bare_mark() || self.pop().is_some(), 1),
            b'1' => done(self.pop_mark().is_some(), 1),
            b'2' => match self.pop() {
                Some(top) => {
                    let top = Item { held: Held::Elsewhere, ..top };
                    self.stack.push(top.clone());
                    self.stack.push(top);
                    Next::Used(1)
                }
                None => Next::Stopped,
            },
            b't' | b'l' | b'd' | 0x91 => {
                let Some((items, of)) = self.pop_mark() else { return Next::Stopped };
                let keys = match opcode {
                    b'd' => items.as_deref().map(keys_of),
                    0x91 => items.clone(),
                    _ => Some(Vec::new()),
                };
                let is_judged = of.own && self.is_ours();
                let raises = match opcode {
                    b'd' => raises_when_keyed(items.as_deref()),
                    0x91 => raises_when_hashed(items.as_deref()),
                    _ => false,
                };
                if !is_judged && raises {
                    return Next::Stopped;
                }
                if !is_judged && !are_keys(keys.as_deref()) {
                    return hashes();
                }
                if !is_judged && !self.may_act(cost_of_keys(keys.as_deref())) {
                    return many_acts();
                }
                let number = items.as_deref().and_then(product).filter(|_| opcode == b't');
                let made = match (opcode, items) {
                    (b't', Some(items)) => Val::tuple_of(&items, self.is_ours()),
                    (b't', None) => Val::Tuple(None),
                    (b'd', items) => Val::dict(Pairs::of(items.as_deref())),
                    (b'l', items) => Val::List(Items::of(items.as_deref())),
                    _ => Val::Set,
                };
                self.push_made(made, of);
                self.stack.number(number);
                Next::Used(1)
            }
            b'e' | b'u' | 0x90 => match self.pop_mark() {
                Some((items, of)) if self.stack.is_at_its_bottom() => {
                    self.put_into_the_last(opcode, items.as_deref(), of)
                }
                // What takes no items is given none.
                Some((Some(items), of)) if items.is_empty() => self.is_given_nothing(of),
                Some((pairs, of)) if opcode == b'u' => self.put_pairs(of, pairs.as_deref()),
                Some((items, of)) => self.put_in(of, items.as_deref(), opcode == 0x90),
                None => Next::Stopped,
            },
            b'a' => match self.pop() {
                Some(item) => self.put_in(Made::of(&[&item]), Some(&[item]), false),
                None => Next::Stopped,
            },
            b's' => match (self.pop(), self.pop()) {
                (Some(value), Some(key)) => self.put_pairs(Made::of(&[&key, &value]), Some(&[key, value])),
                _ => Next::Stopped,
            },
            0x85..=0x87 => {
                let count = opcode.saturating_sub(0x84);
                let items: Option<Vec<Item>> = (0..count).map(|_| self.pop()).collect();
                let Some(items) = items else { return Next::Stopped };
                let of = Made::of(&items.iter().collect::<Vec<_>>());
                let items: Vec<Item> = items.into_iter().rev().collect();
                self.push_made(Val::tuple_of(&items, self.is_ours()), of);
                self.stack.number(product(&items));
                Next::Used(1)
            }
            b'K' | b'M' | b'J' => {
                let width = match opcode {
                    b'K' => 1,
                    b'M' => 2,
                    _ => 4,
                };
                let Some(value) = number(1, width) else { return Next::More };
                self.push(Val::Plain);
                // BININT has a sign.
                let negative = opcode == b'J' && i32::try_from(value).is_err();
                self.stack.number(u32::try_from(value).ok().filter(|_| !negative));
                Next::Used(width.saturating_add(1))
            }
            b'G' | 0x8a => {
                let length = match opcode {
                    b'G' => 8,
                    _ => match number(1, 1) {
                        Some(length) => length.saturating_add(1),
                        None => return Next::More,
                    },
                };
                self.skip_value(bytes.len(), 1, length, Val::Plain)
            }
            b'C' | b'B' | 0x8e | 0x96 | b'T' | 0x8b => {
                let width = match opcode {
                    b'C' => 1,
                    b'B' | b'T' | 0x8b => 4,
                    _ => 8,
                };
                let Some(length) = number(1, width) else { return Next::More };
                let negative = matches!(opcode, b'T' | 0x8b) && length > i32::MAX.unsigned_abs().into();
                if negative || i64::try_from(length).is_err() {
                    return Next::Stopped;
                }
                let head = width.saturating_add(1);
                if matches!(opcode, b'C' | b'B' | 0x8e) && length == 1 && bytes.len() <= head {
                    return Next::More;
                }
                // Readers make room before they read.
                if opcode == 0x96 && length > MOST_MEMORY {
                    return Next::Stopped;
                }
                if opcode == 0x96 && length > MOST_BYTES {
                    return Next::Bad("makes room for more bytes than any file has".to_owned());
                }
                // A Python 2 `str` is a text to Python 3.
                let value = match opcode {
                    b'T' => Val::LongText,
                    // Of long numbers the plainest of functions take minutes.
                    0x8b => Val::Other,
                    0x96 => Val::ByteArray,
                    _ => Val::bytes(length, bytes.get(head..).unwrap_or_default()),
                };
                self.skip_value(bytes.len(), head, length, value)
            }
            b'U' | 0x8c | b'X' | 0x8d => {
                let width = match opcode {
                    b'U' | 0x8c => 1,
                    b'X' => 4,
                    _ => 8,
                };
                let Some(length) = number(1, width) else { return Next::More };
                let head = width.saturating_add(1);
                if length > TEXT as u64 {
                    return if i64::try_from(length).is_ok() {
                        self.skip_value(bytes.len(), head, length, Val::LongText)
                    } else {
                        Next::Stopped
                    };
                }
                let end = head.saturating_add(usize::try_from(length).unwrap_or(0));
                let Some(text) = bytes.get(head..end) else { return Next::More };
                // Surrogates pass, as in CPython; a Python 2 `str` is ASCII unless the reader says another encoding.
                let wrong = if opcode == b'U' { !text.is_ascii() } else { !is_text(text) };
                if wrong {
                    return if opcode == b'U' && self.reads_any_encoding(bytes) {
                        self.skip_value(bytes.len(), end, 0, Val::LongText)
                    } else {
                        Next::Stopped
                    };
                }
                self.push(Val::text(text));
                Next::Used(end)
            }
            b'I' | b'L' | b'F' | b'S' | b'V' | b'p' | b'g' => {
                let Some((found, length)) = lines(bytes, 1) else {
                    let Some(begun) = bytes.get(1..LINE) else { return Next::More };
                    if matches!(opcode, b'p' | b'g') {
                        return match self.by_a_name(opcode, begun, false) {
                            Next::Used(_) => Next::Line,
                            other => other,
                        };
                    }
                    // Python before 3.11 takes minutes for a number of so many digits.
                    if matches!(opcode, b'I' | b'L') && may_be_read(opcode, begun, false) {
                        return Next::Bad("reads a number that is longer than any".to_owned());
                    }
                    if !may_be_read(opcode, begun, false) {
                        return Next::Stopped;
                    }
                    self.push(if matches!(opcode, b'S' | b'V') { Val::LongText } else { Val::Plain });
                    return Next::Line;
                };
                let line = found.first().copied().unwrap_or_default();
                if !may_be_read(opcode, line, true) {
                    return Next::Stopped;
                }
                match opcode {
                    b'p' | b'g' => match literal::index(lines::number(line)) {
                        // Behind a NUL there is more of it to Python 2.
                        Some(_) if line.contains(&0) && self.python2 != Python2::None => {
                            Next::Bad("uses the memo by a number in another spelling".to_owned())
                        }
                        Some(index) if opcode == b'p' && self.is_far(index) => far(),
                        Some(index) if opcode == b'p' => done(self.memoize(Some(index), true), length),
                        Some(index) => done(self.get(index, true), length),
                        None => match self.by_a_name(opcode, line, true) {
                            Next::Used(_) => Next::Used(length),
                            other => other,
                        },
                    },
                    b'S' => {
                        let text = literal::string(line);
                        if text.as_ref().is_some_and(|text| !text.is_ascii()) && !self.reads_any_encoding(bytes) {
                            return Next::Stopped;
                        }
                        self.push(text.map_or(Val::LongText, |text| Val::text(&text)));
                        Next::Used(length)
                    }
                    b'V' => {
                        let text = literal::raw_unicode(line);
                        self.push(text.map_or(Val::LongText, |text| Val::text(&text)));
                        Next::Used(length)
                    }
                    _ => {
                        self.push(Val::Plain);
                        let number = std::str::from_utf8(line).ok().filter(|_| opcode == b'I');
                        self.stack.number(number.and_then(|number| number.parse().ok()));
                        Next::Used(length)
                    }
                }
            }
            b'q' | b'h' | b'r' | b'j' => {
                let width = if matches!(opcode, b'q' | b'h') { 1 } else { 4 };
                let Some(index) = number(1, width) else { return Next::More };
                let put = matches!(opcode, b'q' | b'r');
                if put && self.is_far(index) {
                    return far();
                }
                let alive = if put { self.memoize(Some(index), false) } else { self.get(index, false) };
                done(alive, width.saturating_add(1))
            }
            0x94 => done(self.memoize(None, false), 1),
            b'c' | b'i' => self.global(bytes, opcode == b'i'),
            0x93 => self.stack_global(),
            b'R' | 0x81 => match (self.pop(), self.pop()) {
                (Some(args), Some(callee)) => {
                    self.call(if opcode == b'R' { How::Called } else { How::Made }, callee, args, 1)
                }
                _ => Next::Stopped,
            },
            0x92 => match (self.pop(), self.pop(), self.pop()) {
                (Some(keywords), Some(args), Some(callee)) => {
                    let of = Made::of(&[&args, &keywords]);
                    let is_judged = of.own && callee.own && self.is_ours();
                    // Python's own reader asks for the keys and the items first: an array that another reader made may have any number.
                    let known = args.val.has_no_keys() && keywords.val.has_no_keys();
                    if !is_judged && !known {
                        return Next::Bad("calls something with what is no tuple and no dict".to_owned());
                    }
                    let args = if args.val.is_not_iterated() { args.val } else { Val::Tuple(None) };
                    self.call(How::Made, callee, self.made(args, of.own, of.age), 1)
                }
                _ => Next::Stopped,
            },
            b'o' => match self.pop_mark() {
                Some((Some(items), of)) => {
                    let Some((callee, args)) = items.split_first() else { return Next::Stopped };
                    // Of this call `pandas.read_pickle` has no second try.
                    if callee.val.can_not_be_called() && !(of.own && self.is_ours()) {
                        return Next::Stopped;
                    }
                    let val = Val::tuple(args.iter().map(|item| &item.val));
                    self.call(How::Called, callee.clone(), self.made(val, of.own, of.age), 1)
                }
                Some((None, _)) => self.call(How::Called, Item::WILD, Item::WILD, 1),
                None => Next::Stopped,
            },
            b'b' => self.build(bytes),
            0x80 => match number(1, 1) {
                None => Next::More,
                Some(protocol @ 0..=5) => {
                    self.protocol = u8::try_from(protocol).ok();
                    Next::Used(2)
                }
                Some(_) => Next::Stopped,
            },
            0x95 => match number(1, 8) {
                Some(length) => self.frame_begins(length),
                None => Next::More,
            },
            b'.' => self.stop(bytes),
            // A view of the bytes on the stack; nothing else has one.
            0x98 => match self.pop() {
                // Its attributes are other ones.
                Some(top) if matches!(top.val, Val::Numbers) => {
                    self.stack.push(Item { val: Val::Other, number: None, ..top });
                    Next::Used(1)
                }
                Some(top) if top.val.may_be_an_array() => Next::Bad("makes a view of an array".to_owned()),
                Some(top) => {
                    self.stack.push(top);
                    Next::Used(1)
                }
                None => Next::Stopped,
            },
            _ => Next::Stopped,
        }
    }
}
