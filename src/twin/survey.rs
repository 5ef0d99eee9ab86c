//! Where an attack can stand: what is kept of a model's opcodes while they are listed. One of each sort of place is kept, by chance,
//! and all frames: a large model needs no large list.

use super::{Ask, Chance};

const PROTO: u8 = 0x80;
const FRAME: u8 = 0x95;
/// The offsets of an opcode FRAME's own bytes: one, and eight of its length.
pub(super) const FRAME_HEAD: u64 = 9;

/// Places in the decoded stream of a model.
#[derive(Debug, Clone)]
pub struct Survey {
    chance: Chance,
    /// Frames: where each opcode stands, and the length that it says.
    pub(super) frames: Vec<(u64, u64)>,
    /// The first opcode that does something.
    pub(super) first: Option<u64>,
    /// Any opcode that does something, but for the first one.
    pub(super) middle: Option<u64>,
    /// Any opcode that has an argument of at least two bytes: where, and how long with the argument.
    pub(super) long: Option<(u64, u64)>,
    /// The type code of any numpy dtype of numbers: where its letter stands.
    pub(super) dtype: Option<u64>,
    /// The last STOP.
    pub(super) stop: Option<u64>,
    /// Whether the last indices of the memo are text: a pickle has them in one spelling.
    pub(super) text_indices: bool,
    seen: [u64; 3],
}

impl Survey {
    /// For this twin.
    pub fn new(ask: &Ask) -> Survey {
        Survey {
            chance: Chance::new(ask.seed, ask.number),
            frames: Vec::new(),
            first: None,
            middle: None,
            long: None,
            dtype: None,
            stop: None,
            text_indices: false,
            seen: [0; 3],
        }
    }

    /// Takes an opcode: its offset, the bytes that begin with it, and its length with its argument.
    pub fn opcode(&mut self, at: u64, head: &[u8], length: u64) {
        match head {
            [PROTO, ..] => return,
            [FRAME, rest @ ..] => {
                let length = rest.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
                return self.frames.push((at, length));
            }
            [b'.', ..] => self.stop = Some(at),
            [b'p' | b'g', ..] => self.text_indices = true,
            [b'q' | b'r' | b'h' | b'j', ..] => self.text_indices = false,
            _ => {}
        }
        if self.first.is_none() {
            self.first = Some(at);
        } else {
            keep(&mut self.middle, at, &mut self.seen[0], &mut self.chance);
        }
        let argument = matches!(
            head.first(),
            Some(b'X' | b'T' | b'B' | b'J' | b'G' | 0x8c | 0x8d | b'U' | b'C' | b'c' | b'V' | b'S')
        );
        // A name is one line and another: half of it is still an argument.
        if argument && (3..=1 << 16).contains(&length) {
            keep(&mut self.long, (at, length), &mut self.seen[1], &mut self.chance);
        }
        if let Some(letter) = code(head) {
            keep(&mut self.dtype, at.saturating_add(letter), &mut self.seen[2], &mut self.chance);
        }
    }

    /// Whether anything was listed: arrays of numpy's own forms have no opcodes.
    pub(super) fn is_empty(&self) -> bool {
        self.stop.is_none()
    }

    /// More chance, after all that went into choosing places.
    pub(super) fn chance(&self) -> Chance {
        self.chance.clone()
    }
}

fn keep<T>(kept: &mut Option<T>, found: T, seen: &mut u64, chance: &mut Chance) {
    *seen = seen.saturating_add(1);
    if chance.keeps(*seen) {
        *kept = Some(found);
    }
}

/// How far behind an opcode the letter of a dtype's code stands, such as `f8`, if the opcode is such a text.
fn code(head: &[u8]) -> Option<u64> {
    let before: &[u8] = match head.first()? {
        0x8c | b'U' => &[2],
        b'X' | b'T' => &[2, 0, 0, 0],
        _ => return None,
    };
    let text = head.get(1..)?.strip_prefix(before)?;
    matches!(text, [b'f', b'4' | b'8', ..] | [b'i', b'4' | b'8', ..]).then(|| (before.len() as u64).saturating_add(1))
}
