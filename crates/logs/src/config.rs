//! What the command lines' own configuration says about models: which alias stands for which model, and
//! at which provider it runs. `config.toml` in both programs; very old ones had `config.json`.
//!
//! It is today's configuration; what an alias stood for when a record was written is not kept anywhere.
//! Of a key that stands in it, a hash is held in memory, to compare it with that of an account; it goes no
//! further.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tidemark_core::text;
use tidemark_files::read;

use crate::fingerprint::Fingerprint;
use crate::kimi_code::parse::Request;
use crate::model::{self, Party};

/// Such a file has some kilobytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The longest address that is kept.
const MAX_ADDRESS_CHARS: usize = 500;

/// What is known of models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    models: HashMap<String, Model>,
    /// The providers, by their names.
    providers: HashMap<String, Provider>,
    /// The alias that is used where nothing else is said.
    pub(crate) default_model: Option<String>,
    /// The alias of the model that subagents use.
    pub(crate) secondary_model: Option<String>,
}

/// Where requests go, as a command line's configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provider {
    /// Whether it is one of Kimi's services.
    pub kimi: bool,
    /// Its address, where one is given.
    pub base_url: Option<String>,
    /// The SHA-256 of its key, where the key stands in the configuration. For comparing only.
    pub key_digest: Option<[u8; 32]>,
    /// It is signed in to with the command line's own login.
    pub login: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    name: Option<String>,
    provider: Option<String>,
}

impl Config {
    /// The configuration in a program's folder; an empty one where there is none that can be read.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let toml = contents(&folder.join("config.toml")).and_then(|text| toml::from_str::<Value>(&text).ok());
        let json = || contents(&folder.join("config.json")).and_then(|text| serde_json::from_str(&text).ok());
        toml.or_else(json).map_or_else(Self::default, |value| Self::of(&value))
    }

    fn of(value: &Value) -> Self {
        let word = |value: &Value, key: &str| {
            value.get(key).and_then(Value::as_str).filter(|word| !word.is_empty()).map(text::name)
        };
        let table = |key: &str| value.get(key).and_then(Value::as_object).into_iter().flatten();
        let secondary = value.get("secondary_model");
        Self {
            models: table("models")
                .map(|(alias, entry)| {
                    (alias.clone(), Model { name: word(entry, "model"), provider: word(entry, "provider") })
                })
                .collect(),
            providers: table("providers")
                .map(|(name, entry)| {
                    let provider = Provider {
                        kimi: is_kimis(name, entry),
                        base_url: word(entry, "base_url"),
                        key_digest: entry
                            .get("api_key")
                            .and_then(Value::as_str)
                            .filter(|key| !key.is_empty())
                            .map(|key| Sha256::digest(key.trim()).into()),
                        login: entry.get("oauth").is_some_and(Value::is_object),
                    };
                    (text::name(name), provider)
                })
                .collect(),
            default_model: word(value, "default_model").or_else(|| word(value, "model")),
            secondary_model: secondary.and_then(|secondary| {
                // Named `model` at first, `default_model` later.
                word(secondary, "model").or_else(|| word(secondary, "default_model"))
            }),
        }
    }

    /// The model that a name in a log stands for, and whose it is.
    pub(crate) fn resolve(&self, written: &str) -> (String, Party) {
        let Some(entry) = self.models.get(written) else {
            let name = model::canonical(written);
            let party =
                if self.runs_elsewhere_only(&name) { Party::Third } else { model::party_by_name(&name) };
            return (name, party);
        };
        let name = entry.name.as_deref().unwrap_or(written);
        (model::canonical(name), self.party_of(entry, name))
    }

    fn party_of(&self, entry: &Model, name: &str) -> Party {
        let Some(provider) = entry.provider.as_deref() else { return model::party_by_name(name) };
        // A model whose provider is not in the configuration is another provider's, unless it is named as
        // Kimi's are.
        self.party_at(provider).unwrap_or(Party::Third)
    }

    /// Who runs the models of a provider, if known.
    fn party_at(&self, provider: &str) -> Option<Party> {
        match self.providers.get(provider) {
            Some(Provider { kimi: true, .. }) => Some(Party::Kimi),
            Some(_) => Some(Party::Third),
            None => sounds_like_kimi(provider).then_some(Party::Kimi),
        }
    }

    /// Whether a model's own name, which is none of Kimi's, is that of models of other providers and of no
    /// other model.
    fn runs_elsewhere_only(&self, name: &str) -> bool {
        let called_so = |(_, entry): &(&String, &Model)| {
            entry.name.as_deref().is_some_and(|own| model::canonical(own) == name)
        };
        let mut parties = self.models.iter().filter(called_so).map(|(_, entry)| self.party_of(entry, name));
        !model::is_kimi(name)
            && parties.next() == Some(Party::Third)
            && parties.all(|party| party == Party::Third)
    }

    /// The model that was asked for, who runs it, and at which provider, if known. The provider in a log can
    /// be the name of one, or only its protocol (`openai`): it is used if the alias says nothing.
    pub(crate) fn resolve_asked(&self, asked: &Request) -> Option<(String, Party, Option<&str>)> {
        let entry = asked.alias.as_ref().and_then(|alias| self.models.get(alias));
        let named = asked.provider.as_deref().filter(|provider| self.party_at(provider).is_some());
        let written = asked.model.as_deref().or(asked.alias.as_deref())?;
        let provider = match entry {
            Some(entry) => entry.provider.as_deref(),
            None => self.provider_of(written),
        };
        let (name, party) = match entry {
            // What an alias stood for then, the request says itself.
            Some(entry) if asked.model.is_some() => {
                (model::canonical(written), self.party_of(entry, written))
            }
            _ => self.resolve(written),
        };
        if provider.is_none()
            && let Some((at, party)) = named.and_then(|at| Some((at, self.party_at(at)?)))
        {
            let known = self.providers.get_key_value(at).map(|(name, _)| name.as_str());
            return Some((name, party, known));
        }
        Some((name, party, provider))
    }

    /// The provider at which a name in a log runs, if the configuration says so.
    pub(crate) fn provider_of(&self, written: &str) -> Option<&str> {
        self.models.get(written)?.provider.as_deref()
    }

    /// Whether a name is one of the configuration's own, which says at which provider it runs.
    pub(crate) fn is_alias(&self, written: &str) -> bool {
        self.models.contains_key(written)
    }

    /// Whether any provider is not Kimi's: only then can a request say so of its model.
    pub(crate) fn has_others(&self) -> bool {
        self.providers.values().any(|provider| !provider.kimi)
    }

    /// The providers by their names.
    pub(crate) fn providers(&self) -> impl Iterator<Item = (&str, &Provider)> {
        self.providers.iter().map(|(name, provider)| (name.as_str(), provider))
    }

    /// A print of all that it says.
    pub(crate) fn print(&self) -> u64 {
        let text = |print: Fingerprint, text: Option<&str>| match text {
            Some(text) => print.number(1).text(text.as_bytes()),
            None => print.number(0),
        };
        let mut print = text(Fingerprint::of(31), self.default_model.as_deref());
        print = text(print, self.secondary_model.as_deref());
        // In no order: each entry by itself, and what they sum up to.
        let models = self.models.iter().map(|(alias, model)| {
            let print = Fingerprint::of(32).text(alias.as_bytes());
            text(text(print, model.name.as_deref()), model.provider.as_deref()).finish()
        });
        let providers = self.providers.iter().map(|(name, provider)| {
            let Provider { kimi, base_url, key_digest: _, login: _ } = provider;
            let print = Fingerprint::of(33).text(name.as_bytes()).number(u64::from(*kimi));
            text(print, base_url.as_deref()).finish()
        });
        print.number(models.chain(providers).fold(0, u64::wrapping_add)).finish()
    }

    /// A configuration that consists of one provider, at which every model runs.
    pub(crate) fn of_one(name: &str, provider: Provider) -> Self {
        Self { providers: HashMap::from([(name.to_owned(), provider)]), ..Self::default() }
    }

    /// A configuration of these providers, the last of a name.
    pub(crate) fn of_providers(providers: impl IntoIterator<Item = (String, Provider)>) -> Self {
        Self { providers: providers.into_iter().collect(), ..Self::default() }
    }

    /// Takes note of the provider at which a model runs.
    pub(crate) fn runs(&mut self, model: &str, provider: &str) {
        let provider = Some(provider.to_owned());
        self.models.insert(text::name(model), Model { name: None, provider });
    }

    /// A provider, with its name.
    pub(crate) fn provider(&self, name: &str) -> Option<(&str, &Provider)> {
        self.providers.get_key_value(name).map(|(name, provider)| (name.as_str(), provider))
    }
}

impl Provider {
    /// A provider at an address. A key is one only if it is written out: some programs have there the name of a
    /// variable, or a command that prints it.
    pub(crate) fn at(address: &str, key: Option<&str>) -> Self {
        let key = key.map(str::trim).filter(|key| key.starts_with("sk-"));
        Self {
            kimi: is_kimis_address(address),
            base_url: Some(text::bounded(address, MAX_ADDRESS_CHARS)),
            key_digest: key.map(|key| Sha256::digest(key).into()),
            login: false,
        }
    }
}

/// Whether an address, a URL or a host, is one of Kimi’s.
#[must_use]
pub fn is_kimis_address(address: &str) -> bool {
    let host = address.split("://").nth(1).unwrap_or(address);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    ["kimi.com", "kimi.ai", "moonshot.cn", "moonshot.ai"]
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// A provider is Kimi's where its address is; where it has none of its own, by its type.
fn is_kimis(name: &str, entry: &Value) -> bool {
    let word = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    // A `kimi` provider at another address is a gateway or a test server in front of Kimi.
    if word("type") == "kimi" || name.starts_with("managed:kimi") {
        return true;
    }
    let address = word("base_url");
    if address.is_empty() {
        return word("type").is_empty() && sounds_like_kimi(name);
    }
    is_kimis_address(address)
}

/// Whether a provider is called as one of Kimi's would be.
pub(crate) fn sounds_like_kimi(provider: &str) -> bool {
    let provider = provider.to_ascii_lowercase();
    provider.contains("kimi") || provider.contains("moonshot")
}

/// The text of a configuration file; `None` where there is none that can be read.
pub(crate) fn contents(path: &Path) -> Option<String> {
    let bytes = read::bytes(path, LARGEST).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = r#"
default_model = "daily"

[providers."managed:kimi-code"]
type = "kimi"
base_url = "https://api.kimi.com/coding/v1"

[providers.platform]
type = "openai"
base_url = "https://api.moonshot.ai/v1"

[providers.deep]
type = "openai"
base_url = "https://api.deepseek.com/v1"

[providers.sneaky]
type = "openai"
base_url = "https://api.moonshot.ai.example.org/v1"

[models."kimi-code/k3"]
provider = "managed:kimi-code"
model = "k3"

[models.daily]
provider = "managed:kimi-code"
model = "kimi-for-coding"

[models.cheap]
provider = "deep"
model = "deepseek-chat"

[models.odd]
provider = "sneaky"
model = "kimi-k3"

[models.own]
provider = "deep"
model = "House/My-LLM"

[models.both]
provider = "deep"
model = "shared-llm"

[models.both-again]
provider = "platform"
model = "shared-llm"

[models.nobody]
model = "loose-llm"

[models.somebody]
provider = "deep"
model = "loose-llm"

[models.hired]
provider = "deep"
model = "kimi-k2.5"

[models.pay]
provider = "platform"
model = "kimi-k2.6"

[models.lost]
provider = "nowhere"
model = "kimi-k3"

[secondary_model]
default_model = "daily"
"#;

    #[test]
    fn aliases_and_providers() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), TOML).unwrap();
        let config = Config::in_folder(dir.path());
        assert_eq!(config.default_model.as_deref(), Some("daily"));
        assert_eq!(config.secondary_model.as_deref(), Some("daily"));
        for (written, name, party) in [
            ("kimi-code/k3", "kimi-k3", Party::Kimi),
            ("daily", "kimi-for-coding", Party::Kimi),
            ("cheap", "deepseek-chat", Party::Third),
            ("odd", "kimi-k3", Party::Third),
            ("pay", "kimi-k2.6", Party::Kimi),
            ("lost", "kimi-k3", Party::Third),
            ("kimi-code/kimi-for-coding", "kimi-for-coding", Party::Kimi),
            ("deepseek-reasoner", "deepseek-reasoner", Party::Third),
            // By a model's own name: others' where only others run it, and the name is none of Kimi's.
            ("my-llm", "my-llm", Party::Third),
            ("house/my-llm", "my-llm", Party::Third),
            ("shared-llm", "shared-llm", Party::Kimi),
            ("loose-llm", "loose-llm", Party::Kimi),
            ("kimi-k3", "kimi-k3", Party::Kimi),
            ("kimi-k2.5", "kimi-k2.5", Party::Kimi),
            ("k3", "kimi-k3", Party::Kimi),
        ] {
            assert_eq!(config.resolve(written), (name.to_owned(), party), "{written}");
        }
    }

    #[test]
    fn a_request_says_at_which_provider_it_was() {
        type ConfigValue = Option<(&'static str, Party, Option<&'static str>)>;
        /// Provider, model and alias of a request, and whose model it is.
        type Row = (Option<&'static str>, Option<&'static str>, Option<&'static str>, ConfigValue);
        let config = Config::of(&toml::from_str(TOML).unwrap());
        let table: [Row; 9] = [
            (Some("deep"), Some("my-llm"), Some("own"), Some(("my-llm", Party::Third, Some("deep")))),
            (Some("deep"), Some("new-llm"), None, Some(("new-llm", Party::Third, Some("deep")))),
            (Some("deep"), Some("kimi-k3"), Some("__x__"), Some(("kimi-k3", Party::Third, Some("deep")))),
            // How it is talked to, and no provider's name.
            (
                Some("openai"),
                Some("kimi-k2.6"),
                Some("pay"),
                Some(("kimi-k2.6", Party::Kimi, Some("platform"))),
            ),
            (Some("openai"), Some("kimi-k2.6"), None, Some(("kimi-k2.6", Party::Kimi, None))),
            (
                Some("kimi"),
                Some("k3"),
                Some("kimi-code/k3"),
                Some(("kimi-k3", Party::Kimi, Some("managed:kimi-code"))),
            ),
            // The alias stood for another model then.
            (None, Some("k2.6"), Some("daily"), Some(("kimi-k2.6", Party::Kimi, Some("managed:kimi-code")))),
            (None, None, Some("cheap"), Some(("deepseek-chat", Party::Third, Some("deep")))),
            (Some("deep"), None, None, None),
        ];
        for (provider, model, alias, told) in table {
            let owned = |word: Option<&str>| word.map(ToOwned::to_owned);
            let asked = Request {
                model: owned(model),
                alias: owned(alias).filter(|alias| alias != "__x__"),
                provider: owned(provider),
                at: None,
            };
            let found = config.resolve_asked(&asked);
            let found = found.as_ref().map(|(name, party, provider)| (name.as_str(), *party, *provider));
            assert_eq!(found, told, "{asked:?}");
        }
    }

    #[test]
    fn no_configuration_and_a_broken_one_are_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Config::in_folder(dir.path()), Config::default());
        std::fs::write(dir.path().join("config.toml"), b"default_model = \"\xff").unwrap();
        assert_eq!(Config::in_folder(dir.path()), Config::default());
        std::fs::write(dir.path().join("config.json"), r#"{"model":"kimi-k2.6","models":7}"#).unwrap();
        assert_eq!(Config::in_folder(dir.path()).default_model.as_deref(), Some("kimi-k2.6"));
    }
}
