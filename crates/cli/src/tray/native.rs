//! The tray on Windows, by `tray-icon`: an icon in the notification area.
//!
//! Compiled and run under Wine, never on Windows itself. The icon lives on a thread of its own, which runs the system's
//! event loop.

use tidemark_monitor::TrayState;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::action::Action;
use super::input::TrayInput;

/// Keeps an icon in the notification area until `stop`.
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

mod windows {
    use tao::event::Event;
    use tao::event_loop::{ControlFlow, EventLoopBuilder, EventLoopProxy};
    use tao::platform::windows::EventLoopBuilderExtWindows as _;
    use tokio::sync::{mpsc, oneshot};
    use tray_icon::menu::{MenuEvent, MenuId};
    use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

    use crate::tray::icon::argb;
    use crate::tray::menu::TrayMenu;
    use crate::tray::model::TrayModel;
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
        let model = first.model();
        let mut menu = TrayMenu::new(model.rows.clone());
        let Some(icon) = make(&model, &menu) else { return };
        if ready.send(proxy).is_err() {
            return;
        }
        event_loop.run(move |event, _, flow| {
            *flow = ControlFlow::Wait;
            let Event::UserEvent(order) = event else { return };
            match order {
                Order::Show(showing) => show(&icon, showing.model(), &mut menu),
                Order::Chosen(id) => {
                    if let Some(action) = menu.action(&id) {
                        let _ = actions.send(action.clone());
                    }
                }
                Order::Clicked => {
                    let _ = actions.send(Action::Open { account: None, token: None });
                }
                Order::End => *flow = ControlFlow::Exit,
            }
        });
    }

    fn make(model: &TrayModel, menu: &TrayMenu) -> Option<TrayIcon> {
        let icon = TrayIconBuilder::new()
            .with_menu(Box::new(menu.menu()))
            .with_menu_on_left_click(false)
            .with_tooltip(&model.title)
            .with_icon(picture(model)?)
            .build();
        icon.map_err(|error| tracing::warn!(%error, "the tray icon could not be made")).ok()
    }

    fn show(icon: &TrayIcon, model: TrayModel, menu: &mut TrayMenu) {
        let _ = icon.set_tooltip(Some(&model.title));
        let _ = icon.set_icon(picture(&model));
        if !menu.update(&model.rows) {
            *menu = TrayMenu::new(model.rows);
            icon.set_menu(Some(Box::new(menu.menu())));
        }
    }

    fn picture(model: &TrayModel) -> Option<Icon> {
        let mut bytes = argb(SIZE, &model.level);
        for pixel in bytes.chunks_exact_mut(4) {
            pixel.rotate_left(1);
        }
        Icon::from_rgba(bytes, SIZE, SIZE).ok()
    }
}
