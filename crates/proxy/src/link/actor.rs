//! A task that stands between exchanges and one far end: starts it, translates, hands everything to whom it belongs.

use std::{
    collections::{HashMap, VecDeque},
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use eras::{Exchange, Out, Translator};
use tokio::sync::{Mutex, mpsc, oneshot};
use wire::{Method, Oversized};

use super::{
    FAREWELL, Far, Reply, Trouble,
    envelope::Envelope,
    far::{Heard, Said},
};
use crate::backoff::Backoff;

/// Messages for the server that wait; past this no more is taken from clients.
const ENOUGH: usize = 256;

/// What may wait for one exchange that does not read, in bytes; past that it has lost its answer.
const UNREAD: usize = 8 * 1024 * 1024;

/// Messages that may wait to be heard, of one exchange or of none; more are lost, and with them the exchange.
const UNHEARD: usize = 1024;

/// Messages that were too long, kept until there is somebody to record them.
const UNRECORDED: usize = 64;

/// Starts the far end, again and again if need be.
pub(crate) type Begin = Box<dyn FnMut() -> Result<Far, String> + Send>;

/// A handle on the task; clones share it. It ends with the last of them.
#[derive(Clone)]
pub(crate) struct Actor(Arc<Shared>);

struct Shared {
    wishes: mpsc::Sender<Wish>,
    /// Its own way in: who wants an end to it must not queue behind what the far end does not take.
    ends: mpsc::Sender<oneshot::Sender<()>>,
    unsolicited: Mutex<mpsc::Receiver<Result<Reply, Trouble>>>,
    exchanges: Arc<AtomicU64>,
}

/// What exchanges want of the task.
enum Wish {
    Request { of: Exchange, line: Bytes, queue: Queue, begun: oneshot::Sender<Result<(), Trouble>> },
    Tell { of: Exchange, line: Bytes },
    Forget(Exchange),
}

/// What waits for one exchange.
struct Queue {
    /// The raw id it waits for.
    id: String,
    lines: mpsc::Sender<Result<Reply, Trouble>>,
    unread: Arc<AtomicUsize>,
}

/// What comes back for one request.
pub(crate) struct Replies {
    of: Exchange,
    lines: mpsc::Receiver<Result<Reply, Trouble>>,
    unread: Arc<AtomicUsize>,
    actor: Actor,
}

impl Actor {
    /// A task before the far end that `begin` starts, once somebody asks for something. With `told_by_session` the
    /// session tells a far end that was started again what it has to know, else the translator does.
    pub(crate) fn new(translator: Box<dyn Translator>, begin: Begin, told_by_session: bool) -> Self {
        let (wishes, received) = mpsc::channel(ENOUGH);
        let (ends, ended) = mpsc::channel(1);
        let (unsolicited, heard) = mpsc::channel(UNHEARD);
        let work = Work {
            translator,
            begin,
            told_by_session,
            lost: None,
            far: None,
            backoff: Backoff::default(),
            since: Instant::now(),
            useful: false,
            unsent: VecDeque::new(),
            waiting: HashMap::new(),
            unrecorded: VecDeque::new(),
            unsolicited,
        };
        tokio::spawn(work.run(received, ended));
        Self(Arc::new(Shared { wishes, ends, unsolicited: Mutex::new(heard), exchanges: Arc::default() }))
    }

    pub(super) async fn request(&self, line: Bytes) -> Result<Replies, Trouble> {
        let of = self.exchange();
        let (lines, receiver) = mpsc::channel(UNHEARD);
        let (begun, answer) = oneshot::channel();
        let unread = Arc::new(AtomicUsize::new(0));
        let id = Envelope::of(&String::from_utf8_lossy(&line)).id.unwrap_or_default().to_owned();
        let queue = Queue { id, lines, unread: Arc::clone(&unread) };
        let replies = Replies { of, lines: receiver, unread, actor: self.clone() };
        let ended = || Trouble::Gone("the server's link has ended".to_owned());
        let wish = Wish::Request { of, line, queue, begun };
        self.0.wishes.send(wish).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())??;
        Ok(replies)
    }

    pub(super) async fn tell(&self, line: Bytes) -> Result<(), Trouble> {
        let _ = self.0.wishes.send(Wish::Tell { of: self.exchange(), line }).await;
        Ok(())
    }

    pub(super) async fn unsolicited(&self) -> Option<Result<Reply, Trouble>> {
        self.0.unsolicited.lock().await.recv().await
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        // If somebody else ends it already, this is for nobody, and returns at once.
        if self.0.ends.try_send(done).is_ok() {
            let _ = tokio::time::timeout(FAREWELL, closed).await;
        }
    }

    /// Whether an exchange, or anybody else, has a handle beside this one.
    pub(super) fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    fn exchange(&self) -> Exchange {
        Exchange(self.0.exchanges.fetch_add(1, Ordering::Relaxed))
    }
}

impl Replies {
    pub(super) async fn next(&mut self) -> Option<Result<Reply, Trouble>> {
        let reply = self.lines.recv().await?;
        if let Ok(Reply::Message(line)) = &reply {
            self.unread.fetch_sub(line.len(), Ordering::Relaxed);
        }
        Some(reply)
    }
}

impl Drop for Replies {
    fn drop(&mut self) {
        if self.lines.is_closed() && self.lines.is_empty() {
            return;
        }
        let forget = Wish::Forget(self.of);
        if let Err(mpsc::error::TrySendError::Full(forget)) = self.actor.0.wishes.try_send(forget) {
            let actor = self.actor.clone();
            tokio::spawn(async move { actor.0.wishes.send(forget).await });
        }
    }
}

enum Happened {
    Wished(Option<Wish>),
    Ended(Option<oneshot::Sender<()>>),
    Heard(Option<Heard>),
    /// A message went to the far end, or nobody is there to take it.
    Sent(bool),
    Tick,
}

struct Work {
    translator: Box<dyn Translator>,
    begin: Begin,
    told_by_session: bool,
    /// Why the server has forgotten what the session had told it.
    lost: Option<String>,
    far: Option<Far>,
    backoff: Backoff,
    since: Instant,
    /// The far end has said something.
    useful: bool,
    unsent: VecDeque<Said>,
    waiting: HashMap<Exchange, Queue>,
    /// Messages that were too long, for whoever comes next: nobody was there who could have recorded them.
    unrecorded: VecDeque<Box<Oversized>>,
    unsolicited: mpsc::Sender<Result<Reply, Trouble>>,
}

impl Work {
    async fn run(mut self, mut wishes: mpsc::Receiver<Wish>, mut ends: mpsc::Receiver<oneshot::Sender<()>>) {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let closed = loop {
            let due = self.translator.due();
            let happened = {
                let (to, from) = match &mut self.far {
                    Some(far) => (Some(&far.to), Some(&mut far.from)),
                    None => (None, None),
                };
                tokio::select! {
                    wish = wishes.recv(), if self.unsent.len() < ENOUGH => Happened::Wished(wish),
                    end = ends.recv() => Happened::Ended(end),
                    heard = hear(from) => Happened::Heard(heard),
                    place = reserve(to), if !self.unsent.is_empty() => {
                        let sent = place.zip(self.unsent.pop_front()).map(|(place, said)| place.send(said));
                        Happened::Sent(sent.is_some())
                    }
                    _ = tick.tick() => Happened::Tick,
                    () = until(due) => Happened::Tick,
                }
            };
            match happened {
                Happened::Wished(Some(wish)) => self.take(wish),
                Happened::Wished(None) => break None,
                Happened::Ended(closed) => break closed,
                Happened::Heard(Some(Heard::Line { of, line })) => self.hear(of, &line),
                Happened::Heard(Some(Heard::TooLong(over))) => self.too_long(over),
                Happened::Heard(Some(Heard::Gone(reason))) => self.gone(&reason),
                Happened::Heard(None) => {
                    self.far = None;
                    self.gone("the server has gone away");
                }
                // It takes no more. What it has said before, and why it went, is still to be heard.
                Happened::Sent(false) => self.unsent.clear(),
                Happened::Sent(true) => {}
                Happened::Tick => {
                    let out = self.translator.tick(Instant::now());
                    self.put(out);
                }
            }
        };
        while let Ok(wish) = wishes.try_recv() {
            if matches!(wish, Wish::Tell { .. } | Wish::Forget(_)) {
                self.take(wish);
            }
        }
        // What was said last, a cancellation perhaps, is said yet.
        if let Some(far) = &self.far {
            for said in self.unsent.drain(..) {
                let _ = far.to.try_send(said);
            }
        }
        self.far = None;
        drop(closed);
    }

    fn take(&mut self, wish: Wish) {
        let now = Instant::now();
        match wish {
            Wish::Request { of, line, queue, begun } => {
                let line = String::from_utf8_lossy(&line);
                if let Err(trouble) = self.ready(&line) {
                    let _ = begun.send(Err(trouble));
                    return;
                }
                if begun.send(Ok(())).is_ok() {
                    for over in self.unrecorded.drain(..) {
                        let _ = queue.lines.try_send(Ok(Reply::TooLong(over)));
                    }
                    self.waiting.insert(of, queue);
                    let out = self.translator.client(of, &line, now);
                    self.put(out);
                }
            }
            Wish::Tell { of, line } => {
                if self.far.is_some() {
                    let out = self.translator.client(of, &String::from_utf8_lossy(&line), now);
                    self.put(out);
                }
            }
            Wish::Forget(of) => {
                if self.waiting.remove(&of).is_some() {
                    let out = self.translator.client_gone(of, now);
                    self.put(out);
                }
            }
        }
    }

    /// Sees to it that there is a far end which knows what it has to know for this request.
    fn ready(&mut self, line: &str) -> Result<(), Trouble> {
        if let Some(why) = &self.lost
            && !Envelope::of(line).is(Method::Initialize)
        {
            return Err(Trouble::Lost(why.clone()));
        }
        self.start()?;
        // Not before there is somebody to be told: else what follows a failure would be put to one that knows nothing.
        self.lost = None;
        Ok(())
    }

    fn start(&mut self) -> Result<(), Trouble> {
        if self.far.is_some() {
            return Ok(());
        }
        if let Some(until) = self.backoff.not_before().filter(|until| *until > Instant::now()) {
            return Err(Trouble::Resting("the server does not stay alive".to_owned(), until));
        }
        self.since = Instant::now();
        self.useful = false;
        match (self.begin)() {
            Ok(far) => {
                self.far = Some(far);
                Ok(())
            }
            Err(why) => {
                self.backoff.died(Duration::ZERO, false, Instant::now());
                Err(Trouble::Gone(why))
            }
        }
    }

    fn hear(&mut self, of: Option<Exchange>, line: &[u8]) {
        self.useful = true;
        let out = self.translator.server(of, &String::from_utf8_lossy(line), Instant::now());
        self.put(out);
    }

    /// A message that nobody can read goes to those who keep records: the session, or else an exchange.
    fn too_long(&mut self, over: Box<Oversized>) {
        self.useful = true;
        if self.told_by_session {
            let _ = self.unsolicited.try_send(Ok(Reply::TooLong(over)));
            return;
        }
        let latest = self.waiting.iter().max_by_key(|(of, _)| of.0).map(|(_, queue)| queue);
        if let Some(queue) = latest {
            let _ = queue.lines.try_send(Ok(Reply::TooLong(over)));
        } else if self.unrecorded.len() < UNRECORDED {
            self.unrecorded.push_back(over);
        }
    }

    /// The server, or its memory, is gone.
    fn gone(&mut self, reason: &str) {
        let now = Instant::now();
        if self.far.as_ref().is_none_or(|far| far.to.is_closed()) {
            self.far = None;
            self.backoff.died(self.since.elapsed(), self.useful, now);
        }
        self.unsent.clear();
        let out = self.translator.server_gone(reason, now);
        self.put(out);
        for (_, queue) in self.waiting.drain() {
            let _ = queue.lines.try_send(Err(Trouble::Gone(reason.to_owned())));
        }
        if self.told_by_session {
            self.lost = Some(reason.to_owned());
            let _ = self.unsolicited.try_send(Err(Trouble::Lost(reason.to_owned())));
        }
    }

    fn put(&mut self, out: Vec<Out>) {
        for out in out {
            match out {
                Out::Server { of, line } => {
                    if self.far.is_some() {
                        self.unsent.push_back(Said { of, line: line.into() });
                    }
                }
                Out::Client { of: Some(of), line } => self.reply(of, line.into()),
                // Nobody hears it: it is not worth the memory of a server that talks to itself.
                Out::Client { of: None, line } => {
                    let _ = self.unsolicited.try_send(Ok(Reply::Message(line.into())));
                }
            }
        }
    }

    fn reply(&mut self, of: Exchange, line: Bytes) {
        let Some(queue) = self.waiting.get(&of) else { return };
        let last = {
            let text = String::from_utf8_lossy(&line);
            let envelope = Envelope::of(&text);
            envelope.is_answer() && envelope.id == Some(&queue.id)
        };
        let unread = queue.unread.fetch_add(line.len(), Ordering::Relaxed) + line.len();
        let heard = if unread > UNREAD && unread > line.len() {
            false
        } else {
            queue.lines.try_send(Ok(Reply::Message(line))).is_ok()
        };
        if last {
            self.waiting.remove(&of);
        } else if !heard {
            self.waiting.remove(&of);
            let out = self.translator.client_gone(of, Instant::now());
            self.put(out);
        }
    }
}

async fn hear(from: Option<&mut mpsc::Receiver<Heard>>) -> Option<Heard> {
    match from {
        Some(from) => from.recv().await,
        None => pending().await,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => pending().await,
    }
}

async fn reserve(to: Option<&mpsc::Sender<Said>>) -> Option<mpsc::Permit<'_, Said>> {
    match to {
        Some(to) => to.reserve().await.ok(),
        None => pending().await,
    }
}
