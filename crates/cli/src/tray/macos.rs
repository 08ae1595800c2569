//! The tray on macOS: an item in the menu bar, by `tray-icon`.
//!
//! AppKit belongs to the process's first thread. So the agent runs on another one, and the first runs AppKit's event
//! loop (`beside_event_loop`); what is to be shown is sent to the loop.
//!
//! Compiled, and never run: written from the sources of `tray-icon` and `tao` and Apple's documentation.

use std::sync::OnceLock;
use std::sync::mpsc as blocking;
use std::time::{Duration, Instant};

use objc2::MainThreadMarker;
use objc2_core_graphics::CGSessionCopyCurrentDictionary;
use objc2_foundation::{NSActivityOptions, NSProcessInfo, NSSize, ns_string};
use tao::event::{Event, StartCause};
use tao::event_loop::{ControlFlow, EventLoop, EventLoopBuilder, EventLoopProxy};
use tao::platform::macos::{ActivationPolicy, EventLoopExtMacOS as _};
use tao::platform::run_return::EventLoopExtRunReturn as _;
use tidemark_monitor::TrayState;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tray_icon::menu::{MenuEvent, MenuId};
use tray_icon::{Icon, TrayIcon, TrayIconBuilder};

use super::action::Action;
use super::icon::{Severity, argb, stencil};
use super::input::TrayInput;
use super::menu::TrayMenu;
use super::model::TrayModel;
use crate::notify;

/// The icon's width and height in pixels: 18 points, as other items have, on a display with two pixels a point.
const ICON_PIXELS: u32 = 36;
/// What makes 18 points of them: the system takes a pixel for a point.
const ICON_POINTS: f64 = 18.0;
/// How often a menu that nothing else changes gets its times again.
const REFRESH_INTERVAL: Duration = Duration::from_secs(30);
/// How long the system is kept waiting at a logout until the agent has ended.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// The way to the event loop, where one runs.
static EVENT_LOOP: OnceLock<EventLoopProxy<Order>> = OnceLock::new();

/// What is sent to the loop.
enum Order {
    /// Make the item, and say whether there is one.
    Begin { first: Box<TrayInput>, actions: mpsc::UnboundedSender<Action>, made: oneshot::Sender<bool> },
    /// Show this from now on.
    Show(Box<TrayInput>),
    /// An entry of the menu was chosen.
    Chosen(MenuId),
    /// Take the item away.
    Remove,
    /// The agent has ended.
    Ended,
}

/// Runs the agent on another thread, and AppKit's event loop on this one, the process's first, until the agent has
/// ended. Where no windows can be shown, such as in a session over SSH, the agent runs on this thread, without an icon.
pub fn beside_event_loop<T: Send>(wanted: bool, agent: impl FnOnce() -> T + Send) -> T {
    if !wanted || !has_screen() {
        return agent();
    }
    let mut event_loop = EventLoopBuilder::<Order>::with_user_event().build();
    // No icon in the Dock, no menu bar of its own, and no focus taken from the window in front.
    event_loop.set_activation_policy(ActivationPolicy::Accessory);
    event_loop.set_activate_ignoring_other_apps(false);
    let proxy = event_loop.create_proxy();
    let chosen = proxy.clone();
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = chosen.send_event(Order::Chosen(event.id));
    }));
    let _ = EVENT_LOOP.set(proxy.clone());
    // Before the loop begins: a click on a notification may be what started this process.
    notify::listen_for_clicks();
    // Without a window in sight the system would let timers wait for minutes.
    let _activity = NSProcessInfo::processInfo().beginActivityWithOptions_reason(
        NSActivityOptions::UserInitiatedAllowingIdleSystemSleep,
        ns_string!("Usage is polled on time"),
    );
    let (end, ended) = blocking::channel();
    let result = std::thread::scope(|scope| {
        let agent = scope.spawn(move || {
            let _announce = Announce { end, proxy };
            agent()
        });
        run_loop(&mut event_loop, &ended);
        agent.join()
    });
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Whether this session shows windows.
fn has_screen() -> bool {
    CGSessionCopyCurrentDictionary().is_some()
}

/// Says that the agent has ended, also where it panics.
struct Announce {
    end: blocking::Sender<()>,
    proxy: EventLoopProxy<Order>,
}

impl Drop for Announce {
    fn drop(&mut self) {
        let _ = self.end.send(());
        let _ = self.proxy.send_event(Order::Ended);
    }
}

fn run_loop(event_loop: &mut EventLoop<Order>, ended: &blocking::Receiver<()>) {
    let mut item: Option<Item> = None;
    let mut is_over = false;
    event_loop.run_return(|event, _, flow| {
        match event {
            Event::UserEvent(Order::Begin { first, actions, made }) => {
                item = Item::new(*first, actions);
                let _ = made.send(item.is_some());
            }
            Event::UserEvent(Order::Show(new)) => {
                if let Some(item) = &mut item {
                    item.show(*new);
                }
            }
            Event::UserEvent(Order::Chosen(id)) => {
                if let Some(item) = &item
                    && let Some(action) = item.menu.action(&id)
                {
                    item.send(action.clone());
                }
            }
            Event::UserEvent(Order::Remove) => item = None,
            Event::UserEvent(Order::Ended) => {
                item = None;
                is_over = true;
            }
            Event::NewEvents(StartCause::ResumeTimeReached { .. }) => {
                if let Some(item) = &mut item {
                    item.refresh();
                }
            }
            // The application was opened again.
            Event::Reopen { .. } => {
                if let Some(item) = &item {
                    item.send(Action::Open { account: None, token: None });
                }
            }
            // At a logout, or where another program asks this one to quit. The process ends when this returns.
            Event::LoopDestroyed if !is_over => {
                if let Some(item) = &item {
                    item.send(Action::End);
                    let _ = ended.recv_timeout(END_TIMEOUT);
                }
            }
            _ => {}
        }
        *flow = if is_over {
            ControlFlow::Exit
        } else if let Some(item) = &item {
            ControlFlow::WaitUntil(item.shown + REFRESH_INTERVAL)
        } else {
            ControlFlow::Wait
        };
    });
}

/// The item in the menu bar. It goes with this value.
struct Item {
    icon: TrayIcon,
    menu: TrayMenu,
    input: TrayInput,
    actions: mpsc::UnboundedSender<Action>,
    /// When texts and picture were made.
    shown: Instant,
}

impl Item {
    fn new(input: TrayInput, actions: mpsc::UnboundedSender<Action>) -> Option<Self> {
        let model = input.model();
        let menu = TrayMenu::new(model.rows.clone());
        let (picture, is_stencil) = picture(&model)?;
        let builder = TrayIconBuilder::new().with_menu(Box::new(menu.menu())).with_tooltip(&model.title);
        let builder =
            if is_stencil { builder.with_icon_templated(picture) } else { builder.with_icon(picture) };
        let icon = builder
            .build()
            .map_err(|error| tracing::warn!(%error, "the item in the menu bar could not be made"))
            .ok()?;
        set_points(&icon);
        Some(Self { icon, menu, input, actions, shown: Instant::now() })
    }

    fn show(&mut self, input: TrayInput) {
        self.input = input;
        self.refresh();
    }

    /// Shows what is right now: counted-down times too.
    fn refresh(&mut self) {
        self.shown = Instant::now();
        let model = self.input.model();
        // What the system refuses stays as it was until the next time.
        let _ = self.icon.set_tooltip(Some(&model.title));
        if let Some((picture, is_stencil)) = picture(&model) {
            let picture = Some(picture);
            let _ =
                if is_stencil { self.icon.set_icon_templated(picture) } else { self.icon.set_icon(picture) };
            set_points(&self.icon);
        }
        if !self.menu.update(&model.rows) {
            self.menu = TrayMenu::new(model.rows);
            self.icon.set_menu(Some(Box::new(self.menu.menu())));
        }
    }

    fn send(&self, action: Action) {
        // There is no receiver any more while the agent ends.
        let _ = self.actions.send(action);
    }
}

/// The icon, and whether it is a stencil: the system paints that one as it paints its own, black or white as the menu
/// bar needs it. Where something runs low or is wrong, the icon has colours of its own.
fn picture(model: &TrayModel) -> Option<(Icon, bool)> {
    let is_stencil = matches!(model.level.mood, Severity::Calm | Severity::Unknown);
    let draw = if is_stencil { stencil } else { argb };
    let mut bytes = draw(ICON_PIXELS, &model.level);
    for pixel in bytes.chunks_exact_mut(4) {
        pixel.rotate_left(1);
    }
    Some((Icon::from_rgba(bytes, ICON_PIXELS, ICON_PIXELS).ok()?, is_stencil))
}

/// Has the picture drawn at its size in points: sharp on a display with two pixels a point, and not as high as the bar.
fn set_points(icon: &TrayIcon) {
    let Some(thread) = MainThreadMarker::new() else { return };
    let Some(button) = icon.ns_status_item().and_then(|item| item.button(thread)) else { return };
    if let Some(image) = button.image() {
        image.setSize(NSSize::new(ICON_POINTS, ICON_POINTS));
        button.setImage(Some(&image));
    }
}

/// Keeps an item in the menu bar until `stop`.
pub async fn run(
    mut showing: watch::Receiver<TrayInput>,
    actions: mpsc::UnboundedSender<Action>,
    report: impl Fn(TrayState) + Send + Sync + 'static,
    stop: CancellationToken,
) {
    let Some(event_loop) = EVENT_LOOP.get() else {
        report(TrayState::NoHost);
        return;
    };
    let (made, is_made) = oneshot::channel();
    let first = Box::new(showing.borrow_and_update().clone());
    let begun = event_loop.send_event(Order::Begin { first, actions, made }).is_ok();
    if !begun || !is_made.await.unwrap_or(false) {
        report(TrayState::NoHost);
        return;
    }
    report(TrayState::Shown);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            changed = showing.changed() => {
                if changed.is_err() {
                    break;
                }
                let new = Box::new(showing.borrow_and_update().clone());
                if event_loop.send_event(Order::Show(new)).is_err() {
                    report(TrayState::NoHost);
                    return;
                }
            }
        }
    }
    // Where the loop has ended already, there is no item left.
    let _ = event_loop.send_event(Order::Remove);
}
