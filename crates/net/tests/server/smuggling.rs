use std::time::Duration;

use mcp_guard_net::server::Limits;
use tokio::io::AsyncWriteExt;

use crate::running::{Running, response, rest};

/// The second request in each would be served if the first were understood in another way.
#[tokio::test]
async fn what_could_be_understood_in_two_ways_is_refused_and_the_connection_closed() {
    let running = Running::start(Limits::default(), None).await;
    for (what, request) in [
        (
            "length and coding",
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "coding and length",
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        ),
        (
            "the same length twice",
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nhi",
        ),
        ("two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi"),
        ("a list of lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2, 2\r\n\r\nhi"),
        ("a signed length", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +2\r\n\r\nhi"),
        (
            "a coding twice",
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        ("another coding", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        ("a hidden coding", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n"),
        ("a coding in HTTP/1.0", "POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("space before the colon", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length : 2\r\n\r\nhi"),
        ("a folded header", "POST / HTTP/1.1\r\nhost: x\r\na: b\r\n c: d\r\n\r\n"),
        ("a line without CR", "GET / HTTP/1.1\r\nhost: x\na: b\r\n\r\n"),
        ("an end without CR", "GET / HTTP/1.1\r\nhost: x\r\n\n"),
        ("CR alone", "GET / HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n"),
        ("NUL", "GET / HTTP/1.1\r\nhost: x\r\na: b\0c\r\n\r\n"),
        ("no host", "GET / HTTP/1.1\r\na: b\r\n\r\n"),
        ("no host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"),
        ("an empty host", "GET / HTTP/1.1\r\nhost:\r\n\r\n"),
        ("two hosts", "GET / HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n"),
        ("a host with a user", "GET / HTTP/1.1\r\nhost: a@x\r\n\r\n"),
        ("a target on another host", "GET http://y/ HTTP/1.1\r\nhost: x\r\n\r\n"),
        ("a tunnel", "CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n"),
        ("another version", "GET / HTTP/1.2\r\nhost: x\r\n\r\n"),
        ("no version", "GET /\r\n\r\n"),
    ] {
        let answer = running.say(format!("{request}GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert!(!answer.contains("/smuggled") && !answer.contains(" 200 "), "{what}: {answer}");
        assert!(answer.is_empty() || answer.split(' ').nth(1) == Some("400"), "{what}: {answer}");
        assert!(!answer.is_empty() || SILENT.contains(&what), "{what}: hung up without a word");
    }
}

/// What the parser hangs up on by itself.
const SILENT: &[&str] = &[];

#[tokio::test]
async fn it_is_also_refused_in_a_later_request_and_in_pieces() {
    for rest_after in [Duration::ZERO, Duration::MAX] {
        let running = Running::start(Limits { rest_after, ..Limits::default() }, None).await;
        refused_later(running).await;
    }
}

async fn refused_later(running: Running) {
    let mut stream = running.connect().await;
    let fine = "POST /fine HTTP/1.1\r\nhost: x\r\ncontent-length: 19\r\n\r\ncontent-length: 9\r\n";
    stream.write_all(fine.as_bytes()).await.unwrap();
    assert!(response(&mut stream).await.starts_with("HTTP/1.1 200 "));
    let smelling = "POST /smells HTTP/1.1\r\nhost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for byte in smelling.bytes() {
        stream.write_all(&[byte]).await.unwrap();
    }
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_malformed_chunk_ends_the_connection() {
    let running = Running::start(Limits::default(), None).await;
    for chunks in [
        "2\nhi\r\n0\r\n\r\n",
        "2\r\nhiX\r\n0\r\n\r\n",
        "2;x\ny\r\nhi\r\n0\r\n\r\n",
        "0x2\r\nhi\r\n0\r\n\r\n",
        "2\r\nhi\r\n0\r\na: b\n\r\n",
        "2\r\nhi\r\n0\r\na: b\rc\r\n\r\n",
        "-1\r\n",
    ] {
        let head = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
        let answer = running.say(format!("{head}{chunks}GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert!(!answer.contains(" 200 "), "{chunks:?}: {answer}");
    }
}
