use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use wire::{headers::is_event_id, member, meta::is_modern_error};

use crate::{
    LinkError, Replies,
    body::Events,
    exchange::{Answer, Peer, Said, addressed, method, passed},
    replies::{Resume, Witness, awaited},
    session::{Session, State},
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Sends a request in the session, or the one that begins it.
pub(crate) async fn request(
    peer: &Arc<Peer>,
    session: &Arc<Session>,
    line: &Bytes,
    text: &str,
    headers: HeaderMap,
) -> Result<Replies, LinkError> {
    let state = session.now();
    let answer = post(peer, session, &state, line, headers).await?;
    let begins = !state.open && method(text).as_deref() == Some("initialize");
    let witness = match begins && answer.status.is_success() {
        true => {
            session.named(state.epoch, &answer.headers)?;
            Witness::Handshake(Arc::clone(session), state.epoch)
        }
        false => Witness::None,
    };
    match answer.said {
        Said::One(message) if answer.status.is_success() => {
            witness.sees(&message);
            Ok(Replies::one(message))
        }
        Said::One(message) => {
            if begins && is_modern_refusal(&message) {
                peer.target.learn(None);
            }
            Ok(Replies::one(addressed(message, text)))
        }
        Said::Stream(events) => {
            let resume = Resume { peer: Arc::clone(peer), session: Arc::clone(session), epoch: state.epoch };
            Ok(Replies::stream(events, awaited(text), witness, Some(resume)))
        }
        Said::Nothing => Err(LinkError::NoAnswer),
    }
}

/// Sends a notification or an answer in the session.
pub(crate) async fn tell(
    peer: &Arc<Peer>,
    session: &Session,
    line: &Bytes,
    text: &str,
    headers: HeaderMap,
) -> Result<(), LinkError> {
    let state = session.now();
    post(peer, session, &state, line, headers).await?.taken()?;
    if !state.open && method(text).as_deref() == Some("notifications/initialized") {
        session.opened(state.epoch);
    }
    Ok(())
}

/// Whether a server refuses a request as one of another era.
pub(crate) fn is_modern_refusal(message: &Bytes) -> bool {
    let text = std::str::from_utf8(message).unwrap_or_default();
    member(text, "error").is_some_and(|error| is_modern_error(error.value))
}

async fn post(
    peer: &Peer,
    session: &Session,
    state: &State,
    line: &Bytes,
    headers: HeaderMap,
) -> Result<Answer, LinkError> {
    if state.closed {
        return Err(LinkError::Closed);
    }
    if state.lost {
        return Err(LinkError::SessionLost);
    }
    let mut headers = passed(headers, &peer.target);
    state.sign(&mut headers);
    let answer = peer.post(peer.target.uri(), headers, line.clone()).await;
    let forgotten = match &answer {
        Err(LinkError::Status { status, .. }) => *status == StatusCode::NOT_FOUND,
        Ok(answer) => answer.status == StatusCode::NOT_FOUND || names_no_session(answer),
        Err(_) => false,
    };
    if forgotten && state.id.is_some() {
        return Err(session.lost(state.epoch));
    }
    answer
}

/// Whether the answer is the one that servers after the examples of the TypeScript SDK give instead of a 404 to a session
/// they do not know: status 400, no id, and the error "Bad Request: No valid session ID provided".
fn names_no_session(answer: &Answer) -> bool {
    let Said::One(message) = &answer.said else { return false };
    if answer.status != StatusCode::BAD_REQUEST {
        return false;
    }
    let message = String::from_utf8_lossy(message);
    member(&message, "id").is_none_or(|id| id.value == "null")
        && member(&message, "error").is_some_and(|error| {
            member(error.value, "code").is_some_and(|code| code.value == "-32000")
                && error.value.to_ascii_lowercase().contains("session")
        })
}

/// Opens the stream of a session, or goes on with one after the event of that id.
pub(crate) async fn reopen(
    peer: Arc<Peer>,
    state: State,
    last_id: Option<ByteString>,
) -> Result<Events, LinkError> {
    let mut headers = peer.target.headers.clone();
    state.sign(&mut headers);
    if let Some(id) = last_id {
        let id = HeaderValue::from_bytes(id.as_bytes())
            .ok()
            .filter(|id| is_event_id(id.as_bytes()))
            .ok_or(LinkError::Cut)?;
        headers.insert(LAST_EVENT_ID, id);
    }
    peer.listen(peer.target.uri(), headers).await
}
