use wire::Revision;

use crate::json::{Object, at, text};

pub(super) const TASKS: &str = "io.modelcontextprotocol/tasks";
const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// Who the client said it is in `initialize`. A modern server is told with every request (MCP 2026-07-28 basic §_meta).
#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) revision: Revision,
    /// Raw.
    info: Option<String>,
    /// Raw, in the modern form.
    capabilities: String,
    /// The least severe log message it wants to see.
    pub(super) level: &'static str,
}

impl Client {
    /// Reads the parameters of `initialize`.
    pub(super) fn of(params: &str) -> Self {
        let asked = at(params, &["protocolVersion"]).and_then(text);
        let revision = asked.and_then(|name| Revision::from_name(&name));
        let mut capabilities = Object::of(at(params, &["capabilities"]).unwrap_or_default());
        // Tasks of 2025-11-25 are no longer, and their successor needs methods that this client does not know.
        capabilities.remove("tasks");
        capabilities.inside("extensions", |extensions| {
            extensions.remove(TASKS);
        });
        Self {
            revision: revision
                .filter(|revision| *revision <= Revision::V2025_11_25)
                .unwrap_or(Revision::V2025_11_25),
            info: at(params, &["clientInfo"]).filter(|info| info.starts_with('{')).map(str::to_owned),
            capabilities: capabilities.to_string(),
            // A server may choose what it logs until it is told (MCP 2025-11-25 server/utilities/logging); a modern one
            // logs nothing without a level.
            level: "info",
        }
    }

    /// Writes into the `_meta` of a request what a modern server wants to find there.
    pub(super) fn sign(&self, meta: &mut Object<'_>, logs: bool) {
        meta.set(PROTOCOL_VERSION, format!("\"{}\"", Revision::V2026_07_28));
        match &self.info {
            Some(info) => meta.set(CLIENT_INFO, info.clone()),
            None => drop(meta.remove(CLIENT_INFO)),
        }
        meta.set(CLIENT_CAPABILITIES, self.capabilities.clone());
        if logs {
            meta.set(LOG_LEVEL, format!("\"{}\"", self.level));
        } else {
            meta.remove(LOG_LEVEL);
        }
    }

    /// Whether the client can be asked this; if not, the capability it has not declared.
    pub(super) fn can_answer(&self, method: &str, params: &str) -> Result<(), &'static str> {
        let declared = |path: &[&str]| at(&self.capabilities, path).is_some_and(|raw| raw.starts_with('{'));
        let mode = at(params, &["mode"]).and_then(text);
        let (able, capability) = match method {
            "roots/list" => (declared(&["roots"]), "roots"),
            "sampling/createMessage" if at(params, &["tools"]).or(at(params, &["toolChoice"])).is_some() => {
                (declared(&["sampling", "tools"]), "sampling.tools")
            }
            "sampling/createMessage" => (declared(&["sampling"]), "sampling"),
            "elicitation/create" if mode.as_deref() == Some("url") => {
                (declared(&["elicitation", "url"]), "elicitation.url")
            }
            // `elicitation: {}` means forms alone (MCP 2025-11-25 client/elicitation).
            "elicitation/create" => {
                let form = declared(&["elicitation", "form"]) || !declared(&["elicitation", "url"]);
                (declared(&["elicitation"]) && form, "elicitation")
            }
            _ => (false, "for a request of that name"),
        };
        if able { Ok(()) } else { Err(capability) }
    }
}
