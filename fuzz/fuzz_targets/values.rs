#![no_main]
use coldload::fuzz::values as target;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldload_fuzz::bounded(target, data);
});
