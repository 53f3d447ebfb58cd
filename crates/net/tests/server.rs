//! The server as clients see it, byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use mcp_guard_net::server::{
    Body, Incoming, Limits, Listening, Pace, Peer, Server, Shutdown, collect, shutdown,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

struct Running {
    addr: SocketAddr,
    shutdown: Shutdown,
    served: JoinHandle<()>,
}

async fn echo(request: Request<Incoming>, _peer: Arc<Peer>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let body = collect(request.into_body(), 1024, Pace::default()).await;
    Response::new(Body::full(Bytes::from(format!("{path} {body:?}"))))
}

async fn start(limits: Limits) -> Running {
    let listening = Listening::tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let addr = listening.local_addr().unwrap();
    let (shutdown, draining) = shutdown();
    let served =
        tokio::spawn(async move { Server::new(limits, None).serve(vec![listening], echo, draining).await });
    Running { addr, shutdown, served }
}

/// Sends bytes and reads until the server hangs up.
async fn say(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.unwrap();
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn answers_and_ends_when_told() {
    let running = start(Limits::default()).await;
    let answer =
        say(running.addr, b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
            .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("/a Ok(b\"hi\")"), "{answer}");
    let mut idle = TcpStream::connect(running.addr).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    idle.read_exact(&mut some).await.unwrap();
    running.shutdown.begin(Duration::from_secs(60));
    running.served.await.unwrap();
}
