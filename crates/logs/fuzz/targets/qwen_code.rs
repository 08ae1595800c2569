//! Logs of Qwen Code, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".qwen/projects/-work/chats/q1.jsonl", input);
});
