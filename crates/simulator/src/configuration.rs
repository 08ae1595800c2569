//! The configuration of the command line that writes the session logs: at which provider each of its models
//! runs, and by which key or login. Kimi Code's; the older command line names no model in its logs, so that its
//! configuration could name one account only.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use tidemark_core::Source;

use crate::price::Model;
use crate::spec::{AccountSpec, LogFormat, ReachedBy};

/// The name by which the command line knows its own login.
const LOGIN: &str = "managed:kimi-code";

impl AccountSpec {
    /// Its name in lower case, with dashes for what is no letter or digit.
    pub(crate) fn slug(&self) -> String {
        let dashed = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        self.name.chars().map(dashed).collect()
    }

    /// How the command line's logs call a model that it asked by this account.
    pub(crate) fn alias(&self, model: Model) -> String {
        let own = match self.source {
            Source::KimiCode => model.code_name(),
            Source::Platform => model.platform_name(),
        };
        match self.reached_by {
            Some(ReachedBy::Key | ReachedBy::Environment) => format!("{}/{}", self.slug(), bare(own)),
            Some(ReachedBy::Login) | None => own.to_owned(),
        }
    }
}

/// A model's name without its provider's.
pub(crate) fn bare(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The configuration for accounts that are reached in a way of their own; `None` where there is none.
pub(crate) fn configuration(accounts: &[AccountSpec]) -> Option<String> {
    let reached = accounts
        .iter()
        .filter(|spec| spec.log_format == LogFormat::KimiCode)
        .filter_map(|spec| spec.reached_by.map(|way| (spec, way)));
    let (mut providers, mut models, mut default) = (String::new(), String::new(), None);
    for (spec, way) in reached {
        let name = if way == ReachedBy::Login { LOGIN.to_owned() } else { spec.slug() };
        let kind = if spec.source == Source::KimiCode { "kimi" } else { "openai" };
        let address = spec.source.base_url(spec.region);
        // Writing into a string cannot fail, here and below.
        let _ = write!(providers, "\n[providers.\"{name}\"]\ntype = \"{kind}\"\nbase_url = \"{address}\"\n");
        let _ = match way {
            ReachedBy::Key => writeln!(providers, "api_key = \"{}\"", spec.key),
            ReachedBy::Environment => Ok(()),
            ReachedBy::Login => {
                writeln!(providers, "oauth = {{ storage = \"file\", key = \"oauth/kimi-code\" }}")
            }
        };
        for model in Model::ALL {
            let alias = spec.alias(model);
            let asked = bare(&alias);
            let _ = write!(
                models,
                "\n[models.\"{alias}\"]\nprovider = \"{name}\"\nmodel = \"{asked}\"\nmax_context_size = 262144\n"
            );
            default.get_or_insert(alias);
        }
    }
    default.map(|alias| format!("default_model = \"{alias}\"\n{providers}{models}"))
}

/// Writes it where the command line of a home folder reads it, readable by its owner only, because it has
/// keys.
pub(crate) fn write(home: &Path, accounts: &[AccountSpec]) -> io::Result<()> {
    let Some(text) = configuration(accounts) else { return Ok(()) };
    let folder = home.join(".kimi-code");
    fs::create_dir_all(&folder)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(folder.join("config.toml"))?, text.as_bytes())
}
