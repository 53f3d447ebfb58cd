use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderMap, Uri};
use url::Url;

use crate::{Breaker, LinkError, detect::Known};

/// A server: where it is and how to speak to it. Clones share what is known of it, and the [`Breaker`]: clone one to send
/// other headers.
#[derive(Debug, Clone)]
pub struct Target {
    url: Url,
    uri: Uri,
    /// Sent with every request, before everything but the headers of the protocol itself. Mark secrets as sensitive.
    pub headers: HeaderMap,
    /// How much is taken from it.
    pub limits: Limits,
    /// How long it is waited for.
    pub timeouts: Timeouts,
    breaker: Arc<Mutex<Breaker>>,
    known: Arc<Mutex<Option<Known>>>,
}

/// How much is taken from a server.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest message, in bytes.
    pub max_message_bytes: usize,
}

/// How long a server is waited for. The answer to a request may take as long as whoever asks waits.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// Until a notification is taken, a session ended, an `endpoint` event sent.
    pub prompt: Duration,
    /// From one piece of a JSON answer to the next.
    pub stalled: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_message_bytes: 4 * 1024 * 1024 }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { prompt: Duration::from_secs(30), stalled: Duration::from_secs(30) }
    }
}

impl Target {
    /// A server at that URL, with default limits and no headers.
    ///
    /// # Errors
    /// It is no `http` or `https` URL, or it carries a password, which belongs in a header.
    pub fn new(url: &str) -> Result<Self, LinkError> {
        let wrong = |why: &str| LinkError::Url { why: why.to_owned() };
        let mut url = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it begins with neither `http://` nor `https://`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it has a user or password in it; send them as an `Authorization` header"));
        }
        url.set_fragment(None);
        let uri = uri(&url)?;
        Ok(Self {
            url,
            uri,
            headers: HeaderMap::new(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            breaker: Arc::default(),
            known: Arc::default(),
        })
    }

    /// The same with another breaker.
    #[must_use]
    pub fn with_breaker(self, breaker: Breaker) -> Self {
        Self { breaker: Arc::new(Mutex::new(breaker)), ..self }
    }

    /// Where it is. To be allowed by [`net::client::Egress::named`] if the operator wrote it.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// What is known of the transports it speaks.
    pub(crate) fn known(&self) -> Option<Known> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn learn(&self, known: Option<Known>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Asks or tells the breaker.
    pub(crate) fn breaker<T>(&self, what: impl FnOnce(&mut Breaker, Instant) -> T) -> T {
        // What can panic while it is held leaves it whole.
        what(&mut self.breaker.lock().unwrap_or_else(PoisonError::into_inner), Instant::now())
    }
}

/// As an error or a log names it: without the query, which may hold a key.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.url.origin().ascii_serialization(), self.url.path())
    }
}

pub(crate) fn uri(url: &Url) -> Result<Uri, LinkError> {
    url.as_str().parse().map_err(|error: http::uri::InvalidUri| LinkError::Url { why: error.to_string() })
}
