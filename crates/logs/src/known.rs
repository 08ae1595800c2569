//! Numbers of models and origins that a log's requests are of, asked for once.

use std::collections::HashMap;

use tidemark_core::text::MAX_NAME_CHARS;

use crate::collect::Collect;
use crate::config::Config;
use crate::format::Format;
use crate::model::canonical;
use crate::provider_id::{Elsewhere, whose};
use crate::usage_deduper::Origin;

/// How many are remembered: a log has a few.
const MAX_REMEMBERED: usize = 64;

/// Numbers that were already asked for.
#[derive(Debug, Default)]
pub(crate) struct Known {
    models: HashMap<(String, String), Option<u32>>,
    origins: HashMap<Origin, u32>,
}

impl Known {
    /// The number of a model at a provider; `None` where nothing connects it with Kimi.
    pub(crate) fn model(
        &mut self,
        config: &Config,
        elsewhere: Elsewhere<'_>,
        provider: Option<&str>,
        written: &str,
        collect: &mut impl Collect,
    ) -> Option<u32> {
        let key = (written.to_owned(), provider.unwrap_or_default().to_owned());
        if let Some(number) = self.models.get(&key) {
            return *number;
        }
        let whose = whose(config, elsewhere, provider, written);
        let number = whose.map(|(party, provider)| collect.model(canonical(written), party, provider));
        if key.0.len().max(key.1.len()) <= MAX_NAME_CHARS {
            if self.models.len() >= MAX_REMEMBERED {
                self.models.clear();
            }
            self.models.insert(key, number);
        }
        number
    }

    /// The number of an origin.
    pub(crate) fn origin(
        &mut self,
        format: Format,
        session: &str,
        project: Option<&str>,
        collect: &mut impl Collect,
    ) -> u32 {
        let origin = Origin::of(format, session, project);
        if self.origins.len() >= MAX_REMEMBERED {
            self.origins.clear();
        }
        *self.origins.entry(origin).or_insert_with_key(|origin| collect.origin(origin.clone()))
    }
}
