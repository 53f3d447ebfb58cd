//! All that a change must pass.

use crate::command::{at_root, shown, succeeds};
use crate::steps::{Outcome, Steps};
use crate::{deny, docs, platforms, project, test};

/// Runs every check, prints what each took and the sum of the tests; whether all is well.
///
/// # Errors
/// The tests could not be started at all.
pub(crate) fn run(options: &test::Options) -> anyhow::Result<bool> {
    let mut steps = Steps::default();
    steps.step("format", || cargo(&["fmt", "--all", "--check"], &[]));
    steps.step("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[]));
    steps.step(platforms::STEP, platforms::check);
    steps.step("documentation", || {
        cargo(&["doc", "--workspace", "--no-deps", "--quiet"], &[("RUSTDOCFLAGS", "-D warnings")])
    });
    steps.step("generated files", || Ok(docs::check()?.into()));
    steps.step("dependencies", deny::check_offline);
    steps.step("advisories", deny::check_advisories);
    let mut tally = None;
    steps.step("tests", || {
        let sum = test::run_all(options)?;
        let good = sum.good(project::unattended());
        tally = Some(sum);
        Ok(good.into())
    });
    let good = steps.summary();
    if let Some(tally) = tally {
        tally.print();
    }
    Ok(good)
}

fn cargo(args: &[&str], env: &[(&str, &str)]) -> anyhow::Result<Outcome> {
    let mut command = at_root(project::cargo(), args)?;
    println!("{}", shown(&command));
    Ok(succeeds(command.envs(env.iter().copied()))?.into())
}
