use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Empty, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcp_guard_net::server::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::running::{Running, response, rest, soon};

#[tokio::test]
async fn one_connection_carries_many_requests() {
    carry_many(Limits::default()).await;
}

#[tokio::test]
async fn it_does_so_although_it_rests_between_them() {
    carry_many(Limits { rest_after: Duration::ZERO, ..Limits::default() }).await;
}

async fn carry_many(limits: Limits) {
    let running = Running::start(limits, None).await;
    let mut stream = running.connect().await;
    for number in 0..3 {
        let body = format!("number {number}");
        let length = body.len();
        let request = format!("POST /{number} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(response(&mut stream).await.ends_with(&format!("/{number} b\"{body}\"")));
    }
    let chunked =
        "POST /c HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
    let pipelined = format!("{chunked}GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(pipelined.as_bytes()).await.unwrap();
    let both = rest(&mut stream).await;
    assert!(both.contains("/c b\"abcde\"") && both.ends_with("/last b\"\""), "{both}");
}

#[tokio::test]
async fn a_stream_arrives_piece_by_piece_and_its_source_learns_that_the_client_left() {
    let mut running = Running::start(Limits::default(), None).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let source = soon(running.streams.recv()).await.unwrap();
    for piece in ["one", "two"] {
        source.send(piece.into()).await.unwrap();
        let mut said = String::new();
        while !said.ends_with(&format!("{piece}\r\n")) {
            said.push(char::from(soon(stream.read_u8()).await.unwrap()));
        }
    }
    drop(stream);
    soon(source.closed()).await;
}

#[tokio::test]
async fn http_2_is_spoken_on_the_same_port() {
    let mut running = Running::start(Limits::default(), None).await;
    let io = TokioIo::new(running.connect().await);
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let large = Bytes::from(vec![b'x'; 90]);
    let request = Request::post("http://x/two").body(Full::new(large)).unwrap();
    let response = soon(client.send_request(request)).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"/two b\"xxx"), "{body:?}");

    let request = Request::get("http://x/stream").body(Full::default()).unwrap();
    let response = soon(client.send_request(request)).await.unwrap();
    let source = running.streams.recv().await.unwrap();
    drop(response);
    soon(source.closed()).await;
    drop((client, connection));
}

#[tokio::test]
async fn http_2_requests_name_one_host() {
    let running = Running::start(Limits::default(), None).await;
    let io = TokioIo::new(running.connect().await);
    let (mut client, connection) =
        http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), io).await.unwrap();
    let _connection = tokio::spawn(connection);
    for (uri, host, status) in [
        ("http://x/", None, 200),
        ("http://x/", Some("X"), 200),
        ("http://x/", Some("y"), 400),
        ("http://u@x/", None, 400),
    ] {
        let mut request = Request::get(uri).body(Empty::new()).unwrap();
        if let Some(host) = host {
            request.headers_mut().insert("host", host.parse().unwrap());
        }
        let response = soon(client.send_request(request)).await.unwrap();
        assert_eq!(response.status(), status, "{uri} {host:?}");
    }
}

#[tokio::test]
async fn a_body_is_read_within_bounds() {
    let running = Running::start(Limits::default(), None).await;
    let post = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let announced = running.say(format!("{post}content-length: 101\r\n\r\n")).await;
    assert!(announced.starts_with("HTTP/1.1 413 "), "{announced}");
    let chunk = format!("{post}transfer-encoding: chunked\r\n\r\n65\r\n{}\r\n", "x".repeat(101));
    assert!(running.say(chunk).await.starts_with("HTTP/1.1 413 "));
    let slow = running.say(format!("{post}content-length: 2\r\n\r\nx")).await;
    assert!(slow.starts_with("HTTP/1.1 408 "), "{slow}");
}
