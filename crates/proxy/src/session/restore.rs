use std::collections::VecDeque;

use bytes::Bytes;
use store::AuditSink;
use wire::{Line, Revision};

use super::{Outlet, Session, Side};
use crate::Clock;

/// How far a server that took the place of another has come in learning what the client had said.
#[derive(Debug, Default)]
pub(super) enum Restoring {
    /// There is nothing to learn, or nothing more.
    #[default]
    Done,
    /// It was told one thing and owes the answer; then comes the rest.
    Busy {
        rest: VecDeque<Bytes>,
        /// The revision that its predecessor and the client had settled on.
        settled: Option<Revision>,
    },
    /// It did not accept the handshake.
    Failed(String),
}

impl<A: AuditSink> Session<A> {
    /// Tells a new server what its predecessor knew. Everything is decided anew, by the rules now in force, and
    /// recorded; the client sees nothing of it.
    pub async fn restore(&mut self, now: Clock, out: &mut impl Outlet) {
        // What a server before this one was told, and never answered, is told again.
        self.asked_mut(Side::Client).forget_ours();
        let rest = self.remembered.lines();
        self.restoring = Restoring::Busy { rest, settled: self.revision };
        self.tell_next(now);
        self.release(out).await;
    }

    /// Whether a server that takes the place of another has something to learn.
    pub fn has_history(&self) -> bool {
        !self.remembered.is_empty()
    }

    /// Whether the server still learns; until it is done the client has to wait.
    pub fn is_restoring(&self) -> bool {
        !matches!(self.restoring, Restoring::Done)
    }

    /// Why the server did not take up the work of its predecessor.
    pub fn not_restored(&self) -> Option<&str> {
        match &self.restoring {
            Restoring::Failed(why) => Some(why),
            _ => None,
        }
    }

    /// Tells the server the next things, up to one it has to answer.
    pub(super) fn tell_next(&mut self, now: Clock) {
        while let Restoring::Busy { rest, .. } = &mut self.restoring {
            let Some(line) = rest.pop_front() else {
                self.restoring = Restoring::Done;
                return;
            };
            let before = self.asked(Side::Client).total();
            self.replaying = true;
            self.line(Side::Client, Line::Whole(line), now);
            self.replaying = false;
            if self.asked(Side::Client).total() > before {
                return;
            }
        }
    }

    /// The server has answered: `handshake` says whether to the handshake, `refused` why it is of no use.
    pub(super) fn told(&mut self, handshake: bool, refused: Option<String>, now: Clock) {
        let Restoring::Busy { settled, .. } = &self.restoring else { return };
        match refused {
            Some(why) if handshake => self.restoring = Restoring::Failed(why),
            _ if handshake && *settled != self.revision => {
                self.restoring = Restoring::Failed("it speaks another revision of the protocol".to_owned());
            }
            // A subscription it does not want is a loss, but no reason to do without the server.
            Some(why) => {
                self.log
                    .warn(format_args!("a server that was started again refused what it was told: {why}"));
                self.tell_next(now);
            }
            None => self.tell_next(now),
        }
    }
}
