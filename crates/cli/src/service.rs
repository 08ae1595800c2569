//! The way to Kimi's services.

use tidemark_kimi::{Client, ClientConfig};

use crate::exit::{CommandError, Exit};

/// A client of the services.
pub fn kimi_client() -> Result<Client, CommandError> {
    Client::new(ClientConfig::default()).map_err(|error| CommandError::new(Exit::Service, "network", error))
}
