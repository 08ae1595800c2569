//! Logs of Codex, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".codex/sessions/2026/07/20/rollout-2026-07-20T10-00-00-c1.jsonl", input);
});
