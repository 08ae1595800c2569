//! A release server on this machine: it signs what it publishes, counts what it is asked for, and misbehaves where a test wants it to.
//! The journeys use it too.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "each test program uses its own part of it, and a server that cannot do what a test wants ends that test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use minisign::KeyPair;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The release server. It ends with the test.
pub struct ReleaseServer {
    address: SocketAddr,
    key: KeyPair,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    files: BTreeMap<String, Vec<u8>>,
    requests: Vec<Asked>,
    fault: Option<(String, Fault, usize)>,
}

/// A request, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    /// All of its headers, in small letters.
    pub headers: BTreeMap<String, String>,
    /// The bytes of the body that were sent.
    pub sent: usize,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends after so many bytes of the body.
    CutAfter(usize),
    /// Nothing comes after so many bytes of the body.
    StallAfter(usize),
    /// The file has only so many bytes on the server.
    TruncatedTo(usize),
    /// So many bytes come behind the file.
    Longer(usize),
    /// The same, without saying beforehand how many bytes come.
    LongerUnannounced(usize),
    /// Another byte.
    Changed,
    /// A status.
    Status(u16),
    /// A redirect to this address.
    Redirect(String),
    /// The range that was asked for is not heeded.
    WholeFile,
    /// The server has another version of the file now: its mark is another.
    OtherMark,
}

/// A file to be published, for this system.
pub struct Published<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub bytes: &'a [u8],
}

impl ReleaseServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let state = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                std::thread::spawn(move || answer(stream, &state));
            }
        });
        Self { address, key: KeyPair::generate_unencrypted_keypair().unwrap(), shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}/releases", self.address)
    }

    /// The public key, as a file of minisign has it in its second line.
    pub fn public_key(&self) -> String {
        self.key.pk.to_base64()
    }

    /// The variables that have a program ask here, and verify with this key.
    pub fn env(&self) -> Vec<(String, String)> {
        vec![
            ("TIDEMARK_RELEASES".to_owned(), self.url()),
            ("TIDEMARK_RELEASE_KEY".to_owned(), self.public_key()),
        ]
    }

    /// Publishes a version with these files, as the newest.
    pub fn publish(&self, version: &str, files: &[Published<'_>]) {
        self.publish_signed(version, files, &self.key);
    }

    /// The same, signed with another key than the one that programs have.
    pub fn publish_by_another_key(&self, version: &str, files: &[Published<'_>]) {
        self.publish_signed(version, files, &KeyPair::generate_unencrypted_keypair().unwrap());
    }

    fn publish_signed(&self, version: &str, files: &[Published<'_>], key: &KeyPair) {
        let document = document(version, files);
        self.put_document(&document, &signature(key, document.as_bytes()));
        for file in files {
            let path = format!("/releases/download/v{version}/{}", file.name);
            self.shared.lock().unwrap().files.insert(path, file.bytes.to_vec());
        }
    }

    /// Puts a document and a signature where the newest release has them.
    pub fn put_document(&self, document: &str, signature: &str) {
        let files = &mut self.shared.lock().unwrap().files;
        files.insert("/releases/latest/download/release.json".to_owned(), document.as_bytes().to_vec());
        let path = "/releases/latest/download/release.json.minisig".to_owned();
        files.insert(path, signature.as_bytes().to_vec());
    }

    /// Signs with the key that programs have.
    pub fn sign(&self, document: &str) -> String {
        signature(&self.key, document.as_bytes())
    }

    /// The next `times` requests whose path has `part` in it go wrong.
    pub fn fault(&self, part: &str, fault: Fault, times: usize) {
        self.shared.lock().unwrap().fault = Some((part.to_owned(), fault, times));
    }

    pub fn requests(&self) -> Vec<Asked> {
        self.shared.lock().unwrap().requests.clone()
    }

    /// The bytes of files, not of documents, that were sent.
    pub fn bytes_of_files(&self) -> usize {
        self.requests()
            .iter()
            .filter(|asked| asked.path.contains("/download/v"))
            .map(|asked| asked.sent)
            .sum()
    }
}

/// What a release of these files says of itself.
pub fn document(version: &str, files: &[Published<'_>]) -> String {
    let files: Vec<Value> = files
        .iter()
        .map(|file| {
            json!({
                "name": file.name, "kind": file.kind, "system": std::env::consts::OS,
                "processor": std::env::consts::ARCH, "size": file.bytes.len(), "sha256": hash(file.bytes),
            })
        })
        .collect();
    json!({
        "format": 1, "product": "Tidemark", "version": version, "date": "2026-12-01", "files": files,
    })
    .to_string()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn signature(key: &KeyPair, bytes: &[u8]) -> String {
    minisign::sign(Some(&key.pk), &key.sk, Cursor::new(bytes), Some("Tidemark"), None).unwrap().into_string()
}

fn answer(mut stream: TcpStream, shared: &Mutex<Shared>) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split_whitespace().nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let line = lines.next()?.ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let (file, fault, number) = {
        let mut shared = shared.lock().unwrap();
        let number = shared.requests.len();
        shared.requests.push(Asked { path: path.clone(), headers: headers.clone(), sent: 0 });
        let fault = match &mut shared.fault {
            Some((part, fault, times)) if *times > 0 && path.contains(part.as_str()) => {
                *times -= 1;
                Some(fault.clone())
            }
            _ => None,
        };
        (shared.files.get(&path).cloned(), fault, number)
    };
    let mut head = |status: u16, more: &str| {
        write!(stream, "HTTP/1.1 {status} Status\r\nConnection: close\r\n{more}\r\n").ok()
    };
    match &fault {
        Some(Fault::Status(status)) => return head(*status, "Content-Length: 0\r\n"),
        Some(Fault::Redirect(to)) => return head(302, &format!("Location: {to}\r\nContent-Length: 0\r\n")),
        _ => {}
    }
    let Some(mut file) = file else { return head(404, "Content-Length: 0\r\n") };
    match fault {
        Some(Fault::TruncatedTo(len)) => file.truncate(len),
        Some(Fault::Changed) => *file.last_mut()? ^= 1,
        Some(Fault::Longer(more) | Fault::LongerUnannounced(more)) => {
            file.extend(std::iter::repeat_n(b'x', more));
        }
        _ => {}
    }
    let mark =
        if fault == Some(Fault::OtherMark) { "\"other\"".to_owned() } else { format!("\"{}\"", hash(&file)) };
    let from: Option<usize> =
        headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let same = headers.get("if-range").is_none_or(|asked| *asked == mark);
    let from = from.filter(|_| same && fault != Some(Fault::WholeFile));
    if from.is_some_and(|from| from >= file.len()) {
        return head(416, &format!("Content-Range: bytes */{}\r\nContent-Length: 0\r\n", file.len()));
    }
    let body = &file[from.unwrap_or(0)..];
    let mut more = format!("ETag: {mark}\r\n");
    if !matches!(fault, Some(Fault::LongerUnannounced(_))) {
        write!(more, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    if let Some(from) = from {
        write!(more, "Content-Range: bytes {from}-{}/{}\r\n", file.len() - 1, file.len()).unwrap();
    }
    head(if from.is_some() { 206 } else { 200 }, &more)?;
    let len = match fault {
        Some(Fault::CutAfter(len) | Fault::StallAfter(len)) => len.min(body.len()),
        _ => body.len(),
    };
    // What was sent is counted before the receiver can have seen all of it.
    shared.lock().unwrap().requests[number].sent = len;
    stream.write_all(&body[..len]).ok()?;
    stream.flush().ok()?;
    if matches!(fault, Some(Fault::StallAfter(_))) {
        // Until the other side gives up.
        let _ = lines.next();
    }
    stream.shutdown(Shutdown::Both).ok()
}
