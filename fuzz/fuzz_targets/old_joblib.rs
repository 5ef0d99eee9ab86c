#![no_main]
use coldload::fuzz::old_joblib as target;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldload_fuzz::bounded(target, data);
});
