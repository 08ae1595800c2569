//! What homes of session logs with random numbers in them are made of: in these tests, and in those of the index
//! that is kept of such homes.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tidemark_core::Tokens;

/// A stream of numbers; the same seed gives the same home.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// The tokens of a request: some, and in every column at times.
    pub(crate) fn tokens(&mut self) -> Tokens {
        Tokens {
            input: 1 + self.below(20_000),
            cache_read: self.below(200_000),
            cache_write: if self.below(4) == 0 { self.below(3000) } else { 0 },
            output: 1 + self.below(4000),
            ..Tokens::default()
        }
    }
}

const CONFIG: &str = r#"
default_model = "daily"
[providers."managed:kimi-code"]
type = "kimi"
base_url = "https://api.kimi.com/coding/v1"
[providers.rented]
type = "openai"
base_url = "https://gpu.example.net/v1"
[models."kimi-code/k3"]
provider = "managed:kimi-code"
model = "k3"
[models.daily]
provider = "managed:kimi-code"
model = "kimi-for-coding"
[models.night]
provider = "rented"
model = "kimi-k2.6"
[models.spare]
provider = "rented"
model = "my-llm"
[secondary_model]
default_model = "daily"
"#;

/// Writes Kimi Code's configuration: `kimi-code/k3` and `daily` are Kimi's, `night` is somebody else's.
pub(crate) fn configure(home: &Path) {
    fs::create_dir_all(home.join(".kimi-code")).unwrap();
    fs::write(home.join(".kimi-code/config.toml"), CONFIG).unwrap();
}

/// A record of Kimi Code.
pub(crate) fn record(model: &Value, at: i64, tokens: Tokens, scope: &str) -> Value {
    json!({"type": "usage.record", "model": model, "usageScope": scope, "time": at, "usage": usage(tokens)})
}

/// Tokens as Kimi Code writes them.
pub(crate) fn usage(tokens: Tokens) -> Value {
    json!({"inputOther": tokens.input, "output": tokens.output,
           "inputCacheRead": tokens.cache_read, "inputCacheCreation": tokens.cache_write})
}

/// An update of the older command line.
pub(crate) fn status(tokens: Tokens, message: Option<&str>) -> Value {
    json!({"type": "StatusUpdate", "payload": {"context_usage": 0.1, "context_tokens": 9, "message_id": message,
        "token_usage": {"input_other": tokens.input, "output": tokens.output,
                        "input_cache_read": tokens.cache_read, "input_cache_creation": tokens.cache_write}}})
}

/// Tokens as Claude Code writes them.
pub(crate) fn claude_usage(tokens: Tokens) -> Value {
    let mut usage = json!({"input_tokens": tokens.input, "output_tokens": tokens.output,
           "cache_read_input_tokens": tokens.cache_read, "cache_creation_input_tokens": tokens.cache_write});
    if tokens.cache_write_1h > 0 {
        usage["cache_creation"] = json!({"ephemeral_1h_input_tokens": tokens.cache_write_1h,
            "ephemeral_5m_input_tokens": tokens.cache_write - tokens.cache_write_1h});
    }
    usage
}
