//! Servers that are slow, endless, broken, or want us elsewhere.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_guard_upstream::{Breaker, HttpLink, LinkError, Target};
use net::client::{Client, NetError, Settings};

use crate::{
    ANSWER, CALL, all, ask, one,
    server::{Server, client},
    tell,
};

const LIMIT: usize = 1000;

fn legacy(server: &Server) -> HttpLink {
    let mut target = server.target();
    target.limits.max_message_bytes = LIMIT;
    target.timeouts.stalled = Duration::from_millis(50);
    target.timeouts.prompt = Duration::from_millis(50);
    HttpLink::legacy(client(), Arc::new(target))
}

#[tokio::test]
async fn a_body_past_the_limit_is_not_read() {
    let long =
        |length: usize| format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{}},"x":"{}"}}"#, "a".repeat(length));
    let nth = AtomicUsize::new(0);
    let server = Server::start(move |_, mut out| {
        let nth = nth.fetch_add(1, Ordering::SeqCst);
        async move {
            match nth {
                0 => out.json(200, &long(LIMIT)).await,
                // Without a length, in pieces, without end.
                _ => {
                    out.raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n")
                        .await;
                    for _ in 0..10_000 {
                        out.raw(long(100)).await;
                    }
                    out.gone().await;
                }
            }
        }
    })
    .await;
    let link = legacy(&server);
    for _ in 0..2 {
        assert_eq!(one(&link, CALL).await.unwrap_err(), LinkError::TooLarge(LIMIT));
    }
}

#[tokio::test]
async fn an_event_past_the_limit_ends_the_stream() {
    let server = Server::start(|_, mut out| async move {
        out.events().await;
        out.raw("data: {\"method\":\"n\"}\n\n").await;
        out.raw(format!("data: {ANSWER}{}\n\n", " ".repeat(LIMIT))).await;
        out.gone().await;
    })
    .await;
    let said = all(&mut ask(&legacy(&server), CALL).await.unwrap()).await;
    assert_eq!(said.len(), 2);
    assert!(matches!(said[1], Err(LinkError::Events(_))), "{said:?}");
}

#[tokio::test]
async fn what_is_compressed_is_refused() {
    let server = Server::start(|_, mut out| async move {
        out.whole(200, "content-encoding: gzip\r\n", "application/json", ANSWER).await;
    })
    .await;
    let error = one(&legacy(&server), CALL).await.unwrap_err();
    assert_eq!(error, LinkError::Net(NetError::Encoded("gzip".into())));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Server::start(|_, mut out| async move { out.json(200, ANSWER).await }).await;
    let to = elsewhere.url.clone();
    let server = Server::start(move |_, mut out| {
        let head = format!("location: {to}\r\n");
        async move { out.whole(307, &head, "text/plain", "").await }
    })
    .await;
    let mut target = server.target();
    target.headers.insert("authorization", "Bearer secret".parse().unwrap());
    let error = one(&HttpLink::legacy(client(), Arc::new(target)), CALL).await.unwrap_err();
    assert_eq!(error, LinkError::Redirect { to: "127.0.0.1".into() });
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn other_contents_are_no_answer() {
    for (kind, head) in [("text/html", ""), ("application/jsonl", ""), ("", "")] {
        let server =
            Server::start(move |_, mut out| async move { out.whole(200, head, kind, ANSWER).await }).await;
        let error = one(&legacy(&server), CALL).await.unwrap_err();
        assert_eq!(error, LinkError::ContentType(kind.into()));
    }
    let server = Server::start(|_, mut out| async move { out.empty(202).await }).await;
    assert_eq!(one(&legacy(&server), CALL).await.unwrap_err(), LinkError::NoAnswer);
}

#[tokio::test]
async fn a_server_that_stalls_is_not_waited_for() {
    let server = Server::start(|seen, mut out| async move {
        if seen.asks("tools/call") {
            out.raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")
                .await;
        }
        out.gone().await;
    })
    .await;
    let link = legacy(&server);
    assert!(matches!(one(&link, CALL).await.unwrap_err(), LinkError::Slow(_)));
    let notice = r#"{"jsonrpc":"2.0","method":"notifications/x"}"#;
    assert!(matches!(tell(&link, notice).await.unwrap_err(), LinkError::Slow(_)));
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error() {
    let server = Server::start(|_, mut out| async move {
        out.raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{").await;
    })
    .await;
    assert_eq!(one(&legacy(&server), CALL).await.unwrap_err(), LinkError::Cut);
    let server = Server::start(|_, _| async {}).await;
    let error = one(&legacy(&server), CALL).await.unwrap_err();
    assert!(matches!(error, LinkError::Net(NetError::Http(_))) && error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_fails_again_and_again_is_left_alone_by_all_links() {
    let server = Server::start(|seen, mut out| async move {
        match seen.asks("fails") {
            true => out.whole(503, "", "text/plain", "down").await,
            // Its own errors are answers.
            false => out.json(500, r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"x"}}"#).await,
        }
    })
    .await;
    let hour = Duration::from_secs(3600);
    let target = Arc::new(server.target().with_breaker(Breaker::new(2, hour, hour)));
    let links = [HttpLink::legacy(client(), Arc::clone(&target)), HttpLink::modern(client(), target)];
    let fails = r#"{"jsonrpc":"2.0","id":7,"method":"fails"}"#;
    for line in [fails, CALL, fails, CALL, fails] {
        let said = one(&links[0], line).await;
        assert_eq!(said.is_err(), line == fails);
    }
    assert_eq!(links[1].status().broken_until, None);
    one(&links[0], fails).await.unwrap_err();
    for link in &links {
        assert!(matches!(one(link, CALL).await.unwrap_err(), LinkError::Open { .. }));
        assert!(link.status().broken_until.is_some());
    }
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn an_address_that_may_not_be_reached_is_no_failure_of_the_server() {
    let server = Server::start(|_, mut out| async move { out.json(200, ANSWER).await }).await;
    let target =
        Arc::new(server.target().with_breaker(Breaker::new(1, Duration::MAX / 4, Duration::MAX / 4)));
    let link = HttpLink::legacy(Client::new(Settings::default()).unwrap(), target);
    for _ in 0..2 {
        let error = one(&link, CALL).await.unwrap_err();
        assert!(matches!(error, LinkError::Net(NetError::Forbidden { .. })), "{error}");
        assert!(error.to_string().contains("allow_private: true") && !error.reason().contains("127.0.0.1"));
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_url_says_where_and_nothing_secret() {
    for wrong in [
        "mcp.example/x",
        "ftp://mcp.example/",
        "http://user:secret@mcp.example/",
        "http://user@x/",
        "http://",
    ] {
        let error = Target::new(wrong).unwrap_err();
        assert!(matches!(error, LinkError::Url { .. }) && !error.to_string().contains("secret"), "{error}");
    }
    let target = Target::new("HTTP://MCP.example:80/a/../mcp?key=secret#x").unwrap();
    assert_eq!(target.to_string(), "http://mcp.example/mcp");
    assert_eq!(target.uri().to_string(), "http://mcp.example/mcp?key=secret");
}
