//! Blocks of load, arm after arm, round after round.

use std::time::Duration;

use super::arm::Arm;
use super::call::Era;
use super::connection::Connection;
use super::load::{self, Pace};
use super::report::brief;
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

/// One shape at all arms that speak its era; why an arm that failed has no figures.
pub(crate) struct Row {
    pub(crate) shape: Shape,
    pub(crate) arms: Vec<(String, Result<Figures, String>)>,
}

/// One arm. Times in microseconds; a spread is over the rounds.
pub(crate) struct Figures {
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

struct Block {
    rate: f64,
    p50: f64,
    p99: f64,
    processor: f64,
}

/// Measures one shape at the arms that speak its era. The first arm is the base of what the others add, the second one the
/// unit of their ratios. The first round warms up and is thrown away.
pub(crate) fn measure(arms: &[Arm], shape: &Shape, plan: &Plan) -> Row {
    eprintln!("{}", shape.name());
    let payload = Payload::new(shape.bytes + 1);
    let arms = arms.iter().filter(|arm| arm.eras.contains(&shape.era));
    let mut crews: Vec<_> =
        arms.map(|arm| (arm, crew(arm, shape, &payload).map(|crew| (crew, Vec::new())))).collect();
    for _ in 0..=plan.rounds {
        for (arm, crew) in &mut crews {
            let Ok((members, blocks)) = crew else { continue };
            match block(arm, members, shape.pace, plan.block) {
                Ok(block) => blocks.push(block),
                Err(error) => *crew = Err(error),
            }
        }
    }
    let rounds: Vec<(&Arm, anyhow::Result<Vec<Block>>)> =
        crews.into_iter().map(|(arm, crew)| (arm, crew.map(|(_, blocks)| blocks))).collect();
    let of = |index: usize| {
        let blocks = rounds.get(index).and_then(|(_, blocks)| blocks.as_deref().ok());
        blocks.unwrap_or_default().iter().skip(1)
    };
    let figures = |index| {
        let spread = |figure: &dyn Fn(&Block, &Block, &Block) -> f64| {
            let rounds = of(index).zip(of(0)).zip(of(1));
            Spread::of(rounds.map(|((own, base), unit)| figure(own, base, unit)))
        };
        Figures {
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
    let outcome = |(index, (arm, blocks)): (usize, &(&Arm, anyhow::Result<Vec<Block>>))| {
        let failed = |error: &anyhow::Error| {
            eprintln!("{} failed: {error:#}; {}", arm.name, arm.last_words());
            brief(error)
        };
        (arm.name.clone(), blocks.as_ref().map(|_| figures(index)).map_err(failed))
    };
    Row { shape: *shape, arms: rounds.iter().enumerate().map(outcome).collect() }
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
    for member in &mut *crew {
        member.connect_again()?;
    }
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
