//! The requests of the client, in both eras of MCP, as the bytes that are sent.

use std::net::SocketAddr;

use crate::payload::{HEAD, ID_DIGITS, Payload, digits};

/// Where an arm answers.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
}

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2025-11-25: a handshake, and a session named in every request.
    Legacy,
    /// 2026-07-28: every request stands by itself.
    Modern,
}

impl Era {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }
}

/// What a modern request says of its client, as a member of `params`.
const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;
const CLIENT: &str =
    r#""protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}"#;

/// What a client sends before anything else: method and body of each message.
pub(crate) fn opening(era: Era) -> Vec<(&'static str, String)> {
    match era {
        Era::Legacy => vec![
            ("initialize", request("initialize", CLIENT)),
            (
                "notifications/initialized",
                r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(),
            ),
        ],
        Era::Modern => vec![("server/discover", request("server/discover", META))],
    }
}

/// Method and body of the question for the tools.
pub(crate) fn listing(era: Era) -> (&'static str, String) {
    let params = match era {
        Era::Legacy => "",
        Era::Modern => META,
    };
    ("tools/list", request("tools/list", params))
}

fn request(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}}}}}"#)
}

/// A POST of `body`, whole.
pub(crate) fn post(to: &Endpoint, era: Era, session: Option<&str>, method: &str, body: &[u8]) -> Vec<u8> {
    let mut head = head("POST", to, "application/json, text/event-stream");
    match (era, session) {
        (Era::Legacy, None) => {}
        (Era::Legacy, Some(session)) => head.push_str(&names(session)),
        (Era::Modern, _) => {
            let named = if method == "tools/call" { "Mcp-Name: echo\r\n" } else { "" };
            head.push_str(&format!("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n{named}"));
        }
    }
    head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len()));
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The request for a session's stream.
pub(crate) fn get(to: &Endpoint, session: &str) -> String {
    head("GET", to, "text/event-stream") + &names(session) + "\r\n"
}

fn names(session: &str) -> String {
    format!("MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: {session}\r\n")
}

fn head(verb: &str, to: &Endpoint, accept: &str) -> String {
    format!("{verb} {} HTTP/1.1\r\nHost: {}\r\nAccept: {accept}\r\n", to.path, to.address)
}

/// One call, written once: only its id changes from one to the next.
pub(crate) struct Call {
    bytes: Vec<u8>,
    id: usize,
}

impl Call {
    /// A body of the payload's bytes, without its newline; in the modern era `_meta` comes on top.
    pub(crate) fn new(to: &Endpoint, era: Era, session: Option<&str>, payload: &Payload) -> Self {
        let mut body = Vec::new();
        payload.append(0, &mut body);
        body.truncate(body.len().saturating_sub("}}\n".len()));
        if era == Era::Modern {
            body.push(b',');
            body.extend_from_slice(META.as_bytes());
        }
        body.extend_from_slice(b"}}");
        let bytes = post(to, era, session, "tools/call", &body);
        let id = bytes.len() - body.len() + HEAD.len();
        Self { bytes, id }
    }

    /// The call number `sequence`.
    pub(crate) fn number(&mut self, sequence: u64) -> &[u8] {
        if let Some(id) = self.bytes.get_mut(self.id..self.id + ID_DIGITS) {
            id.copy_from_slice(&digits(sequence));
        }
        &self.bytes
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Call, Endpoint, Era};
    use crate::payload::Payload;

    #[test]
    fn a_call_is_json_with_its_number_and_says_how_long_it_is() {
        let to = Endpoint { address: ([127, 0, 0, 1], 80).into(), path: "/mcp".into() };
        for (era, length) in [(Era::Legacy, Some(300)), (Era::Modern, None)] {
            let mut call = Call::new(&to, era, Some("s"), &Payload::new(301));
            let text = str::from_utf8(call.number(12)).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
            assert_eq!(body.len(), length.unwrap_or(body.len()));
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["id"], 1_000_000_012);
            assert_eq!(body["params"].get("_meta").is_some(), era == Era::Modern);
        }
    }
}
