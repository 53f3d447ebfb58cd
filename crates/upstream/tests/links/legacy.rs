//! Streamable HTTP with sessions.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use mcp_guard_upstream::{HttpLink, LinkError, Reply};

use crate::{
    ANSWER, CALL, all, ask, one,
    server::{Out, Seen, Server, client},
    tell,
};

const INITIALIZE: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
const SETTLED: &str =
    r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{}}}"#;

/// Does the handshake, with a session, and leaves the rest to the test.
async fn server<F>(rest: impl Fn(Seen, Out) -> F + Send + Sync + 'static) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let rest = Arc::new(rest);
    Server::start(move |seen, mut out| {
        let rest = Arc::clone(&rest);
        async move {
            if seen.asks("initialize") {
                out.whole(200, "Mcp-Session-Id: s-1\r\n", "application/json", SETTLED).await;
            } else if seen.asks("notifications/initialized") {
                out.empty(202).await;
            } else {
                rest(seen, out).await;
            }
        }
    })
    .await
}

async fn link(server: &Server) -> HttpLink {
    let link = HttpLink::legacy(client(), Arc::new(server.target()));
    assert_eq!(one(&link, INITIALIZE).await.unwrap(), SETTLED);
    tell(&link, INITIALIZED).await.unwrap();
    link
}

#[tokio::test]
async fn a_session_is_named_in_all_that_follows_and_ended_in_the_end() {
    let server = server(|_, mut out| async move { out.json(200, ANSWER).await }).await;
    let link = link(&server).await;
    assert_eq!(one(&link, CALL).await.unwrap(), ANSWER);
    link.close().await;
    assert_eq!(one(&link, CALL).await.unwrap_err(), LinkError::Closed);

    let seen = server.seen();
    assert_eq!(seen[0].header("mcp-session-id"), None);
    assert_eq!(seen[0].header("accept"), Some("application/json, text/event-stream"));
    for request in &seen[1..] {
        assert_eq!(request.header("mcp-session-id"), Some("s-1"));
        assert_eq!(request.header("mcp-protocol-version"), Some("2025-06-18"), "the one settled on");
    }
    let last = seen.last().unwrap();
    assert_eq!((last.method.as_str(), last.path.as_str()), ("DELETE", "/mcp"));
}

#[tokio::test]
async fn a_forgotten_session_is_told_from_errors_that_are_messages() {
    const FAILED: &str = r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"no"}}"#;
    let nth = AtomicUsize::new(0);
    let server = server(move |_, mut out| {
        let nth = nth.fetch_add(1, Ordering::SeqCst);
        async move {
            match nth {
                0 => out.json(400, FAILED).await,
                1 => {
                    out.json(400, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}"#)
                        .await
                }
                2 => out.whole(403, "", "text/html", "<p>secret\r\nplace").await,
                3 => out.whole(404, "", "text/plain", "gone").await,
                4 => {
                    out.json(404, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"x"}}"#)
                        .await
                }
                _ => {
                    let said = "Bad Request: No valid session ID provided";
                    out.json(
                        400,
                        &format!(
                            r#"{{"jsonrpc":"2.0","error":{{"code":-32000,"message":"{said}"}},"id":null}}"#
                        ),
                    )
                    .await;
                }
            }
        }
    })
    .await;
    let link = link(&server).await;
    assert_eq!(one(&link, CALL).await.unwrap(), FAILED);
    let addressed = one(&link, CALL).await.unwrap();
    assert_eq!(addressed, r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32700,"message":"x"}}"#);
    let error = one(&link, CALL).await.unwrap_err();
    assert!(matches!(&error, LinkError::Status { text, .. } if text == "<p>secret  place"), "{error:?}");
    assert!(error.reason().contains("403") && !error.reason().contains("secret"), "{}", error.reason());
    for _ in 0..3 {
        let before = server.seen().len();
        // The second is not sent any more.
        for _ in 0..2 {
            assert_eq!(one(&link, CALL).await.unwrap_err(), LinkError::SessionLost);
        }
        link.reset();
        assert_eq!(one(&link, INITIALIZE).await.unwrap(), SETTLED);
        assert_eq!(server.seen().len(), before + 2);
        assert_eq!(server.seen().last().unwrap().header("mcp-session-id"), None);
        // Somebody else who heard of the loss.
        link.reset();
        tell(&link, INITIALIZED).await.unwrap();
        assert_eq!(server.seen().last().unwrap().header("mcp-session-id"), Some("s-1"));
    }
}

#[tokio::test]
async fn a_session_id_that_is_none_is_refused() {
    let server = Server::start(|_, mut out| async move {
        out.whole(200, "Mcp-Session-Id: a\r\nMcp-Session-Id: b\r\n", "application/json", SETTLED).await;
    })
    .await;
    let link = HttpLink::legacy(client(), Arc::new(server.target()));
    assert_eq!(one(&link, INITIALIZE).await.unwrap_err(), LinkError::SessionId);
}

#[tokio::test]
async fn where_the_stream_is_cut_into_pieces_changes_nothing() {
    const STREAM: &str = concat!(
        ": hello\r\n\r\nid: 1\r\ndata:\r\n\r\n",
        "event: other\ndata: {}\n\n",
        "data: {\"jsonrpc\":\"2.0\",\ndata: \"method\":\"notifications/progress\"}\n\n",
        "id: 2\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"ä\":\"€\"}}\n\n",
    );
    let at = AtomicUsize::new(0);
    let server = server(move |_, mut out| {
        let at = at.fetch_add(1, Ordering::SeqCst);
        async move {
            let (one, two) = STREAM.as_bytes().split_at(at);
            out.raw(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
            )
            .await;
            for piece in [one, two].into_iter().filter(|piece| !piece.is_empty()) {
                out.raw(format!("{:x}\r\n", piece.len())).await;
                out.raw(piece).await;
                out.raw("\r\n").await;
            }
            out.raw("0\r\n\r\n").await;
        }
    })
    .await;
    let link = link(&server).await;
    for at in 0..=STREAM.len() {
        let mut replies = ask(&link, CALL).await.unwrap();
        assert_eq!(replies.is_stream(), Some(true));
        let said: Vec<_> = all(&mut replies).await.into_iter().map(Result::unwrap).collect();
        let expected = [
            "Primed",
            "{\"jsonrpc\":\"2.0\",\n\"method\":\"notifications/progress\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"ä\":\"€\"}}",
        ];
        assert_eq!(said, expected, "cut at {at}");
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_resumed_after_the_last_event_and_when_the_server_says() {
    let server = server(|seen, mut out| async move {
        out.events().await;
        match seen.header("last-event-id") {
            None => out.raw("id: e-1\nretry: 60\ndata:\n\nid: e-2\ndata: {\"method\":\"n\"}\n\n").await,
            // Nothing new yet: to be asked again.
            Some("e-2") => out.raw("id: e-3\ndata:\n\n").await,
            Some("e-3") => out.raw(format!("data: {ANSWER}\n\n")).await,
            other => panic!("{other:?}"),
        }
    })
    .await;
    let link = link(&server).await;
    let mut replies = ask(&link, CALL).await.unwrap();
    let said: Vec<_> = all(&mut replies).await.into_iter().map(Result::unwrap).collect();
    let paused = "Paused { retry: Some(60) }";
    assert_eq!(said, ["Primed", r#"{"method":"n"}"#, paused, "Primed", paused, ANSWER]);
    let resumed: Vec<_> = server.seen().into_iter().filter(|seen| seen.method == "GET").collect();
    assert_eq!(resumed.len(), 2);
    assert_eq!(resumed[0].header("mcp-session-id"), Some("s-1"));
    assert_eq!(resumed[0].header("accept"), Some("text/event-stream"));
}

#[tokio::test]
async fn a_stream_that_ends_without_the_answer_and_without_an_id_is_cut() {
    let server = server(|_, mut out| async move {
        out.events().await;
        out.raw("data: {\"method\":\"n\"}\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"resu").await;
    })
    .await;
    let link = link(&server).await;
    let said = all(&mut ask(&link, CALL).await.unwrap()).await;
    assert_eq!(said, [Ok(r#"{"method":"n"}"#.to_owned()), Err(LinkError::Cut)]);
}

#[tokio::test]
async fn what_the_server_says_of_its_own_accord_is_heard_again_after_the_stream_ends() {
    let server = server(|seen, mut out| async move {
        assert_eq!(seen.method, "GET");
        match seen.header("last-event-id") {
            None => {
                out.events().await;
                out.raw("retry: 50\nid: a\ndata: {\"n\":1}\n\n").await;
            }
            Some("a") => {
                out.events().await;
                out.raw("data: {\"n\":2}\n\n").await;
                out.gone().await;
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
    let link = HttpLink::legacy(client(), Arc::new(server.target()));
    // Asked for before the handshake, it is opened after it.
    let listening = tokio::spawn({
        let link = link.clone();
        async move {
            let mut heard = Vec::new();
            while let Some(said) = link.unsolicited().await {
                heard.push(said.unwrap());
            }
            heard
        }
    });
    one(&link, INITIALIZE).await.unwrap();
    tell(&link, INITIALIZED).await.unwrap();
    while server.seen().iter().filter(|seen| seen.method == "GET").count() < 2 {
        tokio::task::yield_now().await;
    }
    link.close().await;
    let heard = listening.await.unwrap();
    assert_eq!(heard.first(), Some(&Reply::Message(r#"{"n":1}"#.into())));
    assert_eq!(server.seen()[2].method, "GET");
}

#[tokio::test]
async fn a_server_without_a_stream_of_its_own_is_asked_once() {
    let without = server(|_, mut out| async move { out.empty(405).await }).await;
    // One that is asked again and again, as soon as anyone is.
    let with = server(|_, mut out| async move {
        out.events().await;
        out.raw("retry: 50\ndata: {}\n\n").await;
    })
    .await;
    let (quiet, busy) = (link(&without).await, link(&with).await);
    let clock = async {
        for _ in 0..10 {
            busy.unsolicited().await.unwrap().unwrap();
        }
    };
    tokio::select! {
        said = quiet.unsolicited() => panic!("{said:?}"),
        () = clock => {}
    }
    let asked = |server: &Server| server.seen().iter().filter(|seen| seen.method == "GET").count();
    assert_eq!((asked(&without), asked(&with)), (1, 10));
}

#[tokio::test]
async fn one_of_many_who_lose_a_session_begins_it_anew() {
    let server = server(|_, mut out| async move { out.empty(404).await }).await;
    let link = link(&server).await;
    let (first, second) = tokio::join!(one(&link, CALL), one(&link, CALL));
    assert_eq!((first, second), (Err(LinkError::SessionLost), Err(LinkError::SessionLost)));
    link.reset();
    one(&link, INITIALIZE).await.unwrap();
    link.reset();
    tell(&link, INITIALIZED).await.unwrap();
    assert!(link.status().is_open);
    assert_eq!(server.seen().last().unwrap().header("mcp-session-id"), Some("s-1"));
}
