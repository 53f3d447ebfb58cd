//! Answers over HTTP/1.1 as they arrive: no more is read from the head than tells where the answer ends.

use std::io::{self, Read};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

/// Room for an answer of 64 KiB in one read; a larger one makes it grow.
const ROOM: usize = 128 * 1024;

/// The bytes of one answer, from its first to the last that has arrived.
pub(crate) struct Answer {
    bytes: Vec<u8>,
    filled: usize,
    head: Option<Head>,
}

/// What the head says, and how much of the body has been looked at.
struct Head {
    status: u16,
    session: Option<String>,
    body: usize,
    framing: Framing,
}

enum Framing {
    Length(usize),
    /// The next chunk's size line begins here.
    Chunks(usize),
}

impl Default for Answer {
    fn default() -> Self {
        Self { bytes: vec![0; ROOM], filled: 0, head: None }
    }
}

impl Answer {
    /// Makes room for the next answer.
    pub(crate) fn clear(&mut self) {
        self.filled = 0;
        self.head = None;
    }

    /// Reads once; whether the answer is complete.
    ///
    /// # Errors
    /// The connection is at its end or fails, `WouldBlock` included, or this is no HTTP/1.1.
    pub(crate) fn read(&mut self, from: &mut impl Read) -> io::Result<bool> {
        if self.filled == self.bytes.len() {
            self.bytes.resize(2 * self.filled, 0);
        }
        let read = from.read(self.bytes.get_mut(self.filled..).unwrap_or_default())?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.filled += read;
        self.complete().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// The status, once the head is there.
    pub(crate) fn status(&self) -> u16 {
        self.head.as_ref().map_or(0, |head| head.status)
    }

    /// The session the server has opened, if it has.
    pub(crate) fn session(&self) -> Option<&str> {
        self.head.as_ref()?.session.as_deref()
    }

    /// Bytes of the body that are there, with what frames them.
    pub(crate) fn body_length(&self) -> usize {
        self.filled - self.head.as_ref().map_or(self.filled, |head| head.body)
    }

    /// The message in the body: JSON, or the last event of a stream.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn message(&self) -> anyhow::Result<Value> {
        let head = self.head.as_ref().context("no answer")?;
        let mut rest = self.arrived().get(head.body..).unwrap_or_default();
        let mut body = Vec::new();
        match head.framing {
            Framing::Length(_) => body.extend_from_slice(rest),
            Framing::Chunks(_) => {
                while let Some((start, end)) = chunk(rest)? {
                    body.extend_from_slice(rest.get(start..end).unwrap_or_default());
                    rest = rest.get(end + 2..).unwrap_or_default();
                }
            }
        }
        let text = str::from_utf8(&body)?;
        let event = text.lines().rev().find_map(|line| line.strip_prefix("data:"));
        serde_json::from_str(event.unwrap_or(text)).with_context(|| format!("no message: {text}"))
    }

    /// What has arrived, for a message that says what is wrong with it.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(self.arrived()).chars().take(600).collect()
    }

    fn arrived(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    fn complete(&mut self) -> anyhow::Result<bool> {
        if self.head.is_none() {
            let Some(end) = memchr::memmem::find(self.arrived(), b"\r\n\r\n") else { return Ok(false) };
            self.head = Some(head(str::from_utf8(self.arrived().get(..end).unwrap_or_default())?, end + 4)?);
        }
        let arrived = self.bytes.get(..self.filled).unwrap_or_default();
        match self.head.as_mut() {
            None => Ok(false),
            Some(Head { body, framing: Framing::Length(length), .. }) => Ok(arrived.len() >= *body + *length),
            Some(Head { framing: Framing::Chunks(next), .. }) => {
                while let Some((_, end)) = chunk(arrived.get(*next..).unwrap_or_default())? {
                    *next += end + 2;
                }
                Ok(arrived.get(*next..).is_some_and(|rest| rest.starts_with(b"0\r\n\r\n")))
            }
        }
    }
}

/// Where the first chunk's data lies, when it is there and not the empty one at the end.
fn chunk(bytes: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(line) = memchr::memmem::find(bytes, b"\r\n") else { return Ok(None) };
    let size = str::from_utf8(bytes.get(..line).unwrap_or_default())?;
    let size = usize::from_str_radix(size, 16).with_context(|| format!("a chunk of {size:?} bytes"))?;
    let (start, end) = (line + 2, line + 2 + size);
    Ok((size > 0 && bytes.len() >= end + 2).then_some((start, end)))
}

fn head(text: &str, body: usize) -> anyhow::Result<Head> {
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    let status = status.with_context(|| format!("no HTTP/1.1: {text:?}"))?;
    let mut head = Head { status, session: None, body, framing: Framing::Length(0) };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.framing = Framing::Length(value.parse()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            ensure!(value.eq_ignore_ascii_case("chunked"), "an answer in {value:?}");
            head.framing = Framing::Chunks(body);
        } else if name.eq_ignore_ascii_case("mcp-session-id") {
            head.session = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close") {
            bail!("the connection is not kept: {text}");
        }
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use serde_json::json;

    /// Brought byte by byte; the number of bytes after which it is complete.
    fn completed(text: &str) -> (Answer, usize) {
        let mut answer = Answer::default();
        let done = text.bytes().position(|byte| answer.read(&mut [byte].as_slice()).unwrap());
        (answer, done.map_or(0, |last| last + 1))
    }

    #[test]
    fn an_answer_ends_with_its_length() {
        let text = "HTTP/1.1 200 OK\r\nMcp-Session-Id: s1\r\nContent-Length: 8\r\n\r\n{\"a\":[]}";
        let (answer, length) = completed(text);
        assert_eq!((answer.status(), answer.session(), length), (200, Some("s1"), text.len()));
        assert_eq!(answer.message().unwrap(), json!({"a": []}));
    }

    #[test]
    fn an_answer_without_a_body_ends_with_its_head() {
        let text = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(completed(text).1, text.len());
    }

    #[test]
    fn a_stream_ends_with_its_last_chunk() {
        let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                    10\r\nevent: message\r\n\r\na\r\ndata: {\"a\"\r\n6\r\n:0\r\n}\n\r\n0\r\n\r\n";
        let text = text.replace(":0\r\n}\n", ":10}\n\n");
        let (answer, length) = completed(&text);
        assert_eq!(length, text.len());
        assert_eq!(answer.message().unwrap(), json!({"a": 10}));
    }
}
