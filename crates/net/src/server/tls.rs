use std::{
    convert::Infallible,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use tokio::{net::TcpStream, task::spawn_blocking, time::sleep};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// TLS 1.2 and 1.3 with a certificate that may be renewed while we run.
#[derive(Clone)]
pub struct Tls {
    files: Arc<Files>,
    look_every: Duration,
    acceptor: TlsAcceptor,
}

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}; it must exist and be readable for the user that runs this", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} holds no {wanted} in PEM form ({reason}); give a file with a `-----BEGIN …-----` line", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
        /// What the reader said.
        reason: String,
    },
    /// The two do not belong together, or are of a kind that is not supported.
    #[error(
        "the certificate {} cannot be used with the key {}: {source}; \
         give the chain that was issued for this key, its own certificate first",
        certificate.display(), key.display()
    )]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What does not fit.
        source: Box<rustls::Error>,
    },
    /// The TLS library refuses our settings.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

impl Tls {
    /// Reads a certificate chain and its private key, both in PEM form.
    ///
    /// # Errors
    /// A file cannot be read or used; the error names it and says what helps.
    pub fn load(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let files = Files::read(certificate.into(), key.into(), provider.clone())?;
        let files = Arc::new(files);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(files.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { files, look_every: LOOK, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Looks at the files so often while a server runs, instead of every five seconds.
    #[must_use]
    pub fn looking_every(self, look_every: Duration) -> Self {
        Self { look_every, ..self }
    }

    /// Looks whether the files have changed, and if so, uses what is in them from the next connection on. A pair that
    /// cannot be used changes nothing, and is complained about once.
    ///
    /// # Errors
    /// What is new cannot be used.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        self.files.refresh()
    }

    /// Keeps up with the files for as long as it is polled.
    pub(super) async fn follow(&self, report: impl Fn(Result<(), &TlsError>)) -> Infallible {
        loop {
            sleep(self.look_every).await;
            let files = self.files.clone();
            match spawn_blocking(move || files.refresh()).await {
                Ok(Ok(true)) => report(Ok(())),
                Ok(Err(error)) => report(Err(&error)),
                Ok(Ok(false)) | Err(_) => {}
            }
        }
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

/// The pair in use, and where it comes from.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    in_use: RwLock<Arc<CertifiedKey>>,
    /// What was seen last, good or bad.
    seen: Mutex<Pem>,
}

#[derive(PartialEq, Eq)]
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(certificate: PathBuf, key: PathBuf, provider: Arc<CryptoProvider>) -> Result<Self, TlsError> {
        let pem = Pem::read(&certificate, &key)?;
        let pair = pem.pair(&certificate, &key, &provider)?;
        Ok(Self { certificate, key, provider, in_use: RwLock::new(Arc::new(pair)), seen: Mutex::new(pem) })
    }

    fn refresh(&self) -> Result<bool, TlsError> {
        let found = Pem::read(&self.certificate, &self.key)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == found {
            return Ok(false);
        }
        *seen = found;
        let pair = Arc::new(seen.pair(&self.certificate, &self.key, &self.provider)?);
        *self.in_use.write().unwrap_or_else(PoisonError::into_inner) = pair;
        Ok(true)
    }
}

impl Pem {
    fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let read = |path: &Path| {
            fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
        };
        Ok(Self { certificate: read(certificate)?, key: read(key)? })
    }

    fn pair(
        &self,
        certificate: &Path,
        key: &Path,
        provider: &CryptoProvider,
    ) -> Result<CertifiedKey, TlsError> {
        let not_pem = |path: &Path, wanted, error: &pem::Error| TlsError::NotPem {
            path: path.to_owned(),
            wanted,
            reason: error.to_string(),
        };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| not_pem(certificate, "certificate", &error))?;
        if chain.is_empty() {
            return Err(not_pem(certificate, "certificate", &pem::Error::NoItemsFound));
        }
        let private =
            PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| not_pem(key, "private key", &error))?;
        CertifiedKey::from_der(chain, private, provider).map_err(|source| TlsError::Mismatch {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source: Box::new(source),
        })
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.in_use.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("certificate", &self.certificate).field("key", &self.key).finish()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.files).finish()
    }
}
