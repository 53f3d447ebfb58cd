//! The bridge: what a client starts in the place of a server. Carries bytes between its standard streams and the
//! daemon, holds no policy, and lets nothing pass that the daemon has not seen: without a daemon it answers with
//! errors. It only remembers what it needs to tell the client what was lost, and to begin again with a new daemon.

mod link;
mod reach;
mod tracker;

use std::{io, path::PathBuf, time::Duration};

use bytes::BytesMut;

pub(crate) use self::tracker::GOODBYE;
use self::{
    link::{Ear, Link, Mouth, Said},
    reach::Reach,
    tracker::{Fate, Tracker},
};
use crate::{
    Command,
    local::{LocalError, Place},
    relay::{Input, Output},
};

/// What waits for a slow reader may grow to this before we stop reading the other side, in bytes.
const ENOUGH: usize = 1024 * 1024;

/// How often a lost daemon is looked for while the client says nothing.
const LOOK: Duration = Duration::from_millis(250);

/// What a bridge is for.
pub struct Bridge {
    /// Where the daemon lives.
    pub place: Place,
    /// The server's name in the configuration.
    pub server: String,
    /// The configuration we believe to be in force.
    pub config: Option<PathBuf>,
    /// Starts the daemon in the background, and ends when it is ready.
    pub start: Command,
    /// Takes lines for the person who watches.
    pub tell: fn(&str),
}

impl Bridge {
    /// Serves the client on our standard streams until it leaves.
    ///
    /// # Errors
    /// The daemon cannot be reached at first, or our own streams cannot be used.
    pub async fn run(self) -> Result<(), LocalError> {
        let reach = Reach::new(self.place, self.server, self.config, self.start);
        let link = reach.daemon(true).await?;
        let mut carrier = Carrier {
            reach,
            tell: self.tell,
            link: Some(link),
            may_start: true,
            trouble: String::new(),
            client_in: Some(Input::ours()?),
            client_out: Output::ours()?,
            heard: BytesMut::new(),
            to_client: Vec::new(),
            to_daemon: Vec::new(),
            tracker: Tracker::default(),
        };
        let ended = carrier.carry().await;
        let _ = carrier.client_out.finish().await;
        ended
    }
}

struct Carrier {
    reach: Reach,
    tell: fn(&str),
    /// `None` while there is no daemon.
    link: Option<Link>,
    /// Whether to start a daemon when one is needed: not if the last one was stopped on purpose.
    may_start: bool,
    /// Why there is no daemon.
    trouble: String,
    /// `None` once the client has closed its end.
    client_in: Option<Input>,
    client_out: Output,
    /// Bytes of the client that were read and not yet looked at.
    heard: BytesMut,
    to_client: Vec<u8>,
    to_daemon: Vec<u8>,
    tracker: Tracker,
}

impl Carrier {
    async fn carry(&mut self) -> Result<(), LocalError> {
        loop {
            self.hand_over().await;
            if self.client_in.is_none() && self.link.is_none() && self.to_client.is_empty() {
                return Ok(());
            }
            let connected = self.link.is_some();
            let (ear, mouth) = self.link.as_mut().map(|link| (&mut link.ear, &mut link.mouth)).unzip();
            let hears_client = self.to_daemon.len() < ENOUGH && self.heard.is_empty();
            let hears_daemon = self.to_client.len() < ENOUGH;
            let says_all = self.client_in.is_none() && self.to_daemon.is_empty();
            tokio::select! {
                read = hear(&mut self.client_in, &mut self.heard), if hears_client => {
                    if !matches!(read, Ok(1..)) {
                        self.client_in = None;
                    }
                }
                wrote = self.client_out.write(&self.to_client), if !self.to_client.is_empty() => match wrote {
                    Ok(wrote) => drop(self.to_client.drain(..wrote)),
                    // Nobody reads any more: there is nothing left to do.
                    Err(_) => return Ok(()),
                },
                said = listen(ear), if hears_daemon => self.daemon_said(said),
                wrote = speak(mouth, &self.to_daemon, says_all) => match wrote {
                    Ok(wrote) => drop(self.to_daemon.drain(..wrote)),
                    // What it said last comes first; its end will be noticed there.
                    Err(_) => self.to_daemon.clear(),
                },
                () = tokio::time::sleep(LOOK), if !connected && self.client_in.is_some() => {
                    self.reconnect(false).await;
                }
            }
        }
    }

    /// Takes what the client said on to the daemon; if there is none, tries to get one, or else refuses it.
    async fn hand_over(&mut self) {
        if self.heard.is_empty() || self.tracker.is_restoring() {
            return;
        }
        if self.link.is_none() {
            self.reconnect(self.may_start).await;
        }
        if self.tracker.is_restoring() {
            return;
        }
        let heard = self.heard.split();
        if self.link.is_some() {
            self.tracker.client_said(&heard, &mut self.to_daemon);
        } else {
            self.tracker.client_said(&heard, &mut Vec::new());
            self.tracker.refuse(&self.trouble, &mut self.to_client);
        }
        self.tracker.answer_cut(&mut self.to_client);
    }

    fn daemon_said(&mut self, said: Said) {
        match said {
            Said::Lines(lines) => {
                for line in lines.split_inclusive(|byte| *byte == b'\n') {
                    match self.tracker.daemon_said(line) {
                        Fate::Deliver => self.to_client.extend_from_slice(line),
                        Fate::Swallow => {}
                        Fate::Restored => self.tracker.take_up(&mut self.to_daemon),
                        Fate::NotRestored(why) => {
                            self.lost(format!("the server could not be taken up again: {why}"));
                            return;
                        }
                        Fate::Goodbye => self.may_start = false,
                    }
                }
            }
            Said::Nothing => {}
            Said::Goodbye if self.client_in.is_none() && !self.tracker.is_waiting() => self.link = None,
            Said::Goodbye => {
                let why = if self.may_start {
                    "the connection to mcp-guard's daemon was lost"
                } else {
                    "mcp-guard's daemon was stopped; start it with `mcp-guard start -d`"
                };
                self.lost(why.to_owned());
            }
        }
    }

    /// The daemon is gone: whoever waits is told.
    fn lost(&mut self, why: String) {
        self.link = None;
        self.to_daemon.clear();
        let waited = self.tracker.lost(&why, &mut self.to_client);
        (self.tell)(&format!("{why}; {waited} requests were answered with an error"));
        self.trouble = why;
    }

    async fn reconnect(&mut self, may_start: bool) {
        match self.reach.daemon(may_start).await {
            Ok(link) => {
                (self.tell)("connected to mcp-guard's daemon again; the server was started anew");
                self.link = Some(link);
                self.may_start = true;
                self.to_daemon.clear();
                self.tracker.restore(&mut self.to_daemon);
            }
            Err(error) if error.is_absence() => {}
            Err(error) => self.trouble = error.to_string(),
        }
    }
}

async fn hear(from: &mut Option<Input>, into: &mut BytesMut) -> io::Result<usize> {
    match from {
        Some(from) => {
            into.reserve(64 * 1024);
            from.read(into).await
        }
        None => std::future::pending().await,
    }
}

async fn listen(ear: Option<&mut Ear>) -> Said {
    match ear {
        Some(ear) => ear.listen().await,
        None => std::future::pending().await,
    }
}

/// Writes some, or closes our half once everything is said.
async fn speak(mouth: Option<&mut Mouth>, bytes: &[u8], is_all: bool) -> io::Result<usize> {
    match mouth {
        Some(mouth) if !bytes.is_empty() => mouth.speak(bytes).await,
        Some(mouth) if is_all => mouth.say_goodbye().await,
        _ => std::future::pending().await,
    }
}
