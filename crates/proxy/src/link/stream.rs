//! A link as a server with two streams, for a front whose messages come in a stream: the daemon's.

use std::{collections::HashMap, future::poll_fn, sync::Arc, task::Poll};

use bytes::Bytes;
use http::HeaderMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split},
    sync::{mpsc, watch},
    task::{AbortHandle, JoinSet},
};
use wire::{Line, Lines, Method, member, meta};

use super::{LATE, Link, Replies, Reply, Route, Trouble, envelope::Envelope};
use crate::relay::{ExitStatus, Server, SharedProcess};

/// What may be on the way, in bytes.
const PIPE: usize = 64 * 1024;

/// Messages that may wait for the front.
const WAITING: usize = 64;

/// A server at the other end of a route, for one client of this user.
pub(crate) fn over_route(route: Arc<Route>, user: &str, max_frame_bytes: usize) -> Server {
    let (ours, theirs) = duplex(PIPE);
    let (from_front, to_front) = split(ours);
    let (ended, end) = watch::channel(None);
    let (say, said) = mpsc::channel(WAITING);
    tokio::spawn(speak(to_front, said));
    let user = user.to_owned();
    tokio::spawn(async move {
        let mut work = Work {
            route,
            user,
            session: None,
            exchanges: JoinSet::new(),
            by_id: HashMap::new(),
            say,
            lost: watch::Sender::new(false),
        };
        let status = work.run(from_front, Lines::new(max_frame_bytes)).await;
        work.exchanges.abort_all();
        if let Some(link) = work.session {
            link.close().await;
        }
        ended.send_replace(Some(status));
    });
    let (output, input) = split(theirs);
    Server::shared(input, output, SharedProcess::new(None, end))
}

struct Work {
    route: Arc<Route>,
    user: String,
    /// From `initialize` on.
    session: Option<Link>,
    exchanges: JoinSet<()>,
    by_id: HashMap<String, AbortHandle>,
    say: mpsc::Sender<Bytes>,
    /// The server has forgotten the session.
    lost: watch::Sender<bool>,
}

impl Work {
    async fn run(&mut self, mut from: ReadHalf<DuplexStream>, mut lines: Lines) -> ExitStatus {
        let mut lost = self.lost.subscribe();
        loop {
            while let Some(line) = lines.next_line() {
                if let Line::Whole(line) = line {
                    self.take(line).await;
                }
            }
            tokio::select! {
                read = from.read_buf(lines.space()) => if !matches!(read, Ok(1..)) {
                    return ExitStatus::Code(0);
                },
                _ = lost.wait_for(|lost| *lost) => return ExitStatus::Forgetful,
                Some(_) = self.exchanges.join_next() => {
                    self.by_id.retain(|_, exchange| !exchange.is_finished());
                }
            }
        }
    }

    async fn take(&mut self, line: Bytes) {
        // Batches are taken apart: servers of today know none.
        let text = String::from_utf8_lossy(&line).into_owned();
        if text.trim_start().starts_with('[') {
            for (message, _) in wire::elements(&text) {
                self.one(Bytes::copy_from_slice(message.as_bytes()), message).await;
            }
            return;
        }
        self.one(line, &text).await;
    }

    async fn one(&mut self, line: Bytes, text: &str) {
        let envelope = Envelope::of(text);
        if let Some(id) = envelope.id.filter(|_| envelope.is_request()) {
            let (say, lost, id) = (self.say.clone(), self.lost.clone(), id.to_owned());
            if envelope.is(Method::Initialize) {
                // What follows is of the session that it begins.
                let asked = self.begin(&line).await;
                self.exchanges.spawn(answer(id, asked, say, lost));
                return;
            }
            let asked = ask(self.session.clone(), Arc::clone(&self.route), self.user.clone(), line);
            let answered = id.clone();
            let mut exchange =
                Box::pin(async move { answer(answered, Box::pin(asked).await, say, lost).await });
            // It goes out now, so that what the client says next cannot overtake it; the answer is waited for elsewhere, so
            // that the client can cancel it.
            if poll_fn(|cx| Poll::Ready(exchange.as_mut().poll(cx))).await.is_pending() {
                let exchange = self.exchanges.spawn(exchange);
                self.by_id.insert(id, exchange);
            }
            return;
        }
        let cancelled = envelope.cancels().and_then(|id| self.by_id.remove(id));
        match (self.session.clone(), cancelled) {
            (Some(link), Some(exchange)) => {
                let lost = self.lost.clone();
                self.exchanges.spawn(async move {
                    tell(&link, line, &lost).await;
                    // The answer may have been on its way.
                    tokio::time::sleep(LATE).await;
                    exchange.abort();
                });
            }
            (Some(link), None) => tell(&link, line, &self.lost).await,
            (None, Some(exchange)) => exchange.abort(),
            (None, None) => {}
        }
    }

    async fn begin(&mut self, line: &Bytes) -> Result<Replies, Trouble> {
        let (link, replies) = self.route.open(line, HeaderMap::new()).await?;
        self.exchanges.spawn(listen(link.clone(), self.say.clone(), self.lost.clone()));
        self.session = Some(link);
        Ok(replies)
    }
}

/// Puts a request to the server.
async fn ask(
    session: Option<Link>,
    route: Arc<Route>,
    user: String,
    line: Bytes,
) -> Result<Replies, Trouble> {
    let link = match session {
        Some(link) => link,
        None => {
            let text = String::from_utf8_lossy(&line);
            let unbegun = || Trouble::Gone("the session has not begun; send `initialize`".to_owned());
            route.link(&user, capabilities(&text).ok_or_else(unbegun)?).await?
        }
    };
    link.request(line, HeaderMap::new()).await
}

async fn tell(link: &Link, line: Bytes, lost: &watch::Sender<bool>) {
    if let Err(Trouble::Lost(_)) = link.tell(line, HeaderMap::new()).await {
        lost.send_replace(true);
    }
}

/// What a modern client declares; `None` if the request is none of that era.
fn capabilities(text: &str) -> Option<&str> {
    let own = member(member(text, "params")?.value, "_meta")?.value;
    member(own, meta::PROTOCOL_VERSION)?;
    Some(member(own, meta::CLIENT_CAPABILITIES).map_or("{}", |capabilities| capabilities.value))
}

async fn answer(
    id: String,
    asked: Result<Replies, Trouble>,
    say: mpsc::Sender<Bytes>,
    lost: watch::Sender<bool>,
) {
    let trouble = match asked {
        Ok(mut replies) => loop {
            match replies.next().await {
                Some(Ok(Reply::Message(line))) => {
                    if say.send(line).await.is_err() {
                        return;
                    }
                }
                Some(Ok(Reply::Primed | Reply::Paused { .. } | Reply::TooLong(_))) => {}
                Some(Err(trouble)) => break trouble,
                None => return,
            }
        },
        Err(trouble) => trouble,
    };
    if let Trouble::Lost(_) = trouble {
        lost.send_replace(true);
        return;
    }
    let message = serde_json::Value::from(trouble.reason());
    let code = trouble.code();
    let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":{message}}}}}"#);
    let _ = say.send(line.into()).await;
}

async fn listen(link: Link, say: mpsc::Sender<Bytes>, lost: watch::Sender<bool>) {
    while let Some(news) = link.unsolicited().await {
        match news {
            Ok(Reply::Message(line)) => match say.send(line).await {
                Ok(()) => {}
                Err(_) => return,
            },
            Err(Trouble::Lost(_)) => {
                lost.send_replace(true);
                return;
            }
            _ => {}
        }
    }
}

async fn speak(mut to: WriteHalf<DuplexStream>, mut said: mpsc::Receiver<Bytes>) {
    while let Some(line) = said.recv().await {
        let mut line = Vec::from(line);
        // A body of HTTP may be written over several lines; the stream's messages may not. Line breaks can only stand
        // between tokens.
        line.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        line.push(b'\n');
        if to.write_all(&line).await.is_err() {
            return;
        }
    }
}
