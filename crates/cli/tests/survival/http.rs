//! As little of an HTTP client as lets a test see every byte.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

/// Anything to send a request over.
pub(crate) trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// The answer to a request; its body is read as it comes.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: BufReader<Box<dyn Read + Send>>,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) data: String,
}

/// Sends one request over a connection of its own. `at` is the beginning of a URL of the gateway.
pub(crate) fn send(at: &str, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    try_send(at, request, headers, body).unwrap()
}

/// As [`send`], where nobody may be there.
pub(crate) fn try_send(at: &str, request: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
    let address = at.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    exchange(Box::new(stream), address, request, headers, body)
}

/// Sends a request over this connection, which is closed after it.
pub(crate) fn exchange(
    mut stream: Box<dyn Stream>,
    host: &str,
    request: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let mut head = format!("{request} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n", body.len());
    let own = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
    for (name, value) in own.iter().chain(headers) {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    Answer::read(stream)
}

impl Answer {
    fn read(stream: Box<dyn Stream>) -> io::Result<Self> {
        let mut stream = BufReader::new(stream);
        let mut line = || -> io::Result<String> {
            let mut line = String::new();
            match stream.read_line(&mut line)? {
                0 => Err(io::ErrorKind::UnexpectedEof.into()),
                _ => Ok(line.trim_end().to_owned()),
            }
        };
        let status = line()?.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        while let Some((name, value)) = line()?.split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let find =
            |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        let body: Box<dyn Read + Send> = match find("content-length") {
            Some(length) => Box::new(stream.take(length.parse().unwrap())),
            None if find("transfer-encoding").is_some() => Box::new(Chunks { stream, left: 0, ended: false }),
            None => Box::new(stream),
        };
        Ok(Self { status, headers, body: BufReader::new(body) })
    }

    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// All of the body.
    pub(crate) fn text(mut self) -> io::Result<String> {
        let mut text = String::new();
        self.body.read_to_string(&mut text)?;
        Ok(text)
    }

    /// The next event; `None` when the stream has ended.
    pub(crate) fn event(&mut self) -> io::Result<Option<Event>> {
        let mut event = Event { id: String::new(), data: String::new() };
        let mut any = false;
        loop {
            let mut line = String::new();
            if self.body.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            match line.trim_end() {
                "" if any => return Ok(Some(event)),
                line => match line.split_once(": ").unwrap_or((line, "")) {
                    ("id", id) => (event.id, any) = (id.to_owned(), true),
                    ("data", data) => (event.data, any) = (data.to_owned(), true),
                    _ => {}
                },
            }
        }
    }

    /// The next event with a message in it.
    pub(crate) fn message(&mut self) -> io::Result<Option<(String, Value)>> {
        while let Some(event) = self.event()? {
            if !event.data.is_empty() {
                return Ok(Some((event.id, serde_json::from_str(&event.data).unwrap())));
            }
        }
        Ok(None)
    }

    /// The answer to a request among what comes, as JSON or as an event.
    pub(crate) fn answer(mut self) -> io::Result<Value> {
        if self.header("content-type") != Some("text/event-stream") {
            let text = self.text()?;
            return serde_json::from_str(&text).map_err(|error| io::Error::other(format!("{error}: {text}")));
        }
        while let Some((_, message)) = self.message()? {
            if message.get("method").is_none() {
                return Ok(message);
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// A body in chunks (RFC 9112 §7.1).
struct Chunks<R> {
    stream: BufReader<R>,
    left: usize,
    ended: bool,
}

impl<R: Read> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            if line.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.left = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
            self.ended = self.left == 0;
        }
        if self.ended {
            return Ok(0);
        }
        let most = buffer.len().min(self.left);
        let read = self.stream.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read;
        if self.left == 0 {
            self.stream.read_line(&mut String::new())?;
        }
        Ok(read)
    }
}
