//! Named steps, run in order and timed; one that fails does not stop the next.

use std::time::{Duration, Instant};

/// The steps done so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    outcome: Outcome,
}

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// Not as it should; it has said why.
    Failed,
    /// Could not be done here, for this reason, and need not be.
    Skipped(String),
}

impl From<bool> for Outcome {
    fn from(passed: bool) -> Self {
        if passed { Self::Passed } else { Self::Failed }
    }
}

impl Steps {
    /// Does a step. What it cannot even try counts as failed.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<Outcome>) {
        println!("\n==> {name}");
        let started = Instant::now();
        let outcome = work().unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            Outcome::Failed
        });
        self.done.push(Step { name: name.into(), took: started.elapsed(), outcome });
    }

    /// Prints what was done and how long it took; whether nothing failed.
    pub(crate) fn summary(&self) -> bool {
        println!("\n==> steps");
        for step in &self.done {
            let outcome = match &step.outcome {
                Outcome::Passed => "passed".into(),
                Outcome::Failed => "FAILED".into(),
                Outcome::Skipped(reason) => format!("SKIPPED: {reason}"),
            };
            println!("{:>7.1} s  {}: {outcome}", step.took.as_secs_f64(), step.name);
        }
        self.done.iter().all(|step| step.outcome != Outcome::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Steps};

    #[test]
    fn a_step_that_cannot_be_tried_has_failed_and_the_next_is_done() {
        let mut steps = Steps::default();
        steps.step("first", || anyhow::bail!("no such program"));
        assert!(!steps.summary());
        let mut done = false;
        steps.step("second", || {
            done = true;
            Ok(Outcome::Passed)
        });
        assert!(done && !steps.summary());
    }

    #[test]
    fn a_skipped_step_is_no_failure() {
        let mut steps = Steps::default();
        steps.step("only", || Ok(Outcome::Skipped("no network".into())));
        assert!(steps.summary());
    }
}
