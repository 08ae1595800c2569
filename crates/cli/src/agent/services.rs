//! What the agent does for a route of its interface beyond the engine.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use tidemark_api::server::{Installing, Services};
use tidemark_monitor::UpdateError;
use tidemark_update::{InstalledBy, Outcome, program_of};
use tokio::process::Command;
use tokio::sync::watch;

use crate::autostart;
use crate::commands::without_console;
use crate::i18n::{Catalog, Language};
use crate::notify;

/// What the agent offers to its local interface, apart from the engine.
pub struct AgentServices {
    words: watch::Receiver<Arc<Catalog>>,
    demo: bool,
    data_dir: PathBuf,
}

impl AgentServices {
    /// Hands that speak the language of the settings.
    pub const fn new(words: watch::Receiver<Arc<Catalog>>, demo: bool, data_dir: PathBuf) -> Self {
        Self { words, demo, data_dir }
    }
}

impl Services for AgentServices {
    fn test_notification(&self) -> Result<(), String> {
        let words = self.words.borrow().clone();
        // Called on a thread that may block, inside the runtime.
        tokio::runtime::Handle::current().block_on(notify::show_test(&words))
    }

    fn words(&self, language: Option<&str>) -> (String, Box<dyn tidemark_core::report::Words + Send>) {
        let own = self.words.borrow().language();
        let language = language.and_then(Language::of_locale).unwrap_or(own);
        (language.tag().to_owned(), Box::new(Catalog::new(language)))
    }

    /// A process of its own, since this one is to end: it goes on when this agent has ended.
    fn install_update(&self) -> Installing<'_> {
        Box::pin(async {
            let place = InstalledBy::of_this_program().1.ok_or(UpdateError::Managed)?;
            let program = program_of(&place);
            let mut command = Command::new(&program);
            command.args(["update", "--apply", "--data-dir"]).arg(&self.data_dir);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            #[cfg(unix)]
            command.process_group(0);
            without_console(&mut command);
            let failed = |error: std::io::Error| UpdateError::of_place(&program, &error);
            Outcome::forget(&self.data_dir);
            let status = command.spawn().map_err(failed)?.wait().await.map_err(failed)?;
            // It has ended, and this agent has not: nothing was installed, and it has written down why.
            match Outcome::last(&self.data_dir) {
                Some(_) => Ok(()),
                None => Err(UpdateError::Io { path: program.clone(), said: status.to_string() }),
            }
        })
    }

    fn start_at_login(&self, on: bool) -> Result<(), String> {
        if self.demo {
            return Err("sample data is not started at login".to_owned());
        }
        autostart::set(on).map_err(|error| error.to_string())
    }
}
