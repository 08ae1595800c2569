//! Logs of Kimi Code, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".kimi-code/sessions/wd_a_0123456789ab/session_1/agents/main/wire.jsonl", input);
});
