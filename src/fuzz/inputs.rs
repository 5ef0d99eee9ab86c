//! Inputs of the differential run: each is a function of a seed, its number and a corpus, so that any of them can be made
//! again.

use super::{Bytes, differential, plan};
use crate::bytes::{Input, InputStream, Window};
use crate::format::compress::{Codec, decoder};

/// Largest file of a corpus that is edited: a reader in Python takes a millisecond for a kilobyte.
const LARGEST: usize = 24 << 10;

/// What a fuzzer's bytes stand for: the file itself, or behind 0xff, which is no opcode, a plan for opcodes that follow each other
/// as they may, damaged up to three times.
pub fn fuzzed(data: &[u8]) -> Vec<u8> {
    match data.split_first() {
        Some((0xff, rest)) => super::damaged_ops(rest).1,
        _ => data.to_vec(),
    }
}

/// How an input was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Opcodes that follow each other as they may, damaged up to three times.
    Opcodes,
    /// A seed, damaged up to eight times, or spliced with another one.
    Seed,
    /// An honest file, edited up to three times.
    Honest,
    /// An honest file of joblib's, edited up to three times.
    Joblib,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Opcodes, Kind::Seed, Kind::Honest, Kind::Joblib];
}

/// A file, and where its opcodes begin.
#[derive(Debug)]
struct Item {
    data: Vec<u8>,
    opcodes: Vec<usize>,
}

/// What inputs are made of.
#[derive(Debug, Default)]
pub struct Corpus {
    seeds: Vec<Item>,
    honest: Vec<Item>,
    joblib: Vec<Item>,
}

impl Corpus {
    /// Adds a file, unless it is too large or empty; of a compressed one what is in it.
    pub fn add(&mut self, kind: Kind, data: Vec<u8>) {
        let data = match Codec::detect(&data) {
            Some(codec) => decoded(codec, &data),
            None => data,
        };
        if data.is_empty() || data.len() > LARGEST {
            return;
        }
        let opcodes = differential::opcodes(&data);
        let items = match kind {
            Kind::Opcodes | Kind::Seed => &mut self.seeds,
            Kind::Honest => &mut self.honest,
            Kind::Joblib => &mut self.joblib,
        };
        items.push(Item { data, opcodes });
    }

    /// How many files there are of a kind.
    pub fn len(&self, kind: Kind) -> usize {
        self.items(kind).len()
    }

    /// Whether there are no files of a kind.
    pub fn is_empty(&self, kind: Kind) -> bool {
        self.len(kind) == 0
    }

    fn items(&self, kind: Kind) -> &[Item] {
        match kind {
            Kind::Opcodes | Kind::Seed => &self.seeds,
            Kind::Honest => &self.honest,
            Kind::Joblib => &self.joblib,
        }
    }

    /// The input of this seed with this number.
    pub fn input(&self, seed: u64, number: u64) -> (Kind, Vec<u8>) {
        let mut random = Random(mixed(seed) ^ mixed(number.wrapping_add(1)));
        let kind = Kind::ALL[random.below(Kind::ALL.len())];
        let length = 32 + random.below(700);
        let decisions: Vec<u8> = (0..length).map(|_| random.next().to_le_bytes()[0]).collect();
        let mut decisions = Bytes::new(&decisions);
        let items = self.items(kind);
        let file = match kind {
            Kind::Opcodes => {
                let (damages, pickles) = (decisions.byte() % 4, 1 + decisions.byte() / 192);
                // A plan takes all the decisions that it is given.
                let each = length / usize::from(pickles);
                let plans = (0..pickles).map(|_| plan::pickle(&mut Bytes::new(decisions.take(each))));
                let mut file: Vec<u8> = plans.flatten().collect();
                let more: Vec<u8> = (0..24).map(|_| random.next().to_le_bytes()[0]).collect();
                let mut more = Bytes::new(&more);
                (0..damages).for_each(|_| more.damage(&mut file));
                return (kind, file);
            }
            _ if items.is_empty() => return (kind, decisions.rest().to_vec()),
            _ => &items[random.below(items.len())],
        };
        let most = if kind == Kind::Seed { 8 } else { 3 };
        let edits = 1 + random.below(most);
        let mut data = file.data.clone();
        if kind == Kind::Seed && decisions.byte().is_multiple_of(4) {
            let other = &items[random.below(items.len())].data;
            data.truncate(random.below(data.len() + 1));
            data.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        for _ in 0..edits {
            if file.opcodes.is_empty() || decisions.byte().is_multiple_of(3) {
                decisions.damage(&mut data);
            } else {
                edit(&mut data, file.opcodes[random.below(file.opcodes.len())], &mut decisions);
            }
        }
        (kind, data)
    }
}

/// What comes out of a compressed file, up to a little more than is wanted.
fn decoded(codec: Codec, data: &[u8]) -> Vec<u8> {
    let mut input = Input::from_bytes(data, usize::MAX);
    let file = Box::new(InputStream::new(&mut input));
    let mut stream = decoder(codec, file, 0, 2 * LARGEST as u64, Window::default());
    let mut decoded = Vec::new();
    while let Ok(piece) = stream.fill() {
        if piece.is_empty() {
            break;
        }
        decoded.extend_from_slice(piece);
        let length = piece.len();
        stream.consume(length);
    }
    decoded
}

/// Opcodes that change what is on the stack, in the memo, or in a container.
const SNIPPETS: &[&[u8]] = &[
    b"0",
    b"1",
    b"2",
    b"(",
    b")",
    b"N",
    b"]",
    b"}",
    b"\x8f",
    b"\x88",
    b"a",
    b"e",
    b"s",
    b"u",
    b"t",
    b"l",
    b"d",
    b"b",
    b"R",
    b"o",
    b"\x81",
    b"\x92",
    b"\x93",
    b"\x94",
    b"\x85",
    b"\x86",
    b"\x87",
    b"\x90",
    b"\x91",
    b".",
    b"K\x00",
    b"q\x00",
    b"h\x00",
    b"h\x01",
    b"\x8c\x01a",
    b"\x8c\x05numpy",
    b"\x8c\x07ndarray",
    b"C\x01b",
    b"\x80\x02",
    b"\x80\x04",
    b"g0\n",
    b"p1\n",
    b"I01\n",
    b"I1\n",
    b"L1L\n",
    b"F1.5\n",
    b"S'a'\n",
    b"Va\\u0041\n",
    b"U\x01a",
    b"T\x01\0\0\0a",
    b"\x8a\x01\x01",
    b"\x8b\x01\0\0\0\x01",
    b"ccollections\nOrderedDict\n",
    b"cnumpy\nndarray\n",
    b"(icollections\nOrderedDict\n",
    b"\x95\x02\0\0\0\0\0\0\0",
    b"\x95\x00\0\0\0\0\0\0\0",
    b"cposix\nsystem\n",
    b"\x96\x01\0\0\0\0\0\0\0a",
    b"J\xff\xff\xff\xff",
    b"M\x01\x02",
    b"r\x01\0\0\0",
    b"j\x01\0\0\0",
    b"G\0\0\0\0\0\0\0\0",
    b"X\x01\0\0\0a",
    b"B\x01\0\0\0a",
];

/// Puts opcodes in before the one at `at`, in its place, or in its place alone.
fn edit(data: &mut Vec<u8>, at: usize, decisions: &mut Bytes<'_>) {
    let at = at.min(data.len());
    let kind = decisions.byte();
    let snippet = SNIPPETS[decisions.choose(SNIPPETS.len())];
    match kind % 4 {
        0 | 1 => drop(data.splice(at..at, snippet.iter().copied())),
        2 => drop(data.splice(at..(at + 1).min(data.len()), snippet.iter().copied())),
        _ => {
            let second = SNIPPETS[decisions.choose(SNIPPETS.len())];
            data.splice(at..at, snippet.iter().chain(second).copied());
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() >> 8).unwrap_or(0) % count.max(1)
    }
}

fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_can_be_made_again_and_another_seed_gives_another() {
        let mut corpus = Corpus::default();
        for kind in [Kind::Seed, Kind::Honest, Kind::Joblib] {
            corpus.add(kind, b"\x80\x04]\x94(K\x01K\x02e.".to_vec());
        }
        let all = |seed| (0..50).map(|number| corpus.input(seed, number)).collect::<Vec<_>>();
        assert_eq!(all(1), all(1));
        let kinds: std::collections::BTreeSet<Kind> = all(1).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.len(), 4);
        assert_ne!(all(1), all(2));
    }
}
