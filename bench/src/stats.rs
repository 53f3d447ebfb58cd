//! Percentiles of samples, and the spread of a figure over the rounds of a run.

use serde::Serialize;

/// The smallest sample that `percent` of all samples do not exceed; zero when there are none.
pub(crate) fn percentile(samples: &mut [f64], percent: f64) -> f64 {
    samples.sort_unstable_by(f64::total_cmp);
    let rank = (samples.len() as f64 * percent / 100.0).ceil() as usize;
    samples.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The least, the middle and the greatest value a figure had over the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    pub(crate) fn of(rounds: impl IntoIterator<Item = f64>) -> Self {
        let mut rounds: Vec<f64> = rounds.into_iter().collect();
        Self {
            min: percentile(&mut rounds, 0.0),
            median: percentile(&mut rounds, 50.0),
            max: percentile(&mut rounds, 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Spread, percentile};

    #[test]
    fn percentiles_are_samples_by_nearest_rank() {
        let mut samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut samples, 50.0), 100.0);
        assert_eq!(percentile(&mut samples, 99.0), 198.0);
        assert_eq!(percentile(&mut samples, 100.0), 200.0);
        assert_eq!(percentile(&mut [], 50.0), 0.0);
    }

    #[test]
    fn a_spread_is_least_middle_and_greatest() {
        assert_eq!(Spread::of([3.0, 9.0, 1.0]), Spread { min: 1.0, median: 3.0, max: 9.0 });
    }
}
