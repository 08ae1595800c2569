//! The tables that judge an error. The first row that fits counts; the order is part of the meaning.

use tidemark_core::failure::{Denied, Limit, LimitScope};
use tidemark_core::{FailureKind as Kind, Source};

use super::{topic::Topic, window};

/// What is known of an error.
pub(super) struct ErrorFacts<'a> {
    /// The HTTP status, or the one that a code in a successful answer names.
    pub(super) status: u16,
    pub(super) source: Option<Source>,
    /// Types and codes in lower case.
    pub(super) types: &'a [String],
    /// All messages in lower case.
    pub(super) text: &'a str,
    /// What they speak of.
    pub(super) topic: &'a Topic,
}

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) kind: Kind,
    pub(super) limit: Option<Limit>,
    pub(super) whose: Option<LimitScope>,
    pub(super) denied: Option<Denied>,
}

impl Verdict {
    const fn of(kind: Kind) -> Self {
        Self { kind, limit: None, whose: None, denied: None }
    }

    const fn limited(limit: Option<Limit>, whose: Option<LimitScope>) -> Self {
        Self { kind: Kind::RateLimited, limit, whose, denied: None }
    }

    const fn denied(denied: Denied) -> Self {
        Self { denied: Some(denied), ..Self::of(Kind::Forbidden) }
    }

    /// A model that there is not, where the answer refuses to serve it.
    const NO_MODEL: Self = Self { denied: Some(Denied::Model), ..Self::of(Kind::NotFound) };

    const OVERLOADED: Self =
        Self { kind: Kind::Overloaded, limit: None, whose: Some(LimitScope::Service), denied: None };
}

/// Which statuses a row is about.
#[derive(Clone, Copy)]
enum On {
    /// Any that is no success by itself, and a success that carries an error.
    Any,
    /// 4xx, and a success that carries an error.
    Client,
    /// One of these statuses.
    Is(&'static [u16]),
    /// Any status of 500 to 599.
    Server,
}

/// What a row matches. Words are parts of the message in lower case.
#[derive(Clone, Copy)]
enum Where {
    /// Any message: only the status counts.
    Anywhere,
    /// One of the types or codes.
    Type(&'static [&'static str]),
    /// One of these phrases is in the message.
    Says(&'static [&'static str]),
    /// What the message and the types speak of.
    Speaks(fn(&Topic) -> bool),
    /// That a quota window is used up.
    Exhausted,
    /// One phrase of each.
    SaysBoth(&'static [&'static str], &'static [&'static str]),
}

struct Row(On, Where, Verdict);

const fn row(on: On, look: Where, verdict: Verdict) -> Row {
    Row(on, look, verdict)
}

use On::{Any, Client, Is, Server};
use Where::{Anywhere, Exhausted, Says, SaysBoth, Speaks, Type};

/// Types that speak of money.
const MONEY: &[&str] =
    &["exceeded_current_quota_error", "exceeded_current_quota", "insufficient_quota", "insufficient_balance"];

/// Words that speak of money where the status, 402, leaves only money and membership to speak of.
const PAYMENT: &[&str] =
    &["balance", "recharge", "top up", "arrears", "insufficient funds", "余额", "充值", "欠费"];

/// How an account's concurrency is said where the answer is no 429.
const CONCURRENCY: &[&str] =
    &["concurrent request limit", "concurrent requests limit", "并发请求", "并发上限", "并发数"];

/// How it is said that a membership does not hold.
const LAPSED: &[&str] = &[
    "verify your membership",
    "ensure your membership",
    "membership has expired",
    "membership expired",
    "无法验证您的会员",
    "无法验证会员",
    "无法核实会员",
    "会员已过期",
    "会员已到期",
    "会员已失效",
];

/// How it is said that there is no such model, where a status names no fault of the key.
const NO_MODEL: &[&str] = &[
    "model id does not exist",
    "model does not exist",
    "model doesn't exist",
    "not found the model",
    "model not found",
    "no such model",
    "unknown model",
    "unrecognized model",
    "recognized as other",
    "模型不存在",
    "未找到模型",
    "找不到模型",
];

/// Rows that only hold for Kimi Code, or where the product is not known.
const KIMI_CODE: [Row; 10] = [
    // Where the product is not known this type says which it is.
    row(Client, Type(&["exceeded_current_quota_error"]), Verdict::of(Kind::OutOfBalance)),
    // Concurrency is an account's limit that no time resets; some of its words are those of quotas.
    row(Client, Says(CONCURRENCY), Verdict::limited(Some(Limit::Concurrency), None)),
    row(Client, Exhausted, Verdict::of(Kind::WindowExhausted)),
    row(Client, Says(LAPSED), Verdict::of(Kind::MembershipLapsed)),
    // By the service's error reference this is about the account's own requests, whatever "we" suggests.
    row(
        Is(&[429]),
        Says(&["receiving too many requests"]),
        Verdict::limited(Some(Limit::Concurrency), Some(LimitScope::Account)),
    ),
    row(Is(&[402]), Type(MONEY), Verdict::of(Kind::OutOfBalance)),
    row(Is(&[402]), Says(PAYMENT), Verdict::of(Kind::OutOfBalance)),
    row(Is(&[402]), Anywhere, Verdict::of(Kind::MembershipLapsed)),
    // Risk control, and clients that the inference routes do not serve.
    row(Is(&[401, 403]), Speaks(Topic::denies_program), Verdict::denied(Denied::Client)),
    row(Is(&[401, 403]), Speaks(lapsed), Verdict::of(Kind::MembershipLapsed)),
];

/// A membership that has ended, and no key that has.
fn lapsed(topic: &Topic) -> bool {
    topic.ends_plan() && !topic.blames_key() && !topic.suspends_account()
}

/// Rows that hold for both products.
const BOTH: [Row; 48] = [
    // What the content is judged for.
    row(Any, Type(&["content_filter"]), Verdict::of(Kind::ContentFiltered)),
    row(
        Client,
        Says(&["considered high risk", "is high risk", "高风险", "内容违规", "内容不合规"]),
        Verdict::of(Kind::ContentFiltered),
    ),
    // Money. The types and phrases of the official client's classifier, and those of the documentation;
    // never "quota" or "balance" alone, which rate limits say too.
    row(Client, Type(MONEY), Verdict::of(Kind::OutOfBalance)),
    row(
        Client,
        Says(&[
            "exceeded your current quota",
            "exceeded your current token quota",
            "exceeded current quota",
            "check your account balance",
            "insufficient balance",
            "account balance is insufficient",
            "token quota is insufficient",
            "recharge your account",
            "please recharge",
            "account in arrears",
            "account is in arrears",
            "余额不足",
            "欠费",
            "请充值",
            "请及时充值",
        ]),
        Verdict::of(Kind::OutOfBalance),
    ),
    row(Is(&[402]), Says(LAPSED), Verdict::of(Kind::MembershipLapsed)),
    row(Is(&[402]), Anywhere, Verdict::of(Kind::OutOfBalance)),
    // The service's own state.
    row(
        Any,
        Type(&["engine_overloaded_error", "engine_overloaded", "overloaded_error"]),
        Verdict::OVERLOADED,
    ),
    row(
        Any,
        Says(&[
            "engine is currently overloaded",
            "currently overloaded",
            "server is overloaded",
            "model is overloaded",
            "引擎过载",
            "服务过载",
            "当前过载",
            "负载过高",
            "服务繁忙",
            "服务器繁忙",
            "系统繁忙",
        ]),
        Verdict::OVERLOADED,
    ),
    row(Is(&[529]), Anywhere, Verdict::OVERLOADED),
    // Rate limits; which one, and whose, is read from the message.
    row(Client, Says(&["receiving too many requests"]), Verdict::limited(None, Some(LimitScope::Service))),
    row(
        Client,
        Type(&[
            "rate_limit_reached_error",
            "rate_limit_error",
            "rate_limit_exceeded",
            "rate_limit_exceeded_error",
        ]),
        Verdict::limited(None, None),
    ),
    row(Client, Says(CONCURRENCY), Verdict::limited(Some(Limit::Concurrency), None)),
    row(Is(&[429]), Anywhere, Verdict::limited(None, None)),
    row(
        Is(&[200, 400, 403, 503]),
        SaysBoth(
            &["request reached", "limit reached", "rate limit"],
            &["rpm", "tpm", "tpd", "concurrency", "max request"],
        ),
        Verdict::limited(None, None),
    ),
    // A key that is said to be no good; then the account, and what a plan grants. A 401 alone does not mean the key:
    // the service also refuses models with it, under the type of a key's fault.
    row(Is(&[401, 403]), Speaks(Topic::blames_key), Verdict::of(Kind::Unauthorized)),
    row(Is(&[401, 403]), Speaks(Topic::suspends_account), Verdict::denied(Denied::Account)),
    row(Is(&[401, 403]), Speaks(Topic::misses_model), Verdict::NO_MODEL),
    row(Is(&[401, 403]), Speaks(Topic::speaks_of_plan), Verdict::denied(Denied::Model)),
    row(Is(&[401]), Speaks(Topic::speaks_of_key), Verdict::of(Kind::Unauthorized)),
    row(Is(&[401]), Speaks(Topic::is_silent), Verdict::of(Kind::Unauthorized)),
    // Whatever else it is about, it is not about the key.
    row(Is(&[401]), Anywhere, Verdict::of(Kind::Forbidden)),
    row(
        Client,
        Type(&[
            "invalid_authentication_error",
            "incorrect_api_key_error",
            "authentication_error",
            "invalid_api_key",
            "unauthenticated",
            "unauthorized",
        ]),
        Verdict::of(Kind::Unauthorized),
    ),
    row(
        Client,
        Says(&[
            "invalid authentication",
            "incorrect api key",
            "invalid api key",
            "api key appears to be invalid",
            "密钥无效",
            "无效的密钥",
            "api key 无效",
            "无效的 api key",
            "认证失败",
            "鉴权失败",
            "身份验证失败",
        ]),
        Verdict::of(Kind::Unauthorized),
    ),
    row(Is(&[403, 407, 451]), Anywhere, Verdict::of(Kind::Forbidden)),
    row(
        Is(&[200]),
        Type(&["permission_denied_error", "permission_denied", "permission_error"]),
        Verdict::of(Kind::Forbidden),
    ),
    // What is not there.
    row(Is(&[404, 410]), Anywhere, Verdict::of(Kind::NotFound)),
    row(
        Is(&[200, 400]),
        Type(&["resource_not_found_error", "not_found_error", "url.not_found", "not_found"]),
        Verdict::of(Kind::NotFound),
    ),
    row(Is(&[200, 400]), Says(NO_MODEL), Verdict::of(Kind::NotFound)),
    // Nothing was wrong with a request whose caller hung up.
    row(Is(&[499]), Anywhere, Verdict::of(Kind::Unknown)),
    row(Any, Type(&["client_closed_request"]), Verdict::of(Kind::Unknown)),
    // Gateways.
    row(Is(&[408, 504, 522, 524, 598, 599]), Anywhere, Verdict::of(Kind::GatewayTimeout)),
    row(Is(&[200]), Says(&["gateway time-out", "gateway timeout"]), Verdict::of(Kind::GatewayTimeout)),
    row(Is(&[200]), Type(&["deadline_exceeded"]), Verdict::of(Kind::GatewayTimeout)),
    // The service failed.
    row(Server, Anywhere, Verdict::of(Kind::ServerError)),
    row(
        Any,
        Type(&[
            "server_error",
            "unexpected_output",
            "server_unavailable",
            "internal_error",
            "internal_server_error",
            "api_error",
        ]),
        Verdict::of(Kind::ServerError),
    ),
    row(
        Is(&[200]),
        Says(&["internal server error", "bad gateway", "service unavailable"]),
        Verdict::of(Kind::ServerError),
    ),
    // The request.
    row(
        Is(&[400, 405, 406, 409, 411, 412, 413, 414, 415, 416, 417, 421, 422, 428, 431]),
        Anywhere,
        Verdict::of(Kind::BadRequest),
    ),
    row(
        Any,
        Type(&["invalid_request_error", "invalid_request", "invalid_argument", "bad_request"]),
        Verdict::of(Kind::BadRequest),
    ),
    row(Is(&[200]), Says(&["request format error"]), Verdict::of(Kind::BadRequest)),
    // Types that come with a status which says nothing.
    row(Any, Type(&["resource_exhausted"]), Verdict::limited(None, None)),
    row(Any, Type(&["resource_not_found_error", "url.not_found"]), Verdict::of(Kind::NotFound)),
    row(Any, Type(&["permission_denied_error", "permission_error"]), Verdict::of(Kind::Forbidden)),
    row(Any, Type(&["access_terminated_error"]), Verdict::of(Kind::Forbidden)),
    row(
        Any,
        Says(&["not allowed to access", "is not open", "not allowed to get"]),
        Verdict::of(Kind::Forbidden),
    ),
    row(Any, Says(&["too many requests", "请求过多", "请求过于频繁"]), Verdict::limited(None, None)),
    row(Any, Says(&["unauthorized", "unauthenticated"]), Verdict::of(Kind::Unauthorized)),
    row(Any, Says(&["membership"]), Verdict::of(Kind::MembershipLapsed)),
    row(Any, Anywhere, Verdict::of(Kind::Unknown)),
];

/// Finds the meaning of an error: the first row that matches.
pub(super) fn judge(said: &ErrorFacts<'_>) -> Verdict {
    let kimi_code = if said.source == Some(Source::Platform) { &[][..] } else { &KIMI_CODE[..] };
    kimi_code
        .iter()
        .chain(&BOTH)
        .find(|Row(on, look, _)| on.fits(said.status) && look.fits(said))
        .map_or(Verdict::of(Kind::Unknown), |Row(_, _, verdict)| *verdict)
}

impl On {
    fn fits(self, status: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Client => (400..500).contains(&status) || (200..300).contains(&status),
            Self::Is(statuses) => {
                statuses.contains(&status) || (200..300).contains(&status) && statuses.contains(&200)
            }
            Self::Server => (500..600).contains(&status),
        }
    }
}

impl Where {
    fn fits(self, said: &ErrorFacts<'_>) -> bool {
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| said.text.contains(phrase));
        match self {
            Self::Anywhere => true,
            Self::Type(types) => said.types.iter().any(|given| types.contains(&given.as_str())),
            Self::Says(phrases) => says(phrases),
            Self::Speaks(speaks) => speaks(said.topic),
            Self::Exhausted => window::is_exhausted(said.text),
            Self::SaysBoth(first, second) => says(first) && says(second),
        }
    }
}
