//! Secrets: the keys of the accounts.
//!
//! A key is in one of five places, and an account remembers only which one ([`tidemark_core::Credential`]):
//!
//! - the **system keyring** (Secret Service, macOS Keychain, Windows Credential Manager), the usual place;
//! - a **passphrase-encrypted file** in the data folder, chosen by the user if there is no keyring;
//! - **this run's memory**, chosen by a user who wants the key stored nowhere;
//! - an **environment variable**, of which only the name is stored;
//! - the **login of an installed Kimi Code command line**, read while it is valid, never refreshed, never
//!   written.
//!
//! A key is never put anywhere else, and never into a plain file. It is read again for each request and
//! dropped after it. There are two exceptions: the keys of this run's memory, and those of the file while it
//! is open, because holding the passphrase instead would give access to all of them anyway.
//!
//! Nothing here can hang the program. A locked keyring shows a window of its own and answers when the user
//! does, which may be never; so every call to it runs on a thread of its own with a timeout, one at a time,
//! and a call in the background never makes such a window appear. See [`keyring`].
//!
//! Each [`VaultError`] has a stable code and a sentence that says what to do.

mod encrypted_file;
mod environment;
mod error;
mod in_memory;
mod kimi_code_login;
mod kimi_code_server;
mod secret;
mod state;
mod vault;

pub mod keyring;

pub use encrypted_file::{SHORTEST_PASSPHRASE, WORK_FACTOR};
pub use error::VaultError;
pub use kimi_code_login::Login;
pub use kimi_code_server::LocalServer;
pub use state::{FileState, KeyringState};
pub use vault::{Place, Vault, VaultConfig};
