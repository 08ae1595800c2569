//! Downloading a file of a release: never more bytes than were signed, and from where it broke off before.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, RANGE};
use reqwest::{Response, StatusCode};
use semver::Version;

use crate::client::{ReleaseClient, causes, host_of, successful};
use crate::document::ReleaseFile;
use crate::error::UpdateError;
use crate::hash;
use crate::part::Part;

/// A file that is here as a whole, and was what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
}

/// A part that a thread of its own may write to.
type SharedPart = Arc<Mutex<Option<Part>>>;

impl ReleaseClient {
    /// Downloads a file of a release into a folder, or goes on with what is there of it. `progress` is given how many
    /// bytes are here.
    ///
    /// # Errors
    /// By case: there is no answer or none in time ([`UpdateError::Interrupted`] after a part, which stays), the server has
    /// fewer bytes than were signed, more, or others, or the disk is full.
    pub async fn download(
        &self,
        version: &Version,
        file: &ReleaseFile,
        folder: &Path,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Downloaded, UpdateError> {
        let whole = folder.join(&file.name);
        let (there, wanted) = (whole.clone(), file.sha256);
        if apart(move || Ok(hash::of_file(&there).is_ok_and(|hash| hash == wanted))).await? {
            progress(file.size);
            return Ok(Downloaded { path: whole });
        }
        let (dir, wanted) = (folder.to_owned(), file.clone());
        let part: SharedPart = Arc::new(Mutex::new(Some(apart(move || Part::open(&dir, &wanted)).await?)));
        let url = self.source.address(&Self::file_path(version, &file.name));
        let host = host_of(&url);
        // A server whose file is shorter than the part answers that there is no such range: then once from the beginning.
        for _ in 0..2 {
            let (len, mark) = of(&part, |part| Ok((part.len, part.mark.clone())))?;
            progress(len);
            if len == file.size {
                break;
            }
            let mut request = self.http()?.get(url.clone());
            if len > 0 {
                request = request.header(RANGE, format!("bytes={len}-"));
                if let Some(mark) = mark {
                    request = request.header(IF_RANGE, mark);
                }
            }
            let response = self.send(request).await?;
            if response.status() == StatusCode::RANGE_NOT_SATISFIABLE && len > 0 {
                of(&part, Part::clear)?;
                continue;
            }
            successful(&response, &host)?;
            if len > 0 && !goes_on(&response, len, file.size) {
                of(&part, Part::clear)?;
                // An answer that goes on from elsewhere is of no use; the whole file is.
                if response.status() == StatusCode::PARTIAL_CONTENT {
                    continue;
                }
            }
            self.receive(response, &part, file, progress).await?;
            break;
        }
        let wanted = file.clone();
        let path = apart(move || {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner).take();
            let part = part.ok_or(UpdateError::Checksum)?;
            if part.len == wanted.size { part.finish(&wanted) } else { Err(short(part.len, wanted.size)) }
        })
        .await?;
        Ok(Downloaded { path })
    }

    /// Writes an answer's body to the part, and checks that it is as long as was signed.
    async fn receive(
        &self,
        mut response: Response,
        part: &SharedPart,
        file: &ReleaseFile,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), UpdateError> {
        let mut len = of(part, |part| {
            let mark = strong_mark(response.headers());
            if part.mark != mark || part.len == 0 {
                part.set_mark(mark.as_deref())?;
            }
            Ok(part.len)
        })?;
        let announced = response.content_length().map(|more| len.saturating_add(more));
        let too_much = UpdateError::TooMuch { size: file.size };
        if announced.is_some_and(|all| all > file.size) {
            return refuse(part, too_much);
        }
        loop {
            let broken_off = |said: String| UpdateError::Interrupted { received: len, size: file.size, said };
            match response.chunk().await {
                Ok(Some(chunk)) if len + chunk.len() as u64 > file.size => return refuse(part, too_much),
                Ok(Some(chunk)) => {
                    let part = Arc::clone(part);
                    len = apart(move || {
                        of(&part, |part| {
                            part.add(&chunk)?;
                            Ok(part.len)
                        })
                    })
                    .await?;
                    progress(len);
                }
                Ok(None) if len == file.size => return Ok(()),
                Ok(None) => return Err(short(len, file.size)),
                Err(error) if error.is_timeout() => return Err(broken_off(timed_out(&response))),
                Err(error) => return Err(broken_off(causes(&error))),
            }
        }
    }
}

fn timed_out(response: &Response) -> String {
    format!("{} did not answer in time", host_of(response.url()))
}

const fn short(received: u64, size: u64) -> UpdateError {
    UpdateError::Truncated { received, size }
}

/// Whether an answer goes on from where the part ends, and is of a file of the size that was signed.
fn goes_on(response: &Response, len: u64, size: u64) -> bool {
    let range =
        response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    response.status() == StatusCode::PARTIAL_CONTENT
        && range.strip_prefix(&format!("bytes {len}-")).is_some_and(|rest| {
            let (_, all) = rest.split_once('/').unwrap_or_default();
            all == "*" || all.parse() == Ok(size)
        })
}

/// The server's mark of this very version of a file. A weak one says only that two versions mean the same.
fn strong_mark(headers: &HeaderMap) -> Option<String> {
    let mark = headers.get(ETAG)?.to_str().ok()?;
    (mark.starts_with('"') && mark.len() < 200).then(|| mark.to_owned())
}

/// Nothing of what a server sends that is not what was signed is kept.
fn refuse<T>(part: &SharedPart, error: UpdateError) -> Result<T, UpdateError> {
    of(part, |part| {
        part.remove();
        Err(error)
    })
}

fn of<T>(
    part: &SharedPart,
    work: impl FnOnce(&mut Part) -> Result<T, UpdateError>,
) -> Result<T, UpdateError> {
    let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
    // It is there until it is finished.
    part.as_mut().map_or(Err(UpdateError::Checksum), work)
}

/// Reading and writing on a thread of its own: a disk can be slow.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UpdateError> + Send + 'static,
) -> Result<T, UpdateError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(UpdateError::Io { path: PathBuf::new(), said: error.to_string() }),
    }
}
