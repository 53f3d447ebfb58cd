use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcp_guard_net::server::Limits;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::running::{Running, response, rest, soon};

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn what_is_under_way_comes_to_its_end_and_idle_connections_go() {
    let mut running = Running::start(Limits::default(), None).await;
    let mut idle = running.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    response(&mut idle).await;
    let mut under_way = running.connect().await;
    under_way.write_all(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let source = running.streams.recv().await.unwrap();
    let mut waiting = running.connect().await;
    waiting.write_all(b"GET /draining HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    // Its connection is known to be accepted, since they are accepted in order.
    let mut last = running.connect().await;
    last.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    response(&mut last).await;

    running.shutdown.begin(LONG);
    assert_eq!(rest(&mut idle).await, "");
    let told = rest(&mut waiting).await;
    assert!(told.contains("connection: close") && told.ends_with("the end begins"), "{told}");
    soon(async { while TcpStream::connect(running.addr).await.is_ok() {} }).await;
    source.send("to the end".into()).await.unwrap();
    drop(source);
    assert!(rest(&mut under_way).await.ends_with("to the end\r\n0\r\n\r\n"));
    soon(running.served).await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_is_cut() {
    let mut running = Running::start(Limits::default(), None).await;
    let mut endless = running.connect().await;
    endless.write_all(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let source = running.streams.recv().await.unwrap();
    running.shutdown.begin(LONG);
    running.shutdown.begin(Duration::from_millis(10));
    soon(running.served).await.unwrap();
    soon(source.closed()).await;
    let cut = rest(&mut endless).await;
    assert!(!cut.ends_with("0\r\n\r\n"), "the client can tell that it is incomplete: {cut}");
}

#[tokio::test]
async fn a_server_nobody_holds_any_more_ends() {
    let running = Running::start(Limits::default(), None).await;
    let mut idle = running.connect().await;
    drop(running.shutdown);
    soon(running.served).await.unwrap();
    assert_eq!(rest(&mut idle).await, "");
}

#[tokio::test]
async fn http_2_clients_are_told_to_go_and_may_finish() {
    let mut running = Running::start(Limits::default(), None).await;
    let io = TokioIo::new(running.connect().await);
    let (mut client, connection) =
        http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = || Request::get("http://x/stream").body(Empty::new()).unwrap();
    let response = soon(client.send_request(request())).await.unwrap();
    let source = running.streams.recv().await.unwrap();
    running.shutdown.begin(LONG);
    soon(async { while client.ready().await.is_ok() && client.send_request(request()).await.is_ok() {} })
        .await;
    source.send("to the end".into()).await.unwrap();
    drop(source);
    assert_eq!(soon(response.into_body().collect()).await.unwrap().to_bytes(), "to the end");
    soon(running.served).await.unwrap();
    drop((client, connection));
}
