//! coldload loads saved machine-learning models *cold*: bytes become data, and nothing in the file ever runs.
//!
//! The layers, each of which uses only those above it in this list:
//!
//! | module | what it does |
//! | --- | --- |
//! | [`calendar`] | dates and days of the Gregorian calendar |
//! | [`reason`] | the table of reason codes; what every refusal is made of |
//! | [`bytes`] | opens files, hands out checked chunks, counts against limits |
//! | [`graph`] | the data-only values |
//! | [`vocabulary`] | which names a file may ask for, and what may be done with each |
//! | [`format`](mod@format) | from bytes to a graph: pickle, joblib, compressors |
//! | [`manifest`] | what a seal signs |
//! | [`model`] | from a graph to typed estimators; schema; predict |
//! | [`dump`] | a graph as a document, and back |
//! | [`twin`] | hostile twins of a model, for those who test their own loader |
//! | [`job`] | the seam: a job over one file's bytes gives an outcome |
//! | [`seal`] | keys, signatures, the sealed container |
//! | [`sandbox`] | the worker process and its walls |
//! | [`report`] | verdicts as text and JSON |
//! | [`gate`] | sign, verify, scan, predict: the pipeline that makes an admitted model |
//! | [`cli`] | the command line |

pub mod bytes;
pub mod calendar;
pub mod cli;
pub mod dump;
pub mod format;
#[doc(hidden)]
pub mod fuzz;
pub mod gate;
pub mod graph;
pub mod job;
pub mod manifest;
pub mod model;
pub mod reason;
pub mod report;
pub mod sandbox;
pub mod seal;
pub mod twin;
pub mod vocabulary;
