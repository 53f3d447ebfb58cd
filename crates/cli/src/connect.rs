//! `mcp-guard connect`.

use std::{collections::BTreeMap, process::ExitCode};

use proxy::{Command, bridge::Bridge};

use crate::{
    args::{ConfigArgs, ConnectArgs},
    configuration,
    failure::Failure,
};

pub(crate) fn connect(config: &ConfigArgs, args: ConnectArgs) -> Result<ExitCode, Failure> {
    let place = configuration::place_now(config)?;
    let file = configuration::file(config)?.map(std::path::absolute).transpose().map_err(Failure::new)?;
    let program = std::env::current_exe().map_err(Failure::new)?;
    let mut args_of_start = vec!["start".to_owned(), "--daemon".to_owned()];
    if let Some(file) = &file {
        args_of_start.extend(["--config".to_owned(), file.to_string_lossy().into_owned()]);
    }
    let start = Command {
        program: program.to_string_lossy().into_owned(),
        args: args_of_start,
        base_env: None,
        env: BTreeMap::new(),
        folder: None,
    };
    let bridge = Bridge {
        place,
        server: args.server,
        config: file,
        start,
        tell: |line| anstream::eprintln!("mcp-guard: {line}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
    let ended = runtime.block_on(bridge.run());
    // A thread may still wait for the client's next byte; it must not keep us.
    runtime.shutdown_background();
    ended.map_err(|error| Failure::new(format!("Bridge failed: {error}")))?;
    Ok(ExitCode::SUCCESS)
}
