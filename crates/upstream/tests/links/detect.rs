//! What a server speaks.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use mcp_guard_upstream::{Era, HttpLink, LinkError, Spoken, detect};

use crate::{
    one,
    server::{Out, Seen, Server, client},
};

const HANDSHAKE: &str =
    r#"{"jsonrpc":"2.0","id":"mcp-guard","result":{"protocolVersion":"2025-11-25","capabilities":{}}}"#;

fn discovered(versions: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":"mcp-guard","result":{{"supportedVersions":{versions}}}}}"#)
}

fn failed(code: i64, data: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":null,"error":{{"code":{code},"message":"x","data":{data}}}}}"#)
}

/// What clients of the two eras are told to speak, and the methods that were asked for it.
async fn found<F>(
    answer: impl Fn(Seen, Out) -> F + Send + Sync + 'static,
) -> (Result<Spoken, LinkError>, Result<Spoken, LinkError>, Vec<String>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let server = Server::start(answer).await;
    let (client, target) = (client(), Arc::new(server.target()));
    let legacy = detect(&client, &target, Era::Legacy).await;
    let asked = server.seen().iter().map(|seen| seen.method.clone()).collect();
    (legacy, detect(&client, &target, Era::Modern).await, asked)
}

#[tokio::test]
async fn each_kind_of_server_is_recognised() {
    // Modern alone: it refuses the handshake.
    let modern = found(|seen, mut out| async move {
        match seen.header("mcp-method") {
            Some("server/discover") => out.json(200, &discovered(r#"["2026-07-28"]"#)).await,
            _ => out.json(400, &failed(-32602, "{}")).await,
        }
    });
    assert_eq!(modern.await, (Ok(Spoken::Modern), Ok(Spoken::Modern), vec!["POST".into(), "POST".into()]));

    // Both, by the handshake. The session that began with it is ended.
    let both = found(|seen, mut out| async move {
        match seen.header("mcp-method") {
            Some("server/discover") => out.json(200, &discovered(r#"["2026-07-28"]"#)).await,
            _ => out.whole(200, "mcp-session-id: s\r\n", "application/json", HANDSHAKE).await,
        }
    });
    let asked = vec!["POST".into(), "POST".into(), "DELETE".into()];
    assert_eq!(both.await, (Ok(Spoken::Streamable), Ok(Spoken::Modern), asked));

    // Both, by its own word, in a stream.
    let both = found(|_, mut out| async move {
        out.events().await;
        out.raw(format!("data: {}\n\n", discovered(r#"["2026-07-28","2025-11-25"]"#))).await;
    });
    assert_eq!(both.await, (Ok(Spoken::Streamable), Ok(Spoken::Modern), vec!["POST".into()]));

    // Modern, of a revision that is not ours.
    let later = found(|seen, mut out| async move {
        match seen.header("mcp-method") {
            Some(_) => out.json(400, &failed(-32022, r#"{"supported":["2027-01-01"]}"#)).await,
            None => out.json(400, &failed(-32022, r#"{"supported":["2027-01-01"]}"#)).await,
        }
    });
    assert_eq!(later.await.0, Ok(Spoken::Modern));

    // Legacy: the method is unknown, or there is no session.
    for (status, code) in [(200, -32601), (200, -32602), (400, -32000), (404, -32601)] {
        let legacy = found(move |_, mut out| async move { out.json(status, &failed(code, "{}")).await });
        let asked = vec!["POST".into()];
        assert_eq!(legacy.await, (Ok(Spoken::Streamable), Ok(Spoken::Streamable), asked), "{status} {code}");
    }
    let silent = found(|seen, mut out| async move {
        if seen.method == "POST" { out.whole(400, "", "text/plain", "x").await } else { out.empty(400).await }
    });
    assert_eq!(silent.await.0, Ok(Spoken::Streamable));

    // HTTP+SSE.
    for status in [400, 404, 405] {
        let sse = found(move |seen, mut out| async move {
            if seen.method == "POST" {
                return out.empty(status).await;
            }
            out.events().await;
            out.raw("event: endpoint\ndata: /messages\n\n").await;
        });
        assert_eq!(
            sse.await,
            (Ok(Spoken::Sse), Ok(Spoken::Sse), vec!["POST".into(), "GET".into()]),
            "{status}"
        );
    }
}

#[tokio::test]
async fn only_for_legacy_clients_a_modern_server_is_asked_for_a_handshake() {
    let server = Server::start(|seen, mut out| async move {
        match seen.header("mcp-method") {
            Some("server/discover") => out.json(200, &discovered(r#"["2026-07-28"]"#)).await,
            _ => out.json(400, &failed(-32602, "{}")).await,
        }
    })
    .await;
    let (client, target) = (client(), Arc::new(server.target()));
    for (wanted, asked) in [(Era::Modern, 1), (Era::Modern, 1), (Era::Legacy, 2), (Era::Legacy, 2)] {
        assert_eq!(detect(&client, &target, wanted).await, Ok(Spoken::Modern));
        assert_eq!(server.seen().len(), asked, "{wanted:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_told_is_an_error() {
    let (nothing, ..) = found(|_, mut out| async move { out.empty(404).await }).await;
    assert!(matches!(nothing, Err(LinkError::Status { status, .. }) if status == 404), "{nothing:?}");
    let (locked, ..) = found(|_, mut out| async move { out.empty(401).await }).await;
    assert!(matches!(locked, Err(LinkError::Status { status, .. }) if status == 401), "{locked:?}");
    let (foreign, ..) = found(|seen, mut out| async move {
        if seen.method == "POST" {
            return out.empty(405).await;
        }
        out.events().await;
        out.raw("event: endpoint\ndata: http://evil.example/\n\n").await;
    })
    .await;
    assert!(matches!(foreign, Err(LinkError::ForeignEndpoint(_))), "{foreign:?}");
}

#[tokio::test]
async fn a_server_that_turns_out_otherwise_is_asked_again() {
    let replaced = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&replaced);
    let server = Server::start(move |seen, mut out| {
        let replaced = flag.load(Ordering::SeqCst);
        async move {
            match (replaced, seen.method.as_str()) {
                (false, _) => out.json(200, &failed(-32601, "{}")).await,
                (true, "POST") => out.empty(405).await,
                (true, _) => {
                    out.events().await;
                    out.raw("event: endpoint\ndata: /messages\n\n").await;
                }
            }
        }
    })
    .await;
    let (client, target) = (client(), Arc::new(server.target()));
    assert_eq!(detect(&client, &target, Era::Legacy).await, Ok(Spoken::Streamable));
    replaced.store(true, Ordering::SeqCst);
    assert_eq!(detect(&client, &target, Era::Legacy).await, Ok(Spoken::Streamable), "believed");
    let link = HttpLink::to(Spoken::Streamable, client.clone(), Arc::clone(&target));
    one(&link, crate::CALL).await.unwrap_err();
    assert_eq!(detect(&client, &target, Era::Legacy).await, Ok(Spoken::Sse));
}
