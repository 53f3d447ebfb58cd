use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use mcp_guard_net::server::{
    Body, CollectError, Draining, Incoming, Limits, Listening, Notice, Pace, Peer, Server, Shutdown, Tls,
    collect, shutdown,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

/// A server under test.
pub(crate) struct Running {
    pub(crate) addr: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) served: JoinHandle<()>,
    /// What was reported, in debug form.
    pub(crate) notices: Arc<Mutex<Vec<String>>>,
    /// The other ends of bodies that `/stream` answers with.
    pub(crate) streams: mpsc::Receiver<mpsc::Sender<Bytes>>,
}

impl Running {
    pub(crate) async fn start(limits: Limits, tls: Option<Tls>) -> Self {
        let listening = Listening::tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let addr = listening.local_addr().unwrap();
        Self::start_at(listening, addr, limits, tls)
    }

    pub(crate) fn start_at(listening: Listening, addr: SocketAddr, limits: Limits, tls: Option<Tls>) -> Self {
        let (shutdown, draining) = shutdown();
        let (opened, streams) = mpsc::channel(64);
        let notices = Arc::new(Mutex::new(Vec::new()));
        let noted = notices.clone();
        let server = Server::new(limits, tls)
            .reporting(move |notice: Notice<'_>| noted.lock().unwrap().push(format!("{notice:?}")));
        let seen = draining.clone();
        let handler = move |request, peer| answer(request, peer, opened.clone(), seen.clone());
        let served = tokio::spawn(async move { server.serve(vec![listening], handler, draining).await });
        Self { addr, shutdown, served, notices, streams }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    /// Sends bytes and reads until the server hangs up.
    pub(crate) async fn say(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        rest(&mut stream).await
    }
}

/// `/stream` answers with a body that the test writes, `/draining` when the end begins, `/who` with the peer; anything
/// else with its path and what it was sent.
async fn answer(
    request: Request<Incoming>,
    peer: Arc<Peer>,
    opened: mpsc::Sender<mpsc::Sender<Bytes>>,
    draining: Draining,
) -> Response<Body> {
    match request.uri().path() {
        "/stream" => {
            let (sender, receiver) = mpsc::channel::<Bytes>(1);
            opened.send(sender).await.unwrap();
            Response::new(Body::stream(receiver))
        }
        "/draining" => {
            draining.begun().await;
            Response::new(Body::full("the end begins".into()))
        }
        "/who" => Response::new(Body::full(format!("{} {:?}", peer.tls, peer.unix).into())),
        path => {
            let path = path.to_owned();
            let (status, text) = match collect(request.into_body(), 100, pace()).await {
                Ok(body) => (StatusCode::OK, format!("{path} {body:?}")),
                Err(CollectError::TooLarge(_)) => (StatusCode::PAYLOAD_TOO_LARGE, String::new()),
                Err(CollectError::TooSlow) => (StatusCode::REQUEST_TIMEOUT, String::new()),
                Err(CollectError::Broken) => (StatusCode::BAD_REQUEST, String::new()),
            };
            let mut response = Response::new(Body::full(text.into()));
            *response.status_mut() = status;
            response
        }
    }
}

fn pace() -> Pace {
    Pace { deadline: Duration::from_millis(200), ..Pace::default() }
}

/// Reads until the server hangs up, however rudely.
pub(crate) async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut said = Vec::new();
    let _end_or_reset = soon(stream.read_to_end(&mut said)).await;
    String::from_utf8_lossy(&said).into_owned()
}

/// One response with a body of known length.
pub(crate) async fn response(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut said = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&said);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.map_or(0, |length| length.parse().unwrap()) <= body.len() {
                return text.into_owned();
            }
        }
        said.push(soon(stream.read_u8()).await.unwrap());
    }
}

/// What does not come within a minute never comes.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(60), future).await.expect("it should have come to an end")
}
