//! Which account the usage of a provider in a program's configuration belongs to. Known, or unassigned; never guessed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::{Account, AccountId, Credential, Region, Source};
use tidemark_logs::Provider;
use tidemark_store::WhoseUse;
use url::Url;

use crate::key_prints::KeyPrints;
use crate::same_account::AccountIdentity;
use crate::shared::Shared;

/// What is known of an account, to compare a configuration with.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) id: AccountId,
    source: Source,
    region: Region,
    /// Another address than the service's own.
    base_url: Option<Url>,
    /// It is the account that the command line is signed in to: its key is that login, or the command line's own
    /// server is asked.
    login: bool,
    /// It is read from the command line's own server.
    by_server: bool,
    identity: AccountIdentity,
    /// Its polls have failed for long.
    failing: bool,
    /// The SHA-256 of its key, once it was had in this run. In memory only.
    key: Option<[u8; 32]>,
    /// What the history keeps of the accounts' keys.
    prints: Arc<KeyPrints>,
}

impl Candidate {
    pub(crate) fn of(
        account: &Account,
        identity: AccountIdentity,
        key: Option<[u8; 32]>,
        failing: bool,
    ) -> Self {
        Self {
            id: account.id,
            source: account.source,
            region: account.region,
            base_url: account.base_url.clone(),
            login: matches!(
                account.credential,
                Credential::KimiCodeLogin { .. } | Credential::KimiCodeServer {}
            ),
            by_server: matches!(account.credential, Credential::KimiCodeServer {}),
            identity,
            failing,
            key,
            prints: Arc::default(),
        }
    }

    fn with_prints(self, prints: &Arc<KeyPrints>) -> Self {
        Self { prints: Arc::clone(prints), ..self }
    }

    /// Whether its key has a digest; `None` where that cannot be known yet.
    fn has_key(&self, digest: [u8; 32]) -> Option<bool> {
        self.key.map(|key| key == digest).or_else(|| self.prints.is_of(self.id, digest))
    }
}

/// An account whose polls fail for longer leaves its usage to another one that is the same account of the service. A
/// short failure must not move all usage to and fro.
const FAILING: TimeDelta = TimeDelta::hours(1);

/// The accounts, to compare configurations with.
pub(crate) fn candidates(shared: &Shared, now: DateTime<Utc>) -> Vec<Candidate> {
    let prints = Arc::new(shared.state().key_prints.clone());
    shared
        .accounts()
        .iter()
        .map(|handle| {
            handle.see(|view| {
                let failing = view.poll.failing_since.is_some_and(|since| now - since > FAILING);
                Candidate::of(&view.account, view.identity(), view.key_digest, failing).with_prints(&prints)
            })
        })
        .collect()
}

/// Which account's usage goes to a provider:
/// - if its key is in the configuration, that of the account with this key;
/// - if the program is signed in, that of the account of this service with the same login, or of the only account
///   of this service;
/// - if the key comes from elsewhere, that of the only account of this service.
pub(crate) fn whose(provider: &Provider, accounts: &[Candidate]) -> WhoseUse {
    if let Some(key) = provider.key_digest {
        let mut same = accounts.iter().filter(|account| account.has_key(key) == Some(true));
        return match (same.next(), same.next()) {
            (Some(one), None) => WhoseUse::Account(one.id),
            (None, _) if accounts.iter().any(|a| a.has_key(key).is_none() && !a.login) => {
                WhoseUse::NotKnownYet
            }
            // The same key twice: both show the same quota, and either would be a guess.
            (Some(_), Some(_)) | (None, _) => WhoseUse::Nobody,
        };
    }
    let Some(address) = provider.base_url.as_deref().and_then(|url| Url::parse(url).ok()) else {
        return WhoseUse::Nobody;
    };
    let all: Vec<&Candidate> = accounts.iter().filter(|account| account.is_at(&address)).collect();
    let at: Vec<&Candidate> =
        all.iter().copied().filter(|account| !all.iter().any(|other| other.stands_for(account))).collect();
    // Whoever stands for the account that the command line is signed in to has its login too.
    let has_login =
        |one: &Candidate| one.login || all.iter().any(|other| other.login && one.stands_for(other));
    let logins: Vec<&Candidate> = at.iter().copied().filter(|account| has_login(account)).collect();
    match (provider.login, logins.as_slice(), at.as_slice()) {
        (true, [one], _) | (_, _, [one]) => WhoseUse::Account(one.id),
        _ => WhoseUse::Nobody,
    }
}

impl Candidate {
    /// Whether this account is polled in place of another, which is the same account of the service: one of a pair that
    /// is read from the command line's own server is not polled while the other answers.
    fn stands_for(&self, other: &Self) -> bool {
        let rank = |one: &Self| (one.failing, one.by_server, one.id);
        (self.by_server || other.by_server)
            && self.identity.is_same(&other.identity)
            && rank(self) < rank(other)
    }

    /// Whether an address is that of its service: the platform's routes for other protocols included.
    fn is_at(&self, address: &Url) -> bool {
        let place = |url: &Url| (url.host_str().map(str::to_ascii_lowercase), url.port_or_known_default());
        if let Some(own) = &self.base_url {
            return place(own) == place(address);
        }
        let Ok(own) = Url::parse(self.source.base_url(self.region)) else { return false };
        let code = address.path().trim_start_matches('/').starts_with("coding");
        place(&own) == place(address) && (self.source == Source::KimiCode) == code
    }
}

#[cfg(test)]
mod tests {
    use tidemark_core::Reading;

    use super::*;

    fn account(id: i64, source: Source, region: Region, credential: Credential) -> Account {
        Account {
            id: AccountId(id),
            name: format!("account {id}"),
            source,
            region,
            base_url: None,
            credential,
            position: id,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn keyring() -> Credential {
        Credential::Keyring { handle: "h".into() }
    }

    fn provider(address: &str, key: Option<u8>, login: bool) -> Provider {
        Provider {
            kimi: true,
            base_url: Some(address.to_owned()),
            key_digest: key.map(|byte| [byte; 32]),
            login,
        }
    }

    const CODE: &str = "https://api.kimi.com/coding/v1";

    #[test]
    fn told_or_nobodys() {
        let china = account(1, Source::KimiCode, Region::China, keyring());
        let second = account(2, Source::KimiCode, Region::China, keyring());
        let global = account(3, Source::KimiCode, Region::Global, keyring());
        let platform = account(4, Source::Platform, Region::Global, keyring());
        let login = account(5, Source::KimiCode, Region::China, Credential::KimiCodeLogin { path: None });
        let with = |account: &Account, key: u8| {
            Candidate::of(account, AccountIdentity::of(account, None), Some([key; 32]), false)
        };
        let none =
            |account: &Account| Candidate::of(account, AccountIdentity::of(account, None), None, false);
        let is = |id| WhoseUse::Account(AccountId(id));
        let table: Vec<(&str, Provider, Vec<Candidate>, WhoseUse)> = vec![
            ("its key", provider(CODE, Some(7), false), vec![with(&china, 7), with(&second, 8)], is(1)),
            (
                "its key, at any address",
                provider("https://gate.example/v1", Some(8), false),
                vec![with(&china, 7), with(&second, 8)],
                is(2),
            ),
            ("a key of nobody's", provider(CODE, Some(9), false), vec![with(&china, 7)], WhoseUse::Nobody),
            (
                "not compared yet",
                provider(CODE, Some(9), false),
                vec![with(&china, 7), none(&second)],
                WhoseUse::NotKnownYet,
            ),
            (
                "the same key twice",
                provider(CODE, Some(7), false),
                vec![with(&china, 7), with(&second, 7)],
                WhoseUse::Nobody,
            ),
            (
                "the only one of its service",
                provider(CODE, None, true),
                vec![none(&china), none(&global), none(&platform)],
                is(1),
            ),
            (
                "two of one service",
                provider(CODE, None, true),
                vec![none(&china), none(&second)],
                WhoseUse::Nobody,
            ),
            ("the login's own", provider(CODE, None, true), vec![none(&china), none(&login)], is(5)),
            (
                "no login, two of one service",
                provider(CODE, None, false),
                vec![none(&china), none(&login)],
                WhoseUse::Nobody,
            ),
            (
                "the platform",
                provider("https://api.moonshot.ai/v1", None, false),
                vec![none(&china), none(&platform)],
                is(4),
            ),
            (
                "the platform by another protocol",
                provider("https://api.moonshot.ai/anthropic", None, false),
                vec![none(&platform)],
                is(4),
            ),
            (
                "another region",
                provider("https://api.moonshot.cn/v1", None, false),
                vec![none(&platform)],
                WhoseUse::Nobody,
            ),
            (
                "the membership by another protocol",
                provider("https://api.kimi.com/coding/", None, false),
                vec![none(&china)],
                is(1),
            ),
            (
                "no address",
                Provider { base_url: None, ..provider(CODE, None, true) },
                vec![none(&china)],
                WhoseUse::Nobody,
            ),
        ];
        for (what, provider, accounts, expected) in table {
            assert_eq!(whose(&provider, &accounts), expected, "{what}");
        }
    }

    #[test]
    fn a_key_is_recognised_by_its_print_without_being_had() {
        let mut prints = KeyPrints::default();
        prints.keep(AccountId(1), [7; 32]);
        let prints = Arc::new(prints);
        let one = |id, key| {
            let account = account(id, Source::KimiCode, Region::China, keyring());
            Candidate::of(&account, AccountIdentity::of(&account, None), key, false).with_prints(&prints)
        };
        let is = |key, accounts: &[Candidate]| whose(&provider(CODE, Some(key), false), accounts);
        assert_eq!(is(7, &[one(1, None), one(2, None)]), WhoseUse::Account(AccountId(1)));
        assert_eq!(is(8, &[one(1, None)]), WhoseUse::Nobody, "another key than any account has");
        assert_eq!(is(8, &[one(1, None), one(2, None)]), WhoseUse::NotKnownYet, "the second's is not known");
        assert_eq!(is(7, &[one(1, Some([9; 32]))]), WhoseUse::Nobody, "the key that it has now counts");
    }

    #[test]
    fn an_address_of_its_own_is_compared_by_host_and_port() {
        let mut own = account(1, Source::KimiCode, Region::China, keyring());
        own.base_url = Url::parse("http://127.0.0.1:4100/coding/v1").ok();
        let own = [Candidate::of(&own, AccountIdentity::of(&own, None), None, false)];
        assert_eq!(
            whose(&provider("http://127.0.0.1:4100/coding/v1/", None, false), &own),
            WhoseUse::Account(AccountId(1))
        );
        assert_eq!(whose(&provider("http://127.0.0.1:4101/coding/v1", None, false), &own), WhoseUse::Nobody);
        assert_eq!(whose(&provider(CODE, None, false), &own), WhoseUse::Nobody);
    }

    #[test]
    fn an_account_that_is_also_read_from_the_command_lines_server_counts_once() {
        let of = |id, credential, user: &str, failing| {
            let account = account(id, Source::KimiCode, Region::China, credential);
            let mut reading = Reading::new(DateTime::UNIX_EPOCH, Source::KimiCode, Region::China);
            reading.user.profile = Some(user.to_owned());
            Candidate::of(&account, AccountIdentity::of(&account, Some(&reading)), None, failing)
        };
        let server = |id, user, failing| of(id, Credential::KimiCodeServer {}, user, failing);
        let login = |id, user, failing| of(id, Credential::KimiCodeLogin { path: None }, user, failing);
        let key = |id, user, failing| of(id, keyring(), user, failing);
        let is = |id| WhoseUse::Account(AccountId(id));
        for (what, accounts, expected) in [
            ("server alone", vec![server(1, "a", false)], is(1)),
            ("login and server", vec![login(1, "a", false), server(2, "a", false)], is(1)),
            ("server and login", vec![server(1, "a", false), login(2, "a", false)], is(2)),
            ("key and server", vec![server(1, "a", false), key(2, "a", false)], is(2)),
            ("a key that fails, and server", vec![key(1, "a", true), server(2, "a", false)], is(2)),
            ("both fail", vec![server(1, "a", true), key(2, "a", true)], is(2)),
            ("server twice", vec![server(1, "a", false), server(2, "a", false)], is(1)),
            (
                "login and server of two users",
                vec![login(1, "a", false), server(2, "b", false)],
                WhoseUse::Nobody,
            ),
            ("key of another user", vec![key(1, "b", false), server(2, "a", false)], is(2)),
            (
                "key, another user's key and server",
                vec![key(1, "a", false), key(2, "b", false), server(3, "a", false)],
                is(1),
            ),
        ] {
            assert_eq!(whose(&provider(CODE, None, true), &accounts), expected, "{what}");
        }
    }
}
