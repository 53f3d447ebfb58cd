//! One audit for all sessions of a process. What they record at about the same time is committed together, so
//! that the cost of a transaction is shared by those who wait for it.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;

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
}

/// Records that are committed together, once they are, or why they were not.
type Group = OnceLock<Result<(), StoreError>>;

impl SharedAudit {
    /// Shares `audit`.
    pub fn new(audit: SqliteAudit) -> Self {
        Self { ledger: Arc::new(Mutex::new(Ledger { audit, open: None })) }
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

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditSink for SharedAudit {
    async fn record(&mut self, batch: &[Record<'_>]) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let group = self.lock().add(batch)?;
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
            Ok(()) => Ok(Arc::clone(self.open.get_or_insert_default())),
            Err(error) => {
                if let Some(group) = self.open.take() {
                    let _ = group.set(Err(error.clone()));
                }
                Err(error)
            }
        }
    }

    fn commit(&mut self) {
        if let Some(group) = self.open.take() {
            let _ = group.set(self.audit.commit());
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
