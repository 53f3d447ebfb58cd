//! The load: one thread for all connections, so that it takes as little as it can of the processors that the arms share.
//!
//! A call is counted from the moment it was due, whether a connection was free for it then or not. So an arm that stalls
//! is charged for all calls it held up (no coordinated omission).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

use super::connection::{Connection, PATIENCE};

/// When calls are due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// The next one as soon as the last one is answered (closed loop).
    Full,
    /// So many a second, whether the last one is answered or not (open loop).
    PerSecond(u32),
}

/// What one block saw.
pub(crate) struct Block {
    /// Microseconds of each call that was due; those that found no connection before the block's end count as long as they waited.
    pub(crate) times: Vec<f64>,
    pub(crate) answered: usize,
    pub(crate) seconds: f64,
}

const CLOCK: u64 = u64::MAX;

/// Drives all connections, which are prepared, for `length`.
///
/// # Errors
/// An arm is gone, does not echo, or answers nothing for too long.
pub(crate) fn drive(crew: &mut [Connection], pace: Pace, length: Duration) -> anyhow::Result<Block> {
    let queue = epoll::create(CreateFlags::CLOEXEC)?;
    for (index, member) in crew.iter().enumerate() {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
        epoll::add(&queue, member, EventData::new_u64(index as u64), flags)?;
    }
    let clock = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    epoll::add(&queue, &clock, EventData::new_u64(CLOCK), EventFlags::IN | EventFlags::ET)?;
    let patience = Timespec::try_from(PATIENCE)?;
    let mut free: VecDeque<usize> = (0..crew.len()).collect();
    let mut events = Vec::with_capacity(crew.len() + 1);
    let mut times = Vec::with_capacity(1 << 16);
    let mut sent = 0;
    let started = Instant::now();
    let end = started + length;
    let mut alarm = None;
    loop {
        let (now, due) = loop {
            let now = Instant::now();
            let due = pace.due(started, sent, now);
            if due > now || now >= end {
                break (now, due);
            }
            let Some(index) = free.pop_front() else { break (now, due) };
            crew.get_mut(index).context("no such connection")?.start(due)?;
            sent += 1;
        };
        if free.len() == crew.len() && (now >= end || due >= end) {
            break;
        }
        if due > now && !free.is_empty() && alarm != Some(due) {
            let time = Itimerspec { it_interval: Timespec::default(), it_value: (due - now).try_into()? };
            timerfd_settime(&clock, TimerfdTimerFlags::empty(), &time)?;
            alarm = Some(due);
        }
        epoll::wait(&queue, spare_capacity(&mut events), Some(&patience))?;
        ensure!(!events.is_empty(), "no answer within {PATIENCE:?}");
        for event in events.drain(..) {
            let index = event.data.u64() as usize;
            // The clock only wakes us.
            let Some(member) = crew.get_mut(index) else { continue };
            if let Some(took) = member.go_on()? {
                times.push(took.as_secs_f64() * 1e6);
                free.push_back(index);
            }
        }
    }
    let (answered, seconds) = (times.len(), started.elapsed().as_secs_f64());
    let never_sent = (sent..).map(|number| pace.due(started, number, end)).take_while(|due| *due < end);
    times.extend(never_sent.map(|due| (end - due).as_secs_f64() * 1e6));
    Ok(Block { times, answered, seconds })
}

impl Pace {
    /// When the call number `number` is due.
    fn due(self, started: Instant, number: u32, now: Instant) -> Instant {
        match self {
            Self::Full => now,
            Self::PerSecond(rate) => started + Duration::from_secs(1) * number / rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    use super::{Pace, drive};
    use crate::http::call::{Endpoint, Era};
    use crate::http::connection::Connection;
    use crate::payload::Payload;

    const STALL: Duration = Duration::from_millis(50);
    const BLOCK: Duration = Duration::from_millis(500);

    /// Answers the first call at once, and holds back the two after it, one after the other.
    fn stalling(listener: &TcpListener, answer: &str) {
        let (mut first, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        assert!(first.read(&mut request).unwrap() > 0);
        first.write_all(answer.as_bytes()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        for stall in [STALL, BLOCK] {
            assert!(second.read(&mut request).unwrap() > 0);
            #[expect(clippy::disallowed_methods, reason = "an arm that stalls, on a thread of its own")]
            thread::sleep(stall);
            second.write_all(answer.as_bytes()).unwrap();
        }
    }

    #[test]
    fn calls_that_an_arm_holds_up_count_from_when_they_were_due_even_if_they_are_never_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = Endpoint { address: listener.local_addr().unwrap(), path: "/mcp".into() };
        let payload = Payload::new(301);
        let body = format!(r#"{{"result":{{"structuredContent":{}}}}}"#, payload.arguments());
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        thread::scope(|scope| {
            scope.spawn(|| stalling(&listener, &answer));
            let mut client = Connection::connect(&to, Era::Legacy).unwrap();
            client.prepare(&payload).unwrap();
            client.connect_again().unwrap();
            let seen = drive(&mut [client], Pace::PerSecond(1_000), BLOCK).unwrap();
            assert_eq!((seen.answered, seen.times.len()), (2, 500));
            // The second one was due 1 ms after the first one, and sent when that was answered.
            assert!(seen.times[0] >= 50_000.0 && seen.times[1] >= 549_000.0, "{:?}", &seen.times[..2]);
            // The third one was due after 2 ms, and the last one 1 ms before the end.
            assert!(seen.times[2] >= 497_900.0 && seen.times[499] >= 900.0, "{:?}", &seen.times[2..]);
        });
    }
}
