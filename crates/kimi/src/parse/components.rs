//! Which accounts an incident on the status page concerns, by the components that it names.
//!
//! Most incidents on the page are about search, or are alarms of machines that name no component at all and end after
//! minutes. Beside a deduction they would only mislead.

use tidemark_core::Source;

use super::fields::Node;
use crate::explain::phrase;

/// The components of 2026 by their ids. The page has none for Kimi Code: whatever runs the models serves it too.
const IDS: [(&str, &[Source]); 3] = [
    ("8psr5dfdld0s", &[Source::Platform]),
    ("x0zsqgy57b75", &[Source::KimiCode, Source::Platform]),
    ("rf64wcbxt3r2", &[Source::KimiCode, Source::Platform]),
];

/// Names of one of the products, as words of their own; the first row that fits counts.
const PRODUCTS: [(&[&str], Source); 2] = [
    (&["kimi code", "kimi-code", "kimicode", "coding", "编程"], Source::KimiCode),
    (
        &[
            "open api",
            "openapi",
            "open-api",
            "open platform",
            "platform api",
            "developer platform",
            "开放平台",
            "开放 api",
        ],
        Source::Platform,
    ),
];

/// Names of what runs the models, for both products.
const MODELS: &[&str] = &["model", "models", "inference", "模型", "推理"];

/// What else the service has. Its interface and its models are not those of an account.
const OTHERS: &[&str] = &[
    "search",
    "sms",
    "login",
    "sign-in",
    "auth",
    "account",
    "research",
    "researcher",
    "slides",
    "ppt",
    "docs",
    "documentation",
    "sheets",
    "voice",
    "audio",
    "speech",
    "video",
    "image",
    "vision",
    "chat",
    "web",
    "website",
    "app",
    "mobile",
    "desktop",
    "console",
    "dashboard",
    "payment",
    "payments",
    "billing",
    "recharge",
    "file",
    "files",
    "storage",
    "upload",
    "training",
    "fine-tuning",
    "agent",
    "browser",
    "email",
    "webhook",
    "webhooks",
    "plugin",
    "搜索",
    "短信",
    "登录",
    "研究",
    "文档",
    "语音",
    "视频",
    "图片",
    "网页",
    "支付",
    "充值",
    "文件",
    "训练",
];

/// Words of a component that is the interface and nothing in particular.
const INTERFACE: &[&str] = &[
    "api",
    "apis",
    "service",
    "services",
    "server",
    "servers",
    "gateway",
    "endpoint",
    "endpoints",
    "kimi",
    "moonshot",
    "moonshotai",
    "ai",
    "the",
    "public",
    "rest",
    "http",
    "core",
    "main",
    "cn",
    "global",
    "china",
    "v1",
    "kimi.com",
    "kimi.ai",
    "api.kimi.com",
    "api.kimi.ai",
    "api.moonshot.cn",
    "api.moonshot.ai",
];

/// The products that an incident concerns: those of the components that it names, and none where it names none. Where
/// the page leaves its components out that is unknown, and all may be concerned.
pub(super) fn concerned(incident: &Node<'_>) -> Vec<Source> {
    let named = [incident.clone()]
        .into_iter()
        .chain(incident.objects(&["incident_updates"]))
        .flat_map(|node| lists(&node))
        .collect::<Vec<_>>();
    if named.is_empty() {
        return vec![Source::KimiCode, Source::Platform];
    }
    let texts: Vec<String> = named
        .iter()
        .flatten()
        .flat_map(|component| {
            let word = |name: &'static [&'static str]| component.text(name).known().map(str::to_lowercase);
            [word(&["id"]), word(&["code"]), word(&["name"])]
        })
        .flatten()
        .collect();
    let concerns = |source: &Source| texts.iter().any(|text| of(text).contains(source));
    [Source::KimiCode, Source::Platform].into_iter().filter(concerns).collect()
}

/// The lists of components of an incident or of one of its updates.
fn lists<'a>(node: &Node<'a>) -> Vec<Vec<Node<'a>>> {
    [&["components"][..], &["affected_components"]]
        .into_iter()
        .filter(|names| node.has(names))
        .map(|names| node.objects(names))
        .collect()
}

/// The products that a component's id or name, in lower case, stands for.
fn of(text: &str) -> &'static [Source] {
    const BOTH: &[Source] = &[Source::KimiCode, Source::Platform];

    let text = text.trim();
    if let Some((_, sources)) = IDS.iter().find(|(id, _)| *id == text) {
        return sources;
    }
    let own = PRODUCTS.iter().find(|(names, _)| phrase::any(text, names)).map(|(_, source)| *source);
    match own {
        Some(Source::KimiCode) => return &[Source::KimiCode],
        Some(Source::Platform) => return &[Source::Platform],
        None => {}
    }
    let mut words = text
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '(' | ')' | ':' | '&' | '_'))
        .filter(|word| !word.is_empty())
        .peekable();
    let interface = phrase::any(text, &["api", "apis", "接口"])
        && words.peek().is_some()
        && words
            .all(|word| INTERFACE.contains(&word) || matches!(word, "服务" | "接口" | "api服务" | "api接口"));
    let models = phrase::any(text, MODELS) && !phrase::any(text, OTHERS);
    if interface || models { BOTH } else { &[] }
}
