//! A box of Windows's own with a question, for what must be said before there can be a window.

#![allow(unsafe_code, reason = "Windows is called by pointers")]

use windows_sys::Win32::UI::WindowsAndMessaging::{
    IDYES, MB_ICONWARNING, MB_SETFOREGROUND, MB_YESNO, MessageBoxW,
};

/// What the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes.
    Yes,
    /// No, or the box was closed.
    No,
}

/// Asks a question that is answered by Yes or No, and waits for the answer.
pub(crate) fn ask(title: &str, text: &str) -> Answer {
    let wide = |text: &str| -> Vec<u16> { text.encode_utf16().chain([0]).collect() };
    let (title, text) = (wide(&format!("Tidemark: {title}")), wide(text));
    let style = MB_YESNO | MB_ICONWARNING | MB_SETFOREGROUND;
    // SAFETY: both texts end with a zero and live until the call returns; no window owns the box.
    let answer = unsafe { MessageBoxW(std::ptr::null_mut(), text.as_ptr(), title.as_ptr(), style) };
    if answer == IDYES { Answer::Yes } else { Answer::No }
}
