//! How long a notification service may take.

use std::time::Duration;

/// How long a notification service may take before it counts as absent.
pub(super) const SERVICE_TIMEOUT: Duration = Duration::from_secs(10);
