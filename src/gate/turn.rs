//! A file's turn: what is known of it before it is judged, and whether a worker has its order already.

use super::beside::Beside;
use crate::bytes::{Expectation, Source};
use crate::sandbox::Queued;

/// Files up to this size are handed to a worker before their turn: what is larger keeps a worker busy by itself.
const SMALL: u64 = 1 << 20;

/// A file that is to be judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub source: &'a Source,
    /// What its bytes have to be.
    pub expectation: &'a Expectation,
    pub beside: &'a Beside<'a>,
    /// The order that was sent ahead.
    pub queued: Option<Queued>,
}

/// One of many files, opened, whose turn will come.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    pub source: Source,
    pub expectation: Expectation,
    pub beside: Beside<'a>,
    pub queued: Option<Queued>,
}

impl Waiting<'_> {
    /// Its turn has come.
    pub fn turn(&self) -> Turn<'_> {
        let Waiting { source, expectation, beside, queued } = self;
        Turn { source, expectation, beside, queued: *queued }
    }

    /// Whether its order may be sent before its turn.
    pub fn is_small(&self) -> bool {
        self.source.size() <= SMALL
    }
}
