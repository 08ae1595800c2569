//! Whose service a provider is that another program names by an id.

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

/// Who runs a model at a provider, and which of the configuration's it is. `None` where it is none of Kimi's models, and
/// at none of Kimi's services.
pub(crate) fn party<'c>(config: &'c Config, id: &str, model: &str) -> Option<(Party, Option<&'c str>)> {
    let others = || model::is_kimi(model).then_some(Party::Third);
    if let Some((name, provider)) = config.providers().find(|(name, _)| *name == id) {
        return Some((if provider.kimi { Party::Kimi } else { others()? }, Some(name)));
    }
    let is_kimis = sounds_like_kimi(id);
    Some((if is_kimis { Party::Kimi } else { others()? }, None))
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
    fn whose_a_model_is() {
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
            ("moonshotai", "kimi-k3", Some((Party::Third, Some("moonshotai")))),
            ("moonshotai", "other", None),
            ("opencode-go", "kimi-k3", Some((Party::Third, None))),
            ("openrouter", "moonshotai/kimi-k3", Some((Party::Third, None))),
            ("my-kimi", "k3", Some((Party::Kimi, Some("my-kimi")))),
            ("anthropic", "claude-opus-4-1", None),
        ];
        for (id, model, expected) in table {
            assert_eq!(party(&config, id, model), expected, "{id} {model}");
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
