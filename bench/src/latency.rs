//! Sequential calls: what one call takes, and what an arm adds to it.

use serde::Serialize;

use crate::payload::Payload;
use crate::session::Session;
use crate::stats::{Spread, percentile};

/// Unmeasured calls before each block: the arm has been asleep while others were measured.
const SETTLING_CALLS: usize = 50;

/// How much is measured.
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) calls: usize,
}

/// One arm at one payload size. Times in microseconds; a spread is over the rounds.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) arm: String,
    pub(crate) bytes: usize,
    pub(crate) calls: usize,
    pub(crate) p50: Spread,
    pub(crate) p99: Spread,
    /// More than the first arm took in the same round.
    pub(crate) added_p50: Spread,
    pub(crate) added_p99: Spread,
    /// Added median, as a multiple of what the second arm added in the same round.
    pub(crate) relays: Spread,
}

#[derive(Clone, Copy)]
struct Block {
    p50: f64,
    p99: f64,
}

/// Measures the arms in alternating blocks of calls. The first arm is the base of what the others add,
/// the second one the unit of their ratio.
///
/// # Errors
/// An arm is gone or does not echo.
pub(crate) fn measure(
    arms: &mut [(String, Session)],
    payload: &Payload,
    plan: &Plan,
) -> anyhow::Result<Vec<Row>> {
    for (_, session) in &mut *arms {
        session.checked_call(payload)?;
        block(session, payload, plan.calls)?;
    }
    let mut rounds: Vec<Vec<Block>> = Vec::new();
    for _ in 0..plan.rounds {
        let blocks = arms.iter_mut().map(|(_, session)| block(session, payload, plan.calls));
        rounds.push(blocks.collect::<anyhow::Result<_>>()?);
    }
    let row = |(index, (arm, _)): (usize, &(String, Session))| {
        // A round has one block for each arm, in their order.
        let spread = |figure: &dyn Fn(Block, Block, Block) -> f64| {
            Spread::of(rounds.iter().filter_map(|blocks| {
                let base = *blocks.first()?;
                let unit = *blocks.get(1)?;
                Some(figure(*blocks.get(index)?, base, unit))
            }))
        };
        Row {
            arm: arm.clone(),
            bytes: payload.size(),
            calls: plan.calls * plan.rounds,
            p50: spread(&|own, _, _| own.p50),
            p99: spread(&|own, _, _| own.p99),
            added_p50: spread(&|own, base, _| own.p50 - base.p50),
            added_p99: spread(&|own, base, _| own.p99 - base.p99),
            relays: spread(&|own, base, unit| (own.p50 - base.p50) / (unit.p50 - base.p50)),
        }
    };
    Ok(arms.iter().enumerate().map(row).collect())
}

fn block(session: &mut Session, payload: &Payload, calls: usize) -> anyhow::Result<Block> {
    for _ in 0..SETTLING_CALLS {
        session.call(payload)?;
    }
    let times = (0..calls).map(|_| Ok(session.call(payload)?.as_secs_f64() * 1e6));
    let mut times = times.collect::<anyhow::Result<Vec<f64>>>()?;
    Ok(Block { p50: percentile(&mut times, 50.0), p99: percentile(&mut times, 99.0) })
}
