use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use proxy::{
    background,
    local::{Ask, Place, dial, running},
};

use super::wait_for;
use crate::{args::ConfigArgs, configuration, failure::Failure};

/// Longer than the daemon gives itself for draining and ending its servers.
const BEYOND_DRAINING: Duration = Duration::from_secs(10);

/// Between two looks at whether it is gone.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) fn stop(config: &ConfigArgs) -> Result<ExitCode, Failure> {
    let place = configuration::place_now(config)?;
    let Some(pid) = running(&place)? else {
        anstream::println!("the daemon is not running");
        return Ok(ExitCode::SUCCESS);
    };
    if wait_for(dial(&place, Ask::Stop))?.is_err() {
        // It does not listen, or not to us; it still heeds a signal.
        background::terminate(pid);
    }
    let patience = configuration::daemon(config).unwrap_or_default().shutdown_timeout;
    if gone(&place, patience + BEYOND_DRAINING)? {
        anstream::println!("the daemon has stopped");
        return Ok(ExitCode::SUCCESS);
    }
    background::kill(pid);
    if gone(&place, BEYOND_DRAINING)? {
        anstream::println!("the daemon did not stop in time and was killed");
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::new(format!("the daemon (process {pid}) does not stop")))
}

fn gone(place: &Place, patience: Duration) -> Result<bool, Failure> {
    let since = Instant::now();
    while running(place)?.is_some() {
        if since.elapsed() > patience {
            return Ok(false);
        }
        wait_for(async { tokio::time::sleep(LOOK).await })?;
    }
    Ok(true)
}
