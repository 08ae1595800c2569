//! Each service by a stand-in that checks what the service documents: path, body, signature, length; and that answers as
//! it does, also where it refuses with status 200.

#![allow(clippy::unwrap_used, missing_docs, reason = "in a test, what cannot be done ends the test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tidemark_channels::{Channel, ChannelKind, DeliveryFailure, FailureCode, Keys, Level, Message};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

fn now() -> DateTime<Utc> {
    "2026-06-01T08:00:00.250Z".parse().unwrap()
}

fn message() -> Message {
    Message {
        id: "alert:1:threshold:week:2026-06-05T08:00Z:90".to_owned(),
        at: now(),
        kind: "threshold".to_owned(),
        level: Level::Warning,
        account: Some("work".to_owned()),
        title: "work: 90% of the weekly quota used".to_owned(),
        body: "Resets on Friday & not <before>".to_owned(),
        language: "en".to_owned(),
        details: json!({"meter": "week", "threshold": "90"}),
    }
}

fn long() -> Message {
    Message { body: "额度<&>\"\\".repeat(4000), ..message() }
}

fn hmac(key: &[u8], text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A channel with a secret address on a stand-in.
fn at(server: &MockServer, kind: ChannelKind, path: &str, secret: Option<&str>) -> (Channel, Keys) {
    let mut channel = Channel::new(kind);
    channel.allow_private = true;
    let address = format!("{}{path}", server.uri());
    let keys = Keys { address: Some(address.into()), secret: secret.map(Into::into) };
    (channel, keys)
}

async fn answering(kind: ChannelKind, answer: ResponseTemplate) -> Result<(), DeliveryFailure> {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    let (mut channel, keys) = at(&server, kind, "/hook/0123456789", Some("12:secret-of-it"));
    channel.url = Some(server.uri());
    channel.to = Some("-1001".to_owned());
    channel.send(&keys, &message(), now()).await
}

fn code(result: Result<(), DeliveryFailure>) -> Option<FailureCode> {
    result.err().map(|failure| failure.code)
}

/// A stand-in that answers by what it makes of a request.
struct By<F>(F);

impl<F: Fn(&Request, &Value) -> ResponseTemplate + Send + Sync> Respond for By<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.0(request, &serde_json::from_slice(&request.body).unwrap())
    }
}

async fn stand_in(
    at: &str,
    judge: impl Fn(&Request, &Value) -> ResponseTemplate + Send + Sync + 'static,
) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path(at)).respond_with(By(judge)).expect(1..).mount(&server).await;
    server
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_webhook_is_signed_as_standard_webhooks_says_and_a_repeat_is_known() {
    let server = stand_in("/hook", |request, body| {
        let (id, time) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
        let signed = [format!("{id}.{time}.").as_bytes(), &request.body].concat();
        let expected = format!("v1,{}", hmac(b"\x00\x01\x02", &signed));
        let is_right = header(request, "webhook-signature") == expected
            && time == "1780300800"
            && body["id"] == message().id
            && body["type"] == "alert"
            && body["details"]["meter"] == "week";
        ResponseTemplate::new(if is_right { 204 } else { 401 })
    })
    .await;
    let (channel, keys) = at(&server, ChannelKind::Webhook, "/hook", Some("whsec_AAEC"));
    for _ in 0..2 {
        channel.send(&keys, &message(), now()).await.unwrap();
    }
    let ids: Vec<_> = server.received_requests().await.unwrap();
    assert_eq!(header(&ids[0], "webhook-id"), header(&ids[1], "webhook-id"));
    let other = Keys { secret: Some("another".into()), ..keys };
    assert_eq!(code(channel.send(&other, &message(), now()).await), Some(FailureCode::KeyRefused));
}

#[tokio::test]
async fn ntfy_is_given_topic_title_priority_and_no_more_than_a_message_has() {
    let server = stand_in("/below/", |request, body| {
        let length = body["message"].as_str().unwrap().len();
        let is_right = body["topic"] == "alerts"
            && body["title"] == message().title
            && body["priority"] == 4
            && header(request, "authorization") == "Bearer tk_abcdefgh";
        let status = if length > 4096 {
            413
        } else if is_right {
            200
        } else {
            400
        };
        ResponseTemplate::new(status).set_body_json(json!({"id": "x", "event": "message"}))
    })
    .await;
    let (mut channel, mut keys) = at(&server, ChannelKind::Ntfy, "", Some("tk_abcdefgh"));
    keys.address = None;
    channel.url = Some(format!("{}/below/alerts", server.uri()));
    channel.send(&keys, &message(), now()).await.unwrap();
    channel.send(&keys, &long(), now()).await.unwrap();
    let limited = ResponseTemplate::new(429)
        .set_body_json(json!({"code": 42901, "http": 429, "error": "limit reached: too many requests"}));
    let failure = answering(ChannelKind::Ntfy, limited).await.unwrap_err();
    assert_eq!(
        (failure.code, failure.said.as_deref()),
        (FailureCode::RateLimited, Some("limit reached: too many requests"))
    );
}

#[tokio::test]
async fn telegram_is_asked_by_its_token_and_says_how_long_to_wait() {
    let server = stand_in("/bot12:AAx-y_z/sendMessage", |_, body| {
        let units = body["text"].as_str().unwrap().encode_utf16().count();
        let is_right = body["chat_id"] == "-100123" && units <= 4096 && body["disable_notification"] == false;
        let answer = if is_right {
            json!({"ok": true, "result": {}})
        } else {
            json!({"ok": false, "error_code": 400, "description": "Bad Request"})
        };
        ResponseTemplate::new(200).set_body_json(answer)
    })
    .await;
    let (mut channel, keys) = at(&server, ChannelKind::Telegram, "", Some("12:AAx-y_z"));
    channel.url = Some(server.uri());
    channel.to = Some("-100123".to_owned());
    channel.send(&keys, &message(), now()).await.unwrap();
    channel.send(&keys, &long(), now()).await.unwrap();
    // A token that is more than one would change the path.
    let odd = Keys { secret: Some("12:x/../y".into()), ..Keys::default() };
    assert_eq!(code(channel.send(&odd, &message(), now()).await), Some(FailureCode::KeyRefused));
    let limited = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 35", "parameters": {"retry_after": 35}});
    let failure = answering(ChannelKind::Telegram, ResponseTemplate::new(429).set_body_json(limited))
        .await
        .unwrap_err();
    assert_eq!((failure.code, failure.wait.map(|wait| wait.as_secs())), (FailureCode::RateLimited, Some(35)));
}

#[tokio::test]
async fn feishu_is_signed_with_timestamp_and_secret_as_the_key_of_nothing() {
    let server = stand_in("/open-apis/bot/v2/hook/abc-def", |request, body| {
        let time = body["timestamp"].as_str().unwrap();
        let is_signed = body["sign"] == hmac(format!("{time}\nthe secret").as_bytes(), b"");
        let answer = if !is_signed || time != "1780300800" {
            json!({"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"})
        } else if request.body.len() > 20 * 1024 {
            json!({"code": 9499, "msg": "Bad Request"})
        } else {
            json!({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})
        };
        ResponseTemplate::new(200).set_body_json(answer)
    })
    .await;
    let (channel, keys) =
        at(&server, ChannelKind::Feishu, "/open-apis/bot/v2/hook/abc-def", Some("the secret"));
    channel.send(&keys, &message(), now()).await.unwrap();
    channel.send(&keys, &long(), now()).await.unwrap();
    let wrong = Keys { secret: Some("another".into()), ..keys };
    let failure = channel.send(&wrong, &message(), now()).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::KeyRefused);
    assert!(failure.said.unwrap().starts_with("19021: sign match fail"));
}

#[tokio::test]
async fn dingtalk_is_signed_in_the_address_with_milliseconds() {
    let server = stand_in("/robot/send", |request, _| {
        let query: std::collections::HashMap<_, _> = request.url.query_pairs().into_owned().collect();
        let time = &query["timestamp"];
        let is_signed = query["sign"] == hmac(b"SECret", format!("{time}\nSECret").as_bytes());
        let answer = if !is_signed || time != "1780300800250" {
            json!({"errcode": 310_000, "errmsg": "sign not match"})
        } else if query["access_token"] != "0a1b2c3d" || request.body.len() > 20_000 {
            json!({"errcode": 300_001, "errmsg": "token is not exist"})
        } else {
            json!({"errcode": 0, "errmsg": "ok"})
        };
        ResponseTemplate::new(200).set_body_json(answer)
    })
    .await;
    let (channel, keys) =
        at(&server, ChannelKind::Dingtalk, "/robot/send?access_token=0a1b2c3d", Some("SECret"));
    channel.send(&keys, &message(), now()).await.unwrap();
    channel.send(&keys, &long(), now()).await.unwrap();
    let limited =
        ResponseTemplate::new(200).set_body_json(json!({"errcode": 130_101, "errmsg": "send too fast"}));
    let failure = answering(ChannelKind::Dingtalk, limited).await.unwrap_err();
    assert_eq!(
        (failure.code, failure.wait.map(|wait| wait.as_secs())),
        (FailureCode::RateLimited, Some(600))
    );
}

#[tokio::test]
async fn wecom_is_given_no_more_than_its_text_has() {
    let server = stand_in("/cgi-bin/webhook/send", |request, body| {
        let is_right = request.url.query() == Some("key=693a91f6")
            && body["msgtype"] == "text"
            && body["text"]["content"].as_str().unwrap().len() <= 2048;
        let answer = if is_right {
            json!({"errcode": 0, "errmsg": "ok"})
        } else {
            json!({"errcode": 44004, "errmsg": "empty content"})
        };
        ResponseTemplate::new(200).set_body_json(answer)
    })
    .await;
    let (channel, keys) = at(&server, ChannelKind::Wecom, "/cgi-bin/webhook/send?key=693a91f6", None);
    channel.send(&keys, &message(), now()).await.unwrap();
    channel.send(&keys, &long(), now()).await.unwrap();
}

#[tokio::test]
async fn slack_is_given_escaped_text_and_says_ok() {
    let server = stand_in("/services/T/B/x", |_, body| {
        let text = body["text"].as_str().unwrap();
        let is_right = text.encode_utf16().count() <= 4000 && !text.contains('<') && text.contains("&amp;");
        ResponseTemplate::new(if is_right { 200 } else { 400 }).set_body_string(if is_right {
            "ok"
        } else {
            "invalid_payload"
        })
    })
    .await;
    let (channel, keys) = at(&server, ChannelKind::Slack, "/services/T/B/x", None);
    channel.send(&keys, &message(), now()).await.unwrap();
    channel.send(&keys, &long(), now()).await.unwrap();
}

#[tokio::test]
async fn discord_is_given_no_mention_and_two_thousand_characters() {
    let server = stand_in("/api/webhooks/1/x", |request, body| {
        let is_right = request.url.query() == Some("wait=true")
            && body["allowed_mentions"]["parse"] == json!([])
            && body["content"].as_str().unwrap().encode_utf16().count() <= 2000;
        ResponseTemplate::new(if is_right { 200 } else { 400 }).set_body_json(json!({"id": "1"}))
    })
    .await;
    let (channel, keys) = at(&server, ChannelKind::Discord, "/api/webhooks/1/x", None);
    channel.send(&keys, &message(), now()).await.unwrap();
    channel.send(&keys, &long(), now()).await.unwrap();
    let limited = ResponseTemplate::new(429).insert_header("Retry-After", "65").set_body_json(
        json!({"message": "You are being rate limited.", "retry_after": 64.57, "global": false}),
    );
    let failure = answering(ChannelKind::Discord, limited).await.unwrap_err();
    assert_eq!((failure.code, failure.wait.map(|wait| wait.as_secs())), (FailureCode::RateLimited, Some(65)));
}

#[tokio::test]
async fn a_refusal_with_status_200_is_a_refusal() {
    use ChannelKind::{Dingtalk, Feishu, Slack, Telegram, Wecom};
    for (kind, body, expected) in [
        (Feishu, r#"{"code":19024,"msg":"Key Words Not Found"}"#, FailureCode::Refused),
        (Feishu, r#"{"code":11232,"msg":"frequency limited psm"}"#, FailureCode::RateLimited),
        (Feishu, r#"{"code":9499,"msg":"too many request"}"#, FailureCode::RateLimited),
        (Feishu, "<html>", FailureCode::NotUnderstood),
        (Dingtalk, r#"{"errcode":310000,"errmsg":"keywords not in content"}"#, FailureCode::KeyRefused),
        (Dingtalk, "{}", FailureCode::NotUnderstood),
        (Wecom, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, FailureCode::KeyRefused),
        (Wecom, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, FailureCode::RateLimited),
        (Wecom, r#"{"errcode":-1,"errmsg":"system busy"}"#, FailureCode::ServiceTrouble),
        (
            Telegram,
            r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was kicked"}"#,
            FailureCode::KeyRefused,
        ),
        (Telegram, "", FailureCode::NotUnderstood),
        (Slack, "no_service", FailureCode::Refused),
    ] {
        let failed = answering(kind, ResponseTemplate::new(200).set_body_string(body)).await;
        assert_eq!(code(failed), Some(expected), "{kind} {body}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = MockServer::start().await;
    for kind in
        ChannelKind::ALL.into_iter().filter(|kind| !matches!(kind, ChannelKind::Email | ChannelKind::Program))
    {
        let answer = ResponseTemplate::new(307).insert_header("Location", elsewhere.uri());
        assert_eq!(code(answering(kind, answer).await), Some(FailureCode::Redirected), "{kind}");
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_resolves_to_this_machine_is_refused_before_anything_is_sent() {
    let server = MockServer::start().await;
    let port = server.address().port();
    let mut channel = Channel::new(ChannelKind::Webhook);
    for (url, expected) in [
        // As an address it is refused, and as a name that some resolver knows, too.
        (format!("https://localhost:{port}/x"), FailureCode::PrivateAddress),
        (format!("https://127.0.0.1:{port}/x"), FailureCode::PrivateAddress),
        (format!("http://127.0.0.1:{port}/x"), FailureCode::PrivateAddress),
    ] {
        channel.url = Some(url.clone());
        let failed = channel.send(&Keys::default(), &message(), now()).await;
        assert_eq!(code(failed), Some(expected), "{url}");
    }
    if let Ok(name) = std::fs::read_to_string("/etc/hostname") {
        // The machine's own name is a name like any other; it resolves to an address of it, or to none.
        channel.url = Some(format!("https://{}:{port}/x", name.trim()));
        let failed = code(channel.send(&Keys::default(), &message(), now()).await);
        assert!(matches!(failed, Some(FailureCode::PrivateAddress | FailureCode::NoAnswer)), "{failed:?}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_service_repeats_of_a_key_is_not_said() {
    let body = "unknown hook /hook/0123456789 with 12:secret-of-it \u{1b}[31m";
    let failure =
        answering(ChannelKind::Webhook, ResponseTemplate::new(404).set_body_string(body)).await.unwrap_err();
    let said = failure.said.unwrap();
    assert!(
        !said.contains("0123456789") && !said.contains("secret-of-it") && !said.contains('\u{1b}'),
        "{said}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_reads_the_document_and_its_failure_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (program, out) = (folder.path().join("alert"), folder.path().join("out"));
    let write = |script: String| {
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    };
    let mut channel = Channel::new(ChannelKind::Program);
    channel.program = Some(program.clone());
    write(format!("#!/bin/sh\ncat > '{}'\n", out.display()));
    channel.send(&Keys::default(), &message(), now()).await.unwrap();
    let read: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!((&read["kind"], &read["account"]), (&json!("threshold"), &json!("work")));
    // One that reads nothing and says much does not hang.
    write("#!/bin/sh\nprintf '\\nno modem\\n' >&2\nhead -c 300000 /dev/zero >&2\nexit 3\n".to_owned());
    let failure = channel.send(&Keys::default(), &long(), now()).await.unwrap_err();
    assert_eq!((failure.code, failure.said.as_deref()), (FailureCode::ProgramFailed, Some("no modem")));
    std::fs::remove_file(&program).unwrap();
    assert_eq!(
        code(channel.send(&Keys::default(), &message(), now()).await),
        Some(FailureCode::ProgramFailed)
    );
}

/// A server that offers no encryption, and what it was sent before it was left.
#[cfg(unix)]
async fn plain_mail_server() -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut seen = Vec::new();
        write.write_all(b"220 mail.example.org ESMTP\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = if line.starts_with("EHLO") {
                "250-mail.example.org\r\n250 AUTH PLAIN LOGIN\r\n"
            } else {
                "250 ok\r\n"
            };
            seen.push(line);
            if write.write_all(answer.as_bytes()).await.is_err() {
                break;
            }
        }
        seen
    });
    (port, serving)
}

#[tokio::test]
#[cfg(unix)] // under Wine it does not end, and Windows itself has not been tried
async fn a_mail_server_without_encryption_gets_neither_password_nor_message() {
    let (port, serving) = plain_mail_server().await;
    let mut channel = Channel::new(ChannelKind::Email);
    channel.url = Some(format!("smtp://me%40example.org@127.0.0.1:{port}"));
    channel.from = Some("Tidemark <alerts@example.org>".to_owned());
    channel.to = Some("me@example.org, you@example.org".to_owned());
    let keys = Keys { address: None, secret: Some("hunter2".into()) };
    assert_eq!(code(channel.send(&keys, &message(), now()).await), Some(FailureCode::PrivateAddress));
    channel.allow_private = true;
    assert_eq!(channel.check(false, true), Ok(()));
    let failure = channel.send(&keys, &message(), now()).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::NoAnswer, "{failure}");
    let seen = serving.await.unwrap();
    assert!(seen.iter().all(|line| line.starts_with("EHLO") || line == "QUIT"), "{seen:?}");
}
