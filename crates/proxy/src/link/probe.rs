//! Asks a process which era it speaks (MCP 2026-07-28 basic/transports §stdio, compatibility).

use std::time::Duration;

use wire::{Method, member, meta::is_modern_error};

use super::Far;

/// Some servers of the old era say nothing at all to what they do not know.
const SILENCE: Duration = Duration::from_secs(5);

const QUESTION: &str = concat!(
    r#"{"jsonrpc":"2.0","id":"mcp-guard-probe","method":"server/discover","params":{"_meta":{"#,
    r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
    r#""io.modelcontextprotocol/clientInfo":{"name":"mcp-guard","version":"0"},"#,
    r#""io.modelcontextprotocol/clientCapabilities":{}}}}"#,
);

/// Whether the server at this far end knows `server/discover`; `None` if it went away instead of saying so. Ends it.
pub(super) async fn speaks_modern(mut far: Far, patience: Duration) -> Option<bool> {
    let asked = async {
        far.say(QUESTION.into()).await?;
        loop {
            let line = far.hear().await?;
            let line = std::str::from_utf8(&line).ok()?;
            if member(line, "id").is_some_and(|id| id.value == r#""mcp-guard-probe""#) {
                let result = member(line, "result").is_some();
                let error = member(line, "error").is_some_and(|error| is_modern_error(error.value));
                return Some(result || error);
            }
        }
    };
    debug_assert!(QUESTION.contains(Method::Discover.name()));
    tokio::time::timeout(patience.min(SILENCE), asked).await.unwrap_or(Some(false))
}
