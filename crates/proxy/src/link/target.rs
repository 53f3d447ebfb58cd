//! A server reached over HTTP, as the configuration describes it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use net::client::{Client, Egress, Settings};
use policy::{Era, Launch, Limits, TokenSource, Transport};
use upstream::{Breaker, HttpLink, Spoken, Target};

use super::{Trouble, keyring};
use crate::Log;

/// See the module.
pub(super) struct Remote {
    log: Arc<Log>,
    client: Client,
    url: String,
    launch: Launch,
    limits: Limits,
    transport: Transport,
    known: Mutex<Known>,
    /// The token of the keyring, once it was asked; it is asked by one at a time.
    kept: tokio::sync::Mutex<Option<Kept>>,
}

/// What the keyring has said.
struct Kept {
    token: String,
    at: Instant,
}

/// How long the keyring's word is taken.
const FRESH: Duration = Duration::from_secs(60);

/// The server as it is addressed until its token changes.
#[derive(Clone)]
struct Known {
    target: Arc<Target>,
    /// Modern servers have no sessions: one link serves all.
    modern: HttpLink,
    /// When the file of the token was last written.
    written: Option<SystemTime>,
}

impl Remote {
    pub(super) fn new(url: &str, launch: &Launch, limits: &Limits, log: &Arc<Log>) -> Result<Self, String> {
        let remote = &launch.remote;
        let target = Arc::new(addressed(url, launch, limits, None)?);
        let allow = remote.allow_addresses.iter();
        let allow = allow.map(|network| (network.address, network.prefix)).collect();
        let egress = Egress::new(remote.allow_private, allow).named(target.uri());
        let client = Client::new(Settings {
            egress,
            connect_timeout: remote.connect_timeout,
            extra_ca: remote.ca_file.clone(),
            ..Settings::default()
        })
        .map_err(|error| error.to_string())?;
        let modern = HttpLink::modern(client.clone(), Arc::clone(&target));
        let known = Mutex::new(Known { target, modern, written: written(launch) });
        let (url, launch, limits) = (url.to_owned(), launch.clone(), limits.clone());
        let (transport, kept) = (launch.transport, tokio::sync::Mutex::default());
        Ok(Self { log: Arc::clone(log), client, url, transport, launch, limits, known, kept })
    }

    /// Sees to it that requests have the token the keyring has now. If it does not answer, the old one stays in use.
    async fn unlock(&self) -> Result<(), Trouble> {
        let Some(TokenSource::Keyring(entry)) = &self.launch.token else { return Ok(()) };
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.at.elapsed() < FRESH) {
            return Ok(());
        }
        let found = match (keyring::look_up(entry).await, &*kept) {
            (Ok(token), _) => token,
            (Err(error), old) => {
                self.log.error(format_args!("the token of {}: {error}", self.known().target));
                old.as_ref().map(|kept| kept.token.clone()).ok_or_else(no_token)?
            }
        };
        let new = kept.as_ref().is_none_or(|kept| kept.token != found);
        if new {
            let target = addressed(&self.url, &self.launch, &self.limits, Some(&found));
            let target = Arc::new(target.map_err(|error| {
                self.log.error(error);
                no_token()
            })?);
            let modern = HttpLink::modern(self.client.clone(), Arc::clone(&target));
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Known { target, modern, written: known.written };
        }
        *kept = Some(Kept { token: found, at: Instant::now() });
        Ok(())
    }

    /// The link to a modern server.
    pub(super) fn modern(&self) -> HttpLink {
        self.known().modern
    }

    /// A link to a legacy server, for one session.
    pub(super) fn streamable(&self) -> HttpLink {
        HttpLink::legacy(self.client.clone(), self.known().target)
    }

    /// The same over HTTP+SSE.
    pub(super) fn sse(&self) -> HttpLink {
        HttpLink::sse(self.client.clone(), self.known().target)
    }

    /// The server with the token that its file now holds. One that cannot be read leaves the old one in use: the server
    /// will say if it is not good any more.
    fn known(&self) -> Known {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let written = written(&self.launch);
        if written != known.written
            && let Ok(target) = addressed(&self.url, &self.launch, &self.limits, None)
        {
            let target = Arc::new(target);
            let modern = HttpLink::modern(self.client.clone(), Arc::clone(&target));
            *known = Known { target, modern, written };
        }
        known.clone()
    }

    /// What the link of a modern client has to speak.
    pub(super) async fn for_modern(&self, era: Era) -> Result<Spoken, Trouble> {
        self.spoken(era, upstream::Era::Modern).await
    }

    /// What the link of a legacy client has to speak.
    pub(super) async fn for_legacy(&self, era: Era) -> Result<Spoken, Trouble> {
        self.spoken(era, upstream::Era::Legacy).await
    }

    async fn spoken(&self, era: Era, wanted: upstream::Era) -> Result<Spoken, Trouble> {
        self.unlock().await?;
        match (self.transport, era) {
            (Transport::Sse, _) => Ok(Spoken::Sse),
            (_, Era::Modern) => Ok(Spoken::Modern),
            (Transport::StreamableHttp, Era::Legacy) => Ok(Spoken::Streamable),
            _ => Ok(upstream::detect(&self.client, &self.known().target, wanted).await?),
        }
    }
}

fn written(launch: &Launch) -> Option<SystemTime> {
    match &launch.token {
        Some(TokenSource::File(path)) => path.metadata().and_then(|facts| facts.modified()).ok(),
        _ => None,
    }
}

fn no_token() -> Trouble {
    Trouble::Gone("the server's token cannot be had; the operator's log says why".to_owned())
}

/// The server, with what is sent to it with every request; `kept` is what the keyring has.
fn addressed(url: &str, launch: &Launch, limits: &Limits, kept: Option<&str>) -> Result<Target, String> {
    let breaker = launch.remote.circuit_breaker;
    let longest = breaker.open_for * 8;
    let mut target = Target::new(url).map_err(|error| error.reason())?.with_breaker(Breaker::new(
        breaker.failures,
        breaker.open_for,
        longest,
    ));
    target.limits.max_message_bytes = limits.max_frame_bytes;
    for (name, value) in &launch.headers {
        let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
        let mut value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        target.headers.insert(name, value);
    }
    let token = match &launch.token {
        None => return Ok(target),
        Some(TokenSource::Keyring(_)) => match kept {
            Some(token) => token.to_owned(),
            // It is asked for before the first request.
            None => return Ok(target),
        },
        Some(TokenSource::Given(token)) => token.clone(),
        Some(TokenSource::File(path)) => std::fs::read_to_string(path)
            .map_err(|error| format!("the server's token cannot be read from {}: {error}", path.display()))?,
    };
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.trim_end()))
        .map_err(|_| "the server's token has characters that no header can have".to_owned())?;
    value.set_sensitive(true);
    target.headers.insert(AUTHORIZATION, value);
    Ok(target)
}
