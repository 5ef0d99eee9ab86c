//! From the data-only graph to typed estimators: what a model takes and gives, whether its values hold together, and what
//! it answers for rows.
//!
//! | file | what it does |
//! | --- | --- |
//! | `table` | the classes that this build types |
//! | `schema`, `summary` | what a file says about itself: signed, and shown |
//! | `parameters`, `shown` | the parameters of an estimator and of those in it, each as text |
//! | `structure`, `place` | whether every estimator holds what it must, and where one does not |
//! | `unfolded` | how often members that are shared are gone through |
//! | `needs` | what scikit-learn relies on without checking it |
//! | `compiled/` | what compiled code indexes by, in classes that are not typed |
//! | `random` | positions in numpy's random states |
//! | `choose` | which value of a file is the model |
//! | `build`, `pipeline` | from values to a [`Model`] |
//! | `tree/`, `forest`, `linear`, `logistic`, `scaler` | one family each: its checks and its computation |
//! | `ask` | what is asked, and in which form |
//! | `rows/`, `matrix`, `answer/` | what goes in and what comes out |
//!
//! Trees, forests and scalers answer as scikit-learn does, to the bit; what passes through BLAS, `exp` or `log` there
//! differs in the last digits. Where versions of scikit-learn differ, the one that saved the model counts.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod answer;
mod ask;
mod build;
mod choose;
mod compiled;
mod error;
mod forest;
mod labels;
mod linear;
mod logistic;
mod matrix;
mod needs;
mod numbers;
mod opened;
mod parameters;
mod pipeline;
mod place;
mod random;
mod repr;
mod rows;
#[cfg(test)]
mod sample;
mod scaler;
mod schema;
mod shown;
mod state;
mod structure;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod tree;
mod unfolded;

pub use answer::{Answer, Data, Numbers, Picks, WriteError, write};
pub use ask::{AnswerFormat, Method, RowsFormat, Summary};
pub use build::Model;
pub use choose::{Choice, ChooseError, choose};
pub use error::{BuildError, Fault, RunError, StructureFault};
pub use labels::{Label, Labels};
pub use matrix::Matrix;
pub use rows::{Cells, Rows, RowsError};
pub use schema::schema;
pub use structure::{Structure, check};
pub use summary::{summarize, tell_parameters};
