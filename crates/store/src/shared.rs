//! One audit for all sessions of a process. What they record at about the same time is committed together, so
//! that the cost of a transaction is shared by those who wait for it.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{AuditSink, Record, SessionId, SessionStart, SqliteAudit, StoreError};

/// A handle on the one audit of this process; clones share it.
#[derive(Debug, Clone)]
pub struct SharedAudit {
    ledger: Arc<Mutex<Ledger>>,
}

#[derive(Debug)]
struct Ledger {
    audit: SqliteAudit,
    /// What was recorded and not yet committed.
    open: Option<Arc<Group>>,
    /// Batches in it.
    batches: u32,
    /// Groups of one batch since the last one of several.
    alone: u32,
    health: AuditHealth,
}

/// How recording goes.
#[derive(Debug, Clone, Default)]
pub struct AuditHealth {
    /// When something was last recorded, in milliseconds since 1970.
    pub last_write_ms: Option<u64>,
    /// Why nothing can be recorded; `None` since the last time it worked.
    pub trouble: Option<StoreError>,
}

/// After so many commits that nobody shared none is waited with, but for each of this number.
const ALONE: u32 = 8;

/// Records that are committed together, once they are, or why they were not.
type Group = OnceLock<Result<(), StoreError>>;

impl SharedAudit {
    /// Shares `audit`.
    pub fn new(audit: SqliteAudit) -> Self {
        Self {
            ledger: Arc::new(Mutex::new(Ledger {
                audit,
                open: None,
                batches: 0,
                alone: 0,
                health: AuditHealth::default(),
            })),
        }
    }

    /// Writes the row of a session whose records follow.
    ///
    /// # Errors
    /// As [`SqliteAudit::start_session`].
    pub fn start_session(&self, start: &SessionStart<'_>) -> Result<SessionId, StoreError> {
        let mut ledger = self.lock();
        ledger.commit();
        ledger.audit.start_session(start)
    }

    /// Notes when a session ended.
    ///
    /// # Errors
    /// As [`SqliteAudit::end_session`].
    pub fn end_session(&self, session: SessionId, now_ms: u64) -> Result<(), StoreError> {
        let mut ledger = self.lock();
        ledger.commit();
        ledger.audit.end_session(session, now_ms)
    }

    /// How recording goes, by what became of the last attempt. Cheap: touches no file.
    pub fn health(&self) -> AuditHealth {
        self.lock().health.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditSink for SharedAudit {
    async fn record(&mut self, batch: &[Record<'_>]) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let group = {
            let mut ledger = self.lock();
            if !ledger.expects_others() {
                return ledger.write(batch);
            }
            ledger.add(batch)?
        };
        let pending = Pending { audit: self, group };
        // Every session that has something to record by now does so before this one goes on.
        let_others_run().await;
        pending.commit()
    }
}

impl Ledger {
    /// Adds to the open group. If that fails, the whole group has failed: its transaction is gone.
    fn add(&mut self, batch: &[Record<'_>]) -> Result<Arc<Group>, StoreError> {
        match self.audit.add(batch) {
            Ok(()) => {
                self.batches += 1;
                Ok(Arc::clone(self.open.get_or_insert_default()))
            }
            Err(error) => {
                self.batches = 0;
                if let Some(group) = self.open.take() {
                    let _ = group.set(Err(error.clone()));
                }
                self.health.trouble = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Whether others are likely to join. Letting them costs a session that is alone more than it could spare; now and
    /// then it is found out whether it still is.
    fn expects_others(&self) -> bool {
        self.open.is_some() || self.alone < ALONE || self.alone.is_multiple_of(ALONE)
    }

    /// Commits a batch by itself.
    fn write(&mut self, batch: &[Record<'_>]) -> Result<(), StoreError> {
        self.alone = self.alone.wrapping_add(1);
        let outcome = self.audit.write(batch);
        self.note(&outcome);
        outcome
    }

    fn commit(&mut self) {
        let Some(group) = self.open.take() else { return };
        self.alone = if std::mem::take(&mut self.batches) > 1 { 0 } else { self.alone.wrapping_add(1) };
        let outcome = self.audit.commit();
        self.note(&outcome);
        let _ = group.set(outcome);
    }

    fn note(&mut self, outcome: &Result<(), StoreError>) {
        match outcome {
            Ok(()) => self.health = AuditHealth { last_write_ms: Some(now_ms()), trouble: None },
            Err(error) => self.health.trouble = Some(error.clone()),
        }
    }
}

/// Records that wait for their commit. They get it even if nobody waits any more: an open transaction would keep
/// every other process from writing.
struct Pending<'a> {
    audit: &'a SharedAudit,
    group: Arc<Group>,
}

impl Pending<'_> {
    fn commit(&self) -> Result<(), StoreError> {
        if self.group.get().is_none() {
            self.audit.lock().commit();
        }
        // Whoever took the group away has told its outcome before letting go of the lock.
        self.group.wait().clone()
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let _ = self.commit();
    }
}

fn now_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX)
}

async fn let_others_run() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
