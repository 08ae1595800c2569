//! An AppImage: one file, exchanged by its name. The running one keeps its own bytes, whatever has the name.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{copy_and_sync, named_beside, remove, sync_folder_of};
use crate::error::UpdateError;

fn new_of(image: &Path) -> PathBuf {
    named_beside(image, ".", ".new")
}

fn old_of(image: &Path) -> PathBuf {
    named_beside(image, "", ".old")
}

pub(super) fn prepare(image: &Path, downloaded: &Path) -> Result<PathBuf, UpdateError> {
    let new = new_of(image);
    remove(&new)?;
    let failed = |error: std::io::Error| UpdateError::of_place(&new, &error);
    copy_and_sync(downloaded, &new).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As the former one, and in any case such that its owner can start it.
        let mode = fs::metadata(image).map_or(0o755, |there| there.permissions().mode() & 0o777 | 0o500);
        fs::set_permissions(&new, fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    Ok(new)
}

pub(super) fn replace(image: &Path) -> Result<(), UpdateError> {
    let (new, old) = (new_of(image), old_of(image));
    let failed = |error: std::io::Error| UpdateError::of_place(image, &error);
    remove(&old)?;
    // A second name for the former one, so that at no moment there is none; a file system without links has one.
    if fs::hard_link(image, &old).is_err() {
        fs::rename(image, &old).map_err(failed)?;
    }
    fs::rename(&new, image).map_err(failed)?;
    sync_folder_of(image)
}

pub(super) fn put_back(image: &Path) -> Result<(), UpdateError> {
    let old = old_of(image);
    if fs::symlink_metadata(&old).is_ok() {
        fs::rename(&old, image).map_err(|error| UpdateError::of_place(image, &error))?;
        // Two names of one file both stay.
        remove(&old)?;
        sync_folder_of(image)?;
    }
    discard(image);
    Ok(())
}

pub(super) fn confirm(image: &Path) {
    for path in [old_of(image), new_of(image)] {
        if let Err(error) = remove(&path) {
            tracing::warn!(%error, "a former version stays");
        }
    }
}

pub(super) fn discard(image: &Path) {
    let _ = remove(&new_of(image));
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            fs::write(folder.image(), "old").unwrap();
            fs::set_permissions(folder.image(), fs::Permissions::from_mode(0o700)).unwrap();
            fs::write(folder.0.path().join("download"), "new").unwrap();
            folder
        }

        fn image(&self) -> PathBuf {
            self.0.path().join("Tidemark.AppImage")
        }

        fn prepare(&self) {
            prepare(&self.image(), &self.0.path().join("download")).unwrap();
        }

        fn content(&self) -> String {
            fs::read_to_string(self.image()).unwrap()
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    #[test]
    fn the_new_one_has_the_name_and_can_be_started_and_the_former_one_is_kept_until_it_is_confirmed() {
        let folder = Folder::new();
        folder.prepare();
        assert_eq!(folder.content(), "old");
        replace(&folder.image()).unwrap();
        assert_eq!(folder.content(), "new");
        assert_eq!(fs::metadata(folder.image()).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_to_string(old_of(&folder.image())).unwrap(), "old");
        confirm(&folder.image());
        assert_eq!(folder.names(), ["Tidemark.AppImage", "download"]);
    }

    #[test]
    fn whatever_was_done_the_former_one_comes_back() {
        let folder = Folder::new();
        let image = folder.image();
        let only_the_former = || {
            put_back(&image).unwrap();
            assert_eq!(
                (folder.content().as_str(), folder.names()),
                ("old", vec!["Tidemark.AppImage".to_owned(), "download".to_owned(),])
            );
        };
        only_the_former();
        folder.prepare();
        only_the_former();
        // Cut off between the two renames.
        folder.prepare();
        fs::hard_link(&image, old_of(&image)).unwrap();
        only_the_former();
        folder.prepare();
        fs::rename(&image, old_of(&image)).unwrap();
        only_the_former();
        folder.prepare();
        replace(&image).unwrap();
        only_the_former();
        only_the_former();
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said() {
        let folder = Folder::new();
        let image = folder.0.path().join("none/Tidemark.AppImage");
        let refused = prepare(&image, &folder.0.path().join("download"));
        assert!(matches!(refused, Err(UpdateError::NotWritable { .. })), "{refused:?}");
    }
}
