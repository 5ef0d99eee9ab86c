//! The budget that every parser draws on before it allocates, decodes or counts.

use super::ahead::Ahead;
use super::limits::{Exceeded, Limit, Limits};
use super::stock::Stock;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a decompressor holds of what it has decoded: its window. Shared with the budget, for it is memory too.
#[derive(Debug, Clone, Default)]
pub struct Window(Rc<Cell<u64>>);

impl Window {
    /// Part of a window that is not counted.
    const FREE: u64 = 16 << 20;

    /// Says that `bytes` are held.
    pub fn hold(&self, bytes: u64) {
        self.0.set(bytes);
    }

    fn counted(&self) -> u64 {
        self.0.get().saturating_sub(Self::FREE)
    }
}

/// What is left of the [`Limits`] for one file. Each charge happens before the thing that it pays for.
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    size: u64,
    memory: u64,
    kept: u64,
    values: u64,
    decoded: u64,
    globals: u64,
    window: Window,
    /// Pages that were made ready. A budget that is cloned for a part of the file takes from the same ones.
    stock: Rc<RefCell<Option<Stock>>>,
}

impl Budget {
    /// Words of a page.
    pub const WORDS: usize = Stock::WORDS;

    /// A full budget for a file of `size` bytes.
    pub fn new(limits: &Limits, size: u64) -> Budget {
        Budget {
            limits: limits.clone(),
            size,
            memory: limits.value(Limit::Memory, size),
            kept: limits.kept(size),
            values: limits.value(Limit::Values, size),
            decoded: limits.value(Limit::Decoded, size),
            globals: limits.value(Limit::Globals, size),
            window: Window::default(),
            stock: Rc::default(),
        }
    }

    /// With threads that make memory ready ahead.
    #[must_use]
    pub fn ahead(self, ahead: Option<&Ahead>) -> Budget {
        self.stock.replace(ahead.cloned().map(Stock::new));
        self
    }

    /// Pays for an empty page with room for [`Budget::WORDS`] words, and gives it.
    pub fn page(&mut self) -> Result<Vec<u64>, Exceeded> {
        self.memory(Self::WORDS.saturating_mul(size_of::<u64>()) as u64)?;
        let mut stock = self.stock.borrow_mut();
        Ok(stock.as_mut().map_or_else(|| Vec::with_capacity(Self::WORDS), Stock::page))
    }

    /// Adds what the limits allow for `bytes` more, which stand in a file beside this one.
    pub fn grow(&mut self, bytes: u64) {
        let size = self.size.saturating_add(bytes);
        let more = |before: u64, after: u64| after.saturating_sub(before);
        let memory = more(self.limit(Limit::Memory), self.limits.value(Limit::Memory, size));
        let kept = more(self.limits.kept(self.size), self.limits.kept(size));
        self.memory = self.memory.saturating_add(memory);
        self.kept = self.kept.saturating_add(kept);
        self.size = size;
    }

    /// The value of a limit that is compared, not used up (`depth`, `nested`).
    pub fn limit(&self, limit: Limit) -> u64 {
        self.limits.value(limit, self.size)
    }

    /// The error that says that `limit` was met.
    pub fn exceeded(&self, limit: Limit) -> Exceeded {
        Exceeded { limit, value: self.limit(limit) }
    }

    /// Pays for `bytes` of memory for names and values.
    pub fn memory(&mut self, bytes: u64) -> Result<(), Exceeded> {
        let left = self.memory.checked_sub(bytes).filter(|left| *left >= self.window.counted());
        self.memory = left.ok_or_else(|| self.exceeded(Limit::Memory))?;
        Ok(())
    }

    /// Where a decompressor says how much it holds.
    pub fn window(&self) -> Window {
        self.window.clone()
    }

    /// Pays for `bytes` of array data that is kept.
    pub fn kept(&mut self, bytes: u64) -> Result<(), Exceeded> {
        let exceeded = Exceeded { limit: Limit::Decoded, value: self.limits.kept(self.size) };
        self.kept = self.kept.checked_sub(bytes).ok_or(exceeded)?;
        Ok(())
    }

    /// Pays for `count` values.
    #[inline]
    pub fn values(&mut self, count: u64) -> Result<(), Exceeded> {
        self.values = self.values.checked_sub(count).ok_or_else(|| self.exceeded(Limit::Values))?;
        Ok(())
    }

    /// Pays for `bytes` that come out of a decompressor.
    pub fn decoded(&mut self, bytes: u64) -> Result<(), Exceeded> {
        self.decoded = self.decoded.checked_sub(bytes).ok_or_else(|| self.exceeded(Limit::Decoded))?;
        Ok(())
    }

    /// Pays for one new name.
    pub fn global(&mut self) -> Result<(), Exceeded> {
        self.globals = self.globals.checked_sub(1).ok_or_else(|| self.exceeded(Limit::Globals))?;
        Ok(())
    }
}
