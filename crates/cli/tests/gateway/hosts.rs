//! Web pages that reach the gateway by a name of their own (DNS rebinding), and pages of other sites.

use std::io::{Read, Write};

use crate::{
    guard::{Gateway, before},
    mcp::{Session, call_modern, initialize},
    upstream::Upstream,
    web::{Ask, Reply, connect, send},
};

pub(crate) fn other_names_and_other_sites() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let ask = Ask::post("/mcp", &initialize("2025-11-25"));
    let session = Session::begin(&gateway, "2025-11-25");
    let came = upstream.seen().len();
    let places = [
        ask.clone(),
        session.sign(Ask::get("/mcp")),
        session.sign(Ask::new("DELETE", "/mcp")),
        call_modern(1, "t"),
        Ask::get("/sse"),
        Ask::post("/rpc", &initialize("2025-11-25")),
        Ask::new("OPTIONS", "/mcp"),
    ];
    for place in places {
        for host in ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.nip.io", "127.1"]
        {
            assert_eq!(gateway.ask(&place.clone().instead("Host", host)).status, 403, "{host}");
        }
        for origin in ["https://evil.example", "null", "http://localhost.evil.example", "file://", ""] {
            assert_eq!(gateway.ask(&place.clone().header("Origin", origin)).status, 403, "{origin}");
        }
        let twice = place.header("Origin", "http://localhost").header("Origin", "http://localhost");
        assert_eq!(gateway.ask(&twice).status, 403);
    }
    assert_eq!(upstream.seen().len(), came, "nothing of it reached the server");
    for origin in ["http://localhost:5173", "http://127.0.0.1", "http://[::1]:1"] {
        assert_eq!(gateway.ask(&ask.clone().header("Origin", origin)).status, 200, "{origin}");
    }
}

pub(crate) fn a_host_that_is_said_twice() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    let head = |target: &str, hosts: &str| {
        format!(
            "POST {target} HTTP/1.1\r\n{hosts}Accept: */*\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    };
    for (target, hosts, status) in [
        ("/mcp", "Host: localhost\r\nHost: localhost\r\n", 400),
        ("/mcp", "Host: localhost\r\nHost: evil.example\r\n", 400),
        ("/mcp", "", 400),
        ("/mcp", "Host: \r\n", 400),
        ("http://evil.example/mcp", "Host: localhost\r\n", 400),
        ("http://localhost/mcp", "Host: evil.example\r\n", 400),
        ("http://evil.example/mcp", "Host: evil.example\r\n", 403),
        ("http://localhost@evil.example/mcp", "Host: localhost\r\n", 400),
        ("/mcp", "Host: localhost@evil.example\r\n", 400),
    ] {
        let reply = Reply::read(send(gateway.port, head(target, hosts).as_bytes()));
        assert_eq!(reply.status, status, "{target} {hosts}");
    }
    assert!(upstream.seen().is_empty());
}

/// HTTP/2 (RFC 9113), without compression (RFC 7541 §6.2.2).
pub(crate) fn the_authority_of_http_2() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "legacy")));
    for (authority, host, status) in [
        (Some("localhost"), None, 404),
        (Some("localhost"), Some("localhost"), 404),
        (None, Some("localhost"), 404),
        (Some("evil.example"), None, 403),
        (Some("evil.example"), Some("localhost"), 400),
        (Some("localhost"), Some("evil.example"), 400),
        (None, Some("evil.example"), 403),
        (None, None, 400),
    ] {
        let headers = [
            Some((":method", "GET")),
            Some((":scheme", "http")),
            Some((":path", "/")),
            authority.map(|authority| (":authority", authority)),
            host.map(|host| ("host", host)),
        ];
        let got = over_http_2(gateway.port, headers.into_iter().flatten());
        assert_eq!(got, status, "{authority:?} {host:?}");
    }
}

/// The status that comes back; 0 if the stream or connection is ended without.
fn over_http_2<'h>(port: u16, headers: impl Iterator<Item = (&'h str, &'h str)>) -> u16 {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    let (settings, ends_all, end_of_headers_and_stream) = (4, 0, 5);
    let mut stream = connect(port);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&frame(settings, ends_all, 0, &[])).unwrap();
    stream.write_all(&frame(1, end_of_headers_and_stream, 1, &block)).unwrap();
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).is_err() {
            return 0;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).unwrap();
        match head[3] {
            1 => return status(&payload),
            3 | 7 => return 0,
            _ => {}
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// From the first field of a block (RFC 7541 appendices A and B).
fn status(block: &[u8]) -> u16 {
    match block {
        [0x8c, ..] => 400,
        [0x8d, ..] => 404,
        [0x48, 0x83, 0x68, 0x0c, 0xff, ..] => 403,
        _ => 0,
    }
}
