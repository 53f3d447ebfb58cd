use std::{future::pending, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::after;

/// A way to end a server, and the view of it that the server and its handlers share.
pub fn shutdown() -> (Shutdown, Draining) {
    let (sender, receiver) = watch::channel(None);
    (Shutdown(sender), Draining(receiver))
}

/// Ends a server. Dropped unused, it ends it at once.
#[derive(Debug)]
pub struct Shutdown(watch::Sender<Option<Instant>>);

impl Shutdown {
    /// Takes no more connections or requests, and cuts what is not over after this time.
    pub fn begin(&self, within: Duration) {
        self.0.send_replace(Some(after(Instant::now(), within)));
    }
}

/// Whether the server is about to end. Streams that never end by themselves should watch it.
#[derive(Debug, Clone)]
pub struct Draining(watch::Receiver<Option<Instant>>);

impl Draining {
    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        // This copy never takes note of a change, so that there is one as soon as the end is set.
        self.0.has_changed().unwrap_or(true)
    }

    /// Waits until it begins.
    pub async fn begun(&self) {
        let mut begun = self.0.clone();
        let _set_or_dropped = begun.wait_for(Option::is_some).await;
    }

    /// Waits until its time is over.
    pub(super) async fn over(&self) {
        let mut end = self.0.clone();
        loop {
            let until = *end.borrow_and_update();
            let reached = async {
                match until {
                    Some(until) => sleep_until(until).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = reached => return,
                // Its time may be cut short. Nobody left who could set one: it is over, unless one is set.
                changed = end.changed() => if changed.is_err() {
                    if let Some(until) = until {
                        sleep_until(until).await;
                    }
                    return;
                },
            }
        }
    }
}
