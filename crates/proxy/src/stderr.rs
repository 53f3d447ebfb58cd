use std::sync::Arc;

use policy::ServerPolicy;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::ChildStderr,
};

use crate::Log;

/// Longest line of a server's standard error kept whole, in bytes.
const LONGEST: usize = 4096;

/// Writes what a server prints for people to the log, secrets masked, until it ends.
pub(crate) async fn copy(from: ChildStderr, rules: Arc<ServerPolicy>, log: Arc<Log>) {
    let name = rules.name.as_deref().unwrap_or("server");
    let mut from = BufReader::with_capacity(LONGEST, from);
    let mut line = Vec::new();
    loop {
        let Ok(read) = from.fill_buf().await else { return };
        if read.is_empty() {
            return;
        }
        let end = read.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(read.len(), |end| end + 1);
        line.extend_from_slice(read.get(..taken).unwrap_or_default());
        from.consume(taken);
        if end.is_some() || line.len() >= LONGEST {
            let text = String::from_utf8_lossy(&line);
            let text: String =
                text.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            log.info(format_args!("[{name}] {}", rules.content.masking().redact(&text)));
            line.clear();
        }
    }
}
