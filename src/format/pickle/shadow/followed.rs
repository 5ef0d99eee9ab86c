//! What is known of all readers that are followed through a file.

use super::Found;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Where the arrays begin to which other readers came whose values are not ours.
pub type CameTo = Rc<RefCell<BTreeSet<u64>>>;

/// What the readers that are followed through a file have found, and how far they came.
#[derive(Debug, Default)]
pub struct Followed {
    /// What one of them would do with the bytes, if that runs code.
    pub found: Rc<Found>,
    /// Whether an old joblib came to a padded array, which it lives through or not.
    pub padded: bool,
    /// The arrays to which an old joblib comes that lived through the padding of another one.
    pub survived: CameTo,
    /// The arrays to which one `Unpickler` comes that has the memo of another pickle.
    pub shared: CameTo,
    /// The arrays to which `pickle.load` comes that has met none but empty ones.
    pub in_step: CameTo,
    /// How many bytes were shown to all of them, and are not paid for yet.
    pub shown: Rc<Cell<u64>>,
}
