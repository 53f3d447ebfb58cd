//! A stdio MCP server that does as little as possible: one tool that returns its arguments.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

use anyhow::Context;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::payload::{HEAD, ID_DIGITS, MIDDLE};

const READ_SIZE: usize = 256 * 1024;

const ANSWER: &[u8] = br#"{"jsonrpc":"2.0","id":"#;
const ECHO: &[u8] = br#","result":{"content":[],"structuredContent":"#;
const SERVER: &[u8] = br#","result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bench-echo","version":"1"}}"#;
const TOOLS: &[u8] = br#","result":{"tools":[{"name":"echo","description":"Returns its arguments.","inputSchema":{"type":"object"}}]}"#;

#[derive(Deserialize)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    pub(crate) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) method: &'a str,
    #[serde(borrow)]
    pub(crate) params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(crate) struct Call<'a> {
    #[serde(borrow)]
    pub(crate) arguments: &'a RawValue,
}

/// Answers requests from standard input until it ends, with one write for all that one read brought.
pub(crate) fn serve() -> anyhow::Result<()> {
    // The descriptors themselves: `io::stdin` and `io::stdout` would copy through their own buffers.
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut pending = Vec::with_capacity(2 * READ_SIZE);
    let mut chunk = vec![0; READ_SIZE];
    let mut answers = Vec::with_capacity(2 * READ_SIZE);
    loop {
        let read = input.read(&mut chunk)?;
        let fresh = chunk.get(..read).unwrap_or_default();
        if fresh.is_empty() {
            return Ok(());
        }
        let Some(last) = memchr::memrchr(b'\n', fresh) else {
            pending.extend_from_slice(fresh);
            continue;
        };
        let (complete, rest) = fresh.split_at_checked(last + 1).unwrap_or((fresh, &[]));
        pending.extend_from_slice(complete);
        let mut lines = pending.as_slice();
        while let Some(end) = memchr::memchr(b'\n', lines) {
            let (line, after) = lines.split_at_checked(end).unwrap_or_default();
            answer(line, &mut answers)?;
            lines = after.get(1..).unwrap_or_default();
        }
        pending.clear();
        pending.extend_from_slice(rest);
        output.write_all(&answers)?;
        answers.clear();
    }
}

/// Answers the line just as the client writes its calls without parsing it, and any other in full.
pub(crate) fn answer(line: &[u8], out: &mut Vec<u8>) -> anyhow::Result<()> {
    let Some((id, arguments)) = call_as_written(line) else {
        return answer_parsed(line, out);
    };
    for part in [ANSWER, id, ECHO, arguments, b"}}\n"] {
        out.extend_from_slice(part);
    }
    Ok(())
}

fn call_as_written(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_prefix(HEAD.as_bytes())?;
    let (id, rest) = rest.split_at_checked(ID_DIGITS)?;
    let arguments = rest.strip_prefix(MIDDLE.as_bytes())?.strip_suffix(b"}}")?;
    id.iter().all(u8::is_ascii_digit).then_some((id, arguments))
}

fn answer_parsed(line: &[u8], out: &mut Vec<u8>) -> anyhow::Result<()> {
    let request: Request = serde_json::from_slice(line).context("a line that is no request")?;
    let Some(id) = request.id else {
        return Ok(());
    };
    out.extend_from_slice(ANSWER);
    out.extend_from_slice(id.get().as_bytes());
    match (request.method, request.params) {
        ("initialize", _) => out.extend_from_slice(SERVER),
        ("tools/list", _) => out.extend_from_slice(TOOLS),
        ("tools/call", Some(params)) => {
            let call: Call = serde_json::from_str(params.get())?;
            out.extend_from_slice(ECHO);
            out.extend_from_slice(call.arguments.get().as_bytes());
            out.push(b'}');
        }
        _ => out.extend_from_slice(br#","error":{"code":-32601,"message":"not found"}"#),
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{answer, answer_parsed, call_as_written};
    use crate::payload::Payload;

    fn answered(line: &str) -> String {
        let mut out = Vec::new();
        answer(line.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_call_returns_its_arguments_under_its_id() {
        let line = r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"echo","arguments":{"a":[1,2]}}}"#;
        assert_eq!(
            answered(line),
            "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":{\"content\":[],\"structuredContent\":{\"a\":[1,2]}}}\n"
        );
    }

    #[test]
    fn a_call_read_as_written_is_answered_as_if_it_had_been_parsed() {
        let mut line = Vec::new();
        Payload::new(300).append(7, &mut line);
        line.pop();
        assert!(call_as_written(&line).is_some());
        let (mut quick, mut parsed) = (Vec::new(), Vec::new());
        answer(&line, &mut quick).unwrap();
        answer_parsed(&line, &mut parsed).unwrap();
        assert_eq!(quick, parsed);
    }

    #[test]
    fn a_notification_has_no_answer() {
        assert_eq!(answered(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#), "");
    }
}
