//! What a window does when it is started a second time: it comes to the front, at what was asked for.

use std::ffi::OsString;

use tauri::{AppHandle, Manager as _};

use crate::arguments::Arguments;
use crate::bridge::Bridge;
use crate::window;

/// Shows the window, at the page and the account that the second start named.
pub(crate) fn started_again(app: &AppHandle, arguments: &[String]) {
    window::raise(app);
    // The second process has refused wrong arguments already.
    let Ok(arguments) = Arguments::parse(arguments.iter().skip(1).map(OsString::from)) else { return };
    if let Some(page) = arguments.page {
        window::go_to(app, page);
    }
    if let Some(account) = arguments.account {
        app.state::<Bridge>().show_account(account);
    }
}
