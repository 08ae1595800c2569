//! Whose a request is that was sent by a program for models of any provider.
//!
//! By the provider where the log names one and its address is known; else by the provider's name, then by the model's. A
//! model that is named as Kimi's are and runs elsewhere is somebody else's. One that nothing connects with Kimi is left out:
//! such programs are mostly used for other models.

use crate::config::{Config, sounds_like_kimi};
use crate::model::{Party, is_kimi};

/// Who runs a model, and at which provider of the configuration. `None` where nothing connects it with Kimi. `others` are
/// names of providers that are known to be at other addresses.
pub(crate) fn whose<'c>(
    config: &'c Config,
    others: &[&str],
    provider: Option<&str>,
    model: &str,
) -> Option<(Party, Option<&'c str>)> {
    let elsewhere = || is_kimi(model).then_some((Party::Third, None));
    if let Some(named) = provider.filter(|provider| !provider.is_empty()) {
        if let Some((name, known)) = config.provider(named) {
            return if known.kimi { Some((Party::Kimi, Some(name))) } else { elsewhere() };
        }
        if sounds_like_kimi(named) {
            return Some((Party::Kimi, None));
        }
        if others.iter().any(|other| other.eq_ignore_ascii_case(named)) {
            return elsewhere();
        }
    }
    // Relays write whose model it is in front of it.
    if model.contains('/') {
        return elsewhere();
    }
    is_kimi(model).then_some((Party::Kimi, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Provider;

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
            assert_eq!(whose(&config, &["openai"], provider, model), expected, "{provider:?} {model}");
        }
    }
}
