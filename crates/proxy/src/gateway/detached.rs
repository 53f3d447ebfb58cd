//! What goes on without the client that began it.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::runtime::Handle;

/// Runs to its end even if the client goes away: up to 2025-11-25 that cancels nothing. As long as the client is there
/// this is part of the task of its connection; only what it leaves behind gets a task of its own.
pub(super) struct Detached<F: Future<Output: Send> + Send + 'static>(Option<Pin<Box<F>>>);

/// See [`Detached`].
pub(super) fn detached<F: Future<Output: Send> + Send + 'static>(serving: F) -> Detached<F> {
    Detached(Some(Box::pin(serving)))
}

impl<F: Future<Output: Send> + Send + 'static> Future for Detached<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(serving) = &mut self.0 else { return Poll::Pending };
        let served = ready!(serving.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(served)
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for Detached<F> {
    fn drop(&mut self) {
        // Without a runtime everything ends.
        if let (Some(rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_comes_to_its_end_without_whoever_waited() {
        let (go, may_go) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let mut serving = detached(async move {
            let _ = may_go.await;
            let _ = done.send("done");
        });
        tokio::select! {
            biased;
            () = &mut serving => panic!("it waits"),
            () = std::future::ready(()) => {}
        }
        drop(serving);
        let _ = go.send(());
        assert_eq!(is_done.await, Ok("done"));
    }
}
