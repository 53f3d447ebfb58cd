//! A far end that is reached over HTTP: every request of the translator's is an exchange of its own.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use eras::Exchange;
use http::HeaderMap;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};
use upstream::{HttpLink, LinkError, Reply};
use wire::Method;

use super::{
    envelope::Envelope,
    far::{Far, Heard, Said, Works},
};

/// A link to a server over HTTP, for a translator. Its session at the server ends when the link is dropped.
pub(crate) fn over_http(link: HttpLink, modern: bool) -> Far {
    let (far, works) = Far::new();
    tokio::spawn(work(link, modern, works));
    far
}

async fn work(link: HttpLink, modern: bool, works: Works) {
    let Works { mut said, heard } = works;
    let mut exchanges = JoinSet::new();
    let mut by_id: HashMap<String, AbortHandle> = HashMap::new();
    let mut listening = false;
    loop {
        let message = tokio::select! {
            message = said.recv() => message,
            Some(_) = exchanges.join_next() => {
                by_id.retain(|_, exchange| !exchange.is_finished());
                continue;
            }
        };
        let Some(Said { of, line }) = message else { break };
        let text = String::from_utf8_lossy(&line);
        let envelope = Envelope::of(&text);
        if let Some(id) = envelope.id.filter(|_| envelope.is_request()) {
            let exchange = exchange(link.clone(), of, id.to_owned(), line.clone(), heard.clone());
            by_id.insert(id.to_owned(), exchanges.spawn(exchange));
            continue;
        }
        if let Some(exchange) = envelope.cancels().and_then(|id| by_id.remove(id)) {
            // To go away is how a modern client cancels; a legacy server has to be told.
            if modern {
                exchange.abort();
                continue;
            }
        }
        if !envelope.is(Method::Initialized) {
            exchanges.spawn(tell(link.clone(), line.clone(), heard.clone()));
            continue;
        }
        // What follows must not overtake it.
        tell(link.clone(), line.clone(), heard.clone()).await;
        if !listening && !modern {
            listening = true;
            exchanges.spawn(listen(link.clone(), heard.clone()));
        }
    }
    exchanges.abort_all();
    link.close().await;
}

/// Puts one request to the server and hands on what comes back.
async fn exchange(link: HttpLink, of: Option<Exchange>, id: String, line: Bytes, heard: mpsc::Sender<Heard>) {
    let mut answered = false;
    let error = match link.request(line, HeaderMap::new()).await {
        Ok(mut replies) => loop {
            match replies.next().await {
                Some(Ok(Reply::Message(line))) => {
                    answered |= answers(&line, &id);
                    if heard.send(Heard::Line { of, line }).await.is_err() {
                        return;
                    }
                }
                Some(Ok(Reply::Primed | Reply::Paused { .. })) => {}
                Some(Err(error)) => break error,
                None if answered => return,
                // What came was no message, or the answer to something else.
                None => break LinkError::NoAnswer,
            }
        },
        Err(error) => error,
    };
    let news = if matches!(error, LinkError::SessionLost) {
        link.reset();
        Heard::Gone(error.reason())
    } else {
        Heard::Line { of, line: failure(&id, &error.reason()).into() }
    };
    let _ = heard.send(news).await;
}

/// Whether a message is the answer to the request of that raw id.
fn answers(line: &[u8], id: &str) -> bool {
    let text = String::from_utf8_lossy(line);
    let envelope = Envelope::of(&text);
    envelope.is_answer() && envelope.id == Some(id)
}

/// Tells the server what it does not answer.
async fn tell(link: HttpLink, line: Bytes, heard: mpsc::Sender<Heard>) {
    if let Err(error @ LinkError::SessionLost) = link.tell(line, HeaderMap::new()).await {
        link.reset();
        let _ = heard.send(Heard::Gone(error.reason())).await;
    }
}

/// Hands on what the server says by itself.
async fn listen(link: HttpLink, heard: mpsc::Sender<Heard>) {
    while let Some(news) = link.unsolicited().await {
        let news = match news {
            Ok(Reply::Message(line)) => Heard::Line { of: None, line },
            Ok(Reply::Primed | Reply::Paused { .. }) => continue,
            Err(LinkError::SessionLost) => {
                link.reset();
                Heard::Gone(LinkError::SessionLost.reason())
            }
            Err(_) => continue,
        };
        if heard.send(news).await.is_err() {
            return;
        }
    }
}

/// The error that stands for an answer that does not come.
fn failure(id: &str, reason: &str) -> String {
    let code = wire::code::UPSTREAM_GONE;
    let message = Arc::<str>::from(reason);
    let message = serde_json::Value::from(&*message);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":{message}}}}}"#)
}
