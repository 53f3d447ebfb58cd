//! The certificate is replaced while the gateway serves.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rcgen::CertifiedKey;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;

use crate::http;
use crate::stand::{Stand, until};

/// Writes a new pair and returns its certificate.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

type Connection = StreamOwned<ClientConnection, TcpStream>;

/// A connection to a gateway that shows this certificate.
fn connect(address: &str, trusted: &CertificateDer<'static>) -> std::io::Result<Connection> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(address)?;
    while client.is_handshaking() {
        client.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(client, stream))
}

fn assert_serves(connection: Connection) {
    let answer = http::exchange(Box::new(connection), "localhost", "GET /healthz", &[], "").unwrap();
    assert_eq!(answer.status, 200);
}

pub(crate) fn replaced() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path());
    let tls = json!({"cert": folder.path().join("cert.pem"), "key": folder.path().join("key.pem")});
    let stand =
        Stand::new(|stand| json!({"gateway": {"tls": tls}, "servers": {"one": stand.process("one")}}));
    let address = stand.at().strip_prefix("https://").unwrap();
    assert_serves(connect(address, &first).unwrap());
    let open = connect(address, &first).unwrap();

    let second = renew(folder.path());
    until("the new certificate is shown", || connect(address, &second).is_ok());
    assert_serves(connect(address, &second).unwrap());
    assert!(connect(address, &first).is_err(), "the old one is shown yet");
    assert_serves(open);
    stand.end();
}
