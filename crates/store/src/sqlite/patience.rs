use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use rusqlite::Connection;

const PATIENT: Duration = Duration::from_millis(500);
pub(super) const IMPATIENT: Duration = Duration::from_millis(20);

/// How long a connection waits for a lock: long at first, short while waiting has proved useless.
#[derive(Debug, Clone, Default)]
pub(super) struct Patience(Arc<AtomicBool>);

impl Patience {
    /// Makes `conn` wait for locks as long as this says.
    pub(super) fn govern(&self, conn: &mut Connection) -> rusqlite::Result<()> {
        let lost = Arc::clone(&self.0);
        let mut since = Instant::now();
        conn.busy_handler(Some(move |attempt: i32| {
            if attempt == 0 {
                since = Instant::now();
            }
            let wait = if lost.load(Ordering::Relaxed) { IMPATIENT } else { PATIENT };
            if since.elapsed() >= wait {
                return false;
            }
            // Another guard's transaction takes tens of microseconds, so sleep only after a while.
            match attempt {
                0..8 => yield_now(),
                8..40 => wait_for(Duration::from_micros(50)),
                _ => pause(),
            }
            true
        }))
    }

    pub(super) fn lose(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn regain(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Waits until a short work elsewhere may be done.
pub(super) fn pause() {
    wait_for(Duration::from_millis(1));
}

#[expect(
    clippy::disallowed_methods,
    reason = "SQLite is called inline and blocks: nothing may leave before it returns"
)]
fn wait_for(time: Duration) {
    std::thread::sleep(time);
}
