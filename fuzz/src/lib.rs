//! Every target also stays within its memory.

mod memory;
#[path = "../../tests/interop/oracle.rs"]
mod oracle;

pub use memory::bounded;

use coldload::fuzz::differential::{compare, trace};
use oracle::Oracle;
use std::cell::RefCell;
use std::path::Path;

/// What coldload says that Python would do with an input is what Python does. `COLDLOAD_ORACLE` names a Python that has joblib and lz4.
pub fn agrees_with_python(data: &[u8]) {
    thread_local! {
        static ORACLE: RefCell<Option<Oracle>> = const { RefCell::new(None) };
    }
    let file = coldload::fuzz::inputs::fuzzed(data);
    let ours = trace(&file);
    // Decompressors are compared elsewhere, and what is no pickle does nothing.
    if ours.compressed != Some(false) {
        return;
    }
    ORACLE.with_borrow_mut(|oracle| {
        let oracle = oracle.get_or_insert_with(|| {
            let python =
                std::env::var("COLDLOAD_ORACLE").expect("COLDLOAD_ORACLE names a Python that has joblib and lz4");
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interop/oracle_child.py");
            Oracle::start(&python, &script).unwrap_or_else(|error| panic!("{error}"))
        });
        let answers = oracle.ask(&file).unwrap_or_else(|error| panic!("{error}"));
        // None: the readers met their bounds.
        if let Some(answers) = answers.filter(|answers| !answers.is_empty()) {
            let version = oracle.version();
            compare(&ours, &answers).unwrap_or_else(|difference| panic!("CPython {version}: {difference}"));
        }
    });
}
