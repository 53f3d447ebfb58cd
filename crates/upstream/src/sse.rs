use std::{
    collections::HashMap,
    sync::{Arc, Mutex as Lock, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};
use url::Url;
use wire::{Id, member};

use crate::{
    LinkError, Replies, Reply,
    body::Events,
    exchange::{Peer, passed},
    target::{Target, uri},
};

/// The one stream in which a server of 2024-11-05 says everything, and the place to write to that it names.
#[derive(Debug)]
pub(crate) struct Channel {
    peer: Arc<Peer>,
    line: Mutex<Option<Line>>,
    routes: Arc<Routes>,
    /// What belongs to no request.
    unsolicited: Mutex<mpsc::Receiver<(u64, Said)>>,
}

/// A message, or why there will be no more.
type Said = Result<Bytes, LinkError>;

/// An open stream.
#[derive(Debug)]
struct Line {
    endpoint: Uri,
    reader: JoinHandle<()>,
}

/// Who gets what comes.
#[derive(Debug)]
struct Routes {
    state: Lock<State>,
    unsolicited: mpsc::Sender<(u64, Said)>,
}

#[derive(Debug, Default)]
struct State {
    /// How often it was begun anew. What an older stream still says is of no interest.
    epoch: u64,
    stage: Stage,
    waiting: HashMap<Id, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    epoch: u64,
    answer: oneshot::Sender<Bytes>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Fresh,
    Open,
    Lost,
    Closed,
}

/// The answer to one request.
#[derive(Debug)]
pub(crate) struct Awaited {
    id: Id,
    epoch: u64,
    routes: Arc<Routes>,
    answer: oneshot::Receiver<Bytes>,
}

/// Messages that wait for [`Channel::unsolicited`]. While they wait, so does the stream.
const WAITING: usize = 16;

impl Channel {
    pub(crate) fn new(peer: Arc<Peer>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let routes = Arc::new(Routes { state: Lock::default(), unsolicited: sender });
        Self { peer, line: Mutex::default(), routes, unsolicited: Mutex::new(receiver) }
    }

    /// Sends a request; its answer comes in the stream.
    pub(crate) async fn request(
        &self,
        line: &Bytes,
        text: &str,
        headers: HeaderMap,
    ) -> Result<Replies, LinkError> {
        let id = member(text, "id").and_then(|id| Id::from_raw(id.value));
        let id = id.ok_or_else(|| LinkError::Unsendable("a request without an id".into()))?;
        let (epoch, endpoint) = self.endpoint().await?;
        let awaited = Arc::clone(&self.routes).wait(epoch, id)?;
        self.post(epoch, &endpoint, line.clone(), headers).await?;
        Ok(Replies::routed(awaited))
    }

    /// Sends what wants no answer.
    pub(crate) async fn tell(&self, line: Bytes, headers: HeaderMap) -> Result<(), LinkError> {
        let (epoch, endpoint) = self.endpoint().await?;
        self.post(epoch, &endpoint, line, headers).await
    }

    /// The next message that belongs to no request; `None` when closed.
    pub(crate) async fn unsolicited(&self) -> Option<Result<Reply, LinkError>> {
        let mut unsolicited = self.unsolicited.lock().await;
        loop {
            match unsolicited.recv().await? {
                (_, Err(LinkError::Closed)) => return None,
                (epoch, said) if epoch == self.routes.state().epoch => return Some(said.map(Reply::Message)),
                _ => {}
            }
        }
    }

    /// The next thing sent opens a new stream, if this one is lost.
    pub(crate) fn reset(&self) {
        let mut state = self.routes.state();
        if state.stage == Stage::Lost {
            *state = State { epoch: state.epoch + 1, ..State::default() };
        }
    }

    pub(crate) fn close(&self) {
        *self.routes.state() = State { stage: Stage::Closed, ..State::default() };
        if let Ok(mut line) = self.line.try_lock() {
            *line = None;
        }
        // If nobody listens there is nobody to tell; if the queue is full they learn it from the next thing they send.
        let _ = self.routes.unsolicited.try_send((0, Err(LinkError::Closed)));
    }

    pub(crate) fn is_open(&self) -> bool {
        self.routes.state().stage == Stage::Open
    }

    async fn post(
        &self,
        epoch: u64,
        endpoint: &Uri,
        line: Bytes,
        headers: HeaderMap,
    ) -> Result<(), LinkError> {
        let headers = passed(headers, &self.peer.target);
        match self.peer.post(endpoint, headers, line).await {
            // Their types and contents mean nothing here; what matters is said in the stream.
            Ok(answer) if answer.status.is_success() => Ok(()),
            Err(LinkError::ContentType(_)) => Ok(()),
            Err(LinkError::Status { status: StatusCode::NOT_FOUND, .. }) => Err(self.routes.lose(epoch)),
            Ok(answer) if answer.status == StatusCode::NOT_FOUND => Err(self.routes.lose(epoch)),
            Ok(answer) => answer.taken(),
            Err(error) => Err(error),
        }
    }

    /// Where to write to. Opens the stream if there was none yet.
    async fn endpoint(&self) -> Result<(u64, Uri), LinkError> {
        let mut line = self.line.lock().await;
        let (epoch, stage) = self.routes.now();
        match (stage, &*line) {
            (Stage::Closed, _) => return Err(LinkError::Closed),
            (Stage::Lost, _) => return Err(LinkError::SessionLost),
            (Stage::Open, Some(line)) => return Ok((epoch, line.endpoint.clone())),
            _ => *line = None,
        }
        let (peer, target) = (&self.peer, &self.peer.target);
        let opening = async {
            let mut events = peer.listen(target.uri(), target.headers.clone()).await?;
            let endpoint = named(&mut events, target).await?;
            Ok((events, endpoint))
        };
        let opened = timeout(target.timeouts.prompt, opening).await;
        let (events, endpoint) = opened.unwrap_or(Err(LinkError::Slow("`endpoint` event")))?;
        if !self.routes.turn(epoch, Stage::Open) {
            return Err(LinkError::Renewed);
        }
        let reader = tokio::spawn(Arc::clone(&self.routes).read(epoch, events));
        *line = Some(Line { endpoint: endpoint.clone(), reader });
        Ok((epoch, endpoint))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Routes {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> (u64, Stage) {
        let state = self.state();
        (state.epoch, state.stage)
    }

    /// Whether the stream of that epoch is still the one, and now in that stage.
    fn turn(&self, epoch: u64, stage: Stage) -> bool {
        let mut state = self.state();
        let current = state.epoch == epoch && state.stage != Stage::Closed;
        if current {
            state.stage = stage;
        }
        current
    }

    /// The server has forgotten the session, or its stream has ended: whoever waits for an answer learns that there will
    /// be none.
    fn lose(&self, epoch: u64) -> LinkError {
        if !self.turn(epoch, Stage::Lost) {
            return LinkError::Renewed;
        }
        self.state().waiting.retain(|_, waiting| waiting.epoch != epoch);
        LinkError::SessionLost
    }

    fn wait(self: Arc<Self>, epoch: u64, id: Id) -> Result<Awaited, LinkError> {
        let mut state = self.state();
        if (state.epoch, state.stage) != (epoch, Stage::Open) {
            return Err(LinkError::SessionLost);
        }
        let (sender, answer) = oneshot::channel();
        state.waiting.insert(id.clone(), Waiting { epoch, answer: sender });
        drop(state);
        Ok(Awaited { id, epoch, routes: self, answer })
    }

    async fn read(self: Arc<Self>, epoch: u64, mut events: Events) {
        while let Some(Ok(event)) = events.next().await {
            if event.data.is_empty() || event.event.is_some_and(|kind| &*kind != "message") {
                continue;
            }
            let waits = answered(&event.data).and_then(|id| self.take(epoch, &id));
            match waits {
                // Whoever waited may be gone.
                Some(waits) => drop(waits.answer.send(event.data)),
                None => {
                    if self.unsolicited.send((epoch, Ok(event.data))).await.is_err() {
                        return;
                    }
                }
            }
        }
        if self.lose(epoch) == LinkError::SessionLost {
            let _ = self.unsolicited.send((epoch, Err(LinkError::SessionLost))).await;
        }
    }

    fn take(&self, epoch: u64, id: &Id) -> Option<Waiting> {
        let mut state = self.state();
        state.waiting.get(id).filter(|waiting| waiting.epoch == epoch)?;
        state.waiting.remove(id)
    }
}

impl Awaited {
    pub(crate) async fn answer(&mut self) -> Result<Bytes, LinkError> {
        (&mut self.answer).await.map_err(|_| LinkError::SessionLost)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.routes.take(self.epoch, &self.id);
    }
}

/// Where the first event says to write to: at the same origin, or messages and headers would go to a stranger.
pub(crate) async fn named(events: &mut Events, target: &Target) -> Result<Uri, LinkError> {
    let event = events.next().await.ok_or(LinkError::NoEndpoint)??;
    if event.event.as_deref() != Some("endpoint") {
        return Err(LinkError::NoEndpoint);
    }
    let said = std::str::from_utf8(&event.data).map_err(|_| LinkError::NoEndpoint)?;
    let url: Url = target.url().join(said).map_err(|_| LinkError::NoEndpoint)?;
    if url.origin() != target.url().origin() {
        return Err(LinkError::ForeignEndpoint(url.origin().ascii_serialization()));
    }
    uri(&url)
}

/// The request a message answers.
fn answered(message: &Bytes) -> Option<Id> {
    let text = std::str::from_utf8(message).ok()?;
    if member(text, "method").is_some() {
        return None;
    }
    Id::from_raw(member(text, "id")?.value)
}
