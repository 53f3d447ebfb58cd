//! `initialize`, answered with what `server/discover` tells.

use std::time::Instant;

use wire::{Id, Method, Revision, code, elements};

use super::{
    Call, LegacyOverModern,
    client::{Client, TASKS},
    offers::Offers,
};
use crate::{
    Exchange, Out,
    json::{self, Object, text},
};

const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// What a client says of itself is said again with every request, so it must not be large. In bytes.
const LONGEST_HELLO: usize = 64 * 1024;

/// Legacy clients need a name and a version (MCP 2025-11-25 basic/lifecycle); modern servers need not tell.
const NAMELESS: &str = r#"{"name":"unknown","version":"unknown"}"#;

impl LegacyOverModern {
    pub(super) fn initialize(&mut self, of: Exchange, id: Id, params: &str, now: Instant) -> Vec<Out> {
        let said = ["clientInfo", "capabilities"].map(|name| json::at(params, &[name]).map_or(0, str::len));
        if said.iter().sum::<usize>() > LONGEST_HELLO {
            let reason = format!("clientInfo and capabilities are longer than {LONGEST_HELLO} bytes");
            return vec![Out::Client {
                of: Some(of),
                line: json::error(&id, code::INVALID_REQUEST, &reason),
            }];
        }
        let number = self.next_id();
        let client = Client::of(params);
        let mut meta = Object::default();
        client.sign(&mut meta, false);
        let line = json::request(
            &Id::Number(number),
            Method::Discover.name(),
            format_args!(r#"{{"_meta":{meta}}}"#),
        );
        let call = Call { hello: Some(client), ..Call::new(of, id, Some(Method::Initialize), now) };
        self.calls.insert(number, call);
        vec![Out::Server { of: Some(of), line }]
    }

    /// The server has told what it is.
    pub(super) fn discovered(&mut self, number: i64, result: &str) -> Vec<Out> {
        let Some(client) = self.calls.get_mut(&number).and_then(|call| call.hello.take()) else {
            return Vec::new();
        };
        let mut found = Object::of(result);
        let versions = found.remove("supportedVersions").unwrap_or_default();
        let modern = Revision::V2026_07_28.name();
        if !elements(&versions).any(|(version, _)| text(version).is_some_and(|version| version == modern)) {
            let reason = format!(
                "the server does not speak MCP {modern}, the revision in which mcp-guard speaks to it for this client; \
                 it supports {}",
                if versions.is_empty() { "none that it names" } else { &*versions }
            );
            return self.failed(number, code::UNAVAILABLE, &reason);
        }
        let capabilities = found.remove("capabilities").unwrap_or_default();
        let capabilities = legacy_capabilities(&capabilities);
        self.subscriptions.offered(Offers::of(&capabilities));
        let mut info = None;
        found.inside("_meta", |meta| info = meta.remove(SERVER_INFO).map(|info| info.into_owned()));
        for modern in ["resultType", "ttlMs", "cacheScope"] {
            found.remove(modern);
        }
        found.set("protocolVersion", format!("\"{}\"", client.revision));
        found.set("capabilities", capabilities);
        found.set("serverInfo", info.unwrap_or_else(|| NAMELESS.to_owned()));
        self.client = Some(client);
        self.answered(number, |id| json::result(id, found))
    }
}

/// The capabilities as a legacy server would have declared them. Tasks are none of them: the experiment of 2025-11-25
/// is no longer, and the extension that took its place needs a client that knows it.
fn legacy_capabilities(raw: &str) -> String {
    let mut capabilities = Object::of(raw);
    capabilities.remove("tasks");
    capabilities.inside("extensions", |extensions| {
        extensions.remove(TASKS);
    });
    capabilities.to_string()
}
