use serde_json::{Value, json};

use crate::{Id, Kind, Outgoing, Revision, answer::code, frame::escape_line_breaks};

/// An answer the protocol itself asks of whoever receives a faulty request, in the form it prescribes.
/// What policy refuses is an [`Answer`](crate::Answer).
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolError {
    /// The request answered; left out when there is none (MCP 2025-11-25 schema, `JSONRPCErrorResponse`).
    pub id: Option<Id>,
    /// See [`code`].
    pub code: i64,
    /// One line, safe for a person and a model to read.
    pub message: String,
    /// The error's `data`, if the code has any.
    pub data: Option<Value>,
}

impl ProtocolError {
    /// An error without data.
    pub fn new(id: Option<Id>, code: i64, message: impl Into<String>) -> Self {
        Self { id, code, message: message.into(), data: None }
    }

    /// The request names a revision that is not spoken here (MCP 2026-07-28 basic/versioning §Protocol Version Negotiation).
    pub fn unsupported_version(id: Option<Id>, requested: &str, supported: &[Revision]) -> Self {
        let supported: Vec<_> = supported.iter().map(|revision| revision.name()).collect();
        let message = format!("unsupported protocol version; supported: {}", supported.join(", "));
        // The client's own words: as much as a revision could take.
        let requested: String = requested.chars().take(64).collect();
        let data = json!({ "supported": supported, "requested": requested });
        Self { data: Some(data), ..Self::new(id, code::UNSUPPORTED_PROTOCOL_VERSION, message) }
    }

    /// The request needs capabilities its client has not declared: `required`, an object as in `clientCapabilities`.
    pub fn missing_capability(id: Option<Id>, message: impl Into<String>, required: Value) -> Self {
        let data = json!({ "requiredCapabilities": required });
        Self { data: Some(data), ..Self::new(id, code::MISSING_CLIENT_CAPABILITY, message) }
    }
}

impl Outgoing for ProtocolError {
    fn kind(&self) -> Kind {
        Kind::Failure
    }

    fn id(&self) -> Option<Id> {
        self.id.clone()
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let (Some(error), Some(data)) = (error.as_object_mut(), &self.data) {
            error.insert("data".into(), data.clone());
        }
        let id = self.id.as_ref().map_or_else(String::new, |id| format!(r#""id":{id},"#));
        let start = out.len();
        out.extend_from_slice(format!(r#"{{"jsonrpc":"2.0",{id}"error":{error}}}"#).as_bytes());
        escape_line_breaks(out, start);
    }
}
