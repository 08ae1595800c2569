//! The way to newer versions.

use tidemark_monitor::{UpdateError, Updates};
use tidemark_update::{InstalledBy, Limits, ReleaseClient, ReleaseSource, own_version};

/// What an engine of this program needs to know of newer versions.
pub fn updates() -> Result<Updates, UpdateError> {
    let (installed_by, place) = InstalledBy::of_this_program();
    let client = ReleaseClient::new(ReleaseSource::of_this_program()?, Limits::default());
    Ok(Updates { client, own: own_version(), installed_by, place })
}
