//! What an honest worker says, for tests.

use super::report::Claim;
use super::room::Room;
use crate::job::{Assurance, Observation, Summary};
use crate::manifest::{Arrays, Content, Observed, Schema};

/// That all walls stand.
pub(super) fn claim(limits: Room) -> Claim {
    Claim {
        dumpable: false,
        limits: Some(limits),
        capabilities_dropped: true,
        no_new_privs: true,
        landlock_abi: Some(7),
        seccomp_filters: 2,
        open_refused: true,
        missing: Vec::new(),
    }
}

/// What a pickle of plain data holds.
pub(super) fn observation() -> Observation {
    let content = Content {
        format: "pickle".to_owned(),
        compressors: Vec::new(),
        protocols: vec![4],
        pickles: 1,
        names: Vec::new(),
        arrays: Arrays::default(),
    };
    let observed = Observed { content, schema: Schema::default() };
    Observation { observed, summary: Summary::default(), assurance: Assurance::Shapes }
}
