//! What the user can do from the tray, or by a click on a notification.

/// What the user does, by a click on the icon or in its menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open the window, at an account where one was chosen.
    Open {
        /// The account's number.
        account: Option<i64>,
        /// What the desktop wants to see before it lets a window come to the front (Wayland).
        token: Option<String>,
    },
    /// Poll every account now.
    Refresh,
    /// Stop polling for an hour.
    PauseHour,
    /// Stop polling until tomorrow.
    PauseUntilTomorrow,
    /// Resume polling.
    Resume,
    /// End the agent, and the window with it.
    Quit,
    /// End the agent alone: the session ends, or the system asks for it.
    #[cfg_attr(not(target_os = "macos"), expect(dead_code, reason = "elsewhere a signal says so"))]
    End,
}
