use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcp_guard_net::server::Limits;
use tokio::io::AsyncWriteExt;

use crate::running::{Running, response, rest, soon};

const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let running = Running::start(Limits { header_timeout: SHORT, ..Limits::default() }, None).await;
    let mut silent = running.connect().await;
    let mut slow = running.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let mut second = running.connect().await;
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    response(&mut second).await;
    second.write_all(b"GET /").await.unwrap();
    for stream in [&mut silent, &mut slow, &mut second] {
        assert_eq!(rest(stream).await, "");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let limits = Limits { idle_timeout: SHORT, header_timeout: SHORT, ..Limits::default() };
    let mut running = Running::start(limits, None).await;
    let mut busy = running.connect().await;
    busy.write_all(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let source = running.streams.recv().await.unwrap();
    let mut idle = running.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    response(&mut idle).await;
    assert_eq!(rest(&mut idle).await, "");
    source.send("still here".into()).await.unwrap();
    drop(source);
    assert!(rest(&mut busy).await.contains("still here"));
}

#[tokio::test]
async fn large_heads_are_refused() {
    let running = Running::start(Limits::default(), None).await;
    let many = "a: b\r\n".repeat(101);
    let large = format!("a: {}\r\n", "b".repeat(33 * 1024));
    for headers in [many, large] {
        let answer = running.say(format!("GET / HTTP/1.1\r\nhost: x\r\n{headers}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 431 ") || answer.is_empty(), "{answer}");
    }
    let much_but_fine = format!("a: {}\r\n", "b".repeat(300)).repeat(90);
    let answer =
        running.say(format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{much_but_fine}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn one_address_gets_so_many_connections_and_no_more() {
    let running = Running::start(Limits { connections_per_address: 2, ..Limits::default() }, None).await;
    let mut first = running.connect().await;
    let second = running.connect().await;
    let mut third = running.connect().await;
    let turned_away = rest(&mut third).await;
    assert!(turned_away.starts_with("HTTP/1.1 503 ") && turned_away.contains("Retry-After"), "{turned_away}");
    assert_eq!(running.notices.lock().unwrap().len(), 1);
    drop(second);
    loop {
        let mut next = running.connect().await;
        // Until the server has seen the second go, it says 503 and closes.
        let _reset = next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        if rest(&mut next).await.contains(" 200 ") {
            break;
        }
    }
    first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(response(&mut first).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn two_thousand_idle_connections_keep_nobody_waiting() {
    let limits = Limits { connections_per_address: 4096, ..Limits::default() };
    let running = Running::start(limits, None).await;
    let mut idle = Vec::new();
    for _ in 0..2000 {
        idle.push(running.connect().await);
    }
    let answer = running.say("GET /one HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.ends_with("/one b\"\""), "{answer}");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up() {
    let mut running = Running::start(Limits { write_stall: SHORT, ..Limits::default() }, None).await;
    let mut deaf = running.connect().await;
    deaf.write_all(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let source = running.streams.recv().await.unwrap();
    let megabyte = Bytes::from(vec![b'x'; 1 << 20]);
    soon(async { while source.send(megabyte.clone()).await.is_ok() {} }).await;
}

#[tokio::test]
async fn a_stream_without_room_is_given_up_while_others_of_its_connection_go_on() {
    let mut running = Running::start(Limits { write_stall: SHORT, ..Limits::default() }, None).await;
    let io = TokioIo::new(running.connect().await);
    let (mut client, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(1024)
        .handshake::<_, Empty<Bytes>>(io)
        .await
        .unwrap();
    let _connection = tokio::spawn(connection);
    let mut open = async || {
        let request = Request::get("http://x/stream").body(Empty::new()).unwrap();
        let response = soon(client.send_request(request)).await.unwrap();
        (response, running.streams.recv().await.unwrap())
    };
    let (_quiet, quiet) = open().await;
    let (_deaf, deaf) = open().await;
    soon(async { while deaf.send(Bytes::from(vec![b'x'; 4096])).await.is_ok() {} }).await;
    assert!(!quiet.is_closed(), "nothing was kept from its client");
    let request = Request::get("http://x/").body(Empty::new()).unwrap();
    assert_eq!(soon(client.send_request(request)).await.unwrap().status(), 200);
}

#[tokio::test]
async fn limits_may_be_as_good_as_endless() {
    let limits = Limits {
        header_timeout: Duration::MAX,
        idle_timeout: Duration::MAX,
        rest_after: Duration::MAX,
        write_stall: Duration::MAX,
        ..Limits::default()
    };
    let running = Running::start(limits, None).await;
    let answer = running.say("GET /one HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.ends_with("/one b\"\""), "{answer}");
    running.shutdown.begin(Duration::MAX);
    soon(running.served).await.unwrap();
}
