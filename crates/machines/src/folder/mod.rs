//! A folder that several machines share: through a syncer, a cloud drive, a file server.
//!
//! Each machine has a folder of its own in it, named by its id, and writes nowhere else:
//! - `key.age`: a random key, encrypted with the folder's passphrase (an ordinary age file);
//! - `2026-11.records`, one a month: what it gives away, appended in parts, each encrypted with that key.
//!
//! So two machines never write one file, and a syncer has nothing to decide. What it does all the same is expected:
//! files come late, in part, under other names, or twice; each part is whole or not there, and reading one again
//! changes nothing. Times of files are trusted for nothing but "not changed since".

mod compact;
mod folder_keys;
mod key;
mod part;
mod read;
mod shared_folder;
mod write;

pub use folder_keys::{FolderKeys, WORK_FACTOR};
pub use key::open;
pub use read::read;
pub use shared_folder::SharedFolder;
pub use write::write;
