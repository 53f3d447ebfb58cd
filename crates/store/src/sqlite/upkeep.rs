use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use super::patience::Patience;
use super::place::{Identity, Place};
use super::schema::AUDIT;
use super::sessions::{self, Beats};
use super::{AuditOptions, connection, retention};

const HOUR: Duration = Duration::from_secs(60 * 60);
const STACK_BYTES: usize = 512 * 1024;

/// Checkpoints, retention and signs of life, on a thread and a connection of their own.
#[derive(Debug)]
pub(super) struct Upkeep {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
    checkpoint_pages: u32,
    wal_limit_pages: u32,
    last_pages: u32,
    next_checkpoint: u32,
    next_emptying: u32,
}

/// What keeps the log from growing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Write it from its start again.
    StartAnew,
    /// That was of no use: empty it.
    Empty,
}

impl Upkeep {
    pub(super) fn start(
        (place, identity): (Place, Option<Identity>),
        options: &AuditOptions,
        beats: Beats,
    ) -> Self {
        let bell = Arc::new(Bell::default());
        let work = Work {
            place,
            identity,
            retention_days: options.retention_days,
            beats,
            bell: Arc::clone(&bell),
            conn: None,
        };
        let builder = Builder::new().name("audit-upkeep".to_owned()).stack_size(STACK_BYTES);
        Self {
            bell,
            // Without the thread the writer still bounds the log by itself.
            thread: builder.spawn(move || work.run()).ok(),
            checkpoint_pages: options.checkpoint_pages,
            wal_limit_pages: options.wal_limit_pages,
            last_pages: 0,
            next_checkpoint: options.checkpoint_pages,
            next_emptying: options.wal_limit_pages,
        }
    }

    /// Asks for a checkpoint when the log has grown enough; says what the writer must do itself if it has grown too much.
    pub(super) fn after_commit(&mut self, wal_pages: u32) -> Option<Remedy> {
        if wal_pages < self.last_pages {
            self.next_checkpoint = self.checkpoint_pages;
            self.next_emptying = self.wal_limit_pages;
        }
        self.last_pages = wal_pages;
        if wal_pages >= self.next_emptying {
            let first = self.next_emptying == self.wal_limit_pages;
            // While a reader holds an old part of the log, trying at each commit would only cost.
            self.next_emptying = wal_pages + self.checkpoint_pages / 8 + 1;
            return Some(if first { Remedy::StartAnew } else { Remedy::Empty });
        }
        // Past the limit the background would only hold the lock that emptying needs.
        if wal_pages >= self.next_checkpoint && wal_pages < self.wal_limit_pages {
            self.next_checkpoint = wal_pages + self.checkpoint_pages;
            self.bell.ring(|wanted| wanted.checkpoint = true);
        }
        None
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.bell.ring(|wanted| wanted.stop = true);
        if let Some(thread) = self.thread.take() {
            // A panic in there has nothing left to stop.
            let _ = thread.join();
        }
    }
}

/// What the thread is asked to do.
#[derive(Debug, Default)]
pub(super) struct Bell {
    wanted: Mutex<Wanted>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct Wanted {
    checkpoint: bool,
    stop: bool,
}

impl Bell {
    /// Waits up to `pause`; true if the thread must stop.
    pub(super) fn stops_within(&self, pause: Duration) -> bool {
        let waited = self.rung.wait_timeout_while(self.lock(), pause, |wanted| !wanted.stop);
        waited.unwrap_or_else(PoisonError::into_inner).0.stop
    }

    fn ring(&self, ask: impl FnOnce(&mut Wanted)) {
        ask(&mut self.lock());
        self.rung.notify_one();
    }

    /// Waits until asked or until `pause` is over.
    fn listen(&self, pause: Duration) -> Wanted {
        let idle = |wanted: &mut Wanted| !wanted.stop && !wanted.checkpoint;
        let waited = self.rung.wait_timeout_while(self.lock(), pause, idle);
        let mut wanted = waited.unwrap_or_else(PoisonError::into_inner).0;
        let stop = wanted.stop;
        Wanted { checkpoint: std::mem::take(&mut wanted.checkpoint), stop }
    }

    fn lock(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Work {
    place: Place,
    identity: Option<Identity>,
    retention_days: Option<u32>,
    beats: Beats,
    bell: Arc<Bell>,
    conn: Option<Connection>,
}

impl Work {
    fn run(mut self) {
        let mut chores_due = Instant::now();
        loop {
            let now = Instant::now();
            if now >= chores_due {
                chores_due = now + HOUR;
                self.chores();
            }
            let wanted = self.bell.listen(chores_due.saturating_duration_since(now));
            if wanted.stop {
                return;
            }
            if wanted.checkpoint
                && let Some(conn) = self.connection()
            {
                // A checkpoint that fails is tried again when the log has grown further.
                let _ = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
        }
    }

    /// What is due each hour. Errors wait for the next hour: nothing here decides whether a frame
    /// may leave.
    fn chores(&mut self) {
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let now_ms = u64::try_from(now_ms).unwrap_or(u64::MAX);
        let (beats, bell) = (Arc::clone(&self.beats), Arc::clone(&self.bell));
        let retention_days = self.retention_days;
        let Some(conn) = self.connection() else {
            return;
        };
        let _ = sessions::beat(conn, &beats, now_ms);
        if let Some(days) = retention_days {
            let _ = retention::run(conn, &bell, retention::cutoff_ms(now_ms, days));
        }
    }

    /// The thread's connection, as long as the path leads to the file the writer writes.
    fn connection(&mut self) -> Option<&Connection> {
        if self.place.identity() != self.identity {
            return None;
        }
        if self.conn.is_none() {
            let _lock = self.place.lock().ok()?;
            let conn = connection::open(&self.place, &AUDIT, |conn| Patience::default().govern(conn)).ok()?;
            conn.pragma_update(None, "wal_autocheckpoint", 0).ok()?;
            self.conn = Some(conn);
        }
        self.conn.as_ref()
    }
}
