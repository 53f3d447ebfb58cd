//! The socket: who may come in, and what they want.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use bytes::BytesMut;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Semaphore,
};

use super::{
    Health, Shared, Status,
    attend::{Attendance, Visitor},
    events::Phase,
};
use crate::{
    local::{Ask, Greeting, Hello, LocalError, Place, read_line},
    os::socket::{self, Listener, Peer, Stream},
    relay::{Input, Output},
};

/// Whoever has not said who they are after this is sent away.
const INTRODUCTION: Duration = Duration::from_secs(5);

/// Connections that may be open at one time.
const VISITORS: usize = 4096;

pub(super) struct Door {
    listener: Listener,
}

impl Door {
    /// Listens at the place's socket. The caller holds the daemon's lock.
    pub(super) fn open(place: &Place) -> Result<Self, LocalError> {
        Ok(Self { listener: Listener::bind(place)? })
    }

    /// Lets visitors in, for ever.
    pub(super) async fn serve(mut self, shared: Arc<Shared>) {
        let seats = Arc::new(Semaphore::new(VISITORS));
        loop {
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok(stream) => {
                    let shared = Arc::clone(&shared);
                    tokio::spawn(async move {
                        let _seat = seat;
                        // They may hang up at any moment; that is their affair.
                        let _ = receive(stream, &shared).await;
                    });
                }
                Err(error) => {
                    // Out of descriptors, most likely: others may give some back.
                    shared.log.error(format_args!("cannot accept a connection: {error}"));
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
}

/// Hears what a visitor wants and does it.
async fn receive(mut stream: Stream, shared: &Shared) -> io::Result<()> {
    let mut rest = BytesMut::new();
    let introduction = async {
        socket::prove(&mut stream, &shared.key).await?;
        read_line(&mut stream, &mut rest).await
    };
    let Ok(Ok(line)) = tokio::time::timeout(INTRODUCTION, introduction).await else {
        return greet(&mut stream, &Greeting::Refused("say who you are, in one line".to_owned())).await;
    };
    let peer = Peer::of(&stream)?;
    let refusal = match Hello::parse(&line) {
        Err(why) => why,
        Ok(hello) if !shared.key.admits(&hello.key) => {
            shared.log.warn(format_args!(
                "a connection with a wrong key was refused (process {:?})",
                peer.process()
            ));
            "the daemon does not know this key; read it anew from daemon.key".to_owned()
        }
        Ok(hello) => match hello.ask {
            _ if let Some(why) = peer.stranger() => why,
            Ask::Connect { server, config, surroundings } => match agreed(shared, config.as_deref()) {
                Ok(()) => {
                    let visitor = Visitor {
                        caller: peer.caller(),
                        process: peer.process(),
                        server: server.into(),
                        surroundings,
                    };
                    match Attendance::prepare(shared, visitor) {
                        Ok(attendance) => {
                            greet(&mut stream, &Greeting::Welcome(Value::Null)).await?;
                            let (read, write) = stream.into_split();
                            let client = (Input::new(io::Cursor::new(rest).chain(read)), Output::new(write));
                            attendance.serve(client).await;
                            return Ok(());
                        }
                        Err(why) => why,
                    }
                }
                Err(why) => why,
            },
            Ask::Status => {
                let status = serde_json::to_value(Status::of(shared))?;
                return greet(&mut stream, &Greeting::Welcome(status)).await;
            }
            Ask::Health => {
                let health = serde_json::to_value(Health::of(shared))?;
                return greet(&mut stream, &Greeting::Welcome(health)).await;
            }
            Ask::Reload { confirm } => {
                let outcome = shared.rules.now(confirm, "asked for").await;
                outcome.report(&shared.log);
                let outcome = serde_json::to_value(outcome)?;
                return greet(&mut stream, &Greeting::Welcome(outcome)).await;
            }
            Ask::Stop => {
                greet(&mut stream, &Greeting::Welcome(json!({ "pid": std::process::id() }))).await?;
                shared.log.info("asked to stop");
                shared.phase.send_replace(Phase::Draining);
                return Ok(());
            }
        },
    };
    greet(&mut stream, &Greeting::Refused(refusal)).await
}

async fn greet(stream: &mut Stream, greeting: &Greeting) -> io::Result<()> {
    let mut line = serde_json::to_vec(greeting)?;
    line.push(b'\n');
    tokio::time::timeout(INTRODUCTION, stream.write_all(&line)).await?
}

/// A bridge that was told of another configuration would be guarded by rules it does not know of.
fn agreed(shared: &Shared, theirs: Option<&Path>) -> Result<(), String> {
    let real =
        |path: Option<&Path>| path.map(|path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
    let ours = shared.rules.config();
    if real(ours) == real(theirs) {
        return Ok(());
    }
    let shown = |path: Option<&Path>| {
        path.map_or("no configuration file".to_owned(), |path| path.display().to_string())
    };
    Err(format!(
        "the daemon runs with {}, and this was started with {}; use the same with `-c`, restart the daemon with the \
         other (`mcp-guard stop`), or give each its own daemon.home",
        shown(ours),
        shown(theirs)
    ))
}
