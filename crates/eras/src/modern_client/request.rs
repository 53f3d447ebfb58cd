//! A request of a modern client, and what it becomes before a legacy server.

use serde_json::json;
use wire::{
    Frame, Id, Kind, Method, Parsed, ProtocolError, Revision, code,
    meta::{Meta, PROGRESS_TOKEN},
    unescape,
};

use super::{
    capabilities::Capabilities,
    logging::Level,
    seal::{self, Digest},
};
use crate::json::{self, Object};

/// A request that has been read, kept until there is a server to send it to.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: Id,
    pub(super) method: String,
    pub(super) line: String,
    pub(super) meta: Wishes,
}

/// What a request's `_meta` says about its own exchange.
#[derive(Debug)]
pub(super) struct Wishes {
    pub(super) capabilities: Capabilities,
    pub(super) level: Option<Level>,
    /// Raw.
    pub(super) progress: Option<String>,
    /// The client's capabilities and its name and version, raw, for a handshake.
    pub(super) declared: String,
    pub(super) client_info: Option<String>,
}

/// Keys of `_meta` that only modern servers read.
pub(super) const RESERVED: &str = "io.modelcontextprotocol/";

/// Methods of legacy revisions that 2026-07-28 has removed: to a modern client they do not exist.
const REMOVED: [&str; 7] = [
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
    "tasks/list",
    "tasks/result",
];

/// Whether a result of the method may ask for input (MCP 2026-07-28 basic/patterns/mrtr §Supported Requests).
pub(super) fn takes_input(method: &str) -> bool {
    let method = Method::from_name(method);
    matches!(method, Some(Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead))
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// The answer to one that 2026-07-28 does not allow.
    pub(super) fn read(frame: &Frame<Parsed>, id: Id, line: &str) -> Result<Self, ProtocolError> {
        debug_assert_eq!(frame.kind(), Kind::Request);
        let method = frame.method().unwrap_or_default().into_owned();
        if REMOVED.contains(&&*method) {
            let message = format!("{method} is no method of MCP {}", Revision::V2026_07_28);
            return Err(ProtocolError::new(Some(id), code::METHOD_NOT_FOUND, message));
        }
        let meta = Meta::of(frame)
            .map_err(|error| ProtocolError::new(Some(id.clone()), error.code(), error.to_string()))?;
        if meta.revision() != Some(Revision::V2026_07_28) {
            return Err(ProtocolError::unsupported_version(
                Some(id),
                &meta.version,
                &[Revision::V2026_07_28],
            ));
        }
        let meta = Wishes {
            capabilities: Capabilities::of(meta.capabilities),
            level: meta.log_level.and_then(Level::of),
            progress: meta.progress_token.map(str::to_owned),
            declared: meta.capabilities.to_owned(),
            client_info: meta.client_info.map(str::to_owned),
        };
        Ok(Self { id, method, line: line.to_owned(), meta })
    }

    /// The request as the server gets it, under a number of ours that is its progress token, too.
    pub(super) fn for_server(&self, number: u64) -> String {
        let number = number.to_string();
        let mut message = Object::of(&self.line);
        message.set("id", &*number);
        message.inside("params", |params| {
            if takes_input(&self.method) {
                params.remove("inputResponses");
                params.remove("requestState");
            }
            params.inside("_meta", |meta| {
                meta.retain(|key| !key.starts_with(RESERVED));
                if meta.get(PROGRESS_TOKEN).is_some() {
                    meta.set(PROGRESS_TOKEN, number.clone());
                }
            });
        });
        message.to_string()
    }

    /// A raw member of `params`.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        json::at(&self.line, &["params", name])
    }

    /// Whether it says that it is the retry of a request that was answered with a question. We always give a state with
    /// one: answers without it are to no question of ours, and the request is a new one.
    pub(super) fn is_retry(&self) -> bool {
        takes_input(&self.method) && self.param("requestState").is_some()
    }

    /// What stays the same when a request is retried.
    pub(super) fn digest(&self) -> Digest {
        let params = json::at(&self.line, &["params"]).unwrap_or_default();
        let members = wire::members(params).map(|member| (unescape(member.key), member.value));
        let members: Vec<_> = members
            .filter(|(name, _)| !matches!(&**name, "_meta" | "inputResponses" | "requestState"))
            .collect();
        seal::digest(&self.method, members.iter().map(|(name, value)| (&**name, *value)))
    }

    pub(super) fn refused(&self, code: i64, message: impl Into<String>) -> ProtocolError {
        ProtocolError::new(Some(self.id.clone()), code, message)
    }
}

/// The answer to a request whose server wants its user to open an address, which its client cannot show.
pub(super) fn cannot_show_addresses(id: Id) -> ProtocolError {
    let message = "the server needs the user to open an address, and the client cannot show addresses";
    ProtocolError::missing_capability(Some(id), message, json!({"elicitation": {"url": {}}}))
}
