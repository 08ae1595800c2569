//! Whose a request is that was sent by a program for models of any provider.
//!
//! By the provider where the log names one and its address is known; else by the provider's name, then by the model's. A
//! model that is named as Kimi's are and runs elsewhere is somebody else's. One that nothing connects with Kimi is left out:
//! such programs are mostly used for other models.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tidemark_core::text;
use tidemark_core::{Region, Source};
use tidemark_files::read;

use crate::config::{Config, Provider, is_kimis_address, sounds_like_kimi};
use crate::json_comments;
use crate::model::{self, Party};

/// The largest configuration that is read, in bytes; real ones have some kilobytes.
const MAX_LEN: u64 = 4 << 20;

/// The ids under which the public catalogue of models lists Kimi's services, and what they stand for.
const KNOWN: [(&str, Source, Region); 8] = [
    ("kimi-for-coding", Source::KimiCode, Region::China),
    ("kimi-for-coding-cn", Source::KimiCode, Region::China),
    ("kimi-code-plan-cn", Source::KimiCode, Region::China),
    ("kimi-code-plan-global", Source::KimiCode, Region::Global),
    ("kimi-coding", Source::KimiCode, Region::China),
    ("moonshotai", Source::Platform, Region::Global),
    ("moonshotai-cn", Source::Platform, Region::China),
    ("moonshot-cn", Source::Platform, Region::China),
];

/// A program's providers, by their ids: first those that are known, then what its own configuration says.
#[derive(Debug)]
pub(crate) struct Providers(HashMap<String, Provider>);

impl Providers {
    /// Those that are known without any configuration.
    pub(crate) fn known() -> Self {
        let provider = |source: Source, region| Provider {
            kimi: true,
            base_url: Some(source.base_url(region).to_owned()),
            ..Provider::default()
        };
        Self(
            KNOWN.into_iter().map(|(id, source, region)| (id.to_owned(), provider(source, region))).collect(),
        )
    }

    /// Takes over what a configuration says of a provider: its address, and its key, of which only a hash is kept.
    pub(crate) fn configure(&mut self, id: &str, address: Option<&str>, key: Option<&str>) {
        let id = text::name(id);
        let known = self.0.get(&id).cloned();
        let address = address.map(str::trim).filter(|address| is_literal(address));
        let mut provider =
            known.unwrap_or_else(|| Provider { kimi: sounds_like_kimi(&id), ..Provider::default() });
        if let Some(address) = address {
            provider.kimi = is_kimis_address(address);
            provider.base_url = Some(text::name(address));
        }
        if let Some(key) = key.map(str::trim).filter(|key| is_literal(key)) {
            provider.key_digest = Some(Sha256::digest(key).into());
        }
        self.0.insert(id, provider);
    }

    /// The same as a configuration.
    pub(crate) fn config(self) -> Config {
        Config::of_providers(self.0)
    }
}

/// Whether a value stands in the configuration itself: not empty, and no reference to a variable or a file.
fn is_literal(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['{', '$'])
}

/// Which providers are at other addresses than Kimi's although no configuration says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere<'o> {
    /// All whose names do not say that they are Kimi's: the program has a catalogue of providers, and those of Kimi's
    /// services are known.
    Others,
    /// These: ids are the user's own.
    These(&'o [&'o str]),
}

impl Elsewhere<'_> {
    fn holds(self, provider: &str) -> bool {
        match self {
            Self::Others => true,
            Self::These(names) => names.iter().any(|name| name.eq_ignore_ascii_case(provider)),
        }
    }
}

/// Who runs a model, and at which provider of the configuration. `None` where nothing connects it with Kimi.
pub(crate) fn whose<'c>(
    config: &'c Config,
    elsewhere: Elsewhere<'_>,
    provider: Option<&str>,
    model: &str,
) -> Option<(Party, Option<&'c str>)> {
    let is_kimi = model::is_kimi(model);
    let others = || is_kimi.then_some((Party::Third, None));
    if let Some(named) = provider.filter(|provider| !provider.is_empty()) {
        if let Some((name, known)) = config.provider(named) {
            return if known.kimi { Some((Party::Kimi, Some(name))) } else { others() };
        }
        if sounds_like_kimi(named) {
            return Some((Party::Kimi, None));
        }
        if elsewhere.holds(named) {
            return others();
        }
    }
    // Relays write whose model it is in front of it.
    if model.contains('/') {
        return others();
    }
    is_kimi.then_some((Party::Kimi, None))
}

/// A configuration in JSON, which may have comments in it; `None` where there is none that can be read.
pub(crate) fn json(path: &Path) -> Option<Value> {
    let bytes = read::bytes(path, MAX_LEN).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    serde_json::from_str(&json_comments::without(&text)).ok()
}

/// All of these configurations that can be read.
pub(crate) fn all_json(paths: &[PathBuf]) -> impl Iterator<Item = Value> {
    paths.iter().filter_map(|path| json(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_address_then_by_names() {
        let config = Config::of_providers([
            ("mine".to_owned(), Provider::at("https://api.moonshot.cn/v1", None)),
            ("rented".to_owned(), Provider::at("https://gpu.example.net/v1", None)),
            ("kimi-relay".to_owned(), Provider::at("https://relay.example.net/kimi.com", None)),
        ]);
        for (provider, model, expected) in [
            (Some("mine"), "kimi-k3", Some((Party::Kimi, Some("mine")))),
            (Some("mine"), "made-up", Some((Party::Kimi, Some("mine")))),
            (Some("rented"), "kimi-k3", Some((Party::Third, None))),
            (Some("rented"), "glm-5", None),
            (Some("kimi-relay"), "k3", Some((Party::Third, None))),
            (Some("kimi-for-coding"), "k3", Some((Party::Kimi, None))),
            (Some("Moonshot"), "thing", Some((Party::Kimi, None))),
            (Some("OpenAI"), "kimi-k3", Some((Party::Third, None))),
            (Some("openai"), "gpt-5", None),
            (Some("unknown"), "kimi-k2.6", Some((Party::Kimi, None))),
            (Some("unknown"), "moonshotai/kimi-k2.6", Some((Party::Third, None))),
            (Some("unknown"), "claude-opus-5", None),
            (Some(""), "kimi-k2.6", Some((Party::Kimi, None))),
            (None, "moonshot-v1-8k", Some((Party::Kimi, None))),
            (None, "anthropic/claude", None),
        ] {
            assert_eq!(
                whose(&config, Elsewhere::These(&["openai"]), provider, model),
                expected,
                "{provider:?} {model}"
            );
        }
    }

    #[test]
    fn by_the_ids_of_a_catalogue() {
        type Whose = Option<(Party, Option<&'static str>)>;
        let mut providers = Providers::known();
        providers.configure("gate", Some("https://api.kimi.com/coding/v1"), Some("sk-one"));
        providers.configure("moonshotai", Some("https://gpu.example.net/v1"), None);
        providers.configure("kimi-code-plan-cn", None, Some("{env:KIMI_API_KEY}"));
        providers.configure("my-kimi", None, None);
        let config = providers.config();
        let table: [(&str, &str, Whose); 10] = [
            ("kimi-for-coding", "k3", Some((Party::Kimi, Some("kimi-for-coding")))),
            ("kimi-code-plan-global", "k3-256k", Some((Party::Kimi, Some("kimi-code-plan-global")))),
            ("moonshotai-cn", "kimi-k3", Some((Party::Kimi, Some("moonshotai-cn")))),
            ("gate", "some-model", Some((Party::Kimi, Some("gate")))),
            // Its address was changed to somebody else's.
            ("moonshotai", "kimi-k3", Some((Party::Third, None))),
            ("moonshotai", "other", None),
            ("opencode-go", "kimi-k3", Some((Party::Third, None))),
            ("openrouter", "moonshotai/kimi-k3", Some((Party::Third, None))),
            ("my-kimi", "k3", Some((Party::Kimi, Some("my-kimi")))),
            ("anthropic", "claude-opus-4-1", None),
        ];
        for (id, model, expected) in table {
            let found = whose(&config, Elsewhere::Others, Some(id), model);
            assert_eq!(found, expected, "{id} {model}");
        }
        let provider = |id| config.providers().find(|(name, _)| *name == id).unwrap().1.clone();
        assert_eq!(provider("gate").key_digest, Some(Sha256::digest("sk-one").into()));
        assert_eq!(provider("kimi-code-plan-cn").key_digest, None, "a reference is no key");
        assert_eq!(
            provider("kimi-code-plan-global").base_url.as_deref(),
            Some("https://api.kimi.ai/coding/v1")
        );
    }
}
