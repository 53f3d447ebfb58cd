//! A client of HTTP that says what a test says, byte by byte.

#[cfg(target_os = "linux")]
use std::net::SocketAddr;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use serde_json::Value;
#[cfg(target_os = "linux")]
use socket2::{Domain, Socket, Type};

use crate::common::client::PATIENCE;

/// A request.
#[derive(Clone)]
pub(crate) struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// A response, whose body comes as it is read. Dropped, the connection is closed.
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

/// An event of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) data: String,
}

impl Ask {
    pub(crate) fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: String::new() }
            .header("Host", "localhost")
    }

    /// A message for an endpoint of MCP.
    pub(crate) fn post(path: &str, body: &Value) -> Self {
        let ask = Self::new("POST", path).body(&body.to_string());
        ask.header("Accept", "application/json, text/event-stream").header("Content-Type", "application/json")
    }

    /// A stream.
    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path).header("Accept", "text/event-stream")
    }

    /// One more header, even if there is one of that name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn path(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// In the place of what there was.
    pub(crate) fn instead(self, name: &str, value: &str) -> Self {
        self.without(name).header(name, value)
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { method, path, headers, body } = self;
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        format!("{method} {path} HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
    }

    pub(crate) fn to(&self, port: u16) -> Reply {
        Reply::read(send(port, &self.bytes()))
    }
}

/// From another address of this machine: Linux has all of 127.0.0.0/8.
#[cfg(target_os = "linux")]
pub(crate) fn connect_from(host: u8, port: u16) -> TcpStream {
    let at = |host, port| SocketAddr::from(([127, 0, 0, host], port)).into();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // Without it each connection would take its port for itself, whoever it leads to.
    socket.set_reuse_address(true).unwrap();
    socket.bind(&at(host, 0)).unwrap();
    socket.connect(&at(1, port)).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn send(port: u16, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(port);
    stream.write_all(bytes).unwrap();
    stream
}

impl Reply {
    pub(crate) fn read(stream: TcpStream) -> Self {
        let mut from = BufReader::new(stream);
        let status = line(&mut from).split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut headers = Vec::new();
        while let Some((name, value)) = line(&mut from).split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let find = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let left = match find("content-length") {
            Some(length) => Left::Bytes(length.parse().unwrap()),
            None if find("transfer-encoding").is_some() => Left::Chunks(0),
            None => Left::All,
        };
        Self { status: status.unwrap_or(0), headers, body: Body { from, left } }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        if self.status != status {
            let text = self.text();
            panic!("status {} and not {status}: {text}", self.status);
        }
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The whole body, up to where it broke off if it did.
    pub(crate) fn text(&mut self) -> String {
        let mut bytes = Vec::new();
        // What came before an error is what is looked at.
        let _ = self.body.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn json(&mut self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {} {text}", self.status))
    }

    /// The answer to a request, whether it comes alone or in a stream.
    pub(crate) fn answer(&mut self) -> Value {
        if !self.is_stream() {
            return self.json();
        }
        loop {
            let message = self.message().expect("an answer in the stream");
            if message.get("method").is_none() {
                return message;
            }
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.header("content-type") == Some("text/event-stream")
    }

    /// The next message in a stream; `None` at its end.
    pub(crate) fn message(&mut self) -> Option<Value> {
        loop {
            let event = self.event()?;
            if !event.data.is_empty() {
                return Some(serde_json::from_str(&event.data).unwrap());
            }
        }
    }

    /// The next event of a stream, comments aside; `None` at its end.
    pub(crate) fn event(&mut self) -> Option<Event> {
        let (mut event, mut any, mut line) = (Event::default(), false, Vec::new());
        loop {
            let mut byte = [0];
            if self.body.read(&mut byte).expect("more of the stream") == 0 {
                return None;
            }
            if byte != *b"\n" {
                line.push(byte[0]);
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
            match text.split_once(": ").or_else(|| text.split_once(':')).unwrap_or((&text, "")) {
                ("", "") if any => return Some(event),
                ("id", id) => id.clone_into(&mut event.id),
                ("event", kind) => kind.clone_into(&mut event.kind),
                ("data", data) => event.data += data,
                _ => continue,
            }
            any = true;
        }
    }
}

struct Body {
    from: BufReader<TcpStream>,
    left: Left,
}

enum Left {
    Bytes(usize),
    /// What is left of this chunk.
    Chunks(usize),
    All,
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if let Left::Chunks(0) = self.left {
            let size = line(&mut self.from);
            let size = usize::from_str_radix(&size, 16).map_err(|_| std::io::ErrorKind::UnexpectedEof)?;
            self.left = if size == 0 { Left::Bytes(0) } else { Left::Chunks(size) };
        }
        let (Left::Bytes(left) | Left::Chunks(left)) = &mut self.left else { return self.from.read(into) };
        let most = into.len().min(*left);
        if most == 0 {
            // The buffer below would wait for more.
            return Ok(0);
        }
        let read = self.from.read(&mut into[..most])?;
        *left -= read;
        if let Left::Chunks(0) = self.left {
            line(&mut self.from);
        }
        Ok(read)
    }
}

/// A line without its end; nothing if there is none.
fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    // A connection that breaks off has no more lines.
    let _ = from.read_line(&mut line);
    line.trim_end().to_owned()
}
