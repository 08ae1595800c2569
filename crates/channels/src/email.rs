//! Mail, by SMTP (RFC 5321), always with TLS: `smtps://` from the first byte (RFC 8314, port 465), `smtp://` by STARTTLS
//! (RFC 3207, port 587), and never without, whatever the server offers. The password goes to the server of the address only,
//! after TLS. `Message-ID` comes from the message's id, so that a mail that is sent again is known as the same.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Mailboxes};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error as SmtpError};
use lettre::{AsyncTransport as _, Message as Mail, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tidemark_core::text;
use url::{Host, Url};

use crate::address::{MAX_ADDRESS, is_public};
use crate::channel::Channel;
use crate::channel_error::ChannelError;
use crate::clip;
use crate::failure::{DeliveryFailure, FailureCode};
use crate::keys::Keys;
use crate::message::Message;

/// For the whole of a conversation.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A subject that is shown in one line.
const MAX_SUBJECT_BYTES: usize = 200;
/// The most of a text: digests are short.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// The most recipients of a channel.
const MAX_RECIPIENTS: usize = 20;

/// Where mail is handed in.
#[derive(Clone)]
struct Server {
    host: String,
    port: u16,
    user: Option<String>,
    starttls: bool,
    literal: Option<std::net::IpAddr>,
}

fn server(channel: &Channel) -> Result<Server, ChannelError> {
    let text = channel.url.as_deref().ok_or(ChannelError::AddressMissing)?;
    let url = Url::parse(text.trim()).ok().filter(|_| text.len() <= MAX_ADDRESS);
    let url = url.ok_or(ChannelError::AddressBad)?;
    let starttls = match url.scheme() {
        "smtps" => false,
        "smtp" => true,
        _ => return Err(ChannelError::AddressBad),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(ChannelError::AddressBad)?;
    // A password in it would lie in the history.
    let has_more = url.password().is_some() || url.query().is_some() || url.path().len() > 1;
    if has_more {
        return Err(ChannelError::AddressBad);
    }
    let user = percent_decoded(url.username());
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let literal = bare.parse().ok().or(match url.host() {
        Some(Host::Ipv4(ip)) => Some(ip.into()),
        Some(Host::Ipv6(ip)) => Some(ip.into()),
        _ => None,
    });
    if !channel.allow_private && literal.is_some_and(|ip| !is_public(ip)) {
        return Err(ChannelError::AddressPrivate);
    }
    Ok(Server {
        host: bare.to_owned(),
        port: url.port().unwrap_or(if starttls { 587 } else { 465 }),
        user: (!user.is_empty()).then_some(user),
        starttls,
        literal,
    })
}

/// A user name is often a mail address, whose `@` is written `%40`.
fn percent_decoded(text: &str) -> String {
    let pair = format!("u={}", text.replace('+', "%2B"));
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn recipients(channel: &Channel) -> Result<Mailboxes, ChannelError> {
    let list: Mailboxes = channel.to.as_deref().unwrap_or_default().parse().map_err(|_| ChannelError::To)?;
    let count = list.iter().count();
    if (1..=MAX_RECIPIENTS).contains(&count) { Ok(list) } else { Err(ChannelError::To) }
}

fn sender(channel: &Channel) -> Result<Mailbox, ChannelError> {
    channel.from.as_deref().unwrap_or_default().parse().map_err(|_| ChannelError::From)
}

/// Checks what can be checked without asking anyone.
pub(crate) fn check(channel: &Channel) -> Result<(), ChannelError> {
    server(channel)?;
    sender(channel)?;
    recipients(channel).map(drop)
}

pub(crate) async fn send(channel: &Channel, keys: &Keys, message: &Message) -> Result<(), DeliveryFailure> {
    let bad = |error: ChannelError| match error {
        ChannelError::AddressPrivate => DeliveryFailure::new(FailureCode::PrivateAddress),
        other => DeliveryFailure::new(FailureCode::BadAddress).saying(&other.to_string()),
    };
    let server = server(channel).map_err(bad)?;
    let mail = mail(channel, message).map_err(bad)?;
    let sending = async {
        let address = resolved(&server, channel.allow_private).await?;
        let (password, host) = (keys.secret.clone(), server.clone());
        // The system's certificates are read, which may take its time.
        let made = tokio::task::spawn_blocking(move || transport(&host, &address, password));
        let transport = made.await.map_err(|_| DeliveryFailure::new(FailureCode::NoAnswer))??;
        let sent = transport.send(mail).await;
        sent.map(drop).map_err(|error| failed(&error))
    };
    let in_time = tokio::time::timeout(TIMEOUT, sending).await;
    in_time.map_err(|_| DeliveryFailure::new(FailureCode::NoAnswer).saying("no answer in time"))?
}

/// The address of the server: the name is resolved once, so that what was checked is what is connected to.
async fn resolved(server: &Server, allow_private: bool) -> Result<String, DeliveryFailure> {
    if let Some(ip) = server.literal {
        return Ok(ip.to_string());
    }
    let no_answer = |said: &str| DeliveryFailure::new(FailureCode::NoAnswer).saying(said);
    let found = tokio::net::lookup_host((server.host.as_str(), server.port)).await;
    let found: Vec<_> = found.map_err(|error| no_answer(&error.to_string()))?.collect();
    if !allow_private && found.iter().any(|address| !is_public(address.ip())) {
        return Err(FailureCode::PrivateAddress.into());
    }
    let first = found.iter().find(|address| address.is_ipv4()).or_else(|| found.first());
    first.map(|address| address.ip().to_string()).ok_or_else(|| no_answer("the name has no address"))
}

fn transport(
    server: &Server,
    address: &str,
    password: Option<SecretString>,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, DeliveryFailure> {
    drop(rustls::crypto::ring::default_provider().install_default());
    // The certificate is of the name, though the connection is to its address.
    let tls = TlsParameters::new(server.host.clone()).map_err(|error| failed(&error))?;
    let tls = if server.starttls { Tls::Required(tls) } else { Tls::Wrapper(tls) };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address)
        .port(server.port)
        .tls(tls)
        .timeout(Some(TIMEOUT));
    if let (Some(user), Some(password)) = (&server.user, password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

fn mail(channel: &Channel, message: &Message) -> Result<Mail, ChannelError> {
    let from = sender(channel)?;
    let domain = from.email.domain().to_owned();
    let mut builder = Mail::builder()
        .from(from)
        .subject(clip::to_bytes(&text::sentence(&message.title), MAX_SUBJECT_BYTES))
        .message_id(Some(message_id(&message.id, &domain)))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN);
    for to in recipients(channel)? {
        builder = builder.to(to);
    }
    builder.body(clip::to_bytes(&message.text(), MAX_TEXT_BYTES)).map_err(|_| ChannelError::To)
}

fn message_id(id: &str, domain: &str) -> String {
    use std::fmt::Write as _;
    let mut name = String::new();
    for byte in Sha256::digest(id.as_bytes()).iter().take(16) {
        let _ = write!(name, "{byte:02x}");
    }
    format!("<{name}@{domain}>")
}

/// Keeps out-of-office replies away (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What a failed conversation means: 4xx may pass (RFC 5321, 4.2.1), 5xx does not; 530 to 538 are about who asks (RFC 4954).
fn failed(error: &SmtpError) -> DeliveryFailure {
    let status = error.status().map(u16::from);
    let code = match status {
        Some(530..=538) => FailureCode::KeyRefused,
        Some(400..=499) => FailureCode::ServiceTrouble,
        Some(500..=599) => FailureCode::Refused,
        _ => FailureCode::NoAnswer,
    };
    let said = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    DeliveryFailure::new(code).saying(&said)
}
