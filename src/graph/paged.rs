//! A growing list in pages of fixed size: nothing but the first page is moved when it grows, so memory never doubles, and each page is
//! paid for before it is allocated.

use crate::bytes::{Budget, Exceeded};

/// Items a page.
const PAGE: usize = Budget::WORDS;
/// Items that the first page has room for before it grows: most files are small, and have no more.
const FEW: usize = 64;

/// What stands in such a list.
pub trait Item: Sized {
    /// Bytes of a page.
    const BYTES: u64 = PAGE.saturating_mul(size_of::<Self>()) as u64;

    /// An empty page, with room for a page's items.
    fn page(budget: &mut Budget) -> Result<Vec<Self>, Exceeded> {
        budget.memory(Self::BYTES)?;
        Ok(Vec::with_capacity(PAGE))
    }
}

impl Item for u64 {
    fn page(budget: &mut Budget) -> Result<Vec<u64>, Exceeded> {
        budget.page()
    }
}

impl Item for usize {}
impl Item for super::Value {}

/// A list that only grows at its end, or shrinks there.
#[derive(Debug)]
pub struct Paged<T> {
    pages: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Paged { pages: Vec::new(), len: 0 }
    }
}

impl<T: Item> Paged<T> {
    /// Number of items.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds an item and gives its index.
    #[inline]
    pub fn push(&mut self, item: T, budget: &mut Budget) -> Result<usize, Exceeded> {
        let index = self.len;
        if index / PAGE >= self.pages.len() {
            self.grow(budget)?;
        }
        if let Some(page) = self.pages.get_mut(index / PAGE) {
            page.push(item);
        }
        self.len = index.saturating_add(1);
        Ok(index)
    }

    /// Adds items at the end, or as many as the budget pays pages for.
    pub fn extend(&mut self, mut items: impl Iterator<Item = T>, budget: &mut Budget) -> Result<(), Exceeded> {
        while let Some(item) = items.next() {
            self.push(item, budget)?;
            let Some(page) = self.pages.get_mut(self.len / PAGE) else { continue };
            while page.len() < PAGE
                && let Some(item) = items.next()
            {
                page.push(item);
            }
            self.len = (self.len / PAGE).saturating_mul(PAGE).saturating_add(page.len());
        }
        Ok(())
    }

    #[cold]
    fn grow(&mut self, budget: &mut Budget) -> Result<(), Exceeded> {
        let page = if self.pages.is_empty() {
            budget.memory(T::BYTES)?;
            Vec::with_capacity(FEW)
        } else {
            T::page(budget)?
        };
        self.pages.push(page);
        Ok(())
    }

    /// Takes the last item.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        let item = self.pages.get_mut(last / PAGE)?.pop();
        self.len = last;
        item
    }

    /// Drops all items from `len` on. The pages stay, paid for.
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        let (first, inside, last) = (len / PAGE, len % PAGE, self.len / PAGE);
        if first == last
            && let Some(page) = self.pages.get_mut(first)
        {
            page.truncate(inside);
            self.len = len;
            return;
        }
        self.truncate_pages(len);
    }

    #[cold]
    fn truncate_pages(&mut self, len: usize) {
        let (first, inside, last) = (len / PAGE, len % PAGE, self.len / PAGE);
        for (index, page) in self.pages.iter_mut().enumerate().take(last.saturating_add(1)).skip(first) {
            page.truncate(if index == first { inside } else { 0 });
        }
        self.len = len;
    }

    /// The item at `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        self.pages.get(index / PAGE)?.get(index % PAGE)
    }

    /// The item at `index`, to change it.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.pages.get_mut(index / PAGE)?.get_mut(index % PAGE)
    }

    /// The items from `start` on. Pages that are kept empty behind the last item are not gone through.
    #[inline]
    pub fn tail(&self, start: usize) -> Tail<'_, T> {
        let mut rest = self.pages.get(start / PAGE..self.len.div_ceil(PAGE)).unwrap_or_default().iter();
        let page = rest.next().and_then(|page| page.get(start % PAGE..)).unwrap_or_default().iter();
        Tail { page, rest, left: self.len.saturating_sub(start) }
    }

    /// The items from `start` on, if they stand in one page, as nearly all that are taken do.
    #[inline]
    pub fn run(&self, start: usize) -> Option<&[T]> {
        let page =
            self.pages.get(start / PAGE).filter(|_| self.len.div_ceil(PAGE) <= (start / PAGE).saturating_add(1))?;
        page.get(start % PAGE..)
    }

    /// All items in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.tail(0)
    }
}

/// The last items of such a list, in order.
#[derive(Debug, Clone)]
pub struct Tail<'a, T> {
    page: std::slice::Iter<'a, T>,
    rest: std::slice::Iter<'a, Vec<T>>,
    left: usize,
}

impl<'a, T> Iterator for Tail<'a, T> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(item) = self.page.next() {
                self.left = self.left.saturating_sub(1);
                return Some(item);
            }
            self.page = self.rest.next()?.iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for Tail<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Limits;

    #[test]
    fn pages_are_paid_for_before_they_are_made() {
        let mut limits = Limits::default();
        limits.set("memory=65536").unwrap();
        let mut budget = Budget::new(&limits, 0);
        let mut list = Paged::<u64>::default();
        for n in 0..2 * PAGE as u64 {
            list.push(n, &mut budget).unwrap();
        }
        assert!(list.push(0, &mut budget).is_err());
        assert_eq!(list.get(PAGE + 1), Some(&(PAGE as u64 + 1)));
        list.truncate(PAGE + 1);
        assert_eq!((list.pop(), list.pop(), list.len()), (Some(PAGE as u64), Some(PAGE as u64 - 1), PAGE - 1));
        list.push(9, &mut budget).unwrap();
        assert_eq!(list.iter().count(), PAGE);
    }

    #[test]
    fn a_tail_is_as_long_as_it_says_and_ends_with_the_list() {
        let mut budget = Budget::new(&Limits::default(), 1 << 20);
        let mut list = Paged::<u64>::default();
        list.extend(0..3 * PAGE as u64, &mut budget).unwrap();
        for (len, start) in
            [(3 * PAGE, 0), (3 * PAGE, 3 * PAGE), (2 * PAGE + 5, PAGE - 1), (PAGE + 1, PAGE), (7, 3), (7, 9), (0, 0)]
        {
            list.truncate(len);
            let tail = list.tail(start);
            assert_eq!(tail.len(), len.saturating_sub(start));
            assert!(tail.copied().eq(start as u64..len as u64), "{start} of {len}");
            let run = list.run(start);
            let whole = start <= len && start / PAGE == len.saturating_sub(1) / PAGE;
            assert_eq!(run.is_some(), whole, "{start} of {len}");
            assert!(run.is_none_or(|run| run.iter().copied().eq(start as u64..len as u64)), "{start} of {len}");
        }
        list.extend([5, 6].into_iter(), &mut budget).unwrap();
        assert!(list.tail(0).eq(&[5, 6]));
    }
}
