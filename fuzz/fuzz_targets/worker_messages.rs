#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| coldload::fuzz::worker_messages(data));
