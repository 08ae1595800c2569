//! tidemark-desktop: the window, and nothing else. It starts the agent where none runs, hands the page's
//! requests to it, and ends when it is closed; the agent goes on.

// Also while it is developed: what is tried is what is shipped. Tests write to a console.
#![cfg_attr(not(test), windows_subsystem = "windows")]

mod allowed_requests;
mod arguments;
#[allow(clippy::needless_pass_by_value, reason = "a command's arguments are handed over by the toolkit")]
mod bridge;
mod command_line;
#[cfg(windows)]
mod console;
mod download;
mod external_links;
mod failure;
#[cfg(target_os = "macos")]
mod menu;
#[cfg(windows)]
mod message_box;
mod second_start;
mod sidecar;
mod single_instance;
#[cfg(any(target_os = "macos", windows, test))]
mod system_texts;
#[cfg(windows)]
mod webview_runtime;
mod window;
#[cfg(any(target_os = "macos", all(unix, test)))]
mod window_socket;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::{Arguments, Only};
use bridge::Bridge;
use tauri::{Manager as _, RunEvent};
use tauri_plugin_window_state::StateFlags;

fn main() -> ExitCode {
    // A key that is typed is in this process for a moment.
    tidemark_files::process::no_core_files();
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    if command_line::is_meant(&given) {
        return command_line::run(&given);
    }
    let arguments = match Arguments::parse(given) {
        Ok(arguments) => arguments,
        Err(error) => {
            #[cfg(windows)]
            console::attach();
            eprintln!("tidemark-desktop: {error}");
            return ExitCode::from(2);
        }
    };
    let said = match arguments.only {
        Some(Only::Help) => Some(arguments::HELP.to_owned()),
        Some(Only::Version) => Some(format!("tidemark-desktop {}\n", env!("CARGO_PKG_VERSION"))),
        Some(Only::Agent) | None => None,
    };
    if let Some(text) = said {
        #[cfg(windows)]
        console::attach();
        // Whoever asked has closed the pipe, then.
        let _ = std::io::stdout().write_all(text.as_bytes());
        return ExitCode::SUCCESS;
    }
    let Some(data_dir) = tidemark_api::paths::data_dir(arguments.data_dir.as_deref()) else {
        eprintln!("tidemark-desktop: there is no home folder; name a folder with --data-dir");
        return ExitCode::FAILURE;
    };
    if arguments.only == Some(Only::Agent) {
        return start_agent(&data_dir);
    }
    // Before an agent is started that no window would show.
    #[cfg(windows)]
    if let Some(status) = webview_runtime::missing() {
        return status;
    }
    match run(&arguments, data_dir) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tidemark-desktop: the window did not open: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, data_dir: PathBuf) -> tauri::Result<ExitCode> {
    // Visible and decorated it always is; what is remembered is where, and how large.
    let remembered = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    let (demo, page) = (arguments.demo, arguments.page);
    let mut builder = tauri::Builder::default();
    if !demo {
        // First of all plugins: a second start ends here, before it has made anything.
        builder = builder.plugin(single_instance::plugin(&data_dir, second_start::started_again));
    }
    #[cfg(target_os = "macos")]
    let builder = builder.menu(menu::make);
    let app = builder
        .plugin(tauri_plugin_window_state::Builder::new().with_state_flags(remembered).build())
        .manage(Bridge::new(data_dir, arguments.account, second_start::started_again))
        .invoke_handler(tauri::generate_handler![
            bridge::request,
            bridge::save,
            bridge::save_contents,
            bridge::subscribe,
            bridge::agent,
            bridge::open_external
        ])
        .setup(move |app| {
            start(app.handle().clone(), demo);
            #[cfg(unix)]
            end_when_told(app.handle().clone());
            window::open(app, page)?;
            Ok(())
        })
        .build(tauri::generate_context!())?;
    let code = app.run_return(|app, event| match event {
        RunEvent::Exit => {
            let bridge = app.state::<Bridge>();
            tauri::async_runtime::block_on(bridge.end());
        }
        // Its icon in the Dock was clicked, or it was opened again.
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::raise(app),
        _ => {}
    });
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Makes sure that an agent runs, and opens no window.
fn start_agent(data_dir: &Path) -> ExitCode {
    match tauri::async_runtime::block_on(sidecar::ensure_running(data_dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidemark-desktop: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Has an agent started while the window is being made.
fn start(app: tauri::AppHandle, demo: bool) {
    tauri::async_runtime::spawn(async move {
        let bridge = app.state::<Bridge>();
        let started = if demo { bridge.show_sample(&app).await } else { bridge.start_agent().await };
        if let Err(error) = started {
            // The page learns it with the state of the line; a terminal, if there is one, here.
            eprintln!("tidemark-desktop: {error}");
        }
    });
}

/// A logout or Ctrl-C ends the window as closing it does: its place is remembered, sample data cleaned up.
#[cfg(unix)]
fn end_when_told(app: tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    tauri::async_runtime::spawn(async move {
        let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
        let [Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)] = kinds.map(signal) else {
            return; // signals then end it at once, as they do by default
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
        app.exit(0);
    });
}
