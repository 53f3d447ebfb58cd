//! One client: a connection, and the session it speaks for.

use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::answer::Answer;
use super::call::{self, Call, Endpoint, Era};
use crate::payload::Payload;

/// What answers later than this does not answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that is kept for all requests.
pub(crate) struct Connection {
    stream: TcpStream,
    to: Endpoint,
    era: Era,
    session: Option<String>,
    call: Option<Call>,
    /// Bytes of the call that have left.
    sent: usize,
    /// An answer shorter than this does not echo the call.
    echo: usize,
    answer: Answer,
    calls: u64,
    /// When the call under way was to be sent.
    due: Option<Instant>,
}

impl Connection {
    /// Connects, without a word.
    ///
    /// # Errors
    /// Nobody listens.
    pub(crate) fn connect(to: &Endpoint, era: Era) -> anyhow::Result<Self> {
        Ok(Self {
            stream: connect(to)?,
            to: to.clone(),
            era,
            session: None,
            call: None,
            sent: 0,
            echo: 0,
            answer: Answer::default(),
            calls: 0,
            due: None,
        })
    }

    /// Takes a new connection for the same session: servers close one that is idle for some seconds.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub(crate) fn connect_again(&mut self) -> anyhow::Result<()> {
        self.stream = connect(&self.to)?;
        Ok(self.stream.set_nonblocking(true)?)
    }

    /// Says what a client says first; in the legacy era it has a new session then.
    ///
    /// # Errors
    /// A refusal, or no answer.
    pub(crate) fn open(&mut self) -> anyhow::Result<()> {
        self.session = None;
        for (method, body) in call::opening(self.era) {
            self.exchange(method, &body)?;
            if let Some(session) = self.answer.session() {
                self.session = Some(session.to_owned());
            }
        }
        Ok(())
    }

    /// Lists the tools, as every client does.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn list(&mut self) -> anyhow::Result<()> {
        let (method, body) = call::listing(self.era);
        self.exchange(method, &body)
    }

    /// Asks for the session's stream: from here on this connection is that stream.
    ///
    /// # Errors
    /// The stream does not open.
    pub(crate) fn listen(mut self) -> anyhow::Result<TcpStream> {
        let session = self.session.as_deref().context("no session to listen to")?;
        self.stream.write_all(call::get(&self.to, session).as_bytes())?;
        self.answer.clear();
        while self.answer.status() == 0 {
            self.answer.read(&mut self.stream)?;
        }
        ensure!(self.answer.status() == 200, "no stream: {}", self.answer.shown());
        Ok(self.stream)
    }

    /// Makes one call and compares its answer with what was sent; the calls after it are of the same payload,
    /// and come after [`Self::connect_again`].
    ///
    /// # Errors
    /// The answer is no echo: whatever is measured on this arm would be something else.
    pub(crate) fn prepare(&mut self, payload: &Payload) -> anyhow::Result<()> {
        self.echo = payload.arguments().len();
        self.call = Some(Call::new(&self.to, self.era, self.session.as_deref(), payload));
        self.start(Instant::now())?;
        while self.go_on()?.is_none() {}
        let sent: Value = serde_json::from_str(payload.arguments())?;
        let message = self.answer.message()?;
        ensure!(
            message.pointer("/result/structuredContent") == Some(&sent),
            "the echo differs from what was sent: {}",
            self.answer.shown()
        );
        Ok(())
    }

    /// Sends the next call, or as much of it as finds room.
    ///
    /// # Errors
    /// The arm is gone.
    pub(crate) fn start(&mut self, due: Instant) -> anyhow::Result<()> {
        self.due = Some(due);
        self.calls += 1;
        self.sent = 0;
        self.answer.clear();
        self.call.as_mut().context("no call is prepared")?.number(self.calls);
        Ok(self.send()?)
    }

    /// Takes what has come; once the call is answered, the time since it was due.
    ///
    /// # Errors
    /// The arm is gone, or what came back is no echo.
    pub(crate) fn go_on(&mut self) -> anyhow::Result<Option<Duration>> {
        let Some(due) = self.due else { return Ok(None) };
        self.send()?;
        loop {
            match self.answer.read(&mut self.stream) {
                Ok(false) => {}
                Ok(true) => break,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error).context("the arm does not answer"),
            }
        }
        let echoed = self.answer.status() == 200 && self.answer.body_length() > self.echo;
        ensure!(echoed, "a call was not echoed: {}", self.answer.shown());
        self.due = None;
        Ok(Some(due.elapsed()))
    }

    fn send(&mut self) -> io::Result<()> {
        let call = self.call.as_ref().map_or(&[][..], Call::bytes);
        while let Some(rest @ [_, ..]) = call.get(self.sent..) {
            match self.stream.write(rest) {
                Ok(written) => self.sent += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn exchange(&mut self, method: &str, body: &str) -> anyhow::Result<()> {
        let session = self.session.as_deref();
        self.stream.write_all(&call::post(&self.to, self.era, session, method, body.as_bytes()))?;
        self.answer.clear();
        while !self.answer.read(&mut self.stream).with_context(|| format!("{method} is not answered"))? {}
        ensure!(matches!(self.answer.status(), 200 | 202), "{method}: {}", self.answer.shown());
        Ok(())
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

fn connect(to: &Endpoint) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(to.address).with_context(|| format!("{} is deaf", to.address))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}
