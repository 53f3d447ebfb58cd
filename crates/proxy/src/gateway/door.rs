//! Who may come in: right host, right origin, and a caller we know.

use std::{net::IpAddr, sync::Arc, time::Instant};

use http::{Request, StatusCode};
use identity::{ApiKeys, Attempts, Credential};
use net::server::{HostGuard, Incoming, OriginGuard, Peer};
use policy::{AuthMode, Caller, Listen, Policy};

use super::respond::Problem;
use crate::os::user;

/// What the policy in force says of who may come in.
pub(super) struct Door {
    of: Arc<Policy>,
    hosts: HostGuard,
    origins: OriginGuard,
    keys: ApiKeys,
    /// Looked up once for these rules: where the system keeps its users takes longer to ask than all else we do.
    ourselves: Arc<Caller>,
}

/// Who calls where nobody is asked.
fn anybody() -> Caller {
    Caller { user: "anonymous".to_owned(), groups: Vec::new() }
}

/// Whether somebody who was let in would be again, in the same groups. What the system says is not asked again.
pub(super) fn knows(policy: &Policy, caller: &Caller) -> bool {
    let auth = &policy.gateway().auth;
    match auth.mode {
        AuthMode::None => *caller == anybody(),
        AuthMode::Os => true,
        AuthMode::ApiKey => auth.api_keys.iter().any(|key| Caller::from(&key.principal) == *caller),
    }
}

impl Door {
    /// # Errors
    /// Two callers have one key, or a name that is to be allowed is none.
    pub(super) fn new(policy: &Arc<Policy>) -> Result<Self, String> {
        let gateway = policy.gateway();
        let keys = gateway.auth.keys().map_err(|error| error.to_string())?;
        // Browsers do not send a key by themselves, so who has one was not lured here by a name.
        let anywhere = gateway.auth.mode == AuthMode::ApiKey && gateway.listen.iter().any(Listen::is_public);
        let mut hosts = match anywhere && gateway.allowed_hosts.is_empty() {
            true => HostGuard::any(),
            false => HostGuard::loopback(),
        };
        for host in &gateway.allowed_hosts {
            hosts = hosts.and(host).map_err(|error| error.to_string())?;
        }
        let mut origins = OriginGuard::loopback();
        for origin in &gateway.allowed_origins {
            origins = origins.and(origin).map_err(|error| error.to_string())?;
        }
        let ourselves = Arc::new(user::ourselves());
        Ok(Self { of: Arc::clone(policy), hosts, origins, keys, ourselves })
    }

    /// Whether it stands as this policy says.
    pub(super) fn is_of(&self, policy: &Arc<Policy>) -> bool {
        Arc::ptr_eq(&self.of, policy)
    }

    /// Whether the request was meant for us (DNS rebinding; MCP 2025-11-25 basic/transports §Security Warning).
    pub(super) fn meant(&self, request: &Request<Incoming>, peer: &Peer) -> Result<(), Problem> {
        let refused = |what: &str, key: &str| {
            let text = format!("this {what} is not served here; if it should be, add it to gateway.{key}");
            Problem::new(StatusCode::FORBIDDEN, text)
        };
        // A Unix socket cannot be reached by a name that somebody gives another meaning.
        if peer.unix.is_none() && !self.hosts.admits(request) {
            return Err(refused("host", "allowed_hosts"));
        }
        if !self.origins.admits(request) {
            return Err(refused("origin", "allowed_origins"));
        }
        Ok(())
    }

    /// Who calls.
    pub(super) fn caller(
        &self,
        request: &Request<Incoming>,
        peer: &Peer,
        attempts: &Attempts,
    ) -> Result<Arc<Caller>, Problem> {
        match self.of.gateway().auth.mode {
            AuthMode::None => Ok(Arc::new(anybody())),
            AuthMode::Os => Ok(self.of_the_system(peer)),
            AuthMode::ApiKey => self.by_key(request, peer.addr.map(|addr| addr.ip()), attempts),
        }
    }

    /// The user at the other end of a Unix socket, or else ours: whoever can reach a port of ours here is taken for us.
    fn of_the_system(&self, peer: &Peer) -> Arc<Caller> {
        #[cfg(unix)]
        if let Some(uid) = peer.unix.filter(|uid| !user::is_ours(*uid)) {
            return Arc::new(user::caller(uid));
        }
        #[cfg(not(unix))]
        let _ = peer;
        Arc::clone(&self.ourselves)
    }

    fn by_key(
        &self,
        request: &Request<Incoming>,
        address: Option<IpAddr>,
        attempts: &Attempts,
    ) -> Result<Arc<Caller>, Problem> {
        let now = Instant::now();
        if address.is_some_and(|address| !attempts.allowed(address, now)) {
            let text = "too many wrong keys came from this address; wait a minute";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, text));
        }
        let unknown = |text: String| Problem::new(StatusCode::UNAUTHORIZED, text);
        let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let credential = Credential::from_headers(headers).map_err(|error| unknown(error.to_string()))?;
        let Some(credential) = credential else {
            return Err(unknown("send your key as `Authorization: Bearer` or `X-API-Key`".to_owned()));
        };
        match self.keys.authenticate(credential.reveal()) {
            Some(principal) => Ok(Arc::new(principal.into())),
            None => {
                if let Some(address) = address {
                    attempts.failed(address, now);
                }
                Err(unknown("this key is not known here".to_owned()))
            }
        }
    }
}
