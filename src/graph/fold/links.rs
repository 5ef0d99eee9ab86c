//! A hierarchy of clusters: each element joins two clusters to one (`sklearn/cluster/_hdbscan/_tree.pxd`, `HIERARCHY_t`; in the package hdbscan
//! rows of floats), or says of one in which other it is (`hdbscan/_hdbscan_tree.pyx`, `condense_tree`).

use super::int::Int;
use crate::graph::array::{DType, DTypeId, DTypeKind};

/// Between which numbers the clusters lie that are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// The smallest number.
    pub min: i64,
    /// The largest one.
    pub max: i64,
    /// The largest first one: that in which another is.
    pub top: i64,
}

/// The fields of an element, eight bytes each, without gaps.
type Fields = [(&'static str, DTypeKind); 4];
const JOINED: Fields = [
    ("left_node", DTypeKind::Int),
    ("right_node", DTypeKind::Int),
    ("value", DTypeKind::Float),
    ("cluster_size", DTypeKind::Int),
];
const CONDENSED: Fields = [
    ("parent", DTypeKind::Int),
    ("child", DTypeKind::Int),
    ("lambda_val", DTypeKind::Float),
    ("child_size", DTypeKind::Int),
];
/// Bytes of an element.
const SIZE: u64 = 32;

/// Folds the bytes of such elements, in pieces of any length.
#[derive(Debug)]
pub struct LinkFold {
    pair: Pair,
    partial: Vec<u8>,
    found: Option<Links>,
}

/// How the two numbers of an element are written.
#[derive(Debug, Clone, Copy)]
enum Pair {
    Whole(Int, Int),
    /// As the first two floats of a row.
    Floats,
}

impl Pair {
    fn read(self, element: &[u8]) -> [i64; 2] {
        match self {
            Pair::Whole(left, right) => [left.read(element), right.read(element)],
            Pair::Floats => {
                let (all, _) = element.as_chunks::<8>();
                [0, 1].map(|at| all.get(at).map_or(i64::MIN, |bytes| whole(f64::from_le_bytes(*bytes))))
            }
        }
    }
}

/// What C makes of a float, where it is a number that `i64` has; else the smallest.
#[expect(clippy::cast_possible_truncation, reason = "what is beyond i64 becomes its nearest end")]
fn whole(float: f64) -> i64 {
    if float.is_nan() { i64::MIN } else { float as i64 }
}

impl LinkFold {
    /// A fold for elements of this dtype, if it is that of such.
    pub fn new<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<LinkFold> {
        if dtype.size != SIZE || dtype.fields.len() != JOINED.len() {
            return None;
        }
        [JOINED, CONDENSED].into_iter().find_map(|fields| LinkFold::of(dtype, fields, &field))
    }

    fn of<'d>(dtype: &DType, fields: Fields, field: &impl Fn(DTypeId) -> Option<&'d DType>) -> Option<LinkFold> {
        let mut ints = Vec::new();
        for ((at, found), (name, kind)) in (0u64..).step_by(8).zip(&dtype.fields).zip(fields) {
            let own = field(found.dtype)?;
            if found.name != name || found.offset != at || own.kind != kind || own.size != 8 {
                return None;
            }
            ints.extend(Int::of(own, at));
        }
        let [left, right, _] = *ints.first_chunk::<3>()?;
        Some(LinkFold { pair: Pair::Whole(left, right), partial: Vec::new(), found: None })
    }

    /// A fold for rows of four floats of this dtype.
    pub fn rows(dtype: &DType) -> Option<LinkFold> {
        let fold = LinkFold { pair: Pair::Floats, partial: Vec::new(), found: None };
        dtype.is(DTypeKind::Float, 8).then_some(fold)
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut found = self.found;
        super::elements(&mut self.partial, 32, bytes, |element| {
            let [left, right] = self.pair.read(element);
            let links = found.get_or_insert(Links { min: left, max: left, top: left });
            links.min = links.min.min(left).min(right);
            links.max = links.max.max(left).max(right);
            links.top = links.top.max(left);
        });
        self.found = found;
    }

    /// What was found, once all bytes were folded; `None` when nothing is joined.
    pub fn finish(self) -> Option<Links> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Field, Order, Totals};

    fn fold(names: [&str; 4]) -> Option<LinkFold> {
        let plain = [DTypeKind::Int, DTypeKind::Float].map(|kind| DType::plain(kind, Order::Little, 8));
        let field = |(at, name): (u64, &str)| Field {
            name: name.to_owned(),
            dtype: DTypeId(u32::from(matches!(name, "value" | "lambda_val"))),
            offset: 8 * at,
        };
        let fields = (0..).zip(names).map(field).collect();
        LinkFold::new(&DType::structure(fields, 32, Totals::default()), |id| plain.get(id.0 as usize))
    }

    #[test]
    fn the_ends_of_what_is_joined_are_found_in_whatever_pieces_it_comes() {
        let rows: [[i64; 4]; 3] = [[0, 7, 0, 2], [-3, 1, 99, 2], [5, 40, 0, 3]];
        let bytes: Vec<u8> = rows.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
        for piece in [1, 31, 32, 100] {
            let mut fold = fold(JOINED.map(|(name, _)| name)).unwrap();
            bytes.chunks(piece).for_each(|piece| fold.push(piece));
            assert_eq!(fold.finish(), Some(Links { min: -3, max: 40, top: 5 }), "{piece}");
        }
        assert_eq!(fold(JOINED.map(|(name, _)| name)).unwrap().finish(), None);
        assert!(fold(["left", "right_node", "value", "cluster_size"]).is_none());
        assert!(fold(CONDENSED.map(|(name, _)| name)).is_some());
    }

    #[test]
    fn rows_of_floats_say_what_is_joined_too() {
        let links = |rows: &[[f64; 4]]| {
            let mut fold = LinkFold::rows(&DType::plain(DTypeKind::Float, Order::Little, 8)).unwrap();
            let bytes: Vec<u8> = rows.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
            bytes.chunks(7).for_each(|piece| fold.push(piece));
            fold.finish()
        };
        let found = links(&[[0.0, 7.0, 0.5, 2.0], [3.0, 1.0, 99.0, 2.0]]);
        assert_eq!(found, Some(Links { min: 0, max: 7, top: 3 }));
        for (outside, end) in [(f64::NAN, i64::MIN), (f64::NEG_INFINITY, i64::MIN), (-1.5, -1)] {
            assert_eq!(links(&[[0.0, outside, 0.5, 2.0]]).unwrap().min, end);
        }
        assert_eq!(links(&[[1e300, 0.0, 0.5, 2.0]]).unwrap().top, i64::MAX);
        assert!(LinkFold::rows(&DType::plain(DTypeKind::Float, Order::Big, 8)).is_none());
        assert!(LinkFold::rows(&DType::plain(DTypeKind::Float, Order::Little, 4)).is_none());
    }
}
