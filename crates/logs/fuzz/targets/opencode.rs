//! Messages of OpenCode in files of their own, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".local/share/opencode/storage/message/ses_1/msg_1.json", input);
});
