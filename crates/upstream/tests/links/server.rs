//! A server that says what the test says, byte by byte.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use mcp_guard_upstream::Target;
use net::client::{Client, Egress, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// One request as it came. Names of headers are in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Whether the body is a message of that method.
    pub(crate) fn asks(&self, method: &str) -> bool {
        self.body.contains(&format!(r#""method":"{method}""#))
    }
}

/// Where the answer goes. Dropped, the connection ends.
pub(crate) struct Out(TcpStream);

impl Out {
    pub(crate) async fn raw(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
        let _ = self.0.flush().await;
    }

    /// A whole answer. `head` has further header lines, each with its line ending.
    pub(crate) async fn whole(&mut self, status: u16, head: &str, kind: &str, body: &str) {
        let length = body.len();
        self.raw(format!(
            "HTTP/1.1 {status} X\r\n{head}content-type: {kind}\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        ))
        .await;
    }

    pub(crate) async fn json(&mut self, status: u16, body: &str) {
        self.whole(status, "", "application/json; charset=utf-8", body).await;
    }

    pub(crate) async fn empty(&mut self, status: u16) {
        self.raw(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")).await;
    }

    /// The head of a stream of events, which ends with the connection unless it is chunked.
    pub(crate) async fn events(&mut self) {
        self.raw("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").await;
    }

    /// Waits until the other side hangs up.
    pub(crate) async fn gone(&mut self) {
        while matches!(self.0.read(&mut [0; 1024]).await, Ok(1..)) {}
    }
}

/// Answers each connection's one request as told. Dropped, it is gone and so are its connections.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start<F>(answer: impl Fn(Seen, Out) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://127.0.0.1:{}/mcp", listener.local_addr().unwrap().port());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        let log = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read(&mut stream).await else { continue };
                log.lock().unwrap().push(request.clone());
                connections.spawn(answer(request, Out(stream)));
            }
        });
        Self { url, seen, _tasks: tasks }
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn target(&self) -> Target {
        Target::new(&self.url).unwrap()
    }
}

/// A client that may reach this machine.
pub(crate) fn client() -> Client {
    Client::new(Settings { egress: Egress::new(true, vec![]), ..Settings::default() }).unwrap()
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    Some(Seen { method: first.next()?, path: first.next()?, headers, body })
}
