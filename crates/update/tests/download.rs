//! Asking for a release and downloading its file from a server that does what servers do.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use common::{Fault, Published, ReleaseServer, document};
use semver::Version;
use tidemark_update::{
    Downloaded, Limits, ReleaseClient, ReleaseFile, ReleaseKey, ReleaseSource, UpdateError,
};

const NAME: &str = "Tidemark.AppImage";

struct Case {
    server: ReleaseServer,
    client: ReleaseClient,
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
}

impl Case {
    fn new() -> Self {
        let server = ReleaseServer::start();
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        server.publish("9.3.0", &[Published { name: NAME, kind: "appimage", bytes: &bytes }]);
        let key = ReleaseKey::of_base64(&server.public_key()).unwrap();
        let source = ReleaseSource::new(&server.url(), Some(key)).unwrap();
        let second = Duration::from_secs(1);
        let limits = Limits { connect: second, document: second, stall: second };
        let client = ReleaseClient::new(source, limits);
        Self { server, client, folder: tempfile::tempdir().unwrap(), bytes }
    }

    async fn file(&self) -> ReleaseFile {
        self.client.newest().await.unwrap().release.files.swap_remove(0)
    }

    async fn download(&self) -> Result<PathBuf, UpdateError> {
        let file = self.file().await;
        let version = Version::new(9, 3, 0);
        let folder = self.folder.path().join("update");
        let seen = Mutex::new(Vec::new());
        let progress = |received| seen.lock().unwrap().push(received);
        let done = self.client.download(&version, &file, &folder, &progress).await;
        let seen = seen.into_inner().unwrap();
        let begun_again = seen.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert!(begun_again <= 1 && seen.iter().all(|received| *received <= file.size), "{seen:?}");
        done.map(|Downloaded { path }| path)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("update")).into_iter().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    async fn is_whole(&self) {
        let path = self.download().await.unwrap();
        assert_eq!(std::fs::read(path).unwrap(), self.bytes);
        assert_eq!(self.names(), [NAME]);
    }
}

#[tokio::test]
async fn a_file_is_downloaded_once_and_nothing_but_the_version_is_said() {
    let case = Case::new();
    case.is_whole().await;
    case.is_whole().await;
    assert_eq!(case.server.bytes_of_files(), case.bytes.len());
    for asked in case.server.requests() {
        let known = ["accept", "host", "user-agent"];
        assert!(asked.headers.keys().all(|name| known.contains(&name.as_str())), "{asked:?}");
        assert_eq!(asked.headers["user-agent"], format!("Tidemark/{}", env!("CARGO_PKG_VERSION")));
    }
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_from_there() {
    for fault in [Fault::CutAfter(100_000), Fault::StallAfter(100_000)] {
        let case = Case::new();
        case.server.fault("/download/v", fault, 1);
        let broken = case.download().await;
        assert!(
            matches!(broken, Err(UpdateError::Interrupted { received: 100_000, size: 300_000, .. })),
            "{broken:?}"
        );
        case.is_whole().await;
        assert_eq!(case.server.bytes_of_files(), 300_000, "no byte was sent twice");
    }
}

#[tokio::test]
async fn a_part_of_another_version_of_the_file_is_not_gone_on_with() {
    for fault in [Fault::OtherMark, Fault::WholeFile] {
        let case = Case::new();
        case.server.fault("/download/v", Fault::CutAfter(100_000), 1);
        assert!(case.download().await.is_err());
        case.server.fault("/download/v", fault, 1);
        case.is_whole().await;
        assert_eq!(case.server.bytes_of_files(), 400_000);
    }
}

#[tokio::test]
async fn what_is_not_what_was_signed_is_refused_and_a_retry_works() {
    type Expected = fn(&UpdateError) -> bool;
    let cases: [(Fault, Expected); 5] = [
        (Fault::TruncatedTo(250_000), |e| {
            matches!(e, UpdateError::Truncated { received: 250_000, size: 300_000 })
        }),
        (Fault::Longer(1), |e| matches!(e, UpdateError::TooMuch { .. })),
        (Fault::LongerUnannounced(100_000), |e| matches!(e, UpdateError::TooMuch { .. })),
        (Fault::Changed, |e| *e == UpdateError::Checksum),
        (Fault::Status(503), |e| matches!(e, UpdateError::Status { status: 503, .. })),
    ];
    for (fault, expected) in cases {
        let case = Case::new();
        case.server.fault("/download/v", fault.clone(), 1);
        let refused = case.download().await.unwrap_err();
        assert!(expected(&refused), "{fault:?}: {refused:?}");
        assert!(!case.names().contains(&NAME.to_owned()), "{fault:?}: nothing has the file's name");
        case.is_whole().await;
    }
}

#[tokio::test]
async fn a_file_that_is_shorter_on_the_server_is_said_each_time() {
    let case = Case::new();
    for _ in 0..3 {
        case.server.fault("/download/v", Fault::TruncatedTo(250_000), 9);
        let refused = case.download().await;
        assert!(matches!(refused, Err(UpdateError::Truncated { .. })), "{refused:?}");
    }
    case.server.fault("", Fault::Changed, 0);
    case.is_whole().await;
}

#[tokio::test]
async fn a_damaged_part_costs_a_download_and_nothing_more() {
    let case = Case::new();
    case.server.fault("/download/v", Fault::CutAfter(100_000), 1);
    assert!(case.download().await.is_err());
    let part = case.folder.path().join("update").join(format!("{NAME}.part"));
    let mut bytes = std::fs::read(&part).unwrap();
    bytes[7] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    assert_eq!(case.download().await, Err(UpdateError::Checksum));
    case.is_whole().await;
}

#[tokio::test]
async fn a_release_is_believed_only_with_its_signature() {
    let case = Case::new();
    let files = [Published { name: NAME, kind: "appimage", bytes: b"x" }];
    let code = async || case.client.newest().await.err().map(|error| error.code());
    assert_eq!(code().await, None);
    case.server.publish_by_another_key("9.3.0", &files);
    assert_eq!(code().await, Some("signature"));
    // The signature of another document.
    let (one, other) = (document("9.3.0", &files), document("9.4.0", &files));
    case.server.put_document(&other, &case.server.sign(&one));
    assert_eq!(code().await, Some("signature"));
    for garbled in ["", "untrusted comment: x\n", "untrusted comment: x\nRWQ=\ntrusted comment: y\nAAAA\n"] {
        case.server.put_document(&one, garbled);
        assert_eq!(code().await, Some("signature"), "{garbled:?}");
    }
    // Nothing of what is not signed is read: not even whether it is JSON.
    case.server.put_document("{", &case.server.sign(&one));
    assert_eq!(code().await, Some("signature"));
    case.server.put_document("{", &case.server.sign("{"));
    assert_eq!(code().await, Some("not-understood"));
    let large = " ".repeat(70 * 1024);
    case.server.put_document(&large, &case.server.sign(&large));
    assert_eq!(code().await, Some("document-too-large"));
    case.server.put_document(&one, &case.server.sign(&one));
    assert_eq!(code().await, None, "a retry needs no restart");
}

#[tokio::test]
async fn a_server_that_stalls_or_leads_elsewhere_is_said() {
    let case = Case::new();
    let code = async || case.client.newest().await.err().map(|error| error.code());
    case.server.fault("release.json", Fault::StallAfter(10), 1);
    assert_eq!(code().await, Some("timed-out"));
    case.server.fault("release.json", Fault::CutAfter(10), 1);
    assert_eq!(code().await, Some("unreachable"));
    case.server.fault("release.json", Fault::Status(404), 1);
    assert_eq!(code().await, Some("status"));
    case.server.fault("release.json", Fault::Redirect("http://example.org/x".to_owned()), 1);
    assert_eq!(code().await, Some("redirected"));
    let around = format!("{}/latest/download/release.json", case.server.url());
    case.server.fault("release.json", Fault::Redirect(around.clone()), 9);
    assert_eq!(code().await, Some("redirected"), "and not on and on in a circle");
    // As GitHub does: one redirect to where the file is.
    case.server.fault("release.json", Fault::Redirect(around), 1);
    assert_eq!(code().await, None);
}

#[tokio::test]
async fn without_a_key_nothing_is_asked() {
    let server = ReleaseServer::start();
    let client = ReleaseClient::new(ReleaseSource::new(&server.url(), None).unwrap(), Limits::default());
    assert_eq!(client.newest().await, Err(UpdateError::NoKey));
    assert_eq!(server.requests(), []);
}
