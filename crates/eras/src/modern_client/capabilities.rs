use wire::{Method, code, members};

use crate::json::{self, Object};

/// What a client lets a server ask it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capabilities {
    form: bool,
    url: bool,
    roots: bool,
    sampling: bool,
    sampling_tools: bool,
}

/// The tasks of 2026-07-28 are an extension, those of 2025-11-25 a part of the core: neither reads the other.
const TASKS: &str = "io.modelcontextprotocol/tasks";

impl Capabilities {
    /// Reads a raw `clientCapabilities`.
    pub(super) fn of(raw: &str) -> Self {
        let has = |path: &[&str]| json::at(raw, path).is_some_and(|value| value.starts_with('{'));
        let url = has(&["elicitation", "url"]);
        Self {
            // One that names no mode has forms (MCP 2026-07-28 client/elicitation §Capabilities).
            form: has(&["elicitation", "form"]) || has(&["elicitation"]) && !url,
            url,
            roots: has(&["roots"]),
            sampling: has(&["sampling"]),
            sampling_tools: has(&["sampling", "tools"]),
        }
    }

    /// Whether the server may ask this; the error to answer it with, if not.
    pub(super) fn allow(self, method: &str, params: &str) -> Result<(), (i64, &'static str)> {
        let has = |name| json::at(params, &[name]).is_some();
        let unknown = |what| Err((code::METHOD_NOT_FOUND, what));
        let malformed = |what| Err((code::INVALID_PARAMS, what));
        match (Method::from_name(method), method) {
            (Some(Method::Elicit), _) => {
                let url = json::at(params, &["mode"]).and_then(json::text).as_deref() == Some("url");
                match if url { self.url } else { self.form } {
                    true => Ok(()),
                    false if self.form || self.url => malformed("the client has not declared this mode"),
                    false => unknown("the client has not declared elicitation"),
                }
            }
            (Some(Method::Sampling), _) if !self.sampling => unknown("the client has not declared sampling"),
            (Some(Method::Sampling), _) if !self.sampling_tools && (has("tools") || has("toolChoice")) => {
                malformed("the client has not declared the use of tools in sampling")
            }
            (_, "roots/list") if !self.roots => unknown("the client has not declared roots"),
            (Some(Method::Sampling), _) | (_, "roots/list") => Ok(()),
            _ => unknown("the client has no such method"),
        }
    }

    /// Whether an address may be shown to the user.
    pub(super) fn shows_addresses(self) -> bool {
        self.url
    }
}

/// What a legacy server is told of a modern client's capabilities: what it declared, less what the bridge cannot carry.
pub(super) fn for_server(declared: &str) -> String {
    let mut capabilities = Object::of(declared);
    capabilities.remove("tasks");
    capabilities.inside("extensions", |extensions| drop(extensions.remove(TASKS)));
    if capabilities.get("roots").is_some() {
        // Modern clients do not tell when their roots change, so `listChanged` must not be declared.
        capabilities.set("roots", "{}");
    }
    capabilities.to_string()
}

/// What a modern client is told of a legacy server's capabilities.
pub(super) fn for_client(offered: &str) -> String {
    let mut capabilities = Object::of(offered);
    capabilities.remove("tasks");
    capabilities.inside("extensions", |extensions| drop(extensions.remove(TASKS)));
    capabilities.to_string()
}

/// Whether a raw `capabilities` of a server says yes to `part.feature`.
pub(super) fn offers(capabilities: &str, part: &str, feature: &str) -> bool {
    let part = json::at(capabilities, &[part]).unwrap_or_default();
    members(part).any(|member| wire::unescape(member.key) == feature && member.value == "true")
}
