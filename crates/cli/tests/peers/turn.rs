use std::sync::{Condvar, Mutex};

/// More at once would only make the servers' own timing less regular.
const AT_ONCE: usize = 2;

static TAKEN: Mutex<usize> = Mutex::new(0);
static RETURNED: Condvar = Condvar::new();

/// The right to run one client and its server, until dropped.
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
