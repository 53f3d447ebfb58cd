//! Requests that two programs could take for different ones (RFC 9112 §11.2): the server sees one or none, and never the
//! second that is hidden in it.

use std::io::{Read, Write};

use crate::{
    guard::{Gateway, before},
    mcp::{ask_modern, modern},
    upstream::Upstream,
    web::connect,
};

pub(crate) fn shapes() {
    let upstream = Upstream::modern(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    let hidden = call("hidden", "");
    let visible =
        modern(1, "tools/call", serde_json::json!({"name": "visible", "arguments": {}})).to_string();
    let (long, short) = (visible.len() + hidden.len(), visible.len());
    let chunked = format!("{short:x}\r\n{visible}\r\n0\r\n\r\n");
    let (length, coding) = ("Content-Length", "Transfer-Encoding");
    let shapes = [
        // Both lengths, in either order: the hidden request is in the one and after the other.
        (format!("{length}: {long}\r\n{coding}: chunked\r\n"), chunked.clone()),
        (format!("{coding}: chunked\r\n{length}: 5\r\n"), chunked.clone()),
        (format!("{length}: {short}\r\n{length}: {long}\r\n"), visible.clone()),
        (format!("{length}: {long}\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("{length}: {short}, {long}\r\n"), visible.clone()),
        (format!("{length}: +{short}\r\n"), visible.clone()),
        (format!("{length}: -1\r\n"), visible.clone()),
        (format!("{length} : {short}\r\n"), visible.clone()),
        (format!("{length}\t: {short}\r\n"), visible.clone()),
        (format!("{length}: {short}\r\n {long}\r\n"), visible.clone()),
        (format!("{length}: 0x{short:x}\r\n"), visible.clone()),
        (format!("{coding}: chunked\r\n{coding}: chunked\r\n"), chunked.clone()),
        (format!("{coding}: chunked, chunked\r\n"), chunked.clone()),
        (format!("{coding}: chunked, identity\r\n"), chunked.clone()),
        (format!("{coding}: identity, chunked\r\n"), chunked.clone()),
        (format!("{coding}: gzip, chunked\r\n"), chunked.clone()),
        (format!("{coding}: xchunked\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("{coding}:\x0bchunked\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("{coding} : chunked\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("X: y\r\n {coding}: chunked\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("X: y\n{coding}: chunked\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("X: y\rZ: z\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("X: y\0z\r\n{length}: {short}\r\n"), visible.clone()),
        (format!("{coding}: chunked\r\n"), format!("{short:x};a=\n\r\n{visible}\r\n0\r\n\r\n")),
        (format!("{coding}: chunked\r\n"), format!("{short:x} \r\n{visible}\r\n00\r\nX: y\n\r\n")),
        (format!("{coding}: chunked\r\n"), format!("-{short:x}\r\n{visible}\r\n0\r\n\r\n")),
        (format!("{coding}: chunked\r\n"), format!("1{short:016x}\r\n{visible}\r\n0\r\n\r\n")),
        (format!("{coding}: chunked\r\n"), format!("{short:x}\n{visible}\n0\n\n")),
    ];
    for (n, (framing, body)) in shapes.iter().enumerate() {
        let answer = exchange(&gateway, &format!("{}{body}{hidden}", head("visible", framing)));
        let seen = upstream.seen();
        let hid = seen.iter().any(|seen| seen.message["params"]["name"] == "hidden");
        assert!(!hid && seen.len() <= n, "{framing:?}: {answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{framing:?}: {answer}");
    }
    // The same two requests, each with a clear end: nothing hidden, both are served.
    let before = upstream.seen().len();
    exchange(&gateway, &(call("visible", "") + &call("hidden", "Connection: close\r\n")));
    assert_eq!(upstream.seen().len(), before + 2);
}

/// What is sent to the server is written by us: it has one length, whatever the client's headers say.
pub(crate) fn as_sent_to_the_server() {
    let upstream = Upstream::modern(|_, _| false);
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    let message =
        modern(1, "tools/call", serde_json::json!({"name": "t", "arguments": {"x": "\r\n\r\nPOST /x"}}));
    let ask = ask_modern(&message).header("Mcp-Param-X", "a").header("Connection", "close, Mcp-Param-X");
    let ask = ask
        .header("TE", "trailers")
        .header("Trailer", "X")
        .header("Keep-Alive", "1")
        .header("baggage", "a=b");
    assert_eq!(gateway.ask(&ask).status, 200);
    let [seen] = &upstream.seen()[..] else { panic!("{:?}", upstream.seen()) };
    let count = |name: &str| seen.headers.iter().filter(|(known, _)| known == name).count();
    assert_eq!((count("content-length"), count("transfer-encoding"), count("host")), (1, 0, 1));
    for name in ["connection", "te", "trailer", "keep-alive", "upgrade", "expect"] {
        assert_eq!(count(name), 0, "{name}");
    }
    assert_eq!((seen.method.as_str(), seen.path.as_str(), &seen.message), ("POST", "/mcp", &message));
}

fn head(tool: &str, framing: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\n\
         MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: {tool}\r\n{framing}\r\n"
    )
}

fn call(tool: &str, more: &str) -> String {
    let body = modern(1, "tools/call", serde_json::json!({"name": tool, "arguments": {}})).to_string();
    head(tool, &format!("{more}Content-Length: {}\r\n", body.len())) + &body
}

/// Everything that comes back until the gateway hangs up.
fn exchange(gateway: &Gateway, bytes: &str) -> String {
    let mut stream = connect(gateway.port);
    // It may hang up in the middle.
    let _ = stream.write_all(bytes.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
