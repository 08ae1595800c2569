//! Numbers of models and origins that a log's requests are of, asked for once.

use std::collections::HashMap;

use tidemark_core::text::MAX_NAME_CHARS;

use crate::collect::Collect;
use crate::config::Config;
use crate::format::Format;
use crate::model::canonical;
use crate::provider_id::{Elsewhere, whose};
use crate::usage_deduper::{MAX_FOLDER_CHARS, Origin};

/// How many are remembered: a log has a few.
const MAX_REMEMBERED: usize = 64;

/// Numbers that were already asked for.
#[derive(Debug, Default)]
pub(crate) struct Known {
    models: HashMap<(String, String), Option<u32>>,
    origins: Origins,
}

/// Numbers of origins that were already asked for.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    numbers: HashMap<Origin, u32>,
    /// That of the request before, by session and folder as they are written: mostly the next one is from there too.
    last: Option<(String, Option<String>, u32)>,
}

impl Origins {
    /// The number of an origin.
    pub(crate) fn number(
        &mut self,
        format: Format,
        session: &str,
        project: Option<&str>,
        collect: &mut impl Collect,
    ) -> u32 {
        if let Some((before, in_project, number)) = &self.last
            && before == session
            && in_project.as_deref() == project
        {
            return *number;
        }
        let origin = Origin::of(format, session, project);
        if self.numbers.len() >= MAX_REMEMBERED {
            self.numbers.clear();
        }
        let number = *self.numbers.entry(origin).or_insert_with_key(|origin| collect.origin(origin.clone()));
        if session.len() <= MAX_FOLDER_CHARS
            && project.is_none_or(|project| project.len() <= MAX_FOLDER_CHARS)
        {
            self.last = Some((session.to_owned(), project.map(ToOwned::to_owned), number));
        }
        number
    }
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
        self.origins.number(format, session, project, collect)
    }
}
