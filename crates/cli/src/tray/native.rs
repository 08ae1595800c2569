//! The tray on macOS and Windows, by `tray-icon`.
//!
//! Untested: written from the documentation, and never run on these systems. Both want the icon to live on
//! a thread that runs the system's event loop. On Windows any thread will do, and it gets one of its own.
//! macOS allows only the process's first thread, which belongs to the engine here; until the agent's start
//! is turned round for it, no icon is shown there, and the window says so.

use tidemark_monitor::TrayState;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::action::Action;
use super::input::TrayInput;

/// Keeps an icon in the notification area until `stop`.
#[cfg(windows)]
pub async fn run(
    mut showing: watch::Receiver<TrayInput>,
    actions: mpsc::UnboundedSender<Action>,
    report: impl Fn(TrayState) + Send + Sync + 'static,
    stop: CancellationToken,
) {
    let (proxy, wait) = tokio::sync::oneshot::channel();
    let first = showing.borrow_and_update().clone();
    let thread = std::thread::Builder::new()
        .name("tidemark-tray".to_owned())
        .spawn(move || windows::event_loop(&first, actions, proxy));
    let Ok(proxy) = (match thread {
        Ok(_) => wait.await.map_err(drop),
        Err(error) => {
            tracing::warn!(%error, "the tray's thread could not be started");
            Err(())
        }
    }) else {
        report(TrayState::NoHost);
        return;
    };
    report(TrayState::Shown);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            changed = showing.changed() => {
                if changed.is_err() {
                    break;
                }
                let new = Box::new(showing.borrow_and_update().clone());
                if proxy.send_event(windows::Order::Show(new)).is_err() {
                    report(TrayState::NoHost);
                    return;
                }
            }
        }
    }
    // Where the loop has ended already there is no icon left to take away.
    let _ = proxy.send_event(windows::Order::End);
}

/// Shows nothing, and says so.
#[cfg(target_os = "macos")]
pub async fn run(
    _showing: watch::Receiver<TrayInput>,
    _wishes: mpsc::UnboundedSender<Action>,
    report: impl Fn(TrayState) + Send + Sync + 'static,
    stop: CancellationToken,
) {
    report(TrayState::NoHost);
    stop.cancelled().await;
}

#[cfg(windows)]
mod windows {
    use std::collections::HashMap;

    use tao::event::Event;
    use tao::event_loop::{ControlFlow, EventLoopBuilder, EventLoopProxy};
    use tao::platform::windows::EventLoopBuilderExtWindows as _;
    use tokio::sync::{mpsc, oneshot};
    use tray_icon::menu::{Menu, MenuEvent, MenuId, MenuItem, PredefinedMenuItem};
    use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

    use crate::tray::icon::argb;
    use crate::tray::model::{Row, TrayModel};
    use crate::tray::{Action, TrayInput};

    /// The size of an icon in the notification area at 200 %; Windows scales it down.
    const SIZE: u32 = 32;

    /// What is sent to the loop.
    pub(super) enum Order {
        Show(Box<TrayInput>),
        Chosen(MenuId),
        Clicked,
        End,
    }

    /// Runs until it is asked to end.
    pub(super) fn event_loop(
        first: &TrayInput,
        actions: mpsc::UnboundedSender<Action>,
        ready: oneshot::Sender<EventLoopProxy<Order>>,
    ) {
        let event_loop = EventLoopBuilder::<Order>::with_user_event().with_any_thread(true).build();
        let proxy = event_loop.create_proxy();
        let chosen = proxy.clone();
        MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
            let _ = chosen.send_event(Order::Chosen(event.id));
        }));
        let clicked = proxy.clone();
        TrayIconEvent::set_event_handler(Some(move |event: TrayIconEvent| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                let _ = clicked.send_event(Order::Clicked);
            }
        }));
        let mut choices = HashMap::new();
        let Some(icon) = make(&first.model(), &mut choices) else { return };
        if ready.send(proxy).is_err() {
            return;
        }
        event_loop.run(move |event, _, flow| {
            *flow = ControlFlow::Wait;
            let Event::UserEvent(order) = event else { return };
            match order {
                Order::Show(showing) => show(&icon, &showing.model(), &mut choices),
                Order::Chosen(id) => {
                    if let Some(action) = choices.get(&id) {
                        let _ = actions.send(Action::clone(action));
                    }
                }
                Order::Clicked => {
                    let _ = actions.send(Action::Open { account: None, token: None });
                }
                Order::End => *flow = ControlFlow::Exit,
            }
        });
    }

    fn make(face: &TrayModel, choices: &mut HashMap<MenuId, Action>) -> Option<TrayIcon> {
        let icon = TrayIconBuilder::new()
            .with_menu(Box::new(menu(face, choices)))
            .with_menu_on_left_click(false)
            .with_tooltip(&face.title)
            .with_icon(picture(face)?)
            .build();
        icon.map_err(|error| tracing::warn!(%error, "the tray icon could not be made")).ok()
    }

    fn show(icon: &TrayIcon, face: &TrayModel, choices: &mut HashMap<MenuId, Action>) {
        let _ = icon.set_tooltip(Some(&face.title));
        let _ = icon.set_icon(picture(face));
        icon.set_menu(Some(Box::new(menu(face, choices))));
    }

    fn picture(face: &TrayModel) -> Option<Icon> {
        let mut bytes = argb(SIZE, &face.level);
        for pixel in bytes.chunks_exact_mut(4) {
            pixel.rotate_left(1);
        }
        Icon::from_rgba(bytes, SIZE, SIZE).ok()
    }

    fn menu(face: &TrayModel, choices: &mut HashMap<MenuId, Action>) -> Menu {
        choices.clear();
        let menu = Menu::new();
        for row in &face.rows {
            // An ampersand marks the next letter as an access key; two are one.
            let added = match row {
                Row::Separator => menu.append(&PredefinedMenuItem::separator()),
                Row::Note(text) => menu.append(&MenuItem::new(text.replace('&', "&&"), false, None)),
                Row::Choice { text, action } => {
                    let item = MenuItem::new(text.replace('&', "&&"), true, None);
                    choices.insert(item.id().clone(), action.clone());
                    menu.append(&item)
                }
            };
            if let Err(error) = added {
                tracing::warn!(%error, "a row of the tray's menu is missing");
            }
        }
        menu
    }
}
