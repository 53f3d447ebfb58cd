use std::process::ExitCode;

use proxy::{
    daemon::{Condition, Health},
    local::{Ask, dial},
};

use super::wait_for;
use crate::{args::ConfigArgs, configuration, failure::Failure};

pub(crate) fn health(config: &ConfigArgs) -> Result<ExitCode, Failure> {
    let place = configuration::place_now(config)?;
    let answer = wait_for(dial(&place, Ask::Health))??.answer;
    anstream::println!("{answer:#}");
    let health: Health = serde_json::from_value(answer).map_err(Failure::new)?;
    Ok(if health.status == Condition::Healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
