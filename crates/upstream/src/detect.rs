use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use net::client::Client;
use serde_json::{Value, json};
use tokio::time::timeout;
use wire::{Revision, meta};

use crate::{
    LinkError, Replies, Reply, Target,
    exchange::{Answer, Peer, Said},
    legacy::is_modern_refusal,
    modern::{self},
    replies::Witness,
    session::Session,
    sse,
};

/// The revisions with a handshake, or those without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// Up to 2025-11-25.
    Legacy,
    /// From 2026-07-28.
    Modern,
}

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// [`HttpLink::modern`](crate::HttpLink::modern).
    Modern,
    /// [`HttpLink::legacy`](crate::HttpLink::legacy).
    Streamable,
    /// [`HttpLink::sse`](crate::HttpLink::sse).
    Sse,
}

/// What was found out, for as long as it is believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    modern: Spoken,
    /// `None` until a legacy client comes: only a handshake tells whether a modern server has handshakes.
    legacy: Option<Spoken>,
    until: Instant,
}

impl Known {
    fn of(self, wanted: Era) -> Option<Spoken> {
        match wanted {
            Era::Legacy => self.legacy,
            Era::Modern => Some(self.modern),
        }
    }
}

/// How long a server is believed to be what it was.
const BELIEVED: Duration = Duration::from_secs(600);

/// How long a stream may take to begin with the event that tells HTTP+SSE from Streamable HTTP.
const FIRST_EVENT: Duration = Duration::from_secs(5);

/// Finds out how the server is best spoken to on behalf of a client of the `wanted` era: in the same era, if it can
/// (MCP 2026-07-28 basic/transports §Backward Compatibility). What is found out is remembered with the target for ten
/// minutes, and forgotten when a link hears otherwise.
///
/// # Errors
/// The server cannot be asked, or speaks none of them.
pub async fn detect(client: &Client, target: &Arc<Target>, wanted: Era) -> Result<Spoken, LinkError> {
    let known = target.known().filter(|known| Instant::now() < known.until);
    if let Some(spoken) = known.and_then(|known| known.of(wanted)) {
        return Ok(spoken);
    }
    let peer = Peer { client: client.clone(), target: Arc::clone(target) };
    let asking = async {
        let known = match known {
            Some(known) => known,
            None => ask(&peer).await?,
        };
        let spoken = match known.of(wanted) {
            Some(spoken) => return Ok((known, spoken)),
            None if shakes_hands(&peer).await? => Spoken::Streamable,
            None => Spoken::Modern,
        };
        Ok((Known { legacy: Some(spoken), ..known }, spoken))
    };
    let asked = timeout(target.timeouts.prompt, asking).await;
    let (known, spoken) = asked.unwrap_or(Err(LinkError::Slow("answer to what it speaks")))?;
    target.learn(Some(known));
    Ok(spoken)
}

async fn ask(peer: &Peer) -> Result<Known, LinkError> {
    let known = |modern, legacy| Known { modern, legacy, until: Instant::now() + BELIEVED };
    let only = |spoken| Ok(known(spoken, Some(spoken)));
    match discover(peer).await {
        Ok(Some(revisions)) => {
            let says = revisions.iter().any(|name| is_legacy(name));
            Ok(known(Spoken::Modern, says.then_some(Spoken::Streamable)))
        }
        Ok(None) => only(Spoken::Streamable),
        Err(LinkError::Status { status, text })
            if matches!(status.as_u16(), 400 | 404 | 405 | 406 | 415 | 422) =>
        {
            match first_event(peer).await {
                Ok(()) => only(Spoken::Sse),
                Err(error @ LinkError::ForeignEndpoint(_)) => Err(error),
                Err(_) if matches!(status.as_u16(), 404 | 405) => Err(LinkError::Status { status, text }),
                Err(_) => only(Spoken::Streamable),
            }
        }
        Err(error) => Err(error),
    }
}

/// The revisions a modern server says it speaks; `None` if it answers as only a legacy one does.
async fn discover(peer: &Peer) -> Result<Option<Vec<String>>, LinkError> {
    let about = json!({
        meta::PROTOCOL_VERSION: Revision::LATEST.name(),
        meta::CLIENT_CAPABILITIES: {},
        meta::CLIENT_INFO: us(),
    });
    let line = line("server/discover", &json!({ "_meta": about }));
    let headers = modern::headers(&line, peer.target.headers.clone())?;
    let answer = peer.post(peer.target.uri(), headers, line).await?;
    let Some(message) = message(answer).await? else { return Ok(None) };
    let said: Value = serde_json::from_slice(&message).unwrap_or_default();
    let names = |pointer| -> Vec<String> {
        let list = said.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|name| Some(name.as_str()?.to_owned())).collect()
    };
    let modern = |names: &[String]| names.iter().any(|name| name.as_str() >= Revision::MODERN[0].name());
    let supported = names("/result/supportedVersions");
    if is_modern_refusal(&message) {
        return Ok(Some(names("/error/data/supported")));
    }
    Ok(modern(&supported).then_some(supported))
}

/// Whether a modern server speaks to legacy clients too. The session that begins with the question is ended at once.
async fn shakes_hands(peer: &Peer) -> Result<bool, LinkError> {
    let params = json!({
        "protocolVersion": Revision::LATEST_LEGACY.name(), "capabilities": {}, "clientInfo": us(),
    });
    let asked = peer.post(peer.target.uri(), peer.target.headers.clone(), line("initialize", &params)).await;
    let answer = match asked {
        Ok(answer) if answer.status.is_success() => answer,
        Ok(_) | Err(LinkError::Status { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let session = Session::default();
    session.named(0, &answer.headers)?;
    let Some(message) = message(answer).await? else { return Ok(false) };
    session.settled(0, &message);
    session.end(peer).await;
    let said: Value = serde_json::from_slice(&message).unwrap_or_default();
    Ok(said.pointer("/result/protocolVersion").and_then(Value::as_str).is_some_and(is_legacy))
}

/// Whether a GET begins with the event that names where to write to.
async fn first_event(peer: &Peer) -> Result<(), LinkError> {
    let opening = async {
        let mut events = peer.listen(peer.target.uri(), peer.target.headers.clone()).await?;
        sse::named(&mut events, &peer.target).await
    };
    timeout(FIRST_EVENT, opening).await.unwrap_or(Err(LinkError::NoEndpoint)).map(drop)
}

/// The answer in an answer.
async fn message(answer: Answer) -> Result<Option<Bytes>, LinkError> {
    let mut replies = match answer.said {
        Said::One(message) => Replies::one(message),
        Said::Stream(events) => Replies::stream(events, 1, Witness::None, None),
        Said::Nothing => return Ok(None),
    };
    while let Some(reply) = replies.next().await.transpose()? {
        match reply {
            Reply::Message(message) if crate::exchange::is_message(&message) => return Ok(Some(message)),
            _ => {}
        }
    }
    Ok(None)
}

fn is_legacy(name: &str) -> bool {
    Revision::LEGACY.iter().any(|revision| revision.name() == name)
}

fn line(method: &str, params: &Value) -> Bytes {
    json!({ "jsonrpc": "2.0", "id": "mcp-guard", "method": method, "params": params }).to_string().into()
}

fn us() -> Value {
    json!({ "name": "mcp-guard", "version": env!("CARGO_PKG_VERSION") })
}
