//! Requests that are too long, or never come to their end. The server hears nothing of them, and others wait for nobody.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    gate::until,
    guard::{Gateway, before},
    mcp::{OneStream, Session, call, call_modern, initialize},
    upstream::Upstream,
    web::{Ask, Reply, connect, send},
};

/// The largest message here, in bytes.
const MOST: usize = 64 * 1024;

fn gateway(upstream: &Upstream) -> Gateway {
    let mut config = before(&upstream.as_server("streamable-http", "legacy"));
    config["limits"] = json!({ "max_frame_bytes": MOST });
    config["gateway"]["limits"] =
        json!({"body_timeout": 1, "header_timeout": 1, "max_connections_per_address": 100});
    Gateway::start(&config)
}

/// Requests whose bodies are for each of the gateway's doors.
fn doors(session: &Session<'_>, stream: &OneStream<'_>) -> [Ask; 5] {
    [
        session.sign(Ask::post("/mcp", &call(1, "t"))),
        Ask::post("/mcp", &initialize("2025-11-25")),
        call_modern(2, "t"),
        Ask::post(&stream.endpoint, &call(3, "t")),
        Ask::post("/rpc", &call(4, "t")),
    ]
}

/// Calls that have come.
fn calls(upstream: &Upstream) -> usize {
    upstream.seen().iter().filter(|seen| seen.is("tools/call")).count()
}

/// The head of that request, with a body of that kind to follow.
fn head(ask: &Ask, body: &str) -> String {
    let bytes = String::from_utf8(ask.bytes()).unwrap();
    let (head, _) = bytes.split_once("Content-Length").unwrap();
    format!("{head}{body}\r\n\r\n")
}

/// What was announced is refused before it comes; what was not, once it is too much.
pub(crate) fn bodies_too_long() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = gateway(&upstream);
    let (session, stream) = (Session::begin(&gateway, "2025-11-25"), OneStream::begin(&gateway, None));
    for ask in doors(&session, &stream) {
        for length in [MOST + 1, usize::MAX / 4] {
            let announced = head(&ask, &format!("Content-Length: {length}"));
            let mut reply = Reply::read(send(gateway.port, announced.as_bytes()));
            assert_eq!(reply.status, 413, "{announced}");
            assert!(reply.text().contains("limits.max_frame_bytes"));
        }
        let mut socket = send(gateway.port, head(&ask, "Transfer-Encoding: chunked").as_bytes());
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        // It hangs up in the middle of it.
        let sent = (0..10_000).take_while(|_| socket.write_all(chunk.as_bytes()).is_ok()).count();
        assert!(sent * 0x1000 < 100 * MOST, "{sent} chunks were taken");
    }
    assert_eq!(calls(&upstream), 0);
    let long = "x".repeat(MOST / 2);
    assert!(session.post(&call(9, &long)).answer()["result"].is_object(), "up to the limit all is well");
}

/// A body that does not come, or comes byte by byte, is waited for no longer than it may take.
pub(crate) fn bodies_without_end() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = gateway(&upstream);
    let (session, stream) = (Session::begin(&gateway, "2025-11-25"), OneStream::begin(&gateway, None));
    thread::scope(|scope| {
        for ask in doors(&session, &stream) {
            for (how, drops) in [("Content-Length: 1000", " "), ("Transfer-Encoding: chunked", "1\r\n \r\n")]
            {
                for drip in [false, true] {
                    let (socket, begun) = (send(gateway.port, head(&ask, how).as_bytes()), Instant::now());
                    let dripping = socket.try_clone().unwrap();
                    scope.spawn(move || while drip && drop_by_drop(&dripping, drops) {});
                    let said = how.to_owned();
                    scope.spawn(move || {
                        let status = Reply::read(socket).status;
                        let took = begun.elapsed();
                        assert_eq!(status, 408, "{said}, {drip}");
                        assert!(
                            took > Duration::from_millis(900) && took < Duration::from_secs(8),
                            "{took:?}"
                        );
                    });
                }
            }
        }
        let begun = Instant::now();
        assert!(session.post(&call(9, "t")).answer()["result"].is_object());
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    });
    assert_eq!(calls(&upstream), 1, "of those who took their time nothing has come");
}

/// Heads that come byte by byte (slowloris): as many as one address may have do not keep the gateway from others for long.
pub(crate) fn heads_without_end() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = gateway(&upstream);
    let begun = Instant::now();
    let crowd: Vec<_> = (0..100)
        .map(|n| match n % 4 {
            0 => connect(gateway.port),
            1 => send(gateway.port, b"POST /mcp HT"),
            2 => send(gateway.port, b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Pad: "),
            _ => send(gateway.port, b"PRI * HTTP/2.0\r\n"),
        })
        .collect();
    let refused = Reply::read(send(gateway.port, &Ask::get("/healthz").bytes()));
    assert!(begun.elapsed() > Duration::from_secs(1) || refused.status == 503, "all places are taken");
    thread::scope(|scope| {
        for (n, socket) in crowd.iter().enumerate() {
            scope.spawn(move || {
                while n % 4 == 2 && drop_by_drop(socket, "x") {}
                let mut rest = Vec::new();
                // A reset is an end, too.
                let cut = (&mut &*socket).read_to_end(&mut rest).map_err(|error| error.kind());
                assert!(
                    !matches!(cut, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)),
                    "{n} is still there"
                );
            });
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    until(|| Reply::read(send(gateway.port, &Ask::get("/healthz").bytes())).status == 200);
    assert!(gateway.ask(&call_modern(1, "t")).answer()["result"].is_object());
}

/// Sends a little after a while; whether it was taken.
fn drop_by_drop(mut to: &TcpStream, what: &str) -> bool {
    thread::sleep(Duration::from_millis(100));
    to.write_all(what.as_bytes()).is_ok()
}
