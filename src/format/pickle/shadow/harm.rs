//! What of a name is certain to be harmless with values that were not judged, by its shape.

use crate::vocabulary::Shape;

impl Shape {
    /// Whether nothing can change what it makes, but itself when it is given its first state.
    pub(super) fn stays(self) -> bool {
        matches!(
            self,
            Shape::Array
                | Shape::ArrayBuffer
                | Shape::ArrayClass
                | Shape::DType
                | Shape::Scalar
                | Shape::Slice
                | Shape::Complex
                | Shape::Bytes
                | Shape::FrozenSet
                | Shape::Moment
                | Shape::Number
        )
    }

    /// Whether what it makes is an array, of which an item is written into memory.
    pub(super) fn has_memory(self) -> bool {
        matches!(self, Shape::Array | Shape::ArrayBuffer | Shape::ArrayClass)
    }

    /// Whether what it makes may be a text of Python's, or of a class of texts; to Python 2 bytes are one. What an allowed class makes is
    /// an object of it: that is the user's word.
    pub(super) fn may_make_texts(self) -> bool {
        self.looks_up()
            || matches!(
                self,
                Shape::Scalar
                    | Shape::Type
                    | Shape::Function
                    | Shape::Reconstructor
                    | Shape::DillType
                    | Shape::Enumeration
                    | Shape::Bytes
                    | Shape::Latin1
            )
    }

    /// Whether what it makes may be an array of numpy's, or something that looks at the memory of one.
    pub(super) fn may_make_arrays(self) -> bool {
        !matches!(
            self,
            Shape::Estimator
                | Shape::Tree
                | Shape::DType
                | Shape::Scalar
                | Shape::Slice
                | Shape::Complex
                | Shape::Bytes
                | Shape::Moment
                | Shape::Number
                | Shape::ArrayWrapper
        )
    }

    /// Whether what it makes may be something that can be called. Of scikit-learn's own objects kernels, losses and scorers can,
    /// which are records; its estimators can not. scipy's splines can, and the offsets of pandas before 2.
    pub(super) fn may_make_functions(self) -> bool {
        self.makes_functions()
            || self.is_opaque()
            || self.looks_up()
            || matches!(
                self,
                Shape::Record
                    | Shape::Type
                    | Shape::Distribution
                    | Shape::Frozen
                    | Shape::Spline
                    | Shape::Radial
                    | Shape::Offset
                    | Shape::LossFunction
                    | Shape::LossUnpickler
                    | Shape::Reconstructor
                    | Shape::DillType
            )
    }
}
