//! `mcp-guard validate`.

use std::process::ExitCode;

use policy::Overrides;

use crate::{args::ConfigArgs, configuration, failure::Failure};

pub(crate) fn validate(config: &ConfigArgs) -> Result<ExitCode, Failure> {
    let Some(file) = configuration::file(config)? else {
        anstream::println!(
            "There is no configuration file: servers are guarded with the built-in balanced profile."
        );
        return Ok(ExitCode::SUCCESS);
    };
    let policy = configuration::read(&file, Overrides::default())?;
    for notice in policy.notices() {
        anstream::eprintln!("note: {notice}");
    }
    let servers = policy.servers().count();
    let noun = if servers == 1 { "server" } else { "servers" };
    anstream::println!("{} is valid: {servers} {noun}, {} profile.", file.display(), policy.profile());
    Ok(ExitCode::SUCCESS)
}
