//! The handshake with a legacy server (MCP 2025-11-25 basic/lifecycle), and what it tells of the server.

use std::{collections::VecDeque, time::Instant};

use wire::{Id, Method, Revision, meta::SERVER_INFO};

use super::{Settings, capabilities, request::Request};
use crate::{
    Exchange,
    json::{self, Object, quoted},
};

/// How we stand with the server.
#[derive(Debug, Default)]
pub(super) enum Link {
    /// It knows nothing of us.
    #[default]
    Down,
    /// It owes us the answer to `initialize`, our request of this number.
    Shaking {
        number: u64,
        until: Instant,
        waiting: VecDeque<Waiting>,
    },
    Up(Server),
}

/// What the client has said while hands are shaken.
#[derive(Debug)]
pub(super) enum Waiting {
    Request(Exchange, Request),
    Notification(String),
}

/// What a server has said of itself. All raw.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) capabilities: String,
    pub(super) info: Option<String>,
    pub(super) instructions: Option<String>,
    pub(super) revision: Revision,
}

/// What we tell a server of the client, raw. The same again when the server has forgotten it.
#[derive(Debug, Clone, Default)]
pub(super) struct Introduction {
    pub(super) capabilities: String,
    pub(super) client_info: String,
}

impl Introduction {
    pub(super) fn of(request: &Request, settings: &Settings) -> Self {
        let ours =
            || format!(r#"{{"name":{},"version":{}}}"#, quoted(&settings.name), quoted(&settings.version));
        Self {
            capabilities: capabilities::for_server(&request.meta.declared),
            client_info: request.meta.client_info.clone().unwrap_or_else(ours),
        }
    }

    pub(super) fn initialize(&self, number: u64) -> String {
        let Self { capabilities, client_info } = self;
        let revision = Revision::V2025_11_25;
        let params = format!(
            r#"{{"protocolVersion":"{revision}","capabilities":{capabilities},"clientInfo":{client_info}}}"#
        );
        format!(r#"{{"jsonrpc":"2.0","id":{number},"method":"initialize","params":{params}}}"#)
    }
}

impl Server {
    /// Reads the result of `initialize`.
    ///
    /// # Errors
    /// Why we cannot speak with this server.
    pub(super) fn read(result: &str, oldest: Option<Revision>) -> Result<Self, String> {
        let member = |name| json::at(result, &[name]);
        let object = |name| member(name).filter(|value| value.starts_with('{'));
        let version = member("protocolVersion").and_then(json::text).unwrap_or_default();
        let Some(revision) = Revision::from_name(&version).filter(|revision| !revision.is_modern()) else {
            let version: String = version.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(format!("it speaks revision \"{version}\", which has no handshake that we know"));
        };
        if let Some(oldest) = oldest.filter(|oldest| revision < *oldest) {
            return Err(format!("it speaks MCP {revision}, and {oldest} is the oldest allowed"));
        }
        Ok(Self {
            capabilities: object("capabilities").unwrap_or("{}").to_owned(),
            info: object("serverInfo").map(str::to_owned),
            instructions: member("instructions").filter(|text| text.starts_with('"')).map(str::to_owned),
            revision,
        })
    }

    /// The result of `server/discover` (MCP 2026-07-28 server/discover).
    pub(super) fn discovered(&self) -> String {
        let mut result = Object::default();
        result.set("supportedVersions", format!(r#"["{}"]"#, Revision::V2026_07_28));
        result.set("capabilities", capabilities::for_client(&self.capabilities));
        if let Some(instructions) = &self.instructions {
            result.set("instructions", &**instructions);
        }
        self.complete(&mut result, Method::Discover.name());
        result.to_string()
    }

    /// The server's answer to a request of that method, a raw message, as a modern client gets it.
    pub(super) fn answer(&self, message: &str, method: &str, id: &Id) -> String {
        let mut message = Object::of(message);
        message.set("id", id.to_string());
        // Vendors' results may be anything; what is no object has no room for a type.
        if message.get("result").is_some_and(|result| result.starts_with('{')) {
            message.inside("result", |result| self.complete(result, method));
        } else if message.get("error").and_then(error_code) == Some(RESOURCE_NOT_FOUND) {
            message.inside("error", |error| error.set("code", wire::code::INVALID_PARAMS.to_string()));
        }
        message.to_string()
    }

    /// Adds what every result of a modern server says.
    pub(super) fn complete(&self, result: &mut Object<'_>, method: &str) {
        result.set("resultType", r#""complete""#);
        if CACHEABLE.contains(&method) {
            result.set("ttlMs", "0");
            result.set("cacheScope", r#""private""#);
        }
        self.sign(result);
    }

    /// Adds who the server is, which every result should say (MCP 2026-07-28 basic §_meta).
    pub(super) fn sign(&self, result: &mut Object<'_>) {
        if let Some(info) = &self.info {
            result.inside("_meta", |meta| meta.set(SERVER_INFO, info.clone()));
        }
    }
}

/// Methods whose results must say how long they may be kept (MCP 2026-07-28 server/utilities/caching).
const CACHEABLE: [&str; 6] = [
    "server/discover",
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
];

/// Of legacy revisions; 2026-07-28 has "invalid parameters" instead.
const RESOURCE_NOT_FOUND: i64 = -32002;

/// The code of a raw error, however the number is written.
pub(super) fn error_code(error: &str) -> Option<i64> {
    let code: f64 = json::at(error, &["code"])?.parse().ok()?;
    (code.fract() == 0.0).then_some(code as i64)
}
