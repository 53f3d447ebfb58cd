//! `mcp-guard rules`.

mod list;
mod show;
mod test;

use std::process::ExitCode;

use inspect::{Action, Detector};
use policy::{ContentRules, Flow};
use serde::Serialize;

use crate::{
    args::{ConfigArgs, RulesTask},
    failure::Failure,
};

pub(crate) fn rules(config: &ConfigArgs, task: &RulesTask) -> Result<ExitCode, Failure> {
    match task {
        RulesTask::List(args) => list::list(config, args),
        RulesTask::Show(args) => show::show(config, args),
        RulesTask::Test { packs } => test::test(packs),
    }
}

/// Every rule: ours, then those of the configuration.
fn all(rules: &ContentRules) -> Vec<&Detector> {
    let ours = inspect::catalogue().iter();
    let own = rules.scanner().detectors().chain(rules.masking().detectors());
    let mut all: Vec<&Detector> = ours.collect();
    for detector in own {
        if !all.iter().any(|known| known.name == detector.name) {
            all.push(detector);
        }
    }
    all
}

/// What follows the findings of a rule, as the configuration has it.
#[derive(Clone, Copy, Debug, Serialize)]
struct InForce {
    request: Action,
    response: Action,
}

impl InForce {
    fn of(rules: &ContentRules, detector: &Detector) -> Self {
        match rules.scanner().id(&detector.name) {
            Some(id) => Self {
                request: rules.action(id, Flow::Request).0,
                response: rules.action(id, Flow::Response).0,
            },
            // It is not looked for.
            None => Self { request: Action::Allow, response: Action::Allow },
        }
    }
}
