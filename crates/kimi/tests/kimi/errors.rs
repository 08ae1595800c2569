//! Errors: what each means, by a table; and the advice that people get to read.

use std::fmt::Write;
use std::time::Duration;

use chrono::TimeDelta;
use tidemark_core::failure::{Denied, Limit, LimitScope};
use tidemark_core::{Failure, FailureKind, Meter, MeterReading, Reading, Region, Source};
use tidemark_kimi::{advice, explain, settle_window};

use crate::at;

const KC: Option<Source> = Some(Source::KimiCode);
const PF: Option<Source> = Some(Source::Platform);

/// An error body of the documented envelope; an empty type is left out.
fn error(kind: &str, message: &str) -> String {
    let mut error = serde_json::json!({"message": message});
    if !kind.is_empty() {
        error["type"] = kind.into();
    }
    serde_json::json!({"error": error}).to_string()
}

/// What it comes to in one line: `rate-limited tokens-per-day account 7/5 after 1s`.
fn verdict(failure: &Failure) -> String {
    let mut words = vec![failure.kind.to_string()];
    words.extend(failure.limit.map(|limit| limit.to_string()));
    words.extend(failure.whose.map(|whose| whose.to_string()));
    words.extend(failure.meter.map(|meter| meter.to_string()));
    words.extend(failure.denied.map(|denied| denied.to_string()));
    if failure.current.is_some() || failure.limit_value.is_some() {
        let one = |figure: Option<u64>| figure.map_or("-".to_owned(), |figure| figure.to_string());
        words.push(format!("{}/{}", one(failure.current), one(failure.limit_value)));
    }
    words.extend(failure.retry_after.map(|wait| format!("after {}s", wait.as_secs_f64())));
    words.join(" ")
}

/// The documented envelope: status, source, type, message, verdict.
const ENVELOPED: &[(u16, Option<Source>, &str, &str, &str)] = &[
    // The documentation of August 2026, row by row.
    (
        400,
        PF,
        "content_filter",
        "The request was rejected because it was considered high risk",
        "content-filtered",
    ),
    (400, PF, "", "The request was rejected because it was considered high risk", "content-filtered"),
    (
        400,
        PF,
        "invalid_request_error",
        "Request format error, missing required parameter, or invalid parameter type",
        "bad-request",
    ),
    (400, PF, "invalid_request_error", "Input token length too long", "bad-request"),
    (
        400,
        PF,
        "invalid_request_error",
        "prompt tokens + max_tokens exceeds the model specification",
        "bad-request",
    ),
    (400, PF, "invalid_request_error", "Invalid purpose: only 'file-extract' accepted", "bad-request"),
    (
        400,
        PF,
        "invalid_request_error",
        "File size is too large, max file size is 100MB, please confirm and re-upload the file",
        "bad-request",
    ),
    (
        400,
        PF,
        "invalid_request_error",
        "File size is zero, please confirm and re-upload the file",
        "bad-request",
    ),
    (400, PF, "invalid_request_error", "Too many uploaded files", "bad-request"),
    (401, PF, "invalid_authentication_error", "Invalid Authentication", "unauthorized"),
    (401, PF, "incorrect_api_key_error", "Incorrect API key provided", "unauthorized"),
    (401, PF, "invalid_authentication_error", "Incorrect API key provided", "unauthorized"),
    (403, PF, "permission_denied_error", "The API you are accessing is not open", "forbidden"),
    (403, PF, "permission_denied_error", "You are not allowed to get other user info", "forbidden"),
    (403, PF, "permission_denied_error", "Your IP is not allowed to access this organization", "forbidden"),
    (
        404,
        PF,
        "resource_not_found_error",
        "Model not found, or this account does not have permission to access the model",
        "not-found",
    ),
    (404, PF, "resource_not_found_error", "Not found the model or Permission denied", "not-found"),
    (404, PF, "resource_not_found_error", "Users u-1 not found", "not-found"),
    (
        429,
        PF,
        "engine_overloaded_error",
        "The engine is currently overloaded, please try again later",
        "overloaded service",
    ),
    (
        429,
        PF,
        "exceeded_current_quota_error",
        "Account balance is insufficient or the account has been disabled",
        "out-of-balance",
    ),
    (429, PF, "exceeded_current_quota_error", "Token quota is insufficient", "out-of-balance"),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Organization-level concurrency limit reached",
        "rate-limited concurrency account",
    ),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Organization-level RPM limit reached",
        "rate-limited requests-per-minute account",
    ),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Organization-level TPM limit reached",
        "rate-limited tokens-per-minute account",
    ),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Organization-level TPD limit reached",
        "rate-limited tokens-per-day account",
    ),
    (499, PF, "client_closed_request", "", "unknown"),
    (500, PF, "server_error", "Failed to extract file: x", "server-error"),
    (500, PF, "unexpected_output", "invalid state transition", "server-error"),
    (503, PF, "server_unavailable", "", "server-error"),
    // The wording of 2024 and 2025, which servers still use.
    (
        403,
        PF,
        "exceeded_current_quota_error",
        "Your account c1<ak-1> is not active, current state: suspended, you may consider to check your account balance",
        "out-of-balance",
    ),
    (
        429,
        PF,
        "exceeded_current_quota_error",
        "You exceeded your current token quota: 100, please check your account balance",
        "out-of-balance",
    ),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Your account c1<ak-1> request reached max concurrency: 4, please try again after 2 seconds",
        "rate-limited concurrency account -/4 after 2s",
    ),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Your account c1<ak-1> request reached max request: 3, please try again after 1 seconds",
        "rate-limited requests-per-minute account -/3 after 1s",
    ),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Your account c1<ak-1> request reached TPM rate limit, current:70001, limit:70000",
        "rate-limited tokens-per-minute account 70001/70000",
    ),
    (
        429,
        PF,
        "rate_limit_reached_error",
        "Your account c1<ak-1> request reached TPD rate limit,current:1600001, limit:1600000",
        "rate-limited tokens-per-day account 1600001/1600000",
    ),
    // Messages that were seen, with other figures, most without a type.
    (
        429,
        PF,
        "",
        "request reached organization TPD rate limit, current: 1600001, limit: 1600000",
        "rate-limited tokens-per-day account 1600001/1600000",
    ),
    (
        429,
        PF,
        "",
        "request reached organization max RPM: 30, please try again after 1 seconds",
        "rate-limited requests-per-minute account -/30 after 1s",
    ),
    (
        429,
        PF,
        "",
        "request reached max organization concurrency: 5, please try again after 1 seconds",
        "rate-limited concurrency account -/5 after 1s",
    ),
    (
        429,
        PF,
        "",
        "Your account organization concurrency: 2, request reached max organization concurrency: 2, please try again after 0 seconds",
        "rate-limited concurrency account -/2 after 0s",
    ),
    (429, PF, "", "request reached user+model max RPM: 60", "rate-limited requests-per-minute account -/60"),
    (
        429,
        PF,
        "",
        "Your account c1 / proj-2 <ak-3> request reached project TPM rate limit, current: 2410, limit: 200, see https://platform.moonshot.cn/docs/pricing/limits",
        "rate-limited tokens-per-minute project 2410/200",
    ),
    (
        429,
        PF,
        "",
        "Your account org-1 / proj-2 <ak-3> request reached organization TPM rate limit, current: 2410, limit: 200",
        "rate-limited tokens-per-minute account 2410/200",
    ),
    (
        429,
        PF,
        "",
        "Your account org-1 <ak-2> is suspended due to insufficient balance, please recharge your account or check your plan and billing details",
        "out-of-balance",
    ),
    (
        403,
        PF,
        "",
        "Your account org-1<ak-2> is not active, organization <org-1> exceeded current quota, please check your plan and billing details",
        "out-of-balance",
    ),
    (429, PF, "", "The account is in arrears", "out-of-balance"),
    // "quota" and "balance" alone say nothing about money.
    (429, PF, "", "load balance in progress, quota unaffected", "rate-limited"),
    (429, PF, "", "", "rate-limited"),
    // Kimi Code.
    (401, KC, "", "The API Key appears to be invalid or may have expired.", "unauthorized"),
    (
        402,
        KC,
        "",
        "We're unable to verify your membership benefits at this time. Please ensure your membership is active.",
        "membership-lapsed",
    ),
    (402, KC, "", "", "membership-lapsed"),
    (402, KC, "", "insufficient balance", "out-of-balance"),
    (402, KC, "insufficient_balance", "Payment required", "out-of-balance"),
    (402, KC, "", "Please recharge to go on", "out-of-balance"),
    (402, None, "exceeded_current_quota_error", "", "out-of-balance"),
    (402, PF, "", "Please ensure your membership is active", "membership-lapsed"),
    (402, PF, "", "", "out-of-balance"),
    (
        403,
        KC,
        "access_terminated_error",
        "You've reached your 5-hour usage limit. Wait for the window to end.",
        "window-exhausted 5h",
    ),
    (
        403,
        KC,
        "access_terminated_error",
        "You\u{2019}ve reached your weekly (7-day) usage limit. Your quota will reset when the current 7-day window ends.",
        "window-exhausted week",
    ),
    (403, KC, "permission_error", "You've reached your weekly (7-day) usage limit.", "window-exhausted week"),
    (
        403,
        KC,
        "access_terminated_error",
        "You've reached your monthly usage limit for this billing cycle.",
        "window-exhausted month",
    ),
    (
        403,
        KC,
        "access_terminated_error",
        "You've reached your usage limit for this billing cycle.",
        "window-exhausted",
    ),
    (
        429,
        KC,
        "rate_limit_reached_error",
        "You've reached your usage limit for this period",
        "window-exhausted 5h",
    ),
    (429, KC, "", "You've reached kimi monthly usage limit", "window-exhausted month"),
    (403, None, "", "You've reached your 5-hour usage limit.", "window-exhausted 5h"),
    (
        403,
        KC,
        "access_terminated_error",
        "You've reached your concurrent request limit",
        "rate-limited concurrency account",
    ),
    (
        403,
        KC,
        "access_terminated_error",
        "Kimi For Coding is currently only available for Coding Agents",
        "forbidden client",
    ),
    (403, KC, "permission_error", "no", "forbidden"),
    (
        429,
        KC,
        "engine_overloaded_error",
        "The engine is currently overloaded, please try again later",
        "overloaded service",
    ),
    (429, KC, "", "The engine is currently overloaded, please try again later", "overloaded service"),
    (
        429,
        KC,
        "rate_limit_reached_error",
        "We're receiving too many requests at the moment. Please wait a moment and try again.",
        "rate-limited concurrency account",
    ),
    (404, KC, "", "no route", "not-found"),
    (529, KC, "overloaded_error", "Overloaded", "overloaded service"),
    (503, KC, "", "The engine is currently overloaded", "overloaded service"),
    (
        429,
        None,
        "rate_limit_reached_error",
        "Project-level concurrency limit reached",
        "rate-limited concurrency project",
    ),
    (429, None, "exceeded_current_quota_error", "monthly usage limit", "out-of-balance"),
    (403, KC, "", "monthly usage limit reached, request a7d3", "window-exhausted month"),
    // Windows by other words.
    (403, KC, "", "You have reached your seven-day usage limit.", "window-exhausted week"),
    (403, KC, "", "Your five-hour quota has been exhausted", "window-exhausted 5h"),
    (403, KC, "", "Quota exceeded: this month", "window-exhausted month"),
    (403, KC, "", "Your quota will reset when the current window ends.", "window-exhausted"),
    (
        403,
        KC,
        "permission_error",
        "You've reached your usage limit for this billing cycle",
        "window-exhausted",
    ),
    (429, KC, "", "You've reached your weekly usage limit for this billing cycle", "window-exhausted week"),
    (
        429,
        KC,
        "",
        "The usage limit of the week is used up: weekly. Your 5-hour quota is untouched.",
        "window-exhausted week",
    ),
    (
        429,
        None,
        "",
        "You've reached your usage limit for this period. Refreshed in the next period.",
        "window-exhausted 5h",
    ),
    (403, KC, "", "您已达到 5 小时使用上限，额度将在当前窗口结束时重置。", "window-exhausted 5h"),
    (403, KC, "", "您的5小时额度已用完", "window-exhausted 5h"),
    (403, KC, "", "您的每周（7 天）用量已达上限", "window-exhausted week"),
    (403, KC, "", "本周额度已耗尽，请升级套餐", "window-exhausted week"),
    (429, KC, "", "本月额度已用尽，Kimi Code 已冻结", "window-exhausted month"),
    (403, KC, "", "您已达到本计费周期的使用上限", "window-exhausted"),
    (429, KC, "", "当前周期的额度已用完", "window-exhausted 5h"),
    (403, KC, "", "额度将在当前窗口结束时重置", "window-exhausted"),
    // A model, a plan, an account, a program: the key is good in all but one.
    (
        401,
        KC,
        "invalid_authentication_error",
        "Your current subscription does not have access to k3-highspeed. Upgrade to a Pro plan or above.",
        "forbidden model",
    ),
    (401, KC, "", "Your plan only supports up to 256K context of this model", "forbidden model"),
    (401, KC, "", "Your model id does not exist, recognized as other:kimi-k7", "not-found model"),
    (403, KC, "permission_error", "You do not have access to model k3-next", "forbidden model"),
    (403, None, "access_terminated_error", "The model k3 is not included in your plan", "forbidden model"),
    (401, KC, "", "当前套餐不支持 k3 模型，请升级", "forbidden model"),
    (403, KC, "", "您无权使用该模型", "forbidden model"),
    (401, KC, "", "模型不存在", "not-found model"),
    (403, KC, "access_terminated_error", "Access terminated.", "forbidden account"),
    (403, KC, "", "Your account has been suspended for a violation of the terms", "forbidden account"),
    (403, PF, "", "账号已被封禁", "forbidden account"),
    (403, KC, "access_terminated_error", "", "forbidden"),
    (403, KC, "", "仅支持编程智能体使用", "forbidden client"),
    (401, KC, "", "无效的密钥", "unauthorized"),
    (401, KC, "", "Your subscription's key has expired", "unauthorized"),
    // However it is worded: a model or a plan is named, and nothing is said of a key.
    (401, KC, "", "You don't have permission to call k3-turbo", "forbidden model"),
    (
        401,
        KC,
        "invalid_authentication_error",
        "Your plan can't be used with kimi-for-coding",
        "forbidden model",
    ),
    (401, KC, "", "kimi-for-coding-highspeed needs Max or higher", "forbidden model"),
    (401, KC, "", "k3 is reserved for Ultra subscribers", "forbidden model"),
    (401, KC, "", "This model isn't part of your membership", "forbidden model"),
    (401, KC, "", "Your membership covers a context of 262144 tokens", "forbidden model"),
    (401, KC, "", "Your tier isn't eligible", "forbidden model"),
    (401, KC, "", "Upgrade to use 1M", "forbidden model"),
    (401, KC, "", "Please sign in to the console and upgrade your plan", "forbidden model"),
    (401, KC, "", "Your API key has no access to k3.1-pro", "forbidden model"),
    (401, KC, "plan_restricted", "Not on Go", "forbidden model"),
    (401, PF, "", "kimi-k3.1-pro is closed to new organizations", "forbidden model"),
    (401, KC, "", "您的订阅暂不能使用 k3", "forbidden model"),
    (401, KC, "", "会员等级过低", "forbidden model"),
    (401, KC, "", "该模型需要更高档位", "forbidden model"),
    (401, KC, "", "No model named `k7` could be found; it could not be found", "not-found model"),
    (401, KC, "", "Unknown model k7", "not-found model"),
    (401, KC, "", "The k7 model doesn't exist", "not-found model"),
    (401, KC, "model_not_found", "k7", "not-found model"),
    (401, KC, "model_not_found", "", "not-found model"),
    (401, KC, "", "无效的模型：k7", "not-found model"),
    (403, KC, "permission_error", "You don't have permission to use model k3-next", "forbidden model"),
    (403, PF, "permission_denied_error", "Your tier has no access to kimi-k3", "forbidden model"),
    (403, PF, "permission_denied_error", "Your plan does not allow this IP", "forbidden"),
    // Neither is the key's fault: whatever it is about.
    (401, KC, "", "This feature is not enabled for you", "forbidden"),
    (401, KC, "", "Please upgrade your client to the latest version", "forbidden"),
    // The key's fault, in other words.
    (401, KC, "", "no such key: hunter2", "unauthorized"),
    (401, KC, "", "Your access token has been revoked", "unauthorized"),
    (401, KC, "", "Authentication failed. See https://platform.moonshot.ai/docs/models", "unauthorized"),
    (401, KC, "", "Missing Authorization header", "unauthorized"),
    (401, KC, "", "Please sign in again.", "unauthorized"),
    (401, KC, "invalid_api_key", "Please check it", "unauthorized"),
    (401, KC, "", "The API key was not found. Check your plan on the console.", "unauthorized"),
    (401, None, "", "登录已过期", "unauthorized"),
    (401, None, "", "no", "unauthorized"),
    (401, None, "", "", "unauthorized"),
    // The account is taken away, and not its key or a model.
    (403, KC, "access_terminated_error", "Your access to Kimi Code has been suspended", "forbidden account"),
    (403, KC, "", "This account was banned for abuse.", "forbidden account"),
    (403, KC, "", "Your account has been restricted", "forbidden account"),
    (403, KC, "", "Access is restricted to Pro members", "forbidden model"),
    (401, KC, "", "We have deactivated your account", "forbidden account"),
    (403, PF, "", "Organization has been disabled", "forbidden account"),
    (403, KC, "", "您的访问权限已被暂停", "forbidden account"),
    (403, KC, "", "Access to k3 has been disabled for you", "forbidden model"),
    (401, KC, "", "Your API key has been disabled", "unauthorized"),
    (401, KC, "", "Your membership has lapsed", "membership-lapsed"),
    (403, KC, "", "Your subscription was cancelled", "membership-lapsed"),
    (401, KC, "", "您的会员已到期", "membership-lapsed"),
    (403, KC, "", "This API only supports coding clients", "forbidden client"),
    // Windows by figure and unit.
    (403, KC, "", "You've used your usage limit for the past 7 days", "window-exhausted week"),
    (403, KC, "", "Usage limit of 168 hours reached", "window-exhausted week"),
    (403, KC, "", "Your 31-day usage limit is reached", "window-exhausted month"),
    (403, KC, "", "The 30-day usage limit has been used up", "window-exhausted month"),
    (403, KC, "", "Your usage limit for the last 5 hours is reached", "window-exhausted 5h"),
    (403, KC, "", "Usage limit reached for one week", "window-exhausted week"),
    (403, KC, "", "近 30 天的用量已达上限", "window-exhausted month"),
    (403, KC, "", "您的一个月额度已用完", "window-exhausted month"),
    (403, KC, "", "Your 24-hour usage limit has been reached", "window-exhausted"),
    (403, KC, "", "daily usage limit reached", "window-exhausted"),
    (403, KC, "", "You've hit your weekly cap", "window-exhausted week"),
    (403, KC, "", "30-day allowance exhausted", "window-exhausted month"),
    (403, KC, "", "You have used 100% of your 7 day quota", "window-exhausted week"),
    (429, None, "", "daily token limit reached", "rate-limited tokens-per-day account"),
    // A length to wait for names no window.
    (403, KC, "", "Your weekly usage limit is reached. It resets in 5 hours.", "window-exhausted week"),
    (403, KC, "", "Your quota has been used up, quota resets in 7 days", "window-exhausted"),
    (403, KC, "", "额度已用完，5 小时后重置", "window-exhausted after 18000s"),
    // Other Chinese words.
    (429, PF, "", "账户余额不足，请充值", "out-of-balance"),
    (429, PF, "", "服务繁忙，请稍后重试", "overloaded service"),
    (429, KC, "", "请求过于频繁，请在 4 秒后重试", "rate-limited requests-per-minute account after 4s"),
    (403, KC, "access_terminated_error", "您的并发请求数已达上限", "rate-limited concurrency account"),
    (402, KC, "", "暂时无法验证您的会员权益", "membership-lapsed"),
    (400, PF, "", "请求被判定为高风险内容", "content-filtered"),
    // A quota window is never the platform's.
    (429, PF, "rate_limit_reached_error", "monthly limit of the project reached", "rate-limited project"),
];

#[test]
fn every_enveloped_error() {
    assert!(ENVELOPED.len() >= 60);
    for (status, source, kind, message, expected) in ENVELOPED {
        let failure = explain(*status, &[], *source, error(kind, message).as_bytes(), at());
        assert_eq!(verdict(&failure), *expected, "{status} {kind} {message}");
        assert_eq!(failure.status, Some(*status));
    }
}

#[test]
fn other_envelopes() {
    for (status, body, expected) in [
        (401, r#"{"code":401,"scode":"unauthorized","status":false}"#, "unauthorized"),
        (200, r#"{"code":401,"scode":"unauthorized","status":false}"#, "unauthorized"),
        (200, r#"{"code":"unauthenticated"}"#, "unauthorized"),
        (401, r#"{"code":"unauthenticated"}"#, "unauthorized"),
        (
            404,
            r#"{"code":5,"error":"url.not_found","message":"no such route","scode":"0x5","status":false}"#,
            "not-found",
        ),
        (
            200,
            r#"{"code":5,"error":"url.not_found","message":"no such route","scode":"0x5","status":false}"#,
            "not-found",
        ),
        (200, r#"{"error":{"type":"exceeded_current_quota_error","message":"x"}}"#, "out-of-balance"),
        (200, r#"{"error":{"type":"content_filter","message":"x"}}"#, "content-filtered"),
        (429, r#"{"error":{"error":{"error":{"code":"exceeded_current_quota_error"}}}}"#, "out-of-balance"),
        (
            429,
            r#"{"error":{"code":"exceeded_current_quota_error","message":"x","type":"x"}}"#,
            "out-of-balance",
        ),
        (429, r#"{"message":"You exceeded your current quota"}"#, "out-of-balance"),
        (
            429,
            r#"{"detail":"request reached organization max RPM: 3"}"#,
            "rate-limited requests-per-minute account -/3",
        ),
        (
            403,
            r#"{"type":"error","error":{"type":"permission_error","message":"You've reached your 5-hour usage limit."}}"#,
            "window-exhausted 5h",
        ),
        (403, r#"{"error":"You've reached your weekly usage limit"}"#, "window-exhausted week"),
        (
            403,
            r#"{"error":{"message":"{\"error\":{\"message\":\"You've reached your weekly (7-day) usage limit\"}}"}}"#,
            "window-exhausted week",
        ),
        (
            504,
            "<html><head><title>504 Gateway Time-out</title></head><body></body></html>",
            "gateway-timeout",
        ),
        (502, "<html><head><title>502 Bad Gateway</title></head></html>", "server-error"),
        (500, "", "server-error"),
        (503, "upstream connect error", "server-error"),
        (524, "", "gateway-timeout"),
        (429, "", "rate-limited"),
        (429, "<html><title>Too Many Requests</title></html>", "rate-limited"),
        (401, "", "unauthorized"),
        (403, "", "forbidden"),
        (404, "", "not-found"),
        (422, r#"{"detail":[{"msg":"field required"}]}"#, "bad-request"),
        (418, "", "unknown"),
        (200, "{}", "unknown"),
        (302, "", "unknown"),
        (0, "", "unknown"),
        (429, "{\"error\":{\"type\":\"rate_limit_reached_error\",\"mess", "rate-limited"),
    ] {
        assert_eq!(verdict(&explain(status, &[], None, body.as_bytes(), at())), expected, "{status} {body}");
    }
}

/// A reading with these shares, each reset in an hour but for those that were reset an hour ago.
fn reading(meters: &[(Meter, &str)], past: &[Meter]) -> Reading {
    let meters = meters
        .iter()
        .map(|(meter, used)| MeterReading {
            meter: *meter,
            used_percent: used.parse().unwrap(),
            used: None,
            limit: None,
            resets_at: Some(at() + TimeDelta::hours(if past.contains(meter) { -1 } else { 1 })),
            conflict: false,
        })
        .collect();
    Reading { meters, ..Reading::new(at(), Source::KimiCode, Region::China) }
}

#[test]
fn the_last_reading_settles_which_window_an_error_leaves_open() {
    use Meter::{FiveHour, Month, Week};
    let cycle = "You've reached your usage limit for this billing cycle.";
    let period = "You've reached your usage limit for this period.";
    let window = "Your quota will reset when the current window ends.";
    let weekly = "You've reached your weekly usage limit.";
    for (message, meters, past, settled) in [
        (cycle, &[(FiveHour, "3"), (Week, "100")][..], &[][..], Some(Week)),
        (cycle, &[(FiveHour, "100"), (Week, "40")], &[], None),
        (cycle, &[(FiveHour, "12"), (Month, "100")], &[], Some(Month)),
        // A reading of a few minutes ago, and a plan that has no week.
        (cycle, &[(FiveHour, "12"), (Month, "96.4")], &[], Some(Month)),
        (cycle, &[(FiveHour, "12"), (Week, "30"), (Month, "96.4")], &[], None),
        (cycle, &[(Week, "99.4"), (Month, "100")], &[], Some(Month)),
        (cycle, &[(Week, "100")], &[Week], None),
        (cycle, &[], &[], None),
        (period, &[(FiveHour, "99.62"), (Week, "50")], &[], Some(FiveHour)),
        (period, &[(FiveHour, "2"), (Week, "100")], &[], Some(Week)),
        (period, &[(FiveHour, "2"), (Week, "50")], &[], Some(FiveHour)),
        (window, &[(FiveHour, "100"), (Week, "50")], &[], Some(FiveHour)),
        (window, &[(FiveHour, "100"), (Week, "100")], &[FiveHour], Some(Week)),
        (window, &[(FiveHour, "50"), (Week, "50")], &[], None),
        // What the words say stands, whatever the reading shows.
        (weekly, &[(FiveHour, "100"), (Week, "50")], &[], Some(Week)),
    ] {
        let mut failure = explain(403, &[], KC, error("", message).as_bytes(), at());
        settle_window(&mut failure, &reading(meters, past), at());
        assert_eq!(failure.meter, settled, "{message} {meters:?}");
    }
    let mut other = Failure::new(FailureKind::RateLimited, cycle);
    settle_window(&mut other, &reading(&[(Week, "100")], &[]), at());
    assert_eq!(other.meter, None);
}

#[test]
fn the_header_wins_over_the_message() {
    let body = error("", "request reached organization max RPM: 3, please try again after 9 seconds");
    let wait = |header: &str| {
        explain(429, &[("retry-after".into(), header.into())], PF, body.as_bytes(), at()).retry_after.unwrap()
    };
    assert_eq!(wait("3"), Duration::from_secs(3));
    assert_eq!(wait("0"), Duration::ZERO);
    assert_eq!(wait("0.25"), Duration::from_millis(250));
    assert_eq!(wait("Fri, 20 Nov 2026 10:00:07 GMT"), Duration::from_secs(7));
    assert_eq!(wait("later"), Duration::from_secs(9));
    // Whatever the kind.
    let failure = explain(503, &[("Retry-After".into(), "30".into())], None, b"", at());
    assert_eq!(failure.retry_after, Some(Duration::from_secs(30)));
}

#[test]
fn messages_say_what_was_said_without_ids() {
    let shown = |status, body: &str| explain(status, &[], None, body.as_bytes(), at()).message;
    assert_eq!(
        shown(429, &error("", "Your account org-77 <ak-88> is suspended due to insufficient balance")),
        "Your account … <ak-…> is suspended due to insufficient balance"
    );
    assert_eq!(shown(418, "short and\n stout"), "the service answered with status 418: short and stout");
    assert_eq!(shown(418, ""), "the service answered with status 418 without a message");
    assert_eq!(
        shown(429, r#"{"error":{"type":"rate_limit_reached_error"}}"#),
        "the service answered with status 429 and only said `rate_limit_reached_error`"
    );
    assert!(shown(500, &error("", &"word ".repeat(1000))).chars().count() <= 501);
}

#[test]
fn an_envelope_with_one_bad_character_still_names_its_type() {
    for body in [
        &b"{\"error\":{\"message\":\"line one\nline two\",\"type\":\"content_filter\"}}"[..],
        b"{\"error\":{\"message\":\"a\xffb\",\"type\":\"content_filter\"}}",
        br#"{"error":{"message":"\ud83d","type":"content_filter","param":NaN}}"#,
    ] {
        let failure = explain(400, &[], PF, body, at());
        assert_eq!(failure.kind, FailureKind::ContentFiltered, "{}", failure.message);
        assert!(!failure.message.contains("content_filter"), "{}", failure.message);
    }
}

#[test]
fn advice_for_every_kind() {
    let mut all = String::new();
    let mut add = |failure: &Failure| {
        let advice = advice(failure);
        assert!(!all.contains(advice), "twice: {advice}");
        writeln!(all, "{}\n    {advice}", verdict(failure)).unwrap();
    };
    let of = |kind| Failure::new(kind, "");
    for limit in [Limit::Concurrency, Limit::RequestsPerMinute, Limit::TokensPerMinute, Limit::TokensPerDay] {
        for whose in [LimitScope::Account, LimitScope::Project] {
            add(&Failure { limit: Some(limit), whose: Some(whose), ..of(FailureKind::RateLimited) });
        }
    }
    add(&Failure { whose: Some(LimitScope::Service), ..of(FailureKind::RateLimited) });
    add(&of(FailureKind::RateLimited));
    for meter in [Some(Meter::FiveHour), Some(Meter::Week), Some(Meter::Month), None] {
        add(&Failure { meter, ..of(FailureKind::WindowExhausted) });
    }
    for denied in [Denied::Model, Denied::Client, Denied::Account] {
        add(&Failure { denied: Some(denied), ..of(FailureKind::Forbidden) });
    }
    for kind in [
        FailureKind::Overloaded,
        FailureKind::OutOfBalance,
        FailureKind::MembershipLapsed,
        FailureKind::Unauthorized,
        FailureKind::Forbidden,
        FailureKind::NotFound,
        FailureKind::ServerError,
        FailureKind::GatewayTimeout,
        FailureKind::ContentFiltered,
        FailureKind::BadRequest,
        FailureKind::Network,
        FailureKind::Timeout,
        FailureKind::NotUnderstood,
        FailureKind::KeyUnavailable,
        FailureKind::ServerNotRunning,
        FailureKind::ServerTokenRefused,
        FailureKind::Unknown,
    ] {
        add(&of(kind));
    }
    add(&Failure { status: Some(499), ..of(FailureKind::Unknown) });
    insta::assert_snapshot!(all);
}

#[test]
fn a_type_that_does_not_end_is_shortened_like_a_message() {
    let endless = "x".repeat(100_000);
    for body in [error(&endless, ""), error("", &endless), format!(r#"{{"error":{{"type":"{endless}"}}}}"#)] {
        let failure = explain(500, &[], PF, body.as_bytes(), at());
        assert!(failure.message.chars().count() < 600, "{} characters", failure.message.chars().count());
    }
}
