#![no_main]
use coldload::fuzz::verify as target;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldload_fuzz::bounded(target, data);
});
