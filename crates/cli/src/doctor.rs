//! `mcp-guard doctor`: looks at the installation from end to end and says what to do.

mod audit;
mod clients;
mod configuration;
mod daemon;
mod finding;
mod gateway;
mod home;
mod machine;
mod probe;
mod servers;

use std::process::ExitCode;

use serde_json::json;

use self::finding::{Finding, State};
use crate::{
    args::{ConfigArgs, DoctorArgs},
    failure::Failure,
    paint::{BAD, CAREFUL, FAINT, GOOD, paint},
};

pub(crate) fn doctor(config: &ConfigArgs, args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let mut findings = Vec::new();
    let policy = configuration::check(config, &mut findings);
    let place = home::check(config, &mut findings);
    if let Some(policy) = &policy {
        audit::check(policy, &mut findings);
    }
    let runs = place.is_some_and(|place| daemon::check(config, &place, policy.as_ref(), &mut findings));
    if let Some(policy) = &policy {
        servers::check(policy, &mut findings);
        gateway::check(policy, &mut findings);
        if args.probe {
            probe::check(config, policy, runs, &mut findings);
        }
    }
    clients::check(&mut findings);
    machine::check(&mut findings);

    let well = findings.iter().all(|finding| finding.state != State::Fail);
    if args.json {
        anstream::println!("{:#}", json!({ "ok": well, "checks": findings }));
    } else {
        findings.iter().for_each(print);
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(finding: &Finding) {
    let state = match finding.state {
        State::Ok => paint(GOOD, "ok  "),
        State::Warn => paint(CAREFUL, "warn"),
        State::Fail => paint(BAD, "FAIL"),
    };
    anstream::println!("{state}  {:<14} {}", finding.check, finding.text);
    if let Some(remedy) = &finding.remedy {
        anstream::println!("{:21}{} {remedy}", "", paint(FAINT, "→"));
    }
}
