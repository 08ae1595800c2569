//! Why a file or a folder could not be used, in the catalogue's words. What the system itself said is quoted.

use std::io;
use std::path::Path;

use tidemark_files::folder::FolderError;
use tidemark_files::read;

use crate::exit::{CommandError, Exit};

/// What was to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read it.
    Read,
    /// To write it.
    Write,
}

/// The error of a file that a person named.
#[must_use]
pub fn file_error(access: Access, path: &Path, error: &io::Error) -> CommandError {
    let file = path.display().to_string();
    let key = match (access, error.kind()) {
        _ if read::is_not_a_file(error) => "cli-file-is-none",
        (Access::Read, io::ErrorKind::NotFound) => "cli-file-missing",
        (Access::Write, io::ErrorKind::NotFound) => "cli-file-no-folder",
        (Access::Read, io::ErrorKind::PermissionDenied) => "cli-file-read-denied",
        (Access::Write, io::ErrorKind::PermissionDenied) => "cli-file-write-denied",
        (Access::Read, _) => "cli-file-not-read",
        (Access::Write, _) => "cli-file-not-written",
    };
    let error_of = CommandError::said(Exit::Failed, "io", key, &[("file", &file)]);
    if matches!(key, "cli-file-not-read" | "cli-file-not-written") {
        error_of.quoting(error)
    } else {
        error_of
    }
}

impl From<&FolderError> for CommandError {
    fn from(error: &FolderError) -> Self {
        let of = |key, path: &Path| {
            let folder = path.display().to_string();
            Self::said(Exit::Failed, "folder-not-private", key, &[("folder", &folder)])
        };
        match error {
            FolderError::Foreign(path) => of("cli-folder-foreign", path),
            FolderError::Open(path) => of("cli-folder-open", path),
            FolderError::NotAFolder(path) => of("cli-folder-is-none", path),
            FolderError::Io { path, source } => of("cli-folder-not-used", path).quoting(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_quoted_only_where_it_is_all_that_is_known() {
        let path = Path::new("/somewhere/report.html");
        for (access, kind, says, quotes) in [
            (Access::Read, io::ErrorKind::NotFound, "does not exist", false),
            (Access::Write, io::ErrorKind::NotFound, "folder", false),
            (Access::Read, io::ErrorKind::PermissionDenied, "permission", false),
            (Access::Write, io::ErrorKind::StorageFull, "could not be written", true),
        ] {
            let error = file_error(access, path, &kind.into());
            assert!(error.message.contains(says) && error.message.contains("report.html"), "{error:?}");
            assert_eq!(error.details.is_some(), quotes, "{error:?}");
        }
    }
}
