//! How the nodes of trees are laid out in an array, in every version of scikit-learn.

use super::int::Int;
use crate::graph::array::{DType, DTypeId, DTypeKind, Order};

/// What trees are of, which decides how their nodes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// A decision tree: a node without children is a leaf.
    Decision,
    /// A tree of gradient boosting with histograms: a node says whether it is a leaf.
    Histogram,
}

/// A field of an element: its name, kind and bytes.
type FieldForm = (&'static str, (DTypeKind, u64));

const F8: (DTypeKind, u64) = (DTypeKind::Float, 8);
const I8: (DTypeKind, u64) = (DTypeKind::Int, 8);
const I4: (DTypeKind, u64) = (DTypeKind::Int, 4);
const U4: (DTypeKind, u64) = (DTypeKind::Uint, 4);
const U1: (DTypeKind, u64) = (DTypeKind::Uint, 1);

/// `sklearn/tree/_tree.pxd`, `Node`.
const DECISION: [FieldForm; 8] = [
    ("left_child", I8),
    ("right_child", I8),
    ("feature", I8),
    ("threshold", F8),
    ("impurity", F8),
    ("n_node_samples", I8),
    ("weighted_n_node_samples", F8),
    ("missing_go_to_left", U1),
];

/// The same on a machine of 32 bits, of which scikit-learn 1.3 and later make their own (`_check_node_ndarray`).
const DECISION_32: [FieldForm; 8] = {
    let mut fields = DECISION;
    (fields[0].1, fields[1].1, fields[2].1, fields[5].1) = (I4, I4, I4, I4);
    fields
};

/// `sklearn/ensemble/_hist_gradient_boosting/common.pxd`, `node_struct`.
const HISTOGRAM: [FieldForm; 13] = [
    ("value", F8),
    ("count", U4),
    ("feature_idx", I8),
    ("num_threshold", F8),
    ("missing_go_to_left", U1),
    ("left", U4),
    ("right", U4),
    ("gain", F8),
    ("depth", U4),
    ("is_leaf", U1),
    ("bin_threshold", U1),
    ("is_categorical", U1),
    ("bitset_idx", U4),
];

/// The same on a machine of 32 bits.
const HISTOGRAM_32: [FieldForm; 13] = with_feature(I4, "num_threshold");

/// The same up to scikit-learn 1.2, and up to 0.23, which has no categories.
const HISTOGRAM_1_2: [FieldForm; 13] = with_feature(U4, "num_threshold");
const HISTOGRAM_0_23: [FieldForm; 13] = with_feature(U4, "threshold");

/// And in 0.21, which knows no missing values.
const HISTOGRAM_0_21: [FieldForm; 10] = [
    ("value", F8),
    ("count", U4),
    ("feature_idx", U4),
    ("threshold", F8),
    ("left", U4),
    ("right", U4),
    ("gain", F8),
    ("depth", U4),
    ("is_leaf", U1),
    ("bin_threshold", U1),
];

const fn with_feature(feature: (DTypeKind, u64), threshold: &'static str) -> [FieldForm; 13] {
    let mut fields = HISTOGRAM;
    fields[2].1 = feature;
    fields[3].0 = threshold;
    fields
}

/// The forms that an element has had: its fields, how many of them there are, and its bytes, with those that fill the last word up; and
/// at what multiple of bytes a field of eight stands.
const FORMS: [(TreeKind, &[FieldForm], usize, u64, u64); 12] = [
    (TreeKind::Decision, &DECISION, 7, 56, 8),
    (TreeKind::Decision, &DECISION, 8, 64, 8),
    // As ARM and Windows, Linux on an i386, and numpy without alignment have it.
    (TreeKind::Decision, &DECISION_32, 7, 48, 8),
    (TreeKind::Decision, &DECISION_32, 8, 56, 8),
    (TreeKind::Decision, &DECISION_32, 7, 40, 1),
    (TreeKind::Decision, &DECISION_32, 8, 44, 1),
    (TreeKind::Decision, &DECISION_32, 8, 41, 1),
    (TreeKind::Histogram, &HISTOGRAM, 13, 56, 1),
    (TreeKind::Histogram, &HISTOGRAM_32, 13, 52, 1),
    (TreeKind::Histogram, &HISTOGRAM_1_2, 13, 52, 1),
    (TreeKind::Histogram, &HISTOGRAM_0_23, 11, 47, 1),
    (TreeKind::Histogram, &HISTOGRAM_0_21, 10, 46, 1),
];

/// Where the fields that matter for the structure stand in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub kind: TreeKind,
    /// Bytes of an element.
    pub size: usize,
    pub left: Int,
    pub right: Int,
    pub feature: Int,
    /// Whether a node is a leaf, where it says so.
    pub leaf: Option<Int>,
    /// Whether a node splits by categories, and by which set of them, where there are such nodes.
    pub categories: Option<(Int, Int)>,
}

impl Layout {
    /// The layout of a dtype that is exactly a node's, in either byte order. scikit-learn since 1.3 converts what is not its
    /// own by the places of the fields, not by their names (`_check_node_ndarray`; `astype` in `TreePredictor.__setstate__`), so that any
    /// other order or offset would be read as something else than what was judged.
    pub fn of<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<Layout> {
        if dtype.kind != DTypeKind::Struct {
            return None;
        }
        FORMS.iter().find_map(|(kind, fields, count, size, multiple)| {
            let fields = fields.get(..*count).filter(|_| (dtype.fields.len(), dtype.size) == (*count, *size))?;
            let mut offset = 0u64;
            let mut big = None;
            for (found, (name, form)) in dtype.fields.iter().zip(fields) {
                let own = field(found.dtype)?;
                offset = offset.next_multiple_of(own.size.clamp(1, *multiple));
                let same = found.name == *name && found.offset == offset && (own.kind, own.size) == *form;
                let order = own.order == Order::Big;
                if !same || (own.size > 1 && *big.get_or_insert(order) != order) {
                    return None;
                }
                offset = offset.saturating_add(own.size);
            }
            let int = |name: &str| {
                let found = dtype.fields.iter().find(|field| field.name == name)?;
                Int::of(field(found.dtype)?, found.offset)
            };
            let (left, right, feature) = match kind {
                TreeKind::Decision => ("left_child", "right_child", "feature"),
                TreeKind::Histogram => ("left", "right", "feature_idx"),
            };
            Some(Layout {
                kind: *kind,
                size: usize::try_from(*size).ok()?,
                left: int(left)?,
                right: int(right)?,
                feature: int(feature)?,
                leaf: int("is_leaf"),
                categories: int("is_categorical").zip(int("bitset_idx")),
            })
        })
    }

    /// The layouts that a decision tree's nodes have in little-endian order.
    pub fn decision() -> impl Iterator<Item = Layout> {
        let layout = |size| {
            let [left, right, feature] = [0, 8, 16].map(Int::long);
            Layout { kind: TreeKind::Decision, size, left, right, feature, leaf: None, categories: None }
        };
        [56, 64].into_iter().map(layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Field, Totals};

    /// The dtypes that fields refer to: by kind, bytes and order.
    const KINDS: [(DTypeKind, u64, Order); 6] = [
        (DTypeKind::Int, 8, Order::Little),
        (DTypeKind::Float, 8, Order::Little),
        (DTypeKind::Uint, 1, Order::None),
        (DTypeKind::Int, 8, Order::Big),
        (DTypeKind::Float, 8, Order::Big),
        (DTypeKind::Int, 4, Order::Little),
    ];

    /// A node of a machine of 32 bits, whose fields stand at multiples of so many bytes.
    fn short_node(fields: usize, size: u64, multiple: u64) -> DType {
        let mut at = 0u64;
        let field = |(name, (kind, bytes)): FieldForm| {
            let id = KINDS.iter().position(|(own, size, _)| (*own, *size) == (kind, bytes)).unwrap();
            let offset = at.next_multiple_of(bytes.min(multiple));
            at = offset + bytes;
            Field { name: name.to_owned(), dtype: DTypeId(id as u32), offset }
        };
        let fields = DECISION_32.into_iter().take(fields).map(field).collect();
        DType::structure(fields, size, Totals::default())
    }

    fn node(fields: usize, size: u64, big: bool) -> DType {
        let field = |(place, (name, (kind, _))): (usize, FieldForm)| {
            let id = match kind {
                DTypeKind::Int => 0,
                DTypeKind::Float => 1,
                _ => 2,
            };
            let id = if big && id < 2 { id + 3 } else { id };
            Field { name: name.to_owned(), dtype: DTypeId(id), offset: 8 * place as u64 }
        };
        let fields = DECISION.into_iter().take(fields).enumerate().map(field).collect();
        DType::structure(fields, size, Totals::default())
    }

    fn is_node(dtype: &DType) -> bool {
        let kinds = KINDS.map(|(kind, size, order)| DType::plain(kind, order, size));
        Layout::of(dtype, |id| kinds.get(id.0 as usize)).is_some()
    }

    #[test]
    fn a_node_array_has_exactly_the_dtype_of_one() {
        for (fields, size) in [(7, 56), (8, 64)] {
            assert!(is_node(&node(fields, size, false)) && is_node(&node(fields, size, true)));
        }
        for (fields, size, multiple) in [(7, 48, 8), (8, 56, 8), (7, 40, 4), (8, 44, 4), (8, 41, 1)] {
            assert!(is_node(&short_node(fields, size, multiple)), "{size}");
        }
        for (fields, size, multiple) in [(7, 48, 4), (8, 56, 1), (7, 40, 8), (7, 56, 8), (8, 64, 8)] {
            assert!(!is_node(&short_node(fields, size, multiple)), "{size}");
        }
        type Change = fn(&mut DType);
        let changes: [Change; 10] = [
            |dtype| dtype.fields.swap(0, 2),
            |dtype| dtype.fields[3].offset = 32,
            |dtype| (dtype.fields[0].offset, dtype.fields[1].offset) = (8, 0),
            |dtype| dtype.fields[2].name = "features".to_owned(),
            |dtype| dtype.fields[3].dtype = DTypeId(0),
            |dtype| dtype.fields[5].dtype = DTypeId(5),
            |dtype| dtype.fields[6].dtype = DTypeId(4),
            |dtype| dtype.size = 72,
            |dtype| dtype.size = 57,
            |dtype| drop(dtype.fields.pop()),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut dtype = node(8, 64, false);
            change(&mut dtype);
            assert!(!is_node(&dtype), "{index}");
        }
    }

    #[test]
    fn nodes_of_histograms_have_the_dtype_of_their_version() {
        let plain: Vec<DType> =
            [F8, U4, I8, U1, I4].into_iter().map(|(kind, size)| DType::plain(kind, Order::Little, size)).collect();
        let known = |form: (DTypeKind, u64)| plain.iter().position(|own| (own.kind, own.size) == form).unwrap();
        for (fields, size, wanted) in [
            (&HISTOGRAM[..], 56, true),
            (&HISTOGRAM_32, 52, true),
            (&HISTOGRAM_1_2, 52, true),
            (&HISTOGRAM_0_23[..11], 47, true),
            (&HISTOGRAM_0_21, 46, true),
            (&HISTOGRAM[..11], 51, false),
        ] {
            let mut offset = 0;
            let fields: Vec<Field> = fields
                .iter()
                .map(|(name, form)| {
                    let at = offset;
                    offset += form.1;
                    Field { name: (*name).to_owned(), dtype: DTypeId(known(*form) as u32), offset: at }
                })
                .collect();
            assert_eq!(offset, size, "packed");
            let dtype = DType::structure(fields, size, Totals::default());
            let found = Layout::of(&dtype, |id| plain.get(id.0 as usize));
            assert_eq!(found.is_some_and(|layout| layout.kind == TreeKind::Histogram), wanted, "{size}");
        }
    }

    #[test]
    fn only_little_endian_nodes_of_decision_trees_are_what_is_guessed() {
        let kinds = KINDS.map(|(kind, size, order)| DType::plain(kind, order, size));
        let guessed = |dtype: &DType| {
            Layout::of(dtype, |id| kinds.get(id.0 as usize))
                .is_some_and(|own| Layout::decision().any(|guess| guess == own))
        };
        assert!(guessed(&node(7, 56, false)) && guessed(&node(8, 64, false)));
        assert!(!guessed(&node(7, 56, true)) && !guessed(&node(8, 64, true)) && !guessed(&node(4, 64, false)));
    }
}
