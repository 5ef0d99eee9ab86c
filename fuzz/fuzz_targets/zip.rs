#![no_main]
use coldload::fuzz::zip as target;
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldload_fuzz::bounded(target, data);
});
