//! The socket: who may come in, and what they want.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

use bytes::BytesMut;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};

use super::{
    Health, Shared, Status,
    attend::{Attendance, Visitor},
    events::Phase,
};
use crate::{
    caller::caller,
    local::{Ask, Greeting, Hello, LocalError, Place, read_line},
    relay::{Input, Output},
};

/// Whoever has not said who they are after this is sent away.
const INTRODUCTION: Duration = Duration::from_secs(5);

/// Connections that may be open at one time.
const VISITORS: usize = 4096;

pub(super) struct Door {
    listener: UnixListener,
}

impl Door {
    /// Listens at the place's socket. The caller holds the daemon's lock, so that a socket found there is one that
    /// a dead daemon has left.
    pub(super) fn open(place: &Place) -> Result<Self, LocalError> {
        let path = place.socket();
        let failed = |source| LocalError::Listen { path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| *folder != place.home()) {
            private_enough(folder).map_err(failed)?;
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // No moment may pass in which others could connect.
        let before = rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o177));
        let listener = UnixListener::bind(path);
        rustix::process::umask(before);
        let listener = listener.map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self { listener })
    }

    /// Lets visitors in, for ever.
    pub(super) async fn serve(self, shared: Arc<Shared>) {
        let seats = Arc::new(Semaphore::new(VISITORS));
        loop {
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, _)) => {
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
async fn receive(mut stream: UnixStream, shared: &Shared) -> io::Result<()> {
    let mut rest = BytesMut::new();
    let introduction = tokio::time::timeout(INTRODUCTION, read_line(&mut stream, &mut rest)).await;
    let Ok(Ok(line)) = introduction else {
        return greet(&mut stream, &Greeting::Refused("say who you are, in one line".to_owned())).await;
    };
    let peer = stream.peer_cred()?;
    let refusal = match Hello::parse(&line) {
        Err(why) => why,
        Ok(hello) if !shared.key.admits(&hello.key) => {
            shared
                .log
                .warn(format_args!("a connection with a wrong key was refused (process {:?})", peer.pid()));
            "the daemon does not know this key; read it anew from daemon.key".to_owned()
        }
        Ok(_) if peer.uid() != rustix::process::geteuid().as_raw() => {
            format!(
                "the daemon belongs to user {}, you are user {}",
                rustix::process::geteuid().as_raw(),
                peer.uid()
            )
        }
        Ok(hello) => match hello.ask {
            Ask::Connect { server, config, surroundings } => match agreed(shared, config.as_deref()) {
                Ok(()) => {
                    let visitor = Visitor {
                        caller: caller(peer.uid()),
                        process: peer.pid().and_then(|pid| u32::try_from(pid).ok()),
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
                let outcome = shared.reload.now(shared, confirm, "asked for").await;
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

async fn greet(stream: &mut UnixStream, greeting: &Greeting) -> io::Result<()> {
    let mut line = serde_json::to_vec(greeting)?;
    line.push(b'\n');
    tokio::time::timeout(INTRODUCTION, stream.write_all(&line)).await?
}

/// A bridge that was told of another configuration would be guarded by rules it does not know of.
fn agreed(shared: &Shared, theirs: Option<&Path>) -> Result<(), String> {
    let real =
        |path: Option<&Path>| path.map(|path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
    let ours = shared.config.as_deref();
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

/// Somebody who may change the folder could put a socket of their own in place of ours.
fn private_enough(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    if !folder.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let found = fs::metadata(folder)?;
    let ours = found.uid() == rustix::process::geteuid().as_raw();
    if !ours || found.mode() & 0o077 != 0 {
        let why = format!(
            "{} must be yours alone; run `chmod 700 {}`, or choose another socket_path",
            folder.display(),
            folder.display()
        );
        return Err(io::Error::new(ErrorKind::PermissionDenied, why));
    }
    Ok(())
}
