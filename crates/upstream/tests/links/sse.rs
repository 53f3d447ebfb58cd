//! HTTP+SSE: one stream for everything.

use std::sync::Arc;

use mcp_guard_upstream::{HttpLink, LinkError, Reply};
use tokio::sync::mpsc;

use crate::{
    ANSWER, CALL, ask, one,
    server::{Server, client},
    tell,
};

/// A server whose stream begins with that endpoint and then says what is sent here, until an empty text ends it.
async fn server(endpoint: &'static str) -> (Server, mpsc::Sender<&'static str>) {
    let (say, said) = mpsc::channel::<&str>(64);
    let said = Arc::new(tokio::sync::Mutex::new(said));
    let server = Server::start(move |seen, mut out| {
        let said = Arc::clone(&said);
        async move {
            if seen.method == "POST" {
                return out.whole(202, "", "text/plain", "Accepted").await;
            }
            let mut said = said.lock().await;
            out.events().await;
            out.raw(format!("event: endpoint\ndata: {endpoint}\n\n")).await;
            while let Some(message) = said.recv().await.filter(|message| !message.is_empty()) {
                out.raw(format!("event: message\ndata: {message}\n\n")).await;
            }
        }
    })
    .await;
    (server, say)
}

#[tokio::test]
async fn answers_find_their_requests_and_the_rest_is_unsolicited() {
    const OTHER: &str = r#"{"jsonrpc":"2.0","id":"7","result":{"other":true}}"#;
    const NOTICE: &str = r#"{"jsonrpc":"2.0","method":"notifications/message"}"#;
    const ASKS: &str = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#;
    let (server, say) = server("/messages?session=1").await;
    let link = HttpLink::sse(client(), Arc::new(server.target()));
    let mut first = ask(&link, CALL).await.unwrap();
    let mut second = ask(&link, r#"{"jsonrpc":"2.0","id":"7","method":"x"}"#).await.unwrap();
    for message in [NOTICE, OTHER, ASKS, ANSWER, ANSWER] {
        say.send(message).await.unwrap();
    }
    for (replies, expected) in [(&mut first, ANSWER), (&mut second, OTHER)] {
        assert_eq!(replies.is_stream(), None);
        assert_eq!(replies.next().await, Some(Ok(Reply::Message(expected.into()))));
        assert_eq!(replies.next().await, None);
    }
    // Nobody waits for the second of two equal answers.
    for expected in [NOTICE, ASKS, ANSWER] {
        assert_eq!(link.unsolicited().await, Some(Ok(Reply::Message(expected.into()))));
    }
    tell(&link, r#"{"jsonrpc":"2.0","id":7,"result":{}}"#).await.unwrap();
    let posts: Vec<_> = server.seen().into_iter().filter(|seen| seen.method == "POST").collect();
    assert!(posts.iter().all(|post| post.path == "/messages?session=1"), "{posts:?}");
    assert_eq!(posts.len(), 3);
    link.close().await;
    assert_eq!(link.unsolicited().await, None);
    assert_eq!(ask(&link, CALL).await.unwrap_err(), LinkError::Closed);
}

#[tokio::test]
async fn a_lost_stream_fails_who_waits_and_a_new_one_is_opened_after_a_reset() {
    let (_server, say) = server("/messages").await;
    let link = HttpLink::sse(client(), Arc::new(_server.target()));
    let mut waiting = ask(&link, CALL).await.unwrap();
    say.send("").await.unwrap();
    assert_eq!(waiting.next().await, Some(Err(LinkError::SessionLost)));
    assert_eq!(waiting.next().await, None);
    assert_eq!(link.unsolicited().await, Some(Err(LinkError::SessionLost)));
    assert_eq!(ask(&link, CALL).await.unwrap_err(), LinkError::SessionLost);
    assert!(!link.status().is_open);
    link.reset();
    let mut again = ask(&link, CALL).await.unwrap();
    link.reset();
    say.send(ANSWER).await.unwrap();
    let said = again.next().await;
    assert_eq!(said, Some(Ok(Reply::Message(ANSWER.into()))));
}

#[tokio::test]
async fn an_endpoint_elsewhere_is_refused_and_nothing_is_sent() {
    for (endpoint, foreign) in [
        ("http://evil.example/messages", true),
        ("//evil.example/messages", true),
        ("https://127.0.0.1/messages", true),
        ("http://127.0.0.1:1/messages", true),
        ("file:///etc/passwd", true),
        ("http://[", false),
    ] {
        let (server, _say) = server(endpoint).await;
        let link = HttpLink::sse(client(), Arc::new(server.target()));
        let error = ask(&link, CALL).await.unwrap_err();
        assert_eq!(matches!(error, LinkError::ForeignEndpoint(_)), foreign, "{endpoint}: {error}");
        assert!(!error.reason().contains("evil"), "{}", error.reason());
        assert!(server.seen().iter().all(|seen| seen.method == "GET"), "{endpoint}");
    }
}

#[tokio::test]
async fn a_stream_that_begins_otherwise_is_none() {
    let server = Server::start(|_, mut out| async move {
        out.events().await;
        out.raw("data: {}\n\n").await;
    })
    .await;
    let link = HttpLink::sse(client(), Arc::new(server.target()));
    assert_eq!(one(&link, CALL).await.unwrap_err(), LinkError::NoEndpoint);
}

#[tokio::test]
async fn a_request_the_server_refuses_waits_for_nothing() {
    let server = Server::start(|seen, mut out| async move {
        if seen.method == "GET" {
            out.events().await;
            out.raw("event: endpoint\ndata: /m\n\n").await;
            return out.gone().await;
        }
        match seen.asks("tools/call") {
            true => out.whole(400, "", "text/plain", "no").await,
            false => out.whole(404, "", "text/plain", "unknown session").await,
        }
    })
    .await;
    let link = HttpLink::sse(client(), Arc::new(server.target()));
    assert!(matches!(ask(&link, CALL).await.unwrap_err(), LinkError::Status { .. }));
    let other = r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#;
    assert_eq!(ask(&link, other).await.unwrap_err(), LinkError::SessionLost);
}
