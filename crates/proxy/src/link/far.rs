use bytes::Bytes;
use eras::Exchange;
use tokio::sync::mpsc;
use wire::Oversized;

/// Messages on their way to or from a far end; more have to wait.
const ON_THE_WAY: usize = 64;

/// The far end of a link: a process, or a server over HTTP. Dropping it ends it.
pub(crate) struct Far {
    pub(super) to: mpsc::Sender<Said>,
    pub(super) from: mpsc::Receiver<Heard>,
}

/// A message for the server.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) of: Option<Exchange>,
    pub(super) line: Bytes,
}

/// What comes from the far end.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message of the server. `of` is known where the transport tells.
    Line { of: Option<Exchange>, line: Bytes },
    /// A message that is too long to be read, and answers nothing.
    TooLong(Box<Oversized>),
    /// The server is gone, for this reason; nothing more comes unless it was only its memory that went.
    Gone(String),
}

/// What works at the far end: takes messages to the server, gives back what it says.
pub(super) struct Works {
    pub(super) said: mpsc::Receiver<Said>,
    pub(super) heard: mpsc::Sender<Heard>,
}

impl Far {
    pub(super) fn new() -> (Self, Works) {
        let (to, said) = mpsc::channel(ON_THE_WAY);
        let (heard, from) = mpsc::channel(ON_THE_WAY);
        (Self { to, from }, Works { said, heard })
    }
}

impl Far {
    /// Says something to the server; `None` if it is gone.
    pub(crate) async fn say(&self, line: Bytes) -> Option<()> {
        self.to.send(Said { of: None, line }).await.ok()
    }

    /// What the server says next; `None` if it is gone.
    pub(crate) async fn hear(&mut self) -> Option<Bytes> {
        match self.from.recv().await? {
            Heard::Line { line, .. } => Some(line),
            // To whoever hears in this way it is one more line that is none.
            Heard::TooLong(_) => Some(Bytes::new()),
            Heard::Gone(_) => None,
        }
    }
}
