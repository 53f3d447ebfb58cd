use std::{path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;

use super::NetError;

/// TLS as this system trusts it, set up when it is first needed: a machine without certificates can still reach what is
/// not encrypted.
#[derive(Debug)]
pub(super) struct Tls {
    extra: Vec<CertificateDer<'static>>,
    connector: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    /// Trusts the certificates in this PEM file too.
    pub(super) fn new(extra_ca: Option<&PathBuf>) -> Result<Self, NetError> {
        let mut extra = Vec::new();
        if let Some(path) = extra_ca {
            let wrong = |why: String| NetError::Ca { path: path.clone(), why };
            let found = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
            extra = found.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
            if extra.is_empty() {
                return Err(wrong("there are none".to_owned()));
            }
        }
        Ok(Self { extra, connector: OnceCell::new() })
    }

    pub(super) async fn connector(&self) -> Result<TlsConnector, NetError> {
        let config = self.connector.get_or_try_init(|| async {
            let extra = self.extra.clone();
            let setup = tokio::task::spawn_blocking(move || config(extra)).await;
            setup.map_err(|error| NetError::Trust(error.to_string()))?
        });
        Ok(TlsConnector::from(Arc::clone(config.await?)))
    }
}

fn config(extra: Vec<CertificateDer<'static>>) -> Result<Arc<ClientConfig>, NetError> {
    let wrong = |error: rustls::Error| NetError::Trust(error.to_string());
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(wrong)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(wrong)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
