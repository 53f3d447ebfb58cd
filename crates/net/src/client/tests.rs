use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http_body_util::BodyExt;
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::*;

/// Answers every request with the same bytes, and closes the connection.
async fn server(answer: &'static str) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, tasks)
}

const HELLO: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";

async fn get(client: &Client, url: &str) -> Result<Response<Incoming>, NetError> {
    client.send(Request::get(url).body(Full::default()).unwrap()).await
}

fn client(egress: Egress) -> Client {
    Client::new(Settings { egress, ..Settings::default() }).unwrap()
}

/// A resolver that goes through these answers, and how often it was asked.
fn resolver(answers: &'static [&'static [&'static str]]) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_, port| {
        let at = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let found =
            answers[at].iter().map(|ip| SocketAddr::new(ip.parse::<IpAddr>().unwrap(), port)).collect();
        Box::pin(async move { Ok::<_, io::Error>(found) })
    });
    (lookup, asked)
}

#[tokio::test]
async fn localhost_needs_no_more_than_its_url() {
    let (port, _server) = server(HELLO).await;
    let url = format!("http://localhost:{port}/mcp");
    let client = client(Egress::default().named(&url.parse().unwrap()));
    let answer = get(&client, &url).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
    let other = get(&client, &format!("http://127.0.0.1:{port}/mcp")).await.unwrap_err();
    assert!(matches!(other, NetError::Forbidden { .. }), "{other}");
}

#[tokio::test]
async fn a_name_that_changes_its_mind_reaches_nothing_it_may_not() {
    let (port, _server) = server(HELLO).await;
    let settings =
        || Settings { egress: Egress::new(false, vec![([127, 0, 0, 1].into(), 32)]), ..Settings::default() };
    let url = format!("http://rebind.example:{port}/");

    // Looked up once for the connection: a second look would have found the forbidden address, or connected to it.
    let (lookup, asked) = resolver(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let client = Client::with_lookup(settings(), lookup).unwrap();
    assert_eq!(get(&client, &url).await.unwrap().status(), 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let error = get(&client, &url).await.unwrap_err();
    assert!(
        matches!(&error, NetError::Forbidden { address, .. } if address.to_string() == "169.254.169.254")
    );

    // One forbidden address among allowed ones is enough.
    let (lookup, _) = resolver(&[&["127.0.0.1", "10.0.0.1"]]);
    let error = get(&Client::with_lookup(settings(), lookup).unwrap(), &url).await.unwrap_err();
    assert!(matches!(&error, NetError::Forbidden { address, .. } if address.to_string() == "10.0.0.1"));
}

#[tokio::test]
async fn every_spelling_of_an_address_is_that_address() {
    let client = client(Egress::default());
    for host in ["127.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.", "[::ffff:7f00:1]"] {
        let error = get(&client, &format!("http://{host}:9/")).await.unwrap_err();
        assert!(matches!(error, NetError::Forbidden { .. } | NetError::Url { .. }), "{host}: {error}");
    }
}

#[tokio::test]
async fn redirects_are_handed_back_and_compressed_answers_refused() {
    let (port, _server) =
        server("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("http://127.0.0.1:{port}/");
    let client = client(Egress::new(true, vec![]));
    assert_eq!(get(&client, &url).await.unwrap().status(), 302);

    let (port, _server) =
        server("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello").await;
    let error = get(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
    assert_eq!(error, NetError::Encoded("gzip".to_owned()));
}

#[tokio::test]
async fn nobody_there_and_endless_headers_are_errors() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client = client(Egress::new(true, vec![]));
    let error = get(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
    assert!(matches!(error, NetError::Connect { .. }), "{error}");

    let endless: &'static str = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(200_000)).leak();
    let (port, _server) = server(endless).await;
    let error = get(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
    assert!(matches!(error, NetError::Http(_)), "{error}");
}

#[tokio::test]
async fn tls_needs_a_certificate_of_that_name_by_somebody_who_is_trusted() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(signing_key.serialize_der().into()))
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(HELLO.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), cert.pem()).unwrap();
    let with = |extra_ca| {
        Client::new(Settings { egress: Egress::new(true, vec![]), extra_ca, ..Settings::default() })
    };
    let trusting = with(Some(ca.path().to_owned())).unwrap();
    let answer = get(&trusting, &format!("https://localhost:{port}/")).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
    let error = get(&trusting, &format!("https://127.0.0.1:{port}/")).await.unwrap_err();
    assert!(matches!(error, NetError::Tls { .. }), "of another name: {error}");
    let error = get(&with(None).unwrap(), &format!("https://localhost:{port}/")).await.unwrap_err();
    assert!(matches!(error, NetError::Tls { .. } | NetError::Trust(_)), "by nobody we know: {error}");

    std::fs::write(ca.path(), "nothing").unwrap();
    assert!(matches!(with(Some(ca.path().to_owned())), Err(NetError::Ca { .. })));
}
