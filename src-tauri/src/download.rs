//! Files that the page has kept: reports and exports, in the user's folder for downloads.
//!
//! The page names what it wants and how it is to be called; what is in the file goes from the agent to the disk
//! and never through the page. The page needs no right to write files, or to choose where.

use std::io;
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use tauri::{AppHandle, Manager as _};
use tidemark_api::client::{Client, ClientError};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

use crate::failure::Failure;

/// What may be kept as a file.
const PATHS: [&str; 2] = ["/v1/report?", "/v1/export?"];
/// How such a file may end.
const ENDINGS: [&str; 4] = ["html", "json", "jsonl", "csv"];
/// How a file that the page made may end.
const MADE_ENDINGS: [&str; 3] = ["png", "svg", "csv"];
/// The largest of them, in bytes.
const MAX_MADE_LEN: usize = 32 << 20;
/// A name that is taken this many times is given up.
const MAX_COPIES: u32 = 1000;

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    /// Neither a report nor an export, or not a name for one.
    #[error("this window does not save {0}")]
    NotAllowed(String),
    /// The agent could not be asked, or the line to it broke.
    #[error(transparent)]
    Agent(#[from] ClientError),
    /// The agent refused.
    #[error("{0}")]
    Refused(String),
    /// The file could not be written.
    #[error("{} cannot be written: {source}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl From<DownloadError> for Failure {
    fn from(error: DownloadError) -> Self {
        let code = match &error {
            DownloadError::NotAllowed(_) | DownloadError::Refused(_) => "bad-request",
            DownloadError::Agent(_) => "agent-unreachable",
            DownloadError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => "disk-full",
            DownloadError::Io { .. } => "io",
        };
        Failure { code, message: error.to_string() }
    }
}

/// Where downloads go: the user's folder for them, or the home folder where there is none.
pub(crate) fn folder(app: &AppHandle) -> PathBuf {
    let known = app.path().download_dir().ok().filter(|folder| folder.is_dir());
    known.or_else(|| app.path().home_dir().ok()).unwrap_or_else(std::env::temp_dir)
}

/// Keeps an answer of the agent under a name in a folder; never over another file. Says where it is.
pub(crate) async fn keep(
    client: &Client,
    path: &str,
    name: &str,
    folder: &Path,
) -> Result<PathBuf, DownloadError> {
    if !allowed(path, name) {
        return Err(DownloadError::NotAllowed(name.chars().take(100).collect()));
    }
    let (status, mut bytes) = client.download(path).await?;
    if !(200..300).contains(&status) {
        let mut said = Vec::new();
        while let Some(Ok(more)) = bytes.next().await
            && said.len() < 4096
        {
            said.extend_from_slice(&more);
        }
        return Err(DownloadError::Refused(String::from_utf8_lossy(&said).into_owned()));
    }
    let (mut file, place) = create(folder, name).await?;
    let failed = |source| DownloadError::Io { path: place.clone(), source };
    let written = async {
        while let Some(more) = bytes.next().await {
            file.write_all(&more?).await.map_err(failed)?;
        }
        file.sync_all().await.map_err(failed)
    };
    if let Err(error) = written.await {
        // Half a file would pass for a whole one.
        let _ = fs::remove_file(&place).await;
        return Err(error);
    }
    Ok(place)
}

/// Keeps what the page made itself under a name in a folder; never over another file. Says where it is.
pub(crate) async fn keep_made(contents: &[u8], name: &str, folder: &Path) -> Result<PathBuf, DownloadError> {
    if contents.len() > MAX_MADE_LEN || !is_plain(name, &MADE_ENDINGS) {
        return Err(DownloadError::NotAllowed(name.chars().take(100).collect()));
    }
    let (mut file, place) = create(folder, name).await?;
    let written = async {
        file.write_all(contents).await?;
        file.sync_all().await
    };
    if let Err(source) = written.await {
        let _ = fs::remove_file(&place).await;
        return Err(DownloadError::Io { path: place, source });
    }
    Ok(place)
}

/// A new file of that name, or of one with a number where it is taken.
async fn create(folder: &Path, name: &str) -> Result<(File, PathBuf), DownloadError> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut copy = 1;
    loop {
        let place = folder.join(if copy == 1 { name.to_owned() } else { format!("{stem}-{copy}.{ending}") });
        let mut options = tidemark_files::private::options();
        options.write(true).create_new(true);
        match fs::OpenOptions::from(options).open(&place).await {
            Ok(file) => return Ok((file, place)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && copy < MAX_COPIES => copy += 1,
            Err(source) => return Err(DownloadError::Io { path: place, source }),
        }
    }
}

/// Whether the page may have this kept: a report or an export, under a plain name of this program's.
fn allowed(path: &str, name: &str) -> bool {
    PATHS.iter().any(|known| path.starts_with(known)) && is_plain(name, &ENDINGS)
}

/// Whether a name is a plain one of this program's, with one of the endings.
fn is_plain(name: &str, endings: &[&str]) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        stem.starts_with("tidemark-")
            && stem.len() < 100
            && stem.chars().all(plain)
            && endings.contains(&ending)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reports_and_exports_are_kept_under_plain_names() {
        let report = "/v1/report?from=2026-11-01";
        for (path, name) in [
            (report, "tidemark-report-2026-11-01-2026-11-07.html"),
            ("/v1/export?format=csv", "tidemark-export.csv"),
            ("/v1/export?format=jsonl", "tidemark-export-2.jsonl"),
        ] {
            assert!(allowed(path, name), "{path} {name}");
        }
        for (path, name) in [
            ("/v1/accounts", "tidemark-x.json"),
            ("/v1/report", "tidemark-x.json"),
            ("http://example.org/v1/report?", "tidemark-x.json"),
            (report, "report.html"),
            (report, "tidemark-x.desktop"),
            (report, "tidemark-x"),
            (report, "tidemark-../../x.html"),
            (report, "tidemark-a/b.html"),
            (report, "tidemark-a\\b.html"),
            (report, "tidemark-x.exe.html"),
            (report, ""),
        ] {
            assert!(!allowed(path, name), "{path} {name}");
        }
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn a_kept_file_is_its_owner_s_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, _) = create(folder.path(), "tidemark-export.csv").await.unwrap();
        assert_eq!(file.metadata().await.unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_name_that_is_taken_is_numbered() {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Vec::new();
        for _ in 0..3 {
            let (_, place) = create(folder.path(), "tidemark-export.csv").await.unwrap();
            names.push(place.file_name().unwrap().to_string_lossy().into_owned());
        }
        assert_eq!(names, ["tidemark-export.csv", "tidemark-export-2.csv", "tidemark-export-3.csv"]);
    }

    #[tokio::test]
    async fn what_the_page_made_is_kept_under_plain_names_only() {
        let folder = tempfile::tempdir().unwrap();
        let place = keep_made(b"<svg/>", "tidemark-chart-week.svg", folder.path()).await.unwrap();
        assert_eq!(std::fs::read(place).unwrap(), b"<svg/>");
        for name in ["tidemark-x.html", "tidemark-../x.svg", "chart.svg", "tidemark-x.desktop"] {
            let kept = keep_made(b"x", name, folder.path()).await;
            assert!(matches!(kept, Err(DownloadError::NotAllowed(_))), "{name}");
        }
    }

    #[tokio::test]
    async fn without_a_folder_it_is_said() {
        let folder = tempfile::tempdir().unwrap().path().join("gone");
        assert!(matches!(create(&folder, "tidemark-export.csv").await, Err(DownloadError::Io { .. })));
    }
}
