use std::{fs, path::Path, sync::Arc, time::Duration};

use mcp_guard_net::server::{Limits, Tls, TlsError};
use rcgen::{CertifiedKey, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::running::{Running, rest, soon};

/// Writes a new pair and returns its certificate.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn load(folder: &Path) -> Result<Tls, TlsError> {
    Tls::load(folder.join("cert.pem"), folder.join("key.pem"))
}

async fn connect(
    running: &Running,
    trusted: &CertificateDer<'static>,
    alpn: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, running.connect().await).await
}

#[tokio::test]
async fn both_versions_of_http_are_offered_and_no_clear_text_answered() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = renew(folder.path());
    let running = Running::start(Limits::default(), Some(load(folder.path()).unwrap())).await;
    let mut stream = connect(&running, &certificate, "http/1.1").await.unwrap();
    stream.write_all(b"GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.ends_with("true None"), "{answer}");
    let stream = connect(&running, &certificate, "h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let clear = running.say("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(!clear.contains("HTTP"), "{clear}");
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    let limits = Limits { header_timeout: Duration::from_millis(50), ..Limits::default() };
    let running = Running::start(limits, Some(load(folder.path()).unwrap())).await;
    assert_eq!(rest(&mut running.connect().await).await, "");
}

#[tokio::test]
async fn a_renewed_certificate_is_used_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path());
    let tls = load(folder.path()).unwrap();
    let running = Running::start(Limits::default(), Some(tls.clone())).await;
    assert!(!tls.refresh().unwrap(), "nothing has changed");

    let second = renew(folder.path());
    assert!(tls.refresh().unwrap());
    connect(&running, &second, "h2").await.unwrap();
    assert!(connect(&running, &first, "h2").await.is_err());

    fs::write(folder.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let error = tls.refresh().unwrap_err().to_string();
    assert!(
        error.contains("cert.pem") && error.contains("key.pem") && error.contains("issued for this key"),
        "{error}"
    );
    assert!(!tls.refresh().unwrap(), "a complaint is made once");
    connect(&running, &second, "h2").await.unwrap();
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    assert!(tls.refresh().is_err());
    connect(&running, &second, "h2").await.unwrap();
}

#[tokio::test]
async fn errors_name_the_file_and_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let complaint = || load(folder.path()).unwrap_err().to_string();
    assert!(complaint().contains("cert.pem") && complaint().contains("readable"), "{}", complaint());
    renew(folder.path());
    fs::write(folder.path().join("key.pem"), "no key").unwrap();
    assert!(complaint().contains("key.pem") && complaint().contains("no private key"), "{}", complaint());
    renew(folder.path());
    fs::write(folder.path().join("cert.pem"), "").unwrap();
    assert!(complaint().contains("cert.pem") && complaint().contains("no certificate"), "{}", complaint());
}

#[tokio::test]
async fn a_running_server_follows_its_files_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    let tls = load(folder.path()).unwrap().looking_every(Duration::from_millis(5));
    let running = Running::start(Limits::default(), Some(tls)).await;
    fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let noticed = async |what: &str| {
        soon(async {
            while !running.notices.lock().unwrap().iter().any(|notice| notice.contains(what)) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    };
    noticed("Certificate(Err(NotPem").await;
    let certificate = renew(folder.path());
    noticed("Certificate(Ok(())").await;
    connect(&running, &certificate, "h2").await.unwrap();
}
