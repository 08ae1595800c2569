//! `tidemark account`.

use clap::{Args, Subcommand};

use super::shared::{Keep, Passphrase, Place};

/// `tidemark account`
#[derive(Debug, Args)]
pub struct AccountCommand {
    /// What to do with accounts.
    #[command(subcommand)]
    pub action: AccountAction,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountAction {
    /// Add an account.
    Add(AccountAdd),
    /// List the accounts.
    List,
    /// Remove an account and its history.
    Remove(AccountRemove),
    /// Rename an account.
    Rename(AccountRename),
    /// Poll an account now with its stored key.
    Test(AccountTest),
    /// Give an account another key.
    SetKey(AccountSetKey),
}

/// `tidemark account add`
#[derive(Debug, Args)]
pub struct AccountAdd {
    /// A name of your choice.
    pub name: String,
    /// The service that the account belongs to.
    #[command(flatten)]
    pub place: Place,
    /// Where its key comes from.
    #[command(flatten)]
    pub key: KeySource,
    /// Where to store a key from standard input.
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["key_env", "local_server"])]
    pub keep: Option<Keep>,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// Where a key comes from: never the command line itself.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct KeySource {
    /// Read the key from standard input and store it in the system keyring.
    #[arg(long)]
    pub key_stdin: bool,
    /// Store the name of an environment variable that holds the key.
    #[arg(long, value_name = "NAME")]
    pub key_env: Option<String>,
    /// Ask the server that Kimi Code runs on this machine; nothing is stored.
    #[arg(long, conflicts_with = "base_url")]
    pub local_server: bool,
}

/// `tidemark account remove`
#[derive(Debug, Args)]
pub struct AccountRemove {
    /// The account's name.
    #[arg(required_unless_present = "all")]
    pub name: Option<String>,
    /// Every account: for an uninstaller that leaves nothing.
    #[arg(long, hide = true, conflicts_with = "name")]
    pub all: bool,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
    /// Remove the account even if its key cannot be removed; the key stays in its storage.
    #[arg(long)]
    pub keep_key: bool,
}

/// `tidemark account test`
#[derive(Debug, Args)]
pub struct AccountTest {
    /// The account's name.
    pub name: String,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// `tidemark account set-key`
#[derive(Debug, Args)]
pub struct AccountSetKey {
    /// The account's name.
    pub name: String,
    /// Where its key comes from.
    #[command(flatten)]
    pub key: NewKeySource,
    /// The account's own base URL, to confirm that a variable's key may go there.
    #[arg(long, value_name = "URL", requires = "key_env")]
    pub base_url: Option<String>,
    /// Where to store a key from standard input.
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["key_env", "local_server"])]
    pub keep: Option<Keep>,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// Where another key of an account comes from. Unlike a new account's it brings no address.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct NewKeySource {
    /// Read the key from standard input and store it in the system keyring.
    #[arg(long)]
    pub key_stdin: bool,
    /// Store the name of an environment variable that holds the key.
    #[arg(long, value_name = "NAME")]
    pub key_env: Option<String>,
    /// Ask the server that Kimi Code runs on this machine; nothing is stored.
    #[arg(long)]
    pub local_server: bool,
}

/// `tidemark account rename`
#[derive(Debug, Args)]
pub struct AccountRename {
    /// The account's name.
    pub name: String,
    /// The new name.
    pub new_name: String,
}
