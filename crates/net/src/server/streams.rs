use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::rt::Executor;
use tokio::time::{Sleep, sleep};

tokio::task_local! {
    static TURN: Cell<Turn>;
}

/// Whose turn it is on one HTTP/2 stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// There is nothing to send yet.
    Ours,
    /// There is, and the client has not made room for it: its window is closed.
    Theirs,
    /// The client has just made room.
    Taken,
}

/// The body of the stream that runs in this task was asked for more, and had some or not. Elsewhere, and on HTTP/1.1,
/// where each connection watches its own bytes, nobody cares.
pub(super) fn asked(had_more: bool) {
    let _elsewhere = TURN.try_with(|turn| turn.set(if had_more { Turn::Taken } else { Turn::Ours }));
}

/// The response of the stream that runs in this task is there.
pub(super) fn answered() {
    asked(true);
}

/// Runs the streams of HTTP/2 connections. One whose client makes no room for what there is to send is dropped; the
/// connection cannot see that, since its other streams may go on (CVE-2019-9517).
#[derive(Debug, Clone)]
pub(super) struct Streams {
    pub(super) patience: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
{
    fn execute(&self, stream: F) {
        let stream = Box::pin(stream);
        tokio::spawn(Stream { stream, turn: Turn::Ours, patience: self.patience, stalled: None });
    }
}

struct Stream<F> {
    stream: Pin<Box<F>>,
    turn: Turn,
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<F: Future> Future for Stream<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let stream = this.stream.as_mut();
        let (polled, turn) =
            TURN.sync_scope(Cell::new(this.turn), || (stream.poll(cx), TURN.with(Cell::get)));
        if polled.is_ready() {
            return Poll::Ready(());
        }
        if turn != Turn::Theirs {
            this.stalled = None;
        }
        if turn == Turn::Ours {
            this.turn = Turn::Ours;
            return Poll::Pending;
        }
        this.turn = Turn::Theirs;
        let patience = this.patience;
        this.stalled.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(cx)
    }
}
