#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
//! Links before servers of every kind, well-behaved and not.

mod detect;
mod hostile;
mod legacy;
mod modern;
mod server;
mod sse;

use bytes::Bytes;
use http::HeaderMap;
use mcp_guard_upstream::{HttpLink, LinkError, Replies, Reply};

pub(crate) const CALL: &str =
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t","arguments":{}}}"#;
pub(crate) const ANSWER: &str = r#"{"jsonrpc":"2.0","id":7,"result":{}}"#;

pub(crate) async fn ask(link: &HttpLink, line: &'static str) -> Result<Replies, LinkError> {
    link.request(Bytes::from_static(line.as_bytes()), HeaderMap::new()).await
}

pub(crate) async fn tell(link: &HttpLink, line: &'static str) -> Result<(), LinkError> {
    link.tell(Bytes::from_static(line.as_bytes()), HeaderMap::new()).await
}

/// All that comes back, messages as text.
pub(crate) async fn all(replies: &mut Replies) -> Vec<Result<String, LinkError>> {
    let mut all = Vec::new();
    while let Some(reply) = replies.next().await {
        all.push(reply.map(|reply| match reply {
            Reply::Message(message) => String::from_utf8(message.to_vec()).unwrap(),
            other => format!("{other:?}"),
        }));
    }
    all
}

/// The one message that comes back.
pub(crate) async fn one(link: &HttpLink, line: &'static str) -> Result<String, LinkError> {
    let mut replies = ask(link, line).await?;
    let mut all = all(&mut replies).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}
