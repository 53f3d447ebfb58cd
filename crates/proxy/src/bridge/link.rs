use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    local::Dialled,
    os::socket::{ReadHalf, WriteHalf},
};

/// The connection to a daemon.
pub(super) struct Link {
    pub(super) ear: Ear,
    pub(super) mouth: Mouth,
}

/// What comes from the daemon.
pub(super) struct Ear {
    from: ReadHalf,
    /// The beginning of a line whose end has not arrived.
    begun: BytesMut,
}

/// What goes to it; `None` once our half is closed.
pub(super) struct Mouth(Option<WriteHalf>);

/// What the daemon has said.
pub(super) enum Said {
    /// Whole lines.
    Lines(BytesMut),
    /// Only part of a line so far.
    Nothing,
    /// Its end. What it left unfinished is not passed on.
    Goodbye,
}

impl From<Dialled> for Link {
    fn from(dialled: Dialled) -> Self {
        let (from, to) = dialled.stream.into_split();
        Self { ear: Ear { from, begun: dialled.rest }, mouth: Mouth(Some(to)) }
    }
}

impl Ear {
    /// Loses nothing when dropped.
    pub(super) async fn listen(&mut self) -> Said {
        self.begun.reserve(64 * 1024);
        let before = self.begun.len();
        match self.from.read_buf(&mut self.begun).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return Said::Goodbye,
        }
        let new = self.begun.get(before..).unwrap_or_default();
        match new.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => Said::Lines(self.begun.split_to(before + end + 1)),
            None => Said::Nothing,
        }
    }
}

impl Mouth {
    pub(super) async fn speak(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(to) => to.write(bytes).await,
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Closes our half, once.
    pub(super) async fn say_goodbye(&mut self) -> io::Result<usize> {
        match self.0.take() {
            Some(mut to) => to.shutdown().await.map(|()| 0),
            None => std::future::pending().await,
        }
    }
}
