//! Logs of Cline, of any bytes at all.
#![no_main]

mod follow;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    follow::run(".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/ui_messages.json", input);
});
