//! Which request is for what.

use std::sync::{Arc, Mutex, PoisonError};

use http::{Method as Verb, Request, Response, StatusCode, header::ORIGIN};
use identity::Attempts;
use net::server::{Body, Draining, Incoming, Peer};

use super::{
    cors,
    door::Door,
    health,
    respond::Problem,
    rpc,
    shared::Shared,
    sse,
    streamable::{self, At},
};

/// Handles every request. Clones are one.
#[derive(Clone)]
pub(super) struct Service(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    draining: Draining,
    door: Mutex<Option<Arc<Door>>>,
    attempts: Attempts,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Mcp,
    Sse,
    Messages,
    Rpc,
}

impl Service {
    pub(super) fn new(shared: Arc<Shared>, draining: Draining) -> Self {
        Self(Arc::new(Inner { shared, draining, door: Mutex::default(), attempts: Attempts::default() }))
    }

    pub(super) async fn handle(self, request: Request<Incoming>, peer: Arc<Peer>) -> Response<Body> {
        // Probes come by address, from anywhere, and learn nothing.
        match request.uri().path() {
            "/healthz" => return health::alive(),
            "/readyz" => return health::ready(&self.0.shared, &self.0.draining),
            _ => {}
        }
        let origin = request.headers().get(ORIGIN).cloned();
        let asked = (request.method().clone(), request.uri().path().to_owned());
        let response = match self.serve(request, &peer).await {
            Ok(response) => response,
            Err(problem) => {
                self.tell(&problem, &peer, &asked);
                problem.response()
            }
        };
        cors::readable(response, origin)
    }

    /// What never became a message of somebody we know has no record of its own: whoever is nobody must not be able to fill
    /// the audit.
    fn tell(&self, problem: &Problem, peer: &Peer, (method, path): &(Verb, String)) {
        let from = match (peer.addr, peer.unix) {
            (Some(address), _) => address.ip().to_string(),
            (None, Some(uid)) => format!("user {uid}"),
            (None, None) => "somebody".to_owned(),
        };
        self.0.shared.refusals.note(&from, problem.status, &problem.text);
        let line = format!("refused {from}: {method} {path}: {}: {}", problem.status, problem.text);
        match problem.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => {
                self.0.shared.log.warn(line);
            }
            _ => self.0.shared.log.debug(line),
        }
    }

    async fn serve(&self, mut request: Request<Incoming>, peer: &Peer) -> Result<Response<Body>, Problem> {
        let door = self.door().map_err(|why| {
            self.0.shared.log.error(format_args!("nobody is let in: {why}"));
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the gateway's rules cannot be used")
        })?;
        door.meant(&request, peer)?;
        if let Some(preflight) = cors::preflight(&request) {
            return Ok(preflight);
        }
        let caller = door.caller(&request, peer, &self.0.attempts)?;
        // They were meant for us and go no further.
        let ours: Vec<_> =
            request.headers().keys().filter(|name| identity::is_ours(name.as_str())).cloned().collect();
        for name in ours {
            request.headers_mut().remove(name);
        }
        if self.0.draining.has_begun() {
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the gateway is stopping"));
        }
        let nowhere = || {
            let text = "there is nothing here; servers are at /mcp/{server}, /sse/{server} and /rpc/{server}";
            Problem::new(StatusCode::NOT_FOUND, text)
        };
        let path = request.uri().path().to_owned();
        let (place, name) = place(&path).ok_or_else(nowhere)?;
        let shared = &self.0.shared;
        let unknown = || {
            let policy = shared.policy();
            let known: Vec<_> = policy.servers().filter_map(|server| server.name.as_deref()).collect();
            let text = format!("there is no server of that name; there is: {}", known.join(", "));
            Problem::new(StatusCode::NOT_FOUND, text)
        };
        let server = shared.named(name).ok_or_else(unknown)?;
        let route = shared.route(&server).ok_or_else(unknown)?;
        let at = At { shared: Arc::clone(shared), visitor: shared.visitor(&caller, &server), route };
        match (place, request.method()) {
            (Place::Mcp, _) => streamable::serve(at, request).await,
            (Place::Sse, &Verb::GET) => sse::open(at, &path.replacen("/sse", "/messages", 1)),
            (Place::Messages, &Verb::POST) => sse::post(at, request).await,
            (Place::Rpc, &Verb::POST) => rpc::post(at, request).await,
            _ => Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this method is not for this path")),
        }
    }

    /// The door as the rules now in force want it.
    fn door(&self) -> Result<Arc<Door>, String> {
        let policy = self.0.shared.policy();
        let mut door = self.0.door.lock().unwrap_or_else(PoisonError::into_inner);
        match &*door {
            Some(door) if door.is_of(&policy) => Ok(Arc::clone(door)),
            _ => {
                let new = Arc::new(Door::new(&policy)?);
                *door = Some(Arc::clone(&new));
                Ok(new)
            }
        }
    }
}

/// What a path leads to, and the server it names; empty if it names none.
fn place(path: &str) -> Option<(Place, &str)> {
    let places =
        [("/mcp", Place::Mcp), ("/sse", Place::Sse), ("/messages", Place::Messages), ("/rpc", Place::Rpc)];
    places.into_iter().find_map(|(prefix, place)| {
        let rest = path.strip_prefix(prefix)?;
        let name = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
        let name = name.strip_suffix('/').filter(|name| !name.is_empty()).unwrap_or(name);
        (!name.contains('/')).then_some((place, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_servers() {
        assert_eq!(place("/mcp"), Some((Place::Mcp, "")));
        assert_eq!(place("/mcp/"), Some((Place::Mcp, "")));
        assert_eq!(place("/mcp/git"), Some((Place::Mcp, "git")));
        assert_eq!(place("/messages/git"), Some((Place::Messages, "git")));
        assert_eq!(place("/mcpgit"), None);
        assert_eq!(place("/mcp/git/x"), None);
        assert_eq!(place("/mcp//"), None);
        assert_eq!(place("/"), None);
    }
}
