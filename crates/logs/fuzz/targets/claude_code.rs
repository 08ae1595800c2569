//! Logs of Claude Code, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".claude/projects/-work/one.jsonl", input);
});
