//! A far end that is a process of ours: lines on its standard streams.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::{Buf, BytesMut};
use tokio::sync::mpsc;
use wire::{Line, Lines, Salvaged, code};

use super::far::{Far, Heard, Said, Works};
use crate::relay::{Leaving, Server, Step, hear, tell};

/// What waits for the server may grow to this, in bytes, before more is taken on.
const ENOUGH: usize = 1024 * 1024;

/// A link to a process that was just started. The process ends when the link is dropped.
/// `alive` is held as long as the process lives.
pub(crate) fn over_process(server: Server, max_frame_bytes: usize, alive: Alive) -> Far {
    let (far, works) = Far::new();
    tokio::spawn(async move {
        work(server, works, max_frame_bytes).await;
        drop(alive);
    });
    far
}

/// Held by whatever has to have ended before we may.
pub(crate) type Alive = mpsc::Sender<std::convert::Infallible>;

async fn work(mut server: Server, works: Works, max_frame_bytes: usize) {
    let Works { mut said, heard } = works;
    let mut lines = Lines::new(max_frame_bytes);
    let mut ready: VecDeque<Heard> = VecDeque::new();
    let mut unsent = BytesMut::new();
    let mut leaving = Leaving::new(Duration::ZERO);
    loop {
        if leaving.closes_input() && unsent.is_empty() {
            server.input = None;
        }
        tokio::select! {
            message = said.recv(), if unsent.len() < ENOUGH && leaving.hears_client() => match message {
                Some(Said { line, .. }) => {
                    unsent.extend_from_slice(&line);
                    unsent.extend_from_slice(b"\n");
                }
                None => leaving.client_is_done(),
            },
            sent = tell(&mut server.input, &unsent), if !unsent.is_empty() => match sent {
                Ok(sent) => unsent.advance(sent),
                // It reads no more. Its output will end too, or what it says still counts.
                Err(_) => unsent.clear(),
            },
            read = hear(&mut server.output, lines.space()), if ready.is_empty() => {
                if matches!(read, Ok(1..)) {
                    ready.extend(std::iter::from_fn(|| lines.next_line()).map(heard_as));
                } else {
                    server.output = None;
                    ready.extend(lines.finish().map(heard_as));
                    leaving.server_is_silent();
                }
            }
            () = pass_on(&heard, &mut ready), if !ready.is_empty() => {}
            status = server.process.wait() => leaving.server_exited(status),
            () = tokio::time::sleep_until(leaving.deadline().into()) => {}
        }
        leaving.owed(0, 0);
        match leaving.next(Instant::now()) {
            Step::Wait => {}
            Step::Terminate => server.process.terminate_group(),
            Step::Kill => server.process.kill_group(),
            Step::Done(status) => {
                while !ready.is_empty() {
                    pass_on(&heard, &mut ready).await;
                }
                // Whoever hears of it must not take this one for alive.
                drop(said);
                let _ = heard.send(Heard::Gone(status.reason())).await;
                return;
            }
        }
    }
}

/// Hands on the first line. Loses nothing when dropped.
async fn pass_on(heard: &mpsc::Sender<Heard>, ready: &mut VecDeque<Heard>) {
    match heard.reserve().await {
        Ok(place) => {
            if let Some(next) = ready.pop_front() {
                place.send(next);
            }
        }
        // Nobody listens any more.
        Err(_) => ready.clear(),
    }
}

/// A line as it is. An answer that is too long becomes the error that whoever waits for it is told.
fn heard_as(line: Line) -> Heard {
    match line {
        Line::Whole(line) => Heard::Line { of: None, line },
        Line::Oversized(over) => {
            let Salvaged { id: Some(id), answers: true, calls: false, .. } = &over.salvaged else {
                return Heard::TooLong(Box::new(over));
            };
            let code = code::DENIED;
            let text = format!(
                r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"the server's answer has {} bytes, more than limits.max_frame_bytes"}}}}"#,
                over.bytes
            );
            Heard::Line { of: None, line: text.into() }
        }
    }
}
