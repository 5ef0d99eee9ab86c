//! A hierarchy of clusters (`sklearn/cluster/_hdbscan/_tree.pxd`, `HIERARCHY_t`): each element joins two clusters to one.

use super::int::Int;
use crate::graph::array::{DType, DTypeId, DTypeKind};

/// Between which numbers the clusters lie that are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// The smallest number.
    pub min: i64,
    /// The largest one.
    pub max: i64,
}

/// The fields of an element, eight bytes each, without gaps.
const FIELDS: [(&str, DTypeKind); 4] = [
    ("left_node", DTypeKind::Int),
    ("right_node", DTypeKind::Int),
    ("value", DTypeKind::Float),
    ("cluster_size", DTypeKind::Int),
];
/// Bytes of an element.
const SIZE: u64 = 32;

/// Folds the bytes of such elements, in pieces of any length.
#[derive(Debug)]
pub struct LinkFold {
    left: Int,
    right: Int,
    partial: Vec<u8>,
    found: Option<Links>,
}

impl LinkFold {
    /// A fold for elements of this dtype, if it is that of such.
    pub fn new<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<LinkFold> {
        if dtype.size != SIZE || dtype.fields.len() != FIELDS.len() {
            return None;
        }
        let mut ints = Vec::new();
        for ((at, found), (name, kind)) in (0u64..).step_by(8).zip(&dtype.fields).zip(FIELDS) {
            let own = field(found.dtype)?;
            if found.name != name || found.offset != at || own.kind != kind || own.size != 8 {
                return None;
            }
            ints.extend(Int::of(own, at));
        }
        let [left, right, _] = *ints.first_chunk::<3>()?;
        Some(LinkFold { left, right, partial: Vec::new(), found: None })
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut found = self.found;
        super::elements(&mut self.partial, 32, bytes, |element| {
            let (left, right) = (self.left.read(element), self.right.read(element));
            let links = found.get_or_insert(Links { min: left, max: left });
            links.min = links.min.min(left).min(right);
            links.max = links.max.max(left).max(right);
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
    use crate::graph::{Field, Order};

    fn fold(names: [&str; 4]) -> Option<LinkFold> {
        let plain = [DTypeKind::Int, DTypeKind::Float].map(|kind| DType::plain(kind, Order::Little, 8));
        let field = |(at, name): (u64, &str)| Field {
            name: name.to_owned(),
            dtype: DTypeId(u32::from(name == "value")),
            offset: 8 * at,
        };
        let fields = (0..).zip(names).map(field).collect();
        LinkFold::new(&DType::structure(fields, 32, false, 1), |id| plain.get(id.0 as usize))
    }

    #[test]
    fn the_ends_of_what_is_joined_are_found_in_whatever_pieces_it_comes() {
        let rows: [[i64; 4]; 3] = [[0, 7, 0, 2], [-3, 1, 99, 2], [5, 40, 0, 3]];
        let bytes: Vec<u8> = rows.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
        for piece in [1, 31, 32, 100] {
            let mut fold = fold(FIELDS.map(|(name, _)| name)).unwrap();
            bytes.chunks(piece).for_each(|piece| fold.push(piece));
            assert_eq!(fold.finish(), Some(Links { min: -3, max: 40 }), "{piece}");
        }
        assert_eq!(fold(FIELDS.map(|(name, _)| name)).unwrap().finish(), None);
        assert!(fold(["left", "right_node", "value", "cluster_size"]).is_none());
    }
}
