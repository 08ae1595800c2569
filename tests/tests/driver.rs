//! The window driver, on a window that has nothing to do with the dashboard.

#![cfg(unix)]

use tidemark_journeys::{Desktop, Keyring, Launch, Options, bin_dir};

#[test]
fn a_window_is_driven() {
    let desktop = Desktop::start(&Options {
        keyring: Keyring::None,
        notifications: false,
        tray: false,
        ..Options::default()
    });
    let binary = bin_dir().join("examples/bare-window");
    let window = desktop.open_window(&Launch { binary: Some(binary), ..Launch::default() });
    assert_eq!(window.text("#first"), "A bare window.");
    assert_eq!(window.texts("p"), ["A bare window."]);
    assert!(window.has("#first") && !window.has("#second"));
    assert_eq!(window.evaluate("6 * 7"), 42);
    assert_eq!(window.evaluate_async("Promise.resolve('soon')"), "soon");
    window.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=field>'), 0");
    window.type_into("#field", "typed");
    window.press("\u{E009}a"); // selects all, so that the next letter replaces it
    window.press("x");
    assert_eq!(window.evaluate("document.querySelector('#field').value"), "x");
    window.clear("#field");
    assert_eq!(window.evaluate("document.querySelector('#field').value"), "");
    let picture = desktop.scratch("pictures").join("window.png");
    window.screenshot(&picture);
    assert!(picture.metadata().is_ok_and(|m| m.len() > 500));
    desktop.close_window(window);
}
