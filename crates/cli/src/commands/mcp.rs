//! `tidemark mcp`: a server of the Model Context Protocol on standard input and output, so that coding agents can ask what
//! is left. It only reads: the history, the session logs, and what an error says. No tool changes anything, asks the
//! service, or knows a key.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer, ServerInitializeError, ServiceExt as _};
use rmcp::transport::stdio;
use tidemark_core::text;
use tidemark_store::Store;

use super::context::{Context, environment_zone, runtime};
use super::error_text::error_text;
use super::store_access;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::i18n::Catalog;
use crate::output::say;
use asked::Asked;
use scene::Scene;
use tools::TOOLS;

mod asked;
mod error_answer;
mod json;
mod quota_answer;
mod scene;
mod tools;
mod usage_answer;

/// What the addresses of accounts begin with; their names follow.
const ACCOUNT: &str = "tidemark://account/";

/// Accounts in a list of resources; more of them have addresses all the same.
const MAX_LISTED: usize = 200;

/// Runs `tidemark mcp`, until standard input ends.
pub fn run(context: &Context) -> Result<Exit, CommandOutcome> {
    let words = context.words(language(context).as_deref());
    if io::stdin().is_terminal() {
        say(&words.text("cli-mcp-hint"));
    }
    let server = Server { context: context.clone(), words: Arc::new(words) };
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        match server.serve(stdio()).await {
            Ok(running) => running.waiting().await.map(|_| ()).map_err(|error| error.to_string()),
            // Whoever started it has gone without a word.
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    });
    // A read of standard input cannot be called back; it is not waited for.
    runtime.shutdown_background();
    match ended {
        Ok(()) => Ok(Exit::Done),
        Err(said) => Err(CommandError::new(Exit::Failed, "mcp", &said).quoting(said).into()),
    }
}

/// The language of the settings, where there are any.
fn language(context: &Context) -> Option<String> {
    let store = context.data_dir().ok().and_then(|folder| Store::open_read_only(&folder).ok());
    store_access::settings(store.as_ref()).ok().flatten()?.language
}

struct Server {
    context: Context,
    words: Arc<Catalog>,
}

impl Server {
    /// Does what reads files where it holds up no other request.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Scene) -> Result<T, CommandOutcome> + Send + 'static,
    ) -> Result<T, String> {
        let context = self.context.clone();
        let done = tokio::task::spawn_blocking(move || {
            let scene = Scene::of(&context).map_err(|error| sentence(&error, &context.words(None)))?;
            work(&scene).map_err(|outcome| match outcome {
                CommandOutcome::Error(error) => sentence(&error, &scene.words),
                CommandOutcome::BrokenPipe => String::new(),
            })
        });
        done.await.unwrap_or_else(|error| Err(error.to_string()))
    }
}

/// An error for whoever asked, in a sentence or two.
fn sentence(error: &CommandError, words: &Catalog) -> String {
    text::bounded(&error_text(error, words, chrono::Utc::now(), environment_zone().0), 600)
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let own = Implementation::new("tidemark", env!("CARGO_PKG_VERSION")).with_title("Tidemark");
        ServerConfig::new(capabilities)
            .with_server_info(own)
            .with_instructions(self.words.text("mcp-instructions"))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.iter().map(|tool| tool.described(&self.words)).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = TOOLS.iter().find(|tool| tool.name == request.name) else {
            let name = text::bounded(&request.name, 60);
            return Err(ErrorData::invalid_params(format!("no such tool: {name}"), None));
        };
        let arguments = request.arguments.unwrap_or_default();
        let asked = Asked::of(tool.arguments, arguments).map_err(|wrong| wrong.said(&self.words));
        let answered = match asked {
            Ok(asked) => self.blocking(move |scene| (tool.answer)(scene, &asked)).await,
            Err(said) => Err(said),
        };
        // What went wrong is for the model to read: it may ask better.
        Ok(match answered {
            Ok(answer) => CallToolResult::structured(answer),
            Err(said) => CallToolResult::error(vec![ContentBlock::text(said)]),
        }
        .into())
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let names = self.blocking(Scene::account_names).await.map_err(failed)?;
        let description = self.words.text("mcp-resource");
        let listed = names.into_iter().take(MAX_LISTED).map(|name| {
            Resource::new(address(&name), name.clone())
                .with_title(name)
                .with_description(description.clone())
                .with_mime_type("application/json")
        });
        Ok(ListResourcesResult::with_all_items(listed.collect()))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let template = ResourceTemplate::new(format!("{ACCOUNT}{{name}}"), "account")
            .with_description(self.words.text("mcp-resource"))
            .with_mime_type("application/json");
        Ok(ListResourceTemplatesResult::with_all_items(vec![template]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let not_found = || ErrorData::resource_not_found("no such account", None);
        let name = name_of(&request.uri).ok_or_else(not_found)?;
        let known = {
            let name = name.clone();
            self.blocking(move |scene| Ok(scene.account_names()?.contains(&name))).await.map_err(failed)?
        };
        if !known {
            return Err(not_found());
        }
        let asked = Asked::account(name);
        let answer = self.blocking(move |scene| quota_answer::get_quota(scene, &asked)).await;
        let contents = ResourceContents::text(answer.map_err(failed)?.to_string(), request.uri)
            .with_mime_type("application/json");
        Ok(ReadResourceResult::new(vec![contents]).into())
    }
}

fn failed(said: String) -> ErrorData {
    ErrorData::internal_error(said, None)
}

/// The address of an account.
fn address(name: &str) -> String {
    let mut address = String::from(ACCOUNT);
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                address.push(char::from(byte));
            }
            // Writing into a string cannot fail.
            _ => {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}

/// The name in an account's address.
fn name_of(address: &str) -> Option<String> {
    let mut bytes = address.strip_prefix(ACCOUNT)?.bytes();
    let mut name = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            name.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            name.push(byte);
        }
    }
    String::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_address_leads_back_to_its_account(name in any::<String>()) {
            let address = address(&name);
            prop_assert!(address.is_ascii());
            prop_assert_eq!(name_of(&address), Some(name));
        }

        #[test]
        fn whatever_is_asked_for_as_an_address_is_a_name_or_none(rest in any::<String>()) {
            let _ = name_of(&rest);
            let _ = name_of(&format!("{ACCOUNT}{rest}"));
        }
    }

    #[test]
    fn what_is_no_address_of_an_account_has_no_name() {
        for address in [
            "",
            "file:///etc/passwd",
            "tidemark://account",
            "tidemark://account/%4",
            "tidemark://account/%zz",
            "tidemark://account/%ff",
        ] {
            assert_eq!(name_of(address), None, "{address}");
        }
    }
}
