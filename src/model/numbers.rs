//! Numbers out of arrays, and sums as numpy makes them.
//!
//! Elements come in C order whatever the array's own order is, so that readers index one layout only.

use super::state::{Flaw, wrong_elements};
use crate::graph::{Array, DType, DTypeKind, Heap, Order};

/// Numbers of an array, widened to 64 bits, which loses nothing of `float32`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Floats {
    pub values: Vec<f64>,
    /// Whether they were `float32`.
    pub single: bool,
}

/// Whether an array's elements are numbers that [`floats`] reads.
pub(super) fn is_numeric(dtype: &DType) -> bool {
    match dtype.kind {
        DTypeKind::Float => matches!(dtype.size, 4 | 8),
        DTypeKind::Int | DTypeKind::Uint => matches!(dtype.size, 1 | 2 | 4 | 8),
        DTypeKind::Bool => dtype.size == 1,
        _ => false,
    }
}

/// Checks that an array holds numbers.
pub(super) fn numeric(heap: &Heap, attribute: &'static str, array: &Array) -> Result<(), Flaw> {
    let dtype = heap.get_dtype(array.dtype).ok_or_else(|| Flaw::Unknown(format!("{attribute} has no dtype")))?;
    if is_numeric(dtype) {
        return Ok(());
    }
    Err(wrong_elements(heap, attribute, array, "numbers").into())
}

/// The numbers of an array, in C order.
pub(super) fn floats(heap: &Heap, attribute: &'static str, array: &Array) -> Result<Floats, Flaw> {
    numeric(heap, attribute, array)?;
    let unkept = || Flaw::Unknown(format!("{attribute} was not kept"));
    let (Some(dtype), Some(bytes)) = (heap.get_dtype(array.dtype), heap.array_bytes(array)) else {
        return Err(unkept());
    };
    let read = reader(dtype).ok_or_else(unkept)?;
    let values = elements(bytes, dtype.size, &array.shape, array.fortran, read).ok_or_else(unkept)?;
    Ok(Floats { values, single: dtype.kind == DTypeKind::Float && dtype.size == 4 })
}

/// Reads one element of a numeric type.
pub(super) fn reader(dtype: &DType) -> Option<fn(&[u8]) -> f64> {
    macro_rules! number {
        ($type:ty, $size:literal) => {
            if dtype.order == Order::Big {
                |bytes| <$type>::from_be_bytes(bytes.first_chunk::<$size>().copied().unwrap_or_default()) as f64
            } else {
                |bytes| <$type>::from_le_bytes(bytes.first_chunk::<$size>().copied().unwrap_or_default()) as f64
            }
        };
    }
    Some(match (dtype.kind, dtype.size) {
        (DTypeKind::Float, 4) => number!(f32, 4),
        (DTypeKind::Float, 8) => number!(f64, 8),
        (DTypeKind::Int, 1) => number!(i8, 1),
        (DTypeKind::Int, 2) => number!(i16, 2),
        (DTypeKind::Int, 4) => number!(i32, 4),
        (DTypeKind::Int, 8) => number!(i64, 8),
        (DTypeKind::Uint | DTypeKind::Bool, 1) => number!(u8, 1),
        (DTypeKind::Uint, 2) => number!(u16, 2),
        (DTypeKind::Uint, 4) => number!(u32, 4),
        (DTypeKind::Uint, 8) => number!(u64, 8),
        _ => return None,
    })
}

/// The elements of an array of `shape`, in C order; `None` unless there are exactly as many bytes as there must be.
pub(super) fn elements<T>(
    bytes: &[u8],
    size: u64,
    shape: &[u64],
    fortran: bool,
    read: impl Fn(&[u8]) -> T,
) -> Option<Vec<T>> {
    let size = usize::try_from(size).ok().filter(|size| *size > 0)?;
    let count = shape.iter().try_fold(1u64, |product, length| product.checked_mul(*length))?;
    if usize::try_from(count).ok()?.checked_mul(size)? != bytes.len() {
        return None;
    }
    if !fortran || shape.len() < 2 || count == 0 {
        return Some(bytes.chunks_exact(size).map(read).collect());
    }
    let strides: Vec<usize> = shape
        .iter()
        .scan(size, |stride, length| {
            let this = *stride;
            *stride = stride.saturating_mul(usize::try_from(*length).unwrap_or(usize::MAX));
            Some(this)
        })
        .collect();
    let mut place = vec![0u64; shape.len()];
    let mut out = Vec::with_capacity(usize::try_from(count).ok()?);
    for _ in 0..count {
        let at =
            |(index, stride): (&u64, &usize)| usize::try_from(*index).unwrap_or(usize::MAX).saturating_mul(*stride);
        let offset = place.iter().zip(&strides).map(at).fold(0usize, usize::saturating_add);
        out.push(read(bytes.get(offset..)?.get(..size)?));
        for (index, length) in place.iter_mut().zip(shape).rev() {
            *index = index.saturating_add(1);
            if *index < *length {
                break;
            }
            *index = 0;
        }
    }
    Some(out)
}

/// The sum of a run as numpy makes it (`pairwise_sum`, `numpy/_core/src/umath/loops_utils.h.src`), to the bit. It calls
/// itself on halves, so at most 64 deep.
pub(super) fn pairwise_sum(values: &[f64]) -> f64 {
    if values.len() < 8 {
        return values.iter().fold(0.0, |sum, value| sum + value);
    }
    if values.len() <= 128 {
        let (eights, rest) = values.as_chunks::<8>();
        let mut lanes = [0.0f64; 8];
        for (index, eight) in eights.iter().enumerate() {
            for (lane, value) in lanes.iter_mut().zip(eight) {
                *lane = if index == 0 { *value } else { *lane + value };
            }
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
        return rest.iter().fold(sum, |sum, value| sum + value);
    }
    let half = values.len() / 2;
    let half = half.saturating_sub(half % 8);
    let (left, right) = values.split_at_checked(half).unwrap_or((values, &[]));
    pairwise_sum(left) + pairwise_sum(right)
}

/// The index of the largest value, the first of equal ones; the first NaN counts as the largest (`numpy.argmax`).
pub(super) fn argmax(values: &[f64]) -> u32 {
    let mut best = (0u32, f64::NEG_INFINITY);
    for (index, value) in (0u32..).zip(values) {
        if value.is_nan() {
            return index;
        }
        if *value > best.1 {
            best = (index, *value);
        }
    }
    best.0
}

/// The sum of products. BLAS adds in an order of its own, so this is near its answer, not equal to the bit; eight running
/// sums keep the error of long rows small.
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0f64; 8];
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks::<8>(), right.as_chunks::<8>());
    for (left, right) in left.iter().zip(right) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fortran_order_is_turned() {
        let bytes = [0u8, 10, 1, 11, 2, 12];
        let read = |bytes: &[u8]| bytes[0];
        assert_eq!(elements(&bytes, 1, &[2, 3], true, read), Some(vec![0, 1, 2, 10, 11, 12]));
        assert_eq!(elements(&bytes, 1, &[2, 3], false, read), Some(bytes.to_vec()));
        assert_eq!(elements(&bytes, 1, &[2, 2], false, read), None);
        assert_eq!(elements(&bytes, 1, &[u64::MAX, u64::MAX], true, read), None);
    }

    #[test]
    fn sums_are_numpys() {
        // numpy 2.5: (1 / (numpy.arange(n) + 3)).sum()
        for (n, wanted) in [
            (5, 1.0928571428571427),
            (8, 1.4289682539682538),
            (19, 2.1453587047627294),
            (128, 3.948591338265976),
            (129, 3.956224926052236),
            (300, 4.789297397713862),
            (1000, 5.987467865541362f64),
        ] {
            let values: Vec<f64> = (0..n).map(|i| 1.0 / (f64::from(i) + 3.0)).collect();
            assert_eq!(pairwise_sum(&values).to_bits(), wanted.to_bits(), "{n}");
        }
    }

    #[test]
    fn ties_go_to_the_first_and_nan_wins() {
        assert_eq!(argmax(&[0.2, 0.4, 0.4]), 1);
        assert_eq!(argmax(&[1.0, f64::NAN, 2.0, f64::NAN]), 1);
        assert_eq!(argmax(&[f64::NEG_INFINITY]), 0);
        assert_eq!(argmax(&[]), 0);
    }
}
