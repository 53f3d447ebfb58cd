//! From starting the program to its first answer.

use serde::Serialize;

use crate::arm::Arm;
use crate::session::Session;
use crate::stats::Spread;

/// One arm. Milliseconds from before the program is started until `initialize` is answered.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) arm: String,
    pub(crate) starts: usize,
    pub(crate) milliseconds: Spread,
}

/// Starts every arm `starts` times, in turn, after one start that only warms the file cache.
///
/// # Errors
/// An arm does not start, answer or end.
pub(crate) fn measure(arms: &[Arm], starts: usize) -> anyhow::Result<Vec<Row>> {
    let mut rounds: Vec<Vec<f64>> = Vec::new();
    for _ in 0..=starts {
        rounds.push(arms.iter().map(start).collect::<anyhow::Result<_>>()?);
    }
    let row = |(index, arm): (usize, &Arm)| Row {
        arm: arm.name.clone(),
        starts,
        milliseconds: Spread::of(rounds.iter().skip(1).filter_map(|times| times.get(index).copied())),
    };
    Ok(arms.iter().enumerate().map(row).collect())
}

fn start(arm: &Arm) -> anyhow::Result<f64> {
    let session = Session::open(arm)?;
    let took = session.start_up.as_secs_f64() * 1e3;
    session.close()?;
    Ok(took)
}
