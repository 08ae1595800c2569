//! Notifications on macOS: Notification Center, which reports clicks.
//!
//! It serves applications alone, so this works from `Tidemark.app`. A program outside of one (from `cargo install`)
//! has the system's script runner show them: they then bear the name of Script Editor, and a click on one opens that.
//!
//! Compiled, and never run: written from Apple's documentation of `UNUserNotificationCenter`.

#![allow(unsafe_code, reason = "Objective-C")]

use std::panic::AssertUnwindSafe;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, mpsc as blocking};

use block2::{DynBlock, RcBlock};
use chrono::Utc;
use objc2::rc::Retained;
use objc2::runtime::{Bool, NSObject, NSObjectProtocol, ProtocolObject};
use objc2::{AllocAnyThread as _, define_class, msg_send};
use objc2_core_foundation::CFURL;
use objc2_core_services::LSRegisterURL;
use objc2_foundation::{NSBundle, NSError, NSString};
use objc2_user_notifications::{
    UNAuthorizationOptions, UNMutableNotificationContent, UNNotification,
    UNNotificationDefaultActionIdentifier, UNNotificationPresentationOptions, UNNotificationRequest,
    UNNotificationResponse, UNUserNotificationCenter, UNUserNotificationCenterDelegate,
};
use tidemark_files::{bundle, process};
use tokio::sync::mpsc;

use super::click_id;
use super::timeout::SERVICE_TIMEOUT;

/// Clicks, from the system to whoever takes them: the account, where the notification had one.
type Clicks = (mpsc::UnboundedSender<Option<i64>>, Mutex<Option<mpsc::UnboundedReceiver<Option<i64>>>>);

fn clicks() -> &'static Clicks {
    static CLICKS: OnceLock<Clicks> = OnceLock::new();
    CLICKS.get_or_init(|| {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Mutex::new(Some(receiver)))
    })
}

/// The clicks of this run, to the first who asks. Those that came before are kept.
pub(super) fn take_clicks() -> Option<mpsc::UnboundedReceiver<Option<i64>>> {
    clicks().1.lock().ok()?.take()
}

define_class!(
    // SAFETY: the superclass has no requirements, and nothing implements `Drop`.
    #[unsafe(super(NSObject))]
    #[name = "TidemarkNotificationDelegate"]
    struct Delegate;

    // SAFETY: there is nothing to uphold.
    unsafe impl NSObjectProtocol for Delegate {}

    // SAFETY: each method has the arguments that the protocol gives it.
    unsafe impl UNUserNotificationCenterDelegate for Delegate {
        /// Shown also while this application is in front.
        #[unsafe(method(userNotificationCenter:willPresentNotification:withCompletionHandler:))]
        fn will_present(
            &self,
            _center: &UNUserNotificationCenter,
            _notification: &UNNotification,
            done: &DynBlock<dyn Fn(UNNotificationPresentationOptions)>,
        ) {
            done.call((UNNotificationPresentationOptions::Banner | UNNotificationPresentationOptions::List,));
        }

        #[unsafe(method(userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:))]
        fn did_receive(
            &self,
            _center: &UNUserNotificationCenter,
            response: &UNNotificationResponse,
            done: &DynBlock<dyn Fn()>,
        ) {
            // SAFETY: a constant of the system's.
            let is_click = *response.actionIdentifier() == *unsafe { UNNotificationDefaultActionIdentifier };
            if is_click {
                let id = response.notification().request().identifier().to_string();
                // It is kept until someone takes it.
                let _ = clicks().0.send(click_id::account(&id));
            }
            done.call(());
        }
    }
);

impl Delegate {
    fn new() -> Retained<Self> {
        let this = Self::alloc().set_ivars(());
        // SAFETY: the initialiser of `NSObject` has this form.
        unsafe { msg_send![super(this), init] }
    }
}

/// Notification Center, where this process is in an application.
fn center() -> Option<Retained<UNUserNotificationCenter>> {
    let program = process::own_program().ok()?;
    let application = bundle::of(&program)?;
    let id = NSBundle::mainBundle().bundleIdentifier()?.to_string();
    if id != bundle::AGENT_ID {
        return None;
    }
    // The system knows an application once it has seen it in Finder; one inside another it has not.
    let registered = CFURL::from_directory_path(application).map(|place| {
        // SAFETY: the address is valid for as long as the call lasts.
        unsafe { LSRegisterURL(&place, false) }
    });
    if registered.is_none_or(|status| status != 0) {
        tracing::debug!(?registered, "the agent's application could not be registered");
    }
    // It raises an exception for a process that it does not know as an application's.
    match objc2::exception::catch(AssertUnwindSafe(UNUserNotificationCenter::currentNotificationCenter)) {
        Ok(center) => Some(center),
        Err(exception) => {
            tracing::warn!(?exception, "Notification Center does not serve this program");
            None
        }
    }
}

/// Has clicks reported from now on. To be called before the event loop runs, so that a click that started this process
/// is reported too.
pub(super) fn listen() {
    if let Some(center) = center() {
        let delegate = Delegate::new();
        center.setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
        // The center does not keep it; it is needed until the process ends.
        std::mem::forget(delegate);
    }
}

/// Asks the user for the permission, once; the system remembers the answer.
pub(super) fn ask_for_permission() {
    if let Some(center) = center() {
        center.requestAuthorizationWithOptions_completionHandler(
            UNAuthorizationOptions::Alert,
            &RcBlock::new(|granted: Bool, error: *mut NSError| {
                // SAFETY: the system gives an error or none.
                let error = unsafe { error.as_ref() }.map(|error| error.localizedDescription().to_string());
                tracing::info!(granted = granted.as_bool(), error, "permission for notifications");
            }),
        );
    }
}

/// Shows one, whose click leads to an account; waits for the system.
pub(super) fn show(title: &str, body: &str, account: Option<i64>) -> Result<(), String> {
    let Some(center) = center() else { return show_by_script(title, body) };
    if !is_permitted(&center)? {
        return Err("notifications are off for Tidemark in the system's settings".to_owned());
    }
    let content = UNMutableNotificationContent::new();
    content.setTitle(&NSString::from_str(title));
    content.setBody(&NSString::from_str(body));
    let id = NSString::from_str(&click_id::new(account, Utc::now().timestamp_millis()));
    let request = UNNotificationRequest::requestWithIdentifier_content_trigger(&id, &content, None);
    let (answer, answered) = blocking::channel();
    let done = RcBlock::new(move |error: *mut NSError| {
        // No one waits for a late answer.
        let _ = answer.send(said(error));
    });
    center.addNotificationRequest_withCompletionHandler(&request, Some(&done));
    match answered.recv_timeout(SERVICE_TIMEOUT) {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(why),
        Err(_) => Err("Notification Center did not answer".to_owned()),
    }
}

/// Whether the user allows notifications. Asks where that is not known yet, and does not wait for long: the question
/// stays on the screen until it is answered.
fn is_permitted(center: &UNUserNotificationCenter) -> Result<bool, String> {
    let (answer, answered) = blocking::channel();
    let done = RcBlock::new(move |granted: Bool, error: *mut NSError| {
        let _ = answer.send((granted.as_bool(), said(error)));
    });
    center.requestAuthorizationWithOptions_completionHandler(UNAuthorizationOptions::Alert, &done);
    match answered.recv_timeout(SERVICE_TIMEOUT) {
        Ok((true, _)) => Ok(true),
        Ok((false, None)) => Ok(false),
        Ok((false, Some(why))) => Err(why),
        Err(_) => Err("it is not yet allowed: macOS asks whether Tidemark may show notifications".to_owned()),
    }
}

fn said(error: *mut NSError) -> Option<String> {
    // SAFETY: the system gives an error that lives until the block returns, or none.
    unsafe { error.as_ref() }.map(|error| error.localizedDescription().to_string())
}

/// Shows one by the system's script runner. The texts are arguments, and no part of the script.
fn show_by_script(title: &str, body: &str) -> Result<(), String> {
    const SCRIPT: [&str; 3] =
        ["on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run"];
    let mut runner = Command::new("/usr/bin/osascript");
    for line in SCRIPT {
        runner.args(["-e", line]);
    }
    let done =
        runner.args(["--", title, body]).stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()) }
}
