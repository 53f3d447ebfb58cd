//! The first line each way on a connection to the daemon. What follows on a connection for a server are JSON-RPC
//! messages, one a line, as on standard input and output.

use std::{
    io::{self, ErrorKind},
    path::PathBuf,
    time::Duration,
};

use bytes::BytesMut;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::{Place, Secret, Surroundings};
use crate::os::socket::{self, Stream};

/// The version of these lines. A daemon and a bridge of different versions do not talk.
const VERSION: u32 = 1;

/// Longest first line, in bytes.
const MAX_HELLO_BYTES: usize = 256 * 1024;

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is wanted of the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Messages for one server, from now on.
    Connect {
        /// Its name in the configuration.
        server: String,
        /// The configuration that whoever asks believes to be in force.
        config: Option<PathBuf>,
        /// Where and in which environment the client has started us: as it would have started the server.
        #[serde(default)]
        surroundings: Surroundings,
    },
    /// How things stand.
    Status,
    /// Whether it does its work.
    Health,
    /// Take up the configuration anew.
    Reload {
        /// Even what loosens it.
        confirm: bool,
    },
    /// Drain and end.
    Stop,
}

/// What is said first to the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) version: u32,
    pub(crate) key: String,
    pub(crate) ask: Ask,
}

/// What the daemon says to that.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Greeting {
    /// It does as asked.
    Welcome(serde_json::Value),
    /// It does not; why, and what to do.
    Refused(String),
}

/// A connection on which the daemon has welcomed us.
#[derive(Debug)]
pub struct Dialled {
    /// For what follows.
    pub(crate) stream: Stream,
    /// What the daemon had to say.
    pub answer: serde_json::Value,
    /// What it said beyond its first line.
    pub(crate) rest: BytesMut,
}

/// Why the daemon cannot be reached, or not be started.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum LocalError {
    #[error("there is no daemon at {}; start one with `mcp-guard start -d`", .socket.display())]
    NotRunning { socket: PathBuf },
    #[error("the daemon is already running{}; stop it with `mcp-guard stop`", .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Running { pid: Option<u32> },
    #[error("there is no {}; it is made when the daemon starts: `mcp-guard start -d`", .path.display())]
    NoKey { path: PathBuf },
    #[error("{} does not hold a secret of ours; remove it and start the daemon again", .path.display())]
    BadKey { path: PathBuf },
    #[error("{} must be yours alone (its mode is {mode:03o}); run `chmod {wanted} {}`", .path.display(), .path.display())]
    NotPrivate { path: PathBuf, mode: u32, wanted: &'static str },
    #[error("cannot use the folder {}: {source}", .path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot use {}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the path of the socket is too long: {}; set daemon.socket_path in the configuration to a shorter one", .path.display())]
    SocketPath { path: PathBuf },
    #[error("cannot listen at {}: {source}", .path.display())]
    Listen { path: PathBuf, source: io::Error },
    #[error("the connection to the daemon failed: {0}")]
    Lost(#[from] io::Error),
    #[error("{0}")]
    Refused(String),
    #[error("the daemon could not be started: {0}")]
    NotStarted(String),
    #[error("the daemon did not answer within {} s; see its log, or stop it with `mcp-guard stop`", PATIENCE.as_secs())]
    Silent,
    #[error("what listens at {} is no daemon of this version; restart it: `mcp-guard stop`, `mcp-guard start -d`", .socket.display())]
    Foreign { socket: PathBuf },
}

impl LocalError {
    /// Whether there is simply no daemon, which starting one would change.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::NotRunning { .. } | Self::NoKey { .. })
    }
}

/// Connects to the daemon of this place and asks.
///
/// # Errors
/// It is not there, is not ours, or refuses.
pub async fn dial(place: &Place, ask: Ask) -> Result<Dialled, LocalError> {
    let key = Secret::load(&place.key())?;
    let failed = |error: io::Error| match error.kind() {
        // The last three: it ended, or was killed, just as we came.
        ErrorKind::NotFound
        | ErrorKind::ConnectionRefused
        | ErrorKind::ConnectionReset
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => LocalError::NotRunning { socket: place.socket().to_owned() },
        _ => error.into(),
    };
    // The key must not go to somebody who took the socket's place.
    let foreign = || LocalError::Foreign { socket: place.socket().to_owned() };
    let mut stream = socket::connect(place, &key).await.map_err(failed)?.ok_or_else(foreign)?;
    let hello = Hello { version: VERSION, key: key.reveal().to_owned(), ask };
    let mut line = serde_json::to_vec(&hello).map_err(io::Error::other)?;
    line.push(b'\n');
    let mut rest = BytesMut::new();
    let exchange = async {
        stream.write_all(&line).await?;
        read_line(&mut stream, &mut rest).await
    };
    let line =
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| LocalError::Silent)?.map_err(failed)?;
    match serde_json::from_slice(&line).map_err(|_| foreign())? {
        Greeting::Welcome(answer) => Ok(Dialled { stream, answer, rest }),
        Greeting::Refused(why) => Err(LocalError::Refused(why)),
    }
}

impl Hello {
    /// Reads a first line.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, String> {
        let hello: Self = serde_json::from_slice(line)
            .map_err(|_| "this is the socket of mcp-guard's daemon; use `mcp-guard connect`".to_owned())?;
        if hello.version != VERSION {
            return Err(format!(
                "the daemon speaks version {VERSION} and you speak {}; restart it: `mcp-guard stop`, `mcp-guard start -d`",
                hello.version
            ));
        }
        Ok(hello)
    }
}

/// Reads one short line; what was read beyond it stays in `buffer`.
pub(crate) async fn read_line(
    from: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> io::Result<BytesMut> {
    loop {
        if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let mut line = buffer.split_to(end + 1);
            line.truncate(end);
            return Ok(line);
        }
        if buffer.len() > MAX_HELLO_BYTES {
            return Err(io::Error::new(ErrorKind::InvalidData, "the first line is too long"));
        }
        if from.read_buf(buffer).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}
