//! The window's built code: files that hold no data, and are given to everyone.

use std::io::Read as _;
use std::path::PathBuf;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use flate2::read::GzDecoder;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

/// The largest file of the page, in bytes.
const MAX_FILE_LEN: u64 = 8 << 20;

/// Where the window's code is.
#[derive(Debug, Clone)]
pub enum Page {
    /// Nowhere: only data are served.
    None,
    /// In a folder.
    Folder(PathBuf),
    /// In this program.
    Files(&'static [PageFile]),
}

/// A file that is part of this program.
#[derive(Debug, Clone, Copy)]
pub struct PageFile {
    /// Its place: `index.html`, `assets/…`.
    pub path: &'static str,
    /// Its contents, compressed (gzip).
    pub gzip: &'static [u8],
}

/// What gives the files.
#[derive(Debug)]
pub(super) struct PageFiles {
    page: Page,
    folder: Option<ServeDir>,
}

impl PageFiles {
    pub(super) fn new(page: Page) -> Self {
        let folder = match &page {
            Page::Folder(path) => Some(ServeDir::new(path)),
            Page::None | Page::Files(_) => None,
        };
        Self { page, folder }
    }

    /// The file that is asked for, if the page has it.
    pub(super) async fn find(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        let path = uri.path();
        let mut response = match (&self.page, &self.folder) {
            (_, Some(folder)) => {
                let mut asked = Request::new(Body::empty());
                *asked.method_mut() = method.clone();
                *asked.uri_mut() = uri.clone();
                let Ok(response) = folder.clone().oneshot(asked).await;
                if response.status() != StatusCode::OK {
                    return None;
                }
                response.map(Body::new)
            }
            (Page::Files(files), None) => {
                let wanted = if path == "/" { "index.html" } else { path.strip_prefix('/')? };
                let file = files.iter().find(|file| file.path == wanted)?;
                embedded(file, method, headers)?
            }
            _ => return None,
        };
        // Names below `assets` change with the contents.
        let kept =
            if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        Some(response)
    }
}

fn embedded(file: &PageFile, method: &Method, headers: &HeaderMap) -> Option<Response> {
    let takes_gzip = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|one| one.trim().split(';').next() == Some("gzip")));
    let is_wanted = *method == Method::GET;
    let body = if !is_wanted {
        Body::empty()
    } else if takes_gzip {
        Body::from(file.gzip)
    } else {
        let mut plain = Vec::new();
        GzDecoder::new(file.gzip).take(MAX_FILE_LEN).read_to_end(&mut plain).ok()?;
        Body::from(plain)
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind(file.path)));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if takes_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

/// What a file is, by its name.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
