//! Streamable HTTP without sessions.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use mcp_guard_upstream::{HttpLink, LinkError};
use tokio::sync::mpsc;

use crate::{
    all, ask, one,
    server::{Server, client},
};

const CALL: &str = concat!(
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"größe","arguments":{"region":"eu"},"#,
    r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#
);
const LIST: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":"#,
    r#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#
);
const TOOLS: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"größe","inputSchema":{"type":"object","#,
    r#""properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}]}}"#
);
const ANSWER: &str = r#"{"jsonrpc":"2.0","id":7,"result":{}}"#;
const MISMATCH: &str = r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32020,"message":"Mcp-Param-Region"}}"#;

fn link(server: &Server) -> HttpLink {
    HttpLink::modern(client(), Arc::new(server.target()))
}

#[tokio::test]
async fn headers_say_what_the_body_says_whatever_the_client_says() {
    let server = Server::start(|_, mut out| async move { out.json(200, ANSWER).await }).await;
    let mut target = server.target();
    target.headers.insert("authorization", "Bearer ours".parse().unwrap());
    let link = HttpLink::modern(client(), Arc::new(target));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("mcp-method", "tools/list"),
        ("mcp-name", "other"),
        ("mcp-protocol-version", "2025-06-18"),
        ("mcp-session-id", "stolen"),
        ("authorization", "Bearer theirs"),
        ("host", "evil.example"),
        ("content-length", "1"),
        ("transfer-encoding", "chunked"),
        ("cookie", "a=b"),
        ("mcp-param-region", "eu"),
        ("traceparent", "00-1"),
    ] {
        headers.append(name, value.parse().unwrap());
    }
    link.request(Bytes::from_static(CALL.as_bytes()), headers).await.unwrap();
    let seen = &server.seen()[0];
    for (name, expected) in [
        ("mcp-method", Some("tools/call")),
        ("mcp-name", Some("=?base64?Z3LDtsOfZQ==?=")),
        ("mcp-protocol-version", Some("2026-07-28")),
        ("mcp-session-id", None),
        ("authorization", Some("Bearer ours")),
        ("transfer-encoding", None),
        ("cookie", None),
        ("mcp-param-region", Some("eu")),
        ("traceparent", Some("00-1")),
        ("content-type", Some("application/json")),
        ("accept", Some("application/json, text/event-stream")),
        ("accept-encoding", Some("identity")),
    ] {
        assert_eq!(seen.header(name), expected, "{name}");
    }
    assert!(seen.header("host").unwrap().starts_with("127.0.0.1:"));
    assert_eq!(seen.body, CALL);
}

#[tokio::test]
async fn arguments_go_into_the_headers_a_server_has_asked_for() {
    let server = Server::start(|seen, mut out| async move {
        match seen.header("mcp-param-region") {
            _ if seen.asks("tools/list") => out.json(200, TOOLS).await,
            Some("eu") => out.json(200, ANSWER).await,
            _ => out.json(400, MISMATCH).await,
        }
    })
    .await;
    // Told by the list that went by.
    let informed = link(&server);
    assert_eq!(one(&informed, LIST).await.unwrap(), TOOLS);
    assert_eq!(one(&informed, CALL).await.unwrap(), ANSWER);
    assert_eq!(server.seen().len(), 2);
    // Told by a refusal.
    assert_eq!(one(&link(&server), CALL).await.unwrap(), ANSWER);
    let methods: Vec<_> =
        server.seen()[2..].iter().map(|seen| seen.header("mcp-method").unwrap().to_owned()).collect();
    assert_eq!(methods, ["tools/call", "tools/list", "tools/call"]);
}

#[tokio::test]
async fn a_refusal_that_stays_is_handed_on_and_tried_once() {
    let server = Server::start(|seen, mut out| async move {
        match seen.asks("tools/list") {
            true => out.json(200, TOOLS).await,
            false => out.json(400, MISMATCH).await,
        }
    })
    .await;
    assert_eq!(one(&link(&server), CALL).await.unwrap(), MISMATCH);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn whoever_stops_listening_hangs_up() {
    let (sender, mut gone) = mpsc::channel(1);
    let server = Server::start(move |_, mut out| {
        let sender = sender.clone();
        async move {
            out.events().await;
            out.raw("data: {\"method\":\"n\"}\n\n").await;
            out.gone().await;
            sender.send(()).await.unwrap();
        }
    })
    .await;
    let mut replies = ask(&link(&server), CALL).await.unwrap();
    replies.next().await.unwrap().unwrap();
    drop(replies);
    gone.recv().await.unwrap();
}

#[tokio::test]
async fn a_modern_stream_is_not_resumed() {
    let server = Server::start(|_, mut out| async move {
        out.events().await;
        out.raw("id: 1\ndata: {\"method\":\"n\"}\n\n").await;
    })
    .await;
    let said = all(&mut ask(&link(&server), CALL).await.unwrap()).await;
    assert_eq!(said[1], Err(LinkError::Cut));
    assert_eq!(server.seen().len(), 1);
}
