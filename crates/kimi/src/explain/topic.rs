//! What an error speaks of: a key, a model, a plan, an account, a program.
//!
//! Services word these in more ways than a list of sentences holds. What decides is which things a message names, and
//! which of them it says a state of: "your API key has expired" is about the key, "your API key cannot use k3" about
//! the model.

use super::phrase;
use super::vocabulary::{
    ACCOUNTS, ACCOUNTS_CHINESE, BAD, BAD_CHINESE, BESIDE_PLAN_NAMES, EMPTY, ENDED, ENDED_CHINESE, FILLERS,
    KEYS, KEYS_CHINESE, MODELS_CHINESE, NO_SUCH, NOT, NOT_GOOD, OF_A_KEY, PLACES, PLAN_NAMES, PLANS,
    PLANS_CHINESE, SIGN_IN, SUSPENDED, SUSPENDED_CHINESE, UNVERIFIED, UPGRADES, VERSIONS,
};

/// A message, in words.
pub(super) struct Topic {
    /// The message in lower case, without addresses.
    text: String,
    words: Vec<Word>,
    types: Vec<String>,
}

struct Word {
    text: String,
    /// Whether a sentence begins here.
    begins: bool,
}

/// How many words may stand between a thing and the state that follows it.
const REACH: usize = 8;

impl Topic {
    /// The topic of a message in lower case, and of the types that came with it.
    pub(super) fn of(text: &str, types: &[String]) -> Self {
        let text = without_addresses(text);
        let words = words(&text);
        Self { text, words, types: types.to_vec() }
    }

    /// Whether nothing is said beyond the status: nothing at all, or a word.
    pub(super) fn is_silent(&self) -> bool {
        let said = self.words.iter().filter(|word| !EMPTY.contains(&word.text.as_str())).count();
        let other = self.text.chars().filter(|c| !c.is_ascii()).count();
        said < 2 && other < 4
    }

    /// Whether it says that the key itself is no good, or is missing.
    pub(super) fn blames_key(&self) -> bool {
        let is_key = |word: &str| KEYS.contains(&word);
        let barrier = |word: &str| {
            is_model(word) || PLANS.contains(&word) || ACCOUNTS.contains(&word) && word != "access"
        };
        self.state_of(is_key, &|at| self.is_bad(at), &barrier)
            || self.state_of(is_key, &|at| self.at(at) == "no", &|_| true)
            || phrase::any(&self.text, &["unauthenticated", "not authenticated"])
            || self.chinese(KEYS_CHINESE, BAD_CHINESE, &[PLANS_CHINESE, MODELS_CHINESE])
    }

    /// Whether message or types speak of a key, a token or authentication at all.
    pub(super) fn speaks_of_key(&self) -> bool {
        let of_a_key = |word: &str| KEYS.contains(&word) || OF_A_KEY.contains(&word);
        self.words.iter().any(|word| of_a_key(&word.text))
            || self.says(KEYS_CHINESE)
            || phrase::any(&self.text, SIGN_IN)
            || self.typed(|word| of_a_key(word) || word == "apikey")
    }

    /// Whether it says that there is no such model.
    pub(super) fn misses_model(&self) -> bool {
        let typed = self.types.iter().any(|word| {
            let missing =
                ["not_found", "not_exist", "notfound", "invalid", "unknown", "unsupported", "does_not_exist"];
            word.contains("model")
                && missing.iter().any(|state| word.replace(['-', ' '], "_").contains(state))
        });
        typed || self.named_model() && self.says(NO_SUCH)
    }

    /// Whether it speaks of what a plan grants: of a model, or of the plan.
    pub(super) fn speaks_of_plan(&self) -> bool {
        if self.named_model() || self.typed(is_model) {
            return true;
        }
        let elsewhere = self.words.iter().any(|word| PLACES.contains(&word.text.as_str()));
        let has = |known: &[&str]| self.words.iter().any(|word| known.contains(&word.text.as_str()));
        let named =
            (0..self.words.len()).any(|at| PLAN_NAMES.contains(&self.at(at)) && self.is_plan_name(at));
        let upgrade =
            (has(UPGRADES) || self.says(&["升级"])) && !has(VERSIONS) && !self.says(&["版本", "客户端"]);
        let plan = has(PLANS) || named || upgrade || self.says(PLANS_CHINESE);
        !elsewhere && (plan || self.typed(|word| PLANS.contains(&word)))
    }

    /// Whether it says that a plan has ended, or cannot be verified.
    pub(super) fn ends_plan(&self) -> bool {
        const WHOLE: &[&str] = &["plan", "subscription", "membership"];
        let is_plan = |word: &str| WHOLE.contains(&word);
        let model = self.named_model();
        let ended = |at: usize| {
            ENDED.contains(&self.at(at))
                || self.at(at) == "active" && self.is_negated(at)
                || !model && UNVERIFIED.contains(&self.at(at))
        };
        self.state_of(is_plan, &ended, &|word| is_model(word) || KEYS.contains(&word))
            || self.chinese(PLANS_CHINESE, ENDED_CHINESE, &[MODELS_CHINESE])
            || self.typed_both("membership", ENDED)
            || self.typed_both("subscription", ENDED)
    }

    /// Whether it says that the account has been taken away. A type never says so by itself: `access_terminated_error`
    /// also comes with used-up windows and concurrency.
    pub(super) fn suspends_account(&self) -> bool {
        let is_account = |word: &str| ACCOUNTS.contains(&word);
        // "Restricted to Pro members" is about a plan.
        let restricted = |at: usize| self.at(at) == "restricted" && !matches!(self.at(at + 1), "to" | "from");
        let suspended =
            |at: usize| (SUSPENDED.contains(&self.at(at)) || restricted(at)) && !self.is_negated(at);
        let barrier = |word: &str| {
            is_model(word) || PLACES.contains(&word) || matches!(word, "key" | "token" | "project")
        };
        self.state_of(is_account, &suspended, &barrier)
            || self.chinese(ACCOUNTS_CHINESE, SUSPENDED_CHINESE, &[MODELS_CHINESE])
    }

    /// Whether it says that only other programs are served.
    pub(super) fn denies_program(&self) -> bool {
        const PROGRAMS: &[&str] = &["agent", "agents", "client", "clients", "智能体", "客户端", "编程工具"];
        const ONLY: &[&str] = &[
            "only available",
            "only for",
            "only supports",
            "only support",
            "only allows",
            "only be used",
            "only accessible",
            "not available for",
            "not available to",
            "restricted to",
            "limited to",
            "reserved for",
            "not supported",
            "unsupported",
            "not allowed",
            "仅支持",
            "仅限",
            "仅可用于",
            "只支持",
            "只能",
            "不支持",
        ];
        let program = self.words.iter().any(|word| PROGRAMS.contains(&word.text.as_str()))
            || !self.text.is_ascii() && self.says(PROGRAMS);
        program && self.says(ONLY)
    }

    fn named_model(&self) -> bool {
        self.words.iter().any(|word| is_model(&word.text)) || self.says(MODELS_CHINESE)
    }

    fn is_plan_name(&self, at: usize) -> bool {
        let beside = |at: Option<usize>| at.is_some_and(|at| BESIDE_PLAN_NAMES.contains(&self.at(at)));
        let or_above =
            matches!(self.at(at + 1), "or" | "and") && matches!(self.at(at + 2), "above" | "higher" | "up");
        beside(at.checked_sub(1)) || beside(Some(at + 1)) || or_above
    }

    /// A word by its place; nothing beyond the end.
    fn at(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    fn begins(&self, at: usize) -> bool {
        self.words.get(at).is_none_or(|word| word.begins)
    }

    /// Whether the word at a place is negated by one of the two before it.
    fn is_negated(&self, at: usize) -> bool {
        (1..=2).any(|back| at.checked_sub(back).is_some_and(|at| NOT.contains(&self.at(at))))
    }

    fn is_bad(&self, at: usize) -> bool {
        let word = self.at(at);
        // "The key is not valid for k3", "the key asked for an unknown model": nothing is wrong with the key.
        let of_a_model = is_model(self.at(at + 1));
        let for_something = matches!(self.at(at + 1), "for" | "with")
            && (at + 2..at + 2 + REACH)
                .take_while(|at| !self.begins(*at))
                .any(|at| is_model(self.at(at)) || PLANS.contains(&self.at(at)));
        (BAD.contains(&word) || NOT_GOOD.contains(&word) && self.is_negated(at))
            && !for_something
            && !of_a_model
    }

    /// Whether a thing is said to be in a state: one right before it, or one after it in the same sentence, with no
    /// other thing between.
    fn state_of(
        &self,
        is_thing: impl Fn(&str) -> bool,
        is_state: &dyn Fn(usize) -> bool,
        barrier: &dyn Fn(&str) -> bool,
    ) -> bool {
        let places = (0..self.words.len()).filter(|at| is_thing(self.at(*at)));
        places.into_iter().any(|thing| {
            let after = (thing + 1..=thing + REACH)
                .take_while(|at| !self.begins(*at) && !barrier(self.at(*at)))
                .any(is_state);
            let before = || {
                let mut at = thing;
                while let Some(previous) = at.checked_sub(1).filter(|_| !self.begins(at)) {
                    if is_state(previous) {
                        return true;
                    }
                    if !FILLERS.contains(&self.at(previous)) {
                        return false;
                    }
                    at = previous;
                }
                false
            };
            after || before()
        })
    }

    /// Whether a clause in Chinese names a thing and a state, and none of the others.
    fn chinese(&self, things: &[&str], states: &[&str], others: &[&[&str]]) -> bool {
        self.text.split(['，', '。', '；', '！', ',', '.', ';', '\n']).any(|clause| {
            let says = |words: &[&str]| words.iter().any(|word| clause.contains(word));
            !clause.is_ascii() && says(things) && says(states) && !others.iter().any(|words| says(words))
        })
    }

    fn says(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.text.contains(phrase))
    }

    /// Whether one of the words of the types is one.
    fn typed(&self, is: impl Fn(&str) -> bool) -> bool {
        self.types.iter().any(|given| given.split(['_', '-', '.', ' ', '/']).any(&is))
    }

    /// Whether one type has both words.
    fn typed_both(&self, thing: &str, states: &[&str]) -> bool {
        self.types.iter().any(|given| {
            let says = |word: &str| given.split(['_', '-', '.', ' ']).any(|part| part == word);
            says(thing) && states.iter().any(|state| says(state))
        })
    }
}

/// Addresses name consoles and pages, and say nothing themselves.
fn without_addresses(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| if word.contains("://") || word.starts_with("www.") { " " } else { word })
        .collect()
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut begins = true;
    for part in
        text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '\'' | '-' | '_' | '.')))
    {
        let word = part.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let word = word.strip_suffix("'s").unwrap_or(word);
        if !word.is_empty() {
            words.push(Word { text: word.to_owned(), begins });
            begins = false;
        }
        // A figure such as k3.1 has a point of its own.
        let ends = part.trim_end().ends_with(['.', ':', ';', '!', '?', '。', '：', '；', '！', '？'])
            || part.ends_with('\n');
        begins = begins || ends;
    }
    words
}

/// Whether a word is a model's name, the word for one, or a size of one: `k3`, `k2.7-code`, `kimi-for-coding`, `256k`.
fn is_model(word: &str) -> bool {
    const WORDS: &[&str] =
        &["model", "models", "context", "highspeed", "high-speed", "modelid", "model_id", "model-id"];
    /// The command line and its like.
    const PROGRAMS: &[&str] = &["kimi-code", "kimi-cli", "kimi-code-cli", "kimi-desktop"];

    let figure_first = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let family = word.strip_prefix('k').is_some_and(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        figure_first(rest) && end <= 5 && (end == rest.len() || rest[end..].starts_with(['-', '_', ':']))
    });
    let size = word.strip_suffix(['k', 'm']).is_some_and(|figure| {
        !figure.is_empty()
            && figure.bytes().all(|b| b.is_ascii_digit())
            && (word.ends_with('k') || figure == "1")
    });
    let named =
        ["kimi-", "moonshot-"].iter().any(|maker| word.starts_with(maker)) && !PROGRAMS.contains(&word);
    WORDS.contains(&word)
        || family
        || size
        || named
        || word.ends_with("-highspeed")
        || word.ends_with("-thinking")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_known_by_their_names() {
        for word in [
            "model",
            "k3",
            "k9",
            "k3.1-pro",
            "k2.7-code",
            "k3-1m",
            "kimi-for-coding",
            "moonshot-v1-8k",
            "256k",
            "1m",
        ] {
            assert!(is_model(word), "{word}");
        }
        for word in
            ["key", "kimi", "kimi-code", "kimi-cli", "k", "5m", "ok", "km", "week", "k12345678", "keys"]
        {
            assert!(!is_model(word), "{word}");
        }
    }

    #[test]
    fn a_key_is_blamed_by_a_state_and_not_by_its_name() {
        for text in [
            "invalid authentication",
            "incorrect api key provided",
            "the api key appears to be invalid or may have expired.",
            "your subscription's key has expired",
            "no such key: x",
            "no api key was sent",
            "the access token is not valid",
            "missing authorization header",
            "authentication failed",
            "your session has expired. see the plan page.",
            "request not authenticated",
            "无效的密钥",
            "api key 已过期",
            "您未登录",
        ] {
            assert!(Topic::of(text, &[]).blames_key(), "{text}");
        }
        for text in [
            "your api key cannot use k3",
            "your api key has no access to k3",
            "the key asked for an unknown model",
            "please log in and upgrade your plan",
            "invalid model: k9 for this api key",
            "this api key is not valid for model k3",
            "your api key does not have access to the model",
            "the key was issued on a plan that has expired",
            "you do not have permission. your token is fine.",
            "当前套餐的密钥无法使用 k3 模型",
        ] {
            assert!(!Topic::of(text, &[]).blames_key(), "{text}");
        }
    }
}
