//! How much of the machine a test may take.

use std::sync::{Condvar, Mutex};

/// More at once would only make the timing of servers less regular.
const AT_ONCE: usize = 2;

static TAKEN: Mutex<usize> = Mutex::new(0);
static RETURNED: Condvar = Condvar::new();

/// The right to run one client and its server, until it is dropped.
pub(crate) struct Turn;

pub(crate) fn take() -> Turn {
    let taken = TAKEN.lock().unwrap();
    *RETURNED.wait_while(taken, |taken| *taken >= AT_ONCE).unwrap() += 1;
    Turn
}

impl Drop for Turn {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap() -= 1;
        RETURNED.notify_one();
    }
}
