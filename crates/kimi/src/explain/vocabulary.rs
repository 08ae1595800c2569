//! The words that a [`topic`](super::topic) is known by, in lower case.

/// What a key is called.
pub(super) const KEYS: &[&str] = &[
    "key",
    "keys",
    "apikey",
    "api-key",
    "api_key",
    "token",
    "jwt",
    "bearer",
    "credential",
    "credentials",
    "authentication",
    "authorization",
    "login",
    "session",
    "signature",
];

/// Words that speak of a key or of who asks, wherever they stand.
pub(super) const OF_A_KEY: &[&str] = &[
    "authenticate",
    "authenticated",
    "authorized",
    "authorised",
    "unauthorized",
    "unauthorised",
    "unauthenticated",
    "auth",
    "oauth",
    "password",
];

/// The same in Chinese.
pub(super) const KEYS_CHINESE: &[&str] = &[
    "密钥",
    "秘钥",
    "api key",
    "apikey",
    "令牌",
    "凭证",
    "凭据",
    "认证",
    "鉴权",
    "身份验证",
    "授权信息",
    "登录",
    "登陆",
    "未授权",
];

/// How it is said that somebody has to sign in. They may also have to in order to buy a plan.
pub(super) const SIGN_IN: &[&str] =
    &["sign in", "signed in", "log in", "logged in", "logged out", "signed out"];

/// States of a key that is no good.
pub(super) const BAD: &[&str] = &[
    "invalid",
    "incorrect",
    "wrong",
    "bad",
    "expired",
    "expires",
    "revoked",
    "missing",
    "malformed",
    "unknown",
    "unrecognized",
    "deleted",
    "disabled",
    "rejected",
    "required",
    "needed",
    "failed",
    "failure",
    "mismatch",
    "inactive",
    "deactivated",
    "blocked",
    "suspended",
];

/// What negates the word after it.
pub(super) const NOT: &[&str] =
    &["not", "isn't", "wasn't", "doesn't", "couldn't", "cannot", "can't", "don't", "no", "never", "longer"];

/// What a key is not, where it is no good.
pub(super) const NOT_GOOD: &[&str] = &[
    "valid",
    "found",
    "recognized",
    "recognised",
    "exist",
    "accepted",
    "active",
    "authenticated",
    "provided",
    "supplied",
    "present",
    "given",
    "set",
    "verified",
    "verify",
    "correct",
];

/// The same states in Chinese.
pub(super) const BAD_CHINESE: &[&str] = &[
    "无效",
    "过期",
    "失效",
    "错误",
    "不正确",
    "不存在",
    "已删除",
    "被删除",
    "吊销",
    "撤销",
    "缺失",
    "缺少",
    "未提供",
    "不合法",
    "失败",
    "未登录",
    "未登陆",
    "停用",
    "禁用",
];

/// What a plan is called, and who has one.
pub(super) const PLANS: &[&str] = &[
    "plan",
    "plans",
    "subscription",
    "subscriptions",
    "subscribe",
    "subscriber",
    "subscribers",
    "membership",
    "memberships",
    "member",
    "members",
    "tier",
    "tiers",
    "package",
    "entitlement",
    "entitlements",
    "entitled",
    "eligible",
    "paid",
    "premium",
    "pro",
    "ultra",
    "adagio",
    "andante",
    "moderato",
    "allegretto",
    "allegro",
    "vivace",
];

/// Plans whose names are everyday words: only beside a word that shows it.
pub(super) const PLAN_NAMES: &[&str] = &["go", "plus", "max"];

/// Words that show that such a name is a plan's.
pub(super) const BESIDE_PLAN_NAMES: &[&str] = &[
    "requires",
    "require",
    "required",
    "needs",
    "need",
    "plan",
    "plans",
    "tier",
    "member",
    "members",
    "membership",
    "subscription",
    "subscribers",
    "users",
    "pro",
    "ultra",
    "higher",
    "above",
];

/// What leads to another plan, and to another version of a program.
pub(super) const UPGRADES: &[&str] = &["upgrade", "upgraded", "upgrading"];

/// What is upgraded that is no plan.
pub(super) const VERSIONS: &[&str] = &["client", "version", "versions", "cli", "app", "sdk", "browser"];

pub(super) const PLANS_CHINESE: &[&str] = &["套餐", "会员", "订阅", "档位", "权益"];

pub(super) const MODELS_CHINESE: &[&str] = &["模型", "上下文", "高速版"];

/// States of a plan that has ended.
pub(super) const ENDED: &[&str] = &[
    "expired",
    "ended",
    "lapsed",
    "inactive",
    "cancelled",
    "canceled",
    "terminated",
    "paused",
    "unpaid",
    "overdue",
];

/// How it is said that nothing is known of a plan.
pub(super) const UNVERIFIED: &[&str] = &["verify", "verified", "confirm", "confirmed"];

pub(super) const ENDED_CHINESE: &[&str] =
    &["过期", "到期", "失效", "终止", "验证", "核实", "确认", "已取消", "已结束"];

/// What a service takes from an account.
pub(super) const ACCOUNTS: &[&str] =
    &["account", "accounts", "access", "user", "organization", "organisation", "workspace"];

pub(super) const ACCOUNTS_CHINESE: &[&str] = &["账号", "账户", "帐号", "帐户", "访问", "用户", "组织"];

/// States of an account that has been taken away.
pub(super) const SUSPENDED: &[&str] = &[
    "terminated",
    "suspended",
    "banned",
    "disabled",
    "deactivated",
    "blocked",
    "closed",
    "frozen",
    "locked",
    "revoked",
    "terminate",
    "suspend",
    "suspension",
    "termination",
];

pub(super) const SUSPENDED_CHINESE: &[&str] =
    &["终止", "封禁", "停用", "冻结", "禁用", "封停", "注销", "暂停", "封号", "锁定"];

/// What an answer is refused for that is neither model nor plan.
pub(super) const PLACES: &[&str] =
    &["ip", "ips", "address", "region", "country", "location", "referer", "origin"];

/// How it is said that there is no such model, around its name.
pub(super) const NO_SUCH: &[&str] = &[
    "not exist",
    "n't exist",
    "not be found",
    "not found",
    "n't be found",
    "not find",
    "n't find",
    "cannot find",
    "no such model",
    "unknown model",
    "unrecognized model",
    "unrecognised model",
    "invalid model",
    "recognized as other",
    "recognised as other",
    "model is unknown",
    "model is invalid",
    "model is not valid",
    "not a valid model",
    "no longer exists",
    "nonexistent model",
    "non-existent model",
    "has been removed",
    "was removed",
    "has been retired",
    "不存在",
    "未找到",
    "找不到",
    "没有找到",
    "无法找到",
    "未知模型",
    "无效的模型",
    "无效模型",
    "模型无效",
    "已下线",
    "已退役",
];

/// Words that may stand between a state and what it is a state of.
pub(super) const FILLERS: &[&str] = &[
    "the",
    "a",
    "an",
    "your",
    "this",
    "our",
    "api",
    "access",
    "kimi",
    "code",
    "provided",
    "or",
    "any",
    "such",
    "valid",
    "bearer",
    "refresh",
    "membership",
    "user",
    "and",
    "current",
    "status",
    "benefits",
    "active",
    "moonshot",
];

/// Words that say nothing of what is wrong.
pub(super) const EMPTY: &[&str] =
    &["error", "errors", "message", "code", "type", "status", "null", "http", "401", "data"];
