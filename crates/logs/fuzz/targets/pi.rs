//! Logs of pi, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".pi/agent/sessions/--work--/p1.jsonl", input);
});
