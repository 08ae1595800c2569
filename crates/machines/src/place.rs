//! Where an exchange is: what is stored of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tidemark_core::Credential;

/// Where records come from, and go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Place {
    /// Another machine, asked over SSH.
    Ssh {
        /// The host as `ssh` takes it: a name of its configuration, `user@host`, `ssh://user@host:port`.
        host: String,
        /// The path of `tidemark` there; `None` where it is found by its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
    /// A folder that several machines share.
    Folder {
        /// Its path here.
        folder: PathBuf,
        /// Where its passphrase is.
        passphrase: Passphrase,
    },
}

/// Where the passphrase of a folder is found. Never the passphrase itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "kebab-case")]
pub enum Passphrase {
    /// In the vault, as keys are.
    Vault {
        /// Where in it.
        credential: Credential,
    },
    /// In an environment variable.
    Variable {
        /// Its name.
        name: String,
    },
}
