//! Many calls in flight: how many an arm carries in a second.

use std::io::{Read, Write};
use std::process::ChildStdin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde::Serialize;

use crate::payload::Payload;
use crate::session::Session;
use crate::stats::Spread;

/// Calls sent and not yet answered, at most.
pub(crate) const IN_FLIGHT: u64 = 1_000;

/// How much is measured.
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) calls: u64,
}

/// One arm. A spread is over the rounds.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) arm: String,
    pub(crate) bytes: usize,
    pub(crate) calls_per_second: Spread,
    /// As a share of what the second arm carried in the same round.
    pub(crate) of_relay: Spread,
}

/// Measures the arms in alternating blocks.
///
/// # Errors
/// An arm is gone or does not echo.
pub(crate) fn measure(
    arms: &mut [(String, Session)],
    payload: &Payload,
    plan: &Plan,
) -> anyhow::Result<Vec<Row>> {
    let mut rounds: Vec<Vec<f64>> = Vec::new();
    // The first round warms up and is thrown away.
    for _ in 0..=plan.rounds {
        let rates = arms.iter_mut().map(|(_, session)| block(session, payload, plan.calls));
        rounds.push(rates.collect::<anyhow::Result<_>>()?);
    }
    let row = |(index, (arm, _)): (usize, &(String, Session))| {
        let spread = |figure: &dyn Fn(f64, f64) -> f64| {
            Spread::of(
                rounds.iter().skip(1).filter_map(|rates| Some(figure(*rates.get(index)?, *rates.get(1)?))),
            )
        };
        Row {
            arm: arm.clone(),
            bytes: payload.size(),
            calls_per_second: spread(&|own, _| own),
            of_relay: spread(&|own, relay| own / relay),
        }
    };
    Ok(arms.iter().enumerate().map(row).collect())
}

/// Calls per second over `calls` calls.
fn block(session: &mut Session, payload: &Payload, calls: u64) -> anyhow::Result<f64> {
    let answer_length = session.checked_call(payload)?;
    let (input, output, sequence) = session.pipes();
    let answered = AtomicU64::new(0);
    let ended = AtomicBool::new(false);
    let first = *sequence + 1;
    *sequence += calls;
    let started = Instant::now();
    let bytes = thread::scope(|scope| {
        let writer = scope.spawn(|| write(input, payload, first, calls, &answered, &ended));
        let mut read = || -> anyhow::Result<usize> {
            let mut buffer = vec![0; 256 * 1024];
            let mut bytes = 0;
            while answered.load(Ordering::Relaxed) < calls {
                let read = output.read(&mut buffer)?;
                ensure!(read > 0, "the arm closed its standard output");
                bytes += read;
                let fresh = buffer.get(..read).unwrap_or_default();
                let lines = memchr::memchr_iter(b'\n', fresh).count() as u64;
                answered.fetch_add(lines, Ordering::Release);
                writer.thread().unpark();
            }
            Ok(bytes)
        };
        let bytes = read();
        ended.store(true, Ordering::Release);
        writer.thread().unpark();
        writer.join().ok().context("the writer panicked")??;
        bytes
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let expected = answer_length * usize::try_from(calls)?;
    ensure!(bytes == expected, "{bytes} bytes came back where the echoes have {expected}");
    Ok(calls as f64 / seconds)
}

/// Sends as many calls at once as the window has room for.
fn write(
    input: &mut ChildStdin,
    payload: &Payload,
    first: u64,
    calls: u64,
    answered: &AtomicU64,
    ended: &AtomicBool,
) -> anyhow::Result<()> {
    let mut batch = Vec::new();
    let mut sent = 0;
    while sent < calls {
        let room = (answered.load(Ordering::Acquire) + IN_FLIGHT - sent).min(calls - sent);
        if room == 0 {
            if ended.load(Ordering::Acquire) {
                return Ok(());
            }
            thread::park();
            continue;
        }
        batch.clear();
        for sequence in first + sent..first + sent + room {
            payload.append(sequence, &mut batch);
        }
        sent += room;
        input.write_all(&batch)?;
    }
    Ok(())
}
