//! The gate: *the* pipeline from bytes to an admitted model. `cli/` only parses options into requests and prints the
//! [`Report`](crate::report::Report)s that come back.
//!
//! | file | what it does |
//! | --- | --- |
//! | `request` | what commands ask |
//! | `stages` | what holds after each step, as types: `Attested`, `Authorised`, `Admitted`; and `Unsealed`, the loud way round |
//! | `judge` | one file, read behind walls, as an entry of a report |
//! | `beside` | files beside a model that hold its arrays |
//! | `claims` | what a signer says besides: environment, provenance |
//! | `collect` | the files that a scan is about |
//! | `copy` | `verify --to`: a copy of what was checked |
//! | `crew`, `turn` | many files at once, a worker a core; small ones are handed over before their turn |
//! | `folder` | a model that is a folder, file by file |
//! | `keys` | keys from files, variables and descriptors; `keygen` |
//! | `scan`, `inspect`, `dump`, `diff`, `sign`, `verify`, `predict` | one command each |
//! | `fuzz`, `shrink` | attacks on this program's own readers, and making small what was found |
//! | `twins` | hostile twins of a model |
//! | `release` | outputs, which appear by rename or not at all |
//! | `unfinished` | what has to go when the program is told to end |

mod beside;
mod claims;
mod collect;
mod copy;
mod crew;
mod diff;
mod dump;
mod entries;
mod folder;
mod fuzz;
mod inspect;
mod judge;
mod keys;
mod names;
mod pattern;
mod predict;
mod release;
mod request;
mod scan;
mod shrink;
mod sign;
mod stages;
mod turn;
mod twins;
mod unfinished;
mod verify;

pub use crate::sandbox::{Level, Sandbox};
pub use diff::diff;
pub use dump::dump;
pub(crate) use entries::ROOM;
pub use fuzz::{fuzz, replay};
pub use inspect::{Listing, inspect, list, schema};
pub use judge::walls;
pub use keys::keygen;
pub use names::{can_not_be_allowed, set_of, sets, vocabulary, vocabulary_of};
pub use predict::predict;
pub(crate) use release::{Pending, spare};
pub use request::{
    DiffRequest, DumpRequest, FuzzRequest, KeyAlgorithm, KeygenRequest, NameEntry, Options, PredictRequest,
    ReplayRequest, ScanRequest, SignRequest, Standing, Trust, TwinsRequest, VerifyRequest, Warrant, Watch,
};
pub use scan::scan;
pub use sign::sign;
pub use stages::{Admitted, AdmittedFolder, Attested, Authorised, Unsealed};
pub use twins::{INDEX, twins};
pub(crate) use unfinished::remove_all;
pub use verify::verify;
