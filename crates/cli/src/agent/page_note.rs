//! What is said of a page that is served: a line for programs, and on a terminal a link and a code for the phone.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::PathBuf;

use qrcode::{Color, QrCode};
use serde::Serialize;
use tidemark_api::server::{Web, read_token_file};
use tidemark_core::text::escape_json;

use crate::i18n::{Catalog, Language};
use crate::output;

/// What there is to say before the address is known.
#[derive(Debug, Clone)]
pub struct PageNote {
    /// Where the token is.
    pub token_file: PathBuf,
    /// Nothing can be changed from the page.
    pub read_only: bool,
    /// A running agent is asked, and not an engine of this process.
    pub beside_agent: bool,
    /// The name that a reverse proxy has, or other machines know.
    pub name: Option<String>,
    /// The language of the words.
    pub language: Language,
}

/// The line for programs. It goes to logs, so the token is not in it.
#[derive(Serialize)]
struct Line<'a> {
    url: String,
    token_file: &'a std::path::Path,
    read_only: bool,
    beside_agent: bool,
    version: &'static str,
    pid: u32,
}

impl PageNote {
    /// Says it: the line on standard output, and what people need on standard error if that is a terminal.
    pub fn say(&self, web: &Web) {
        let line = Line {
            url: web.url(),
            token_file: &self.token_file,
            read_only: self.read_only,
            beside_agent: self.beside_agent,
            version: env!("CARGO_PKG_VERSION"),
            pid: std::process::id(),
        };
        let line = escape_json(&serde_json::to_string(&line).unwrap_or_default()).into_owned();
        let mut stdout = io::stdout();
        // Who reads the line may be gone; the page is served all the same.
        let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
        let stderr = io::stderr();
        if stderr.is_terminal() {
            let _ = stderr.lock().write_all(self.for_people(web).as_bytes());
        }
    }

    fn for_people(&self, web: &Web) -> String {
        let words = Catalog::new(self.language);
        let Ok(token) = read_token_file(&self.token_file) else { return String::new() };
        let link = format!("{}#token={}", self.link(web), in_address(&token));
        let mut said = words.with("serve-link", [("link", output::clean(&link).into())]);
        said.push('\n');
        // A phone cannot reach what only this machine does.
        let is_reached = self.name.is_some() || !web.address.ip().is_loopback();
        match QrCode::new(link.as_bytes()) {
            Ok(code) if is_reached => {
                said.push_str(&words.text("serve-scan"));
                said.push('\n');
                said.push_str(&drawn(&code));
            }
            _ => {}
        }
        said.push_str(&words.text("serve-stop"));
        said.push('\n');
        said
    }

    /// The page's address as others reach it.
    fn link(&self, web: &Web) -> String {
        let path = web.base_path();
        match &self.name {
            // In front of a loopback address there is a proxy, which has the certificate.
            Some(name) if web.address.ip().is_loopback() => format!("https://{name}{path}"),
            Some(name) if name.contains(':') => format!("http://{name}{path}"),
            Some(name) => format!("http://{name}:{}{path}", web.address.port()),
            None if web.address.ip().is_unspecified() => {
                let own = own_address().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
                format!("http://{}{path}", std::net::SocketAddr::new(own, web.address.port()))
            }
            None => format!("{}/", web.url()),
        }
    }
}

/// The address that this machine has towards others. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address for documentation: it is only asked which way would lead there.
    socket.connect(("192.0.2.1", 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|own| !own.is_unspecified())
}

/// A code as half blocks, dark on light whatever the terminal's colours, with the margin that cameras need.
fn drawn(code: &QrCode) -> String {
    const MARGIN: usize = 4;
    let width = code.width();
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < width);
        inside(x).zip(inside(y)).is_some_and(|(x, y)| code[(x, y)] == Color::Dark)
    };
    let mut drawn = String::new();
    for y in (0..width + 2 * MARGIN).step_by(2) {
        drawn.push_str("\x1b[30;107m");
        for x in 0..width + 2 * MARGIN {
            drawn.push(match (is_dark(x, y), is_dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawn.push_str("\x1b[0m\n");
    }
    drawn
}

/// A token as it stands in an address: a person may have made one with any printable character.
fn in_address(token: &str) -> String {
    let mut text = String::with_capacity(token.len());
    for byte in token.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_token_stands_in_an_address() {
        assert_eq!(in_address("0af_-.~"), "0af_-.~");
        assert_eq!(in_address("a&b=\"c%#"), "a%26b%3D%22c%25%23");
    }

    #[test]
    fn a_code_is_drawn_with_two_rows_a_line_and_a_margin() {
        let code = QrCode::new(b"http://192.0.2.1:4680/#token=0123456789abcdef").unwrap();
        let drawn = drawn(&code);
        let lines: Vec<String> =
            drawn.lines().map(|line| line.replace("\x1b[30;107m", "").replace("\x1b[0m", "")).collect();
        let wide = code.width() + 8;
        assert_eq!(lines.len(), wide.div_ceil(2));
        assert!(lines.iter().all(|line| line.chars().count() == wide));
        assert!(lines[..2].iter().all(|line| line.trim().is_empty()), "the margin is light");
        // The corner of a code is a dark frame of seven.
        assert!(lines[2].starts_with("    █▀▀▀▀▀█"), "{}", lines[2]);
    }
}
