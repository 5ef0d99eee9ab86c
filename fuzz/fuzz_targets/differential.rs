#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    coldload_fuzz::agrees_with_python(data);
});
