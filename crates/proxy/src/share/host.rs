use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split},
    sync::{mpsc, watch},
};
use wire::{Line, Lines, Salvage, Salvaged};

use super::mux::{Mux, Out, Seat};
use crate::{
    Command,
    relay::{ExitStatus, Leaving, Server, SharedProcess, Step, hear, tell},
};

/// What a session and the server may have on the way between them, in bytes.
const PIPE: usize = 64 * 1024;

/// Lines that may wait for a session that does not read; one more and it loses the server.
const WAITING: usize = 1024;

/// The same in bytes, unless it is a single line.
const WAITING_BYTES: usize = 8 * 1024 * 1024;

/// What waits for the server may grow to this before we stop listening to the sessions, in bytes.
const ENOUGH: usize = 1024 * 1024;

/// Which processes are one: the same server, started in the same way, for the same user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shares {
    pub(crate) server: Arc<str>,
    pub(crate) user: String,
    pub(crate) command: Command,
}

/// The shared servers that run.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    hosts: Mutex<HashMap<Shares, Host>>,
    seats: AtomicU64,
}

#[derive(Debug, Clone)]
struct Host {
    events: mpsc::Sender<Event>,
    ended: watch::Receiver<Option<ExitStatus>>,
    process: Option<u32>,
}

/// What happens to a host.
#[derive(Debug)]
enum Event {
    Joined(Seat, Queue),
    Said(Seat, Bytes),
    Left(Seat),
}

/// What waits for one session.
#[derive(Debug)]
struct Queue {
    lines: mpsc::Sender<Bytes>,
    bytes: Arc<AtomicUsize>,
}

impl Queue {
    /// Adds a line; false if too much waits already.
    fn push(&self, line: Bytes) -> bool {
        let before = self.bytes.fetch_add(line.len(), Ordering::Relaxed);
        (before == 0 || before + line.len() <= WAITING_BYTES) && self.lines.try_send(line).is_ok()
    }
}

impl Pool {
    /// A seat at a server that runs, or else at one that `start` starts.
    pub(crate) fn seat(
        &self,
        shares: &Shares,
        max_frame_bytes: usize,
        start: impl FnOnce() -> Result<Server, String>,
    ) -> Result<Server, String> {
        let seat = self.seats.fetch_add(1, Ordering::Relaxed);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.retain(|_, host| !host.events.is_closed());
        if let Some(host) = hosts.get(shares)
            && let Some(server) = host.take_in(seat, max_frame_bytes)
        {
            return Ok(server);
        }
        let server = start()?;
        let process = server.process.id();
        let (events, happen) = mpsc::channel(WAITING);
        let (tell, ended) = watch::channel(None);
        tokio::spawn(host(server, happen, tell, max_frame_bytes));
        let host = Host { events, ended, process };
        let server = host.take_in(seat, max_frame_bytes).ok_or("the shared server ended at once")?;
        hosts.insert(shares.clone(), host);
        Ok(server)
    }
}

impl Host {
    /// A server for one session, at whose other end is the shared one; `None` if that is about to end.
    fn take_in(&self, seat: Seat, max_frame_bytes: usize) -> Option<Server> {
        let (ours, theirs) = duplex(PIPE);
        let (from_session, to_session) = split(ours);
        let (lines, waiting) = mpsc::channel(WAITING);
        let bytes = Arc::new(AtomicUsize::new(0));
        let queue = Queue { lines, bytes: Arc::clone(&bytes) };
        self.events.try_send(Event::Joined(seat, queue)).ok()?;
        tokio::spawn(listen(seat, from_session, self.events.clone(), max_frame_bytes));
        tokio::spawn(speak(to_session, waiting, bytes));
        let (output, input) = split(theirs);
        Some(Server::shared(input, output, SharedProcess::new(self.process, self.ended.clone())))
    }
}

/// Passes the lines of one session on to the host, and that it has left.
async fn listen(
    seat: Seat,
    mut from: ReadHalf<DuplexStream>,
    events: mpsc::Sender<Event>,
    max_frame_bytes: usize,
) {
    // The session has decided every line; our ids can make one a little longer.
    let mut lines = Lines::new(max_frame_bytes.saturating_add(PIPE));
    while let Ok(1..) = from.read_buf(lines.space()).await {
        while let Some(line) = lines.next_line() {
            if let Line::Whole(line) = line
                && events.send(Event::Said(seat, line)).await.is_err()
            {
                return;
            }
        }
    }
    let _ = events.send(Event::Left(seat)).await;
}

/// Passes lines on to one session, at the pace at which it reads.
async fn speak(mut to: WriteHalf<DuplexStream>, mut waiting: mpsc::Receiver<Bytes>, bytes: Arc<AtomicUsize>) {
    while let Some(line) = waiting.recv().await {
        if to.write_all(&line).await.is_err() {
            return;
        }
        bytes.fetch_sub(line.len(), Ordering::Relaxed);
    }
    let _ = to.shutdown().await;
}

/// Carries lines between the server and those who share it, until the server ends or the last of them has left.
async fn host(
    mut server: Server,
    mut happen: mpsc::Receiver<Event>,
    ended: watch::Sender<Option<ExitStatus>>,
    max_frame_bytes: usize,
) {
    let mut table = Table::default();
    let mut lines = Lines::new(max_frame_bytes);
    let mut leaving = Leaving::new(std::time::Duration::ZERO);
    loop {
        if leaving.has_begun() {
            happen.close();
            if table.to_server.is_empty() {
                server.input = None;
            }
        }
        leaving.owed(0, 0);
        tokio::select! {
            event = happen.recv(), if !leaving.has_begun() && table.to_server.len() < ENOUGH => {
                let left = matches!(event, Some(Event::Left(_)));
                if let Some(event) = event {
                    table.happens(event);
                }
                if left && table.seats.is_empty() && happen.is_empty() {
                    leaving.client_is_done();
                }
            }
            read = hear(&mut server.output, lines.space()) => {
                if !matches!(read, Ok(1..)) {
                    server.output = None;
                    leaving.server_is_silent();
                }
                while let Some(line) = lines.next_line() {
                    table.server_said(line);
                }
                leaving.progress();
            }
            wrote = tell(&mut server.input, &table.to_server), if !table.to_server.is_empty() => match wrote {
                Ok(wrote) => drop(table.to_server.drain(..wrote)),
                Err(_) => table.to_server.clear(),
            },
            status = server.process.wait() => leaving.server_exited(status),
            () = tokio::time::sleep_until(leaving.deadline().into()) => {}
        }
        match leaving.next(Instant::now()) {
            Step::Wait => {}
            Step::Terminate => server.process.terminate_group(),
            Step::Kill => server.process.kill_group(),
            Step::Done(status) => {
                ended.send_replace(Some(status));
                return;
            }
        }
    }
}

/// Those who sit at one server, and what is on its way to it.
#[derive(Default)]
struct Table {
    mux: Mux,
    seats: HashMap<Seat, Queue>,
    to_server: Vec<u8>,
}

impl Table {
    fn happens(&mut self, event: Event) {
        let out = match event {
            Event::Joined(seat, queue) => {
                self.seats.insert(seat, queue);
                self.mux.attach(seat);
                Vec::new()
            }
            Event::Said(seat, line) if self.seats.contains_key(&seat) => match std::str::from_utf8(&line) {
                Ok(line) => self.mux.session_said(seat, line),
                // The session lets out nothing else.
                Err(_) => Vec::new(),
            },
            Event::Said(..) => Vec::new(),
            Event::Left(seat) => self.leaves(seat),
        };
        self.send(out);
    }

    fn server_said(&mut self, line: Line) {
        let unreadable = |told: Salvaged, what: String| {
            told.id.filter(|_| !told.calls).map(|id| {
                format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"the shared server's answer {what}"}}}}"#)
            })
        };
        let instead = match line {
            Line::Whole(line) => match std::str::from_utf8(&line) {
                Ok(text) => {
                    let mut out = self.mux.server_said(text);
                    // One that asks on and on without reading gets no more answers: they would fill our memory.
                    if self.to_server.len() >= ENOUGH {
                        out.retain(|message| matches!(message, Out::Session(..)));
                    }
                    return self.send(out);
                }
                Err(_) => unreadable(Salvage::line(&line), "is not UTF-8".to_owned()),
            },
            Line::Oversized(over) => unreadable(
                over.salvaged,
                format!("of {} bytes is larger than limits.max_frame_bytes", over.bytes),
            ),
        };
        if let Some(answer) = instead {
            let out = self.mux.server_said(&answer);
            self.send(out);
        }
    }

    fn leaves(&mut self, seat: Seat) -> Vec<Out> {
        self.seats.remove(&seat);
        self.mux.detach(seat)
    }

    fn send(&mut self, mut out: Vec<Out>) {
        while !out.is_empty() {
            let mut then = Vec::new();
            for message in out {
                match message {
                    Out::Server(message) => {
                        self.to_server.extend_from_slice(message.as_bytes());
                        self.to_server.push(b'\n');
                    }
                    Out::Session(seat, message) => {
                        let line = Bytes::from(message + "\n");
                        let taken = self.seats.get(&seat).is_none_or(|queue| queue.push(line));
                        // One that does not read must not hold up the others: it loses the server.
                        if !taken {
                            then.extend(self.leaves(seat));
                        }
                    }
                }
            }
            out = then;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_asks_without_reading_does_not_fill_our_memory() {
        let mut table = Table::default();
        let ping = format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"ping"}}"#, "a".repeat(50_000));
        for _ in 0..100 {
            table.server_said(Line::Whole(ping.clone().into()));
        }
        assert!(table.to_server.len() < ENOUGH + 2 * ping.len(), "{}", table.to_server.len());
    }
}
