//! What calls make with values that were not judged, and what it may be.

use super::values::Val;
use crate::vocabulary::Shape;

impl Shape {
    /// What a call makes with arguments that an honest file would not give it, if it runs nothing.
    pub(super) fn makes(self, args: &Val) -> Val {
        let args = match args {
            Val::Tuple(args) => args.as_deref(),
            _ => None,
        };
        let plain = |val: &Val| matches!(val, Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Bytes);
        match (self, args) {
            // With a dtype of objects it is what it was called with (`array_scalar`).
            (Shape::Scalar, Some([_, Val::None | Val::Plain | Val::Bytes])) => Val::Object(Some(self)),
            (Shape::Scalar, _) => Val::Wild,
            // Of arrays numpy's types make arrays.
            (Shape::Type, Some(args)) if args.iter().all(plain) => Val::Object(Some(self)),
            (Shape::Type, _) => Val::Wild,
            (Shape::Array, Some([Val::Name(Some(Shape::ArrayClass)), ..])) => Val::Object(Some(self)),
            // Where numpy raises, `pandas.read_pickle` makes an object of the class.
            (Shape::Array, Some([Val::Name(class), ..])) => Val::Object(*class),
            (Shape::Array, _) => Val::Wild,
            _ => Val::Object(Some(self)),
        }
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
}
