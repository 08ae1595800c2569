//! What the agent does for a route of its interface beyond the engine.

use std::sync::Arc;

use tidemark_api::server::Services;
use tokio::sync::watch;

use crate::autostart;
use crate::i18n::{Catalog, Language};
use crate::notify;

/// What the agent offers to its local interface, apart from the engine.
pub struct AgentServices {
    words: watch::Receiver<Arc<Catalog>>,
    demo: bool,
}

impl AgentServices {
    /// Hands that speak the language of the settings.
    pub const fn new(words: watch::Receiver<Arc<Catalog>>, demo: bool) -> Self {
        Self { words, demo }
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

    fn start_at_login(&self, on: bool) -> Result<(), String> {
        if self.demo {
            return Err("sample data is not started at login".to_owned());
        }
        autostart::set(on).map_err(|error| error.to_string())
    }
}
