//! What Python takes for an object beyond what the file has of it.

use super::shape::Shape;

impl Shape {
    /// Bytes that Python takes for an object of this shape before anything is put into it, where that is far more than
    /// this program does (`sys.getsizeof` and the resident memory of CPython 3.11 with numpy 1.26): a compressed file of a few
    /// kilobytes could ask for a million of them.
    pub const fn weight(self) -> u64 {
        match self {
            // The 624 words of a Mersenne Twister, as numbers of Python's own or in numpy's structure.
            Shape::PythonRandom | Shape::BitGenerator | Shape::LegacyRandomState | Shape::RandomState => 2500,
            // Half of a block of 64 places: honest files have many.
            Shape::Deque => 300,
            _ => 0,
        }
    }
}
