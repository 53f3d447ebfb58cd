use serde_json::{Value, json};

use crate::{Id, Kind, Outgoing};

/// Error codes of the answers we give ourselves.
///
/// Policy refusals lie outside −32768…−32000, which JSON-RPC 2.0 §5.1 and MCP 2026-07-28 keep for themselves,
/// so that no client can take our word for the server's. Those inside say what the protocol has any receiver say of a
/// message that breaks its rules.
pub mod code {
    /// The line is no JSON (JSON-RPC 2.0 §5.1).
    pub const PARSE_ERROR: i64 = -32700;
    /// The JSON is no request we can pass on (JSON-RPC 2.0 §5.1).
    pub const INVALID_REQUEST: i64 = -32600;
    /// No such method; over HTTP with status 404 (MCP 2026-07-28 basic/transports §Protocol Version Header).
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// Parameters that are missing or malformed, `_meta` among them (JSON-RPC 2.0 §5.1; MCP 2026-07-28 basic §_meta).
    pub const INVALID_PARAMS: i64 = -32602;
    /// HTTP headers that do not say what the body says; status 400 (MCP 2026-07-28 basic/transports §Server Validation).
    pub const HEADER_MISMATCH: i64 = -32020;
    /// The request needs a capability its client has not declared; status 400 (MCP 2026-07-28 basic §_meta).
    pub const MISSING_CLIENT_CAPABILITY: i64 = -32021;
    /// The request names a revision that is not spoken here; status 400 (MCP 2026-07-28 basic §Error Codes).
    pub const UNSUPPORTED_PROTOCOL_VERSION: i64 = -32022;
    /// Blocked by policy.
    pub const DENIED: i64 = 4403;
    /// More requests in flight than we hold.
    pub const TOO_MANY: i64 = 4429;
    /// The server is gone.
    pub const UPSTREAM_GONE: i64 = 4502;
    /// We cannot do our duty, for example record the frame; it did not leave.
    pub const UNAVAILABLE: i64 = 4503;
    /// The server has not answered in time.
    pub const TIMED_OUT: i64 = 4504;
}

/// An error answer of our own.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The request answered; `None` when its id could not be read.
    pub id: Option<Id>,
    /// See [`code`].
    pub code: i64,
    /// One line, safe for a person and a model to read.
    pub message: String,
    /// The value under [`Answer::DATA_KEY`] of the error's `data`.
    pub data: Value,
}

impl Answer {
    /// The one key we add to `error.data`.
    pub const DATA_KEY: &str = "mcp-guard/denial";
}

impl Outgoing for Answer {
    fn kind(&self) -> Kind {
        Kind::Failure
    }

    fn id(&self) -> Option<Id> {
        self.id.clone()
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        let id = self.id.as_ref().map_or_else(|| "null".to_owned(), Id::to_string);
        let error = json!({
            "code": self.code,
            "message": self.message,
            "data": { Self::DATA_KEY: self.data },
        });
        out.extend_from_slice(format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#).as_bytes());
    }
}
