//! Logs of the older Kimi command line, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".kimi/sessions/0123456789abcdef0123456789abcdef/one/wire.jsonl", input);
});
