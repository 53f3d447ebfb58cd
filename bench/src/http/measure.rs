//! Blocks of load, arm after arm, round after round.

use std::time::Duration;

use super::arm::Arm;
use super::call::Era;
use super::connection::Connection;
use super::load::{self, Pace};
use crate::payload::Payload;
use crate::stats::{Spread, percentile};

/// Unmeasured load before each block, as a share of it: the arm has been asleep while others were measured.
const SETTLING: u32 = 8;

/// How much is measured.
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) block: Duration,
}

/// One kind of load.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) era: Era,
    pub(crate) bytes: usize,
    pub(crate) connections: usize,
    pub(crate) pace: Pace,
}

impl Shape {
    pub(crate) const fn new(era: Era, bytes: usize, connections: usize, pace: Pace) -> Self {
        Self { era, bytes, connections, pace }
    }

    pub(crate) fn name(&self) -> String {
        let pace = match self.pace {
            Pace::Full => String::new(),
            Pace::PerSecond(rate) => format!(", {rate}/s"),
        };
        format!("{} {} B × {}{pace}", self.era.name(), self.bytes, self.connections)
    }
}

/// One shape at all arms.
pub(crate) struct Row {
    pub(crate) shape: Shape,
    pub(crate) arms: Vec<Figures>,
}

/// One arm. Times in microseconds; a spread is over the rounds.
pub(crate) struct Figures {
    pub(crate) arm: String,
    pub(crate) rate: Spread,
    /// As a share of what the second arm carried in the same round.
    pub(crate) of_bare: Spread,
    pub(crate) p50: Spread,
    pub(crate) p99: Spread,
    /// More than the first arm took in the same round.
    pub(crate) added_p50: Spread,
    pub(crate) added_p99: Spread,
    /// Added median, as a multiple of what the second arm added in the same round.
    pub(crate) bares: Spread,
    /// Processor time that what is in between took for one call; nothing is in between the first arm's.
    pub(crate) processor: Spread,
}

#[derive(Clone, Copy)]
struct Block {
    rate: f64,
    p50: f64,
    p99: f64,
    processor: f64,
}

/// Measures one shape at the arms that speak its era. The first arm is the base of what the others add, the second one the
/// unit of their ratios. A newcomer to a shape warms up in a round that is thrown away.
///
/// # Errors
/// An arm is gone or does not echo.
pub(crate) fn measure(arms: &[Arm], shape: &Shape, plan: &Plan) -> anyhow::Result<Row> {
    eprintln!("{}", shape.name());
    let arms: Vec<&Arm> = arms.iter().filter(|arm| arm.eras.contains(&shape.era)).collect();
    let payload = Payload::new(shape.bytes + 1);
    let mut crews = Vec::new();
    for arm in &arms {
        crews.push(crew(arm, shape, &payload).map_err(|error| error.context(arm.failure()))?);
    }
    let mut rounds: Vec<Vec<Block>> = Vec::new();
    for _ in 0..=plan.rounds {
        let blocks = arms.iter().zip(&mut crews).map(|(arm, crew)| {
            block(arm, crew, shape.pace, plan.block).map_err(|error| error.context(arm.failure()))
        });
        rounds.push(blocks.collect::<anyhow::Result<_>>()?);
    }
    let figures = |(index, arm): (usize, &&Arm)| {
        // A round has one block for each arm, in their order.
        let spread = |figure: &dyn Fn(Block, Block, Block) -> f64| {
            Spread::of(rounds.iter().skip(1).filter_map(|blocks| {
                let (base, unit) = (*blocks.first()?, *blocks.get(1)?);
                Some(figure(*blocks.get(index)?, base, unit))
            }))
        };
        Figures {
            arm: arm.name.clone(),
            rate: spread(&|own, _, _| own.rate),
            of_bare: spread(&|own, _, unit| own.rate / unit.rate),
            p50: spread(&|own, _, _| own.p50),
            p99: spread(&|own, _, _| own.p99),
            added_p50: spread(&|own, base, _| own.p50 - base.p50),
            added_p99: spread(&|own, base, _| own.p99 - base.p99),
            bares: spread(&|own, base, unit| (own.p50 - base.p50) / (unit.p50 - base.p50)),
            processor: spread(&|own, _, _| own.processor),
        }
    };
    Ok(Row { shape: *shape, arms: arms.iter().enumerate().map(figures).collect() })
}

/// As many clients as the shape says, each with its own session where there are sessions.
fn crew(arm: &Arm, shape: &Shape, payload: &Payload) -> anyhow::Result<Vec<Connection>> {
    let member = |_| {
        let mut member = Connection::connect(&arm.endpoint, shape.era)?;
        member.open()?;
        member.list()?;
        member.prepare(payload)?;
        Ok(member)
    };
    (0..shape.connections).map(member).collect()
}

fn block(arm: &Arm, crew: &mut [Connection], pace: Pace, length: Duration) -> anyhow::Result<Block> {
    load::drive(crew, pace, length / SETTLING)?;
    let before = arm.processor_time()?;
    let mut block = load::drive(crew, pace, length)?;
    let took = arm.processor_time()?.saturating_sub(before);
    let answered = block.answered as f64;
    Ok(Block {
        rate: answered / block.seconds,
        p50: percentile(&mut block.times, 50.0),
        p99: percentile(&mut block.times, 99.0),
        processor: took.as_secs_f64() * 1e6 / answered,
    })
}
