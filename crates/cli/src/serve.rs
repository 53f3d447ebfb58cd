//! `mcp-guard serve`.

mod told;

use std::{io, num::NonZero, process::ExitCode, sync::Arc, time::Duration};

use proxy::{
    Log,
    gateway::{self, Bound, Start},
};
use tokio::runtime::Runtime;

use self::told::Told;
use crate::{
    args::{ConfigArgs, ServeArgs},
    configuration, daemon, exposure,
    failure::Failure,
    os,
};

/// Files that are open beside connections of clients: servers, and connections to them, for each a few.
const OPEN_BESIDE: u64 = 8192;

pub(crate) fn serve(config: &ConfigArgs, args: &ServeArgs) -> Result<ExitCode, Failure> {
    let told = Told::new(args, std::env::var(proxy::API_KEY).ok())?;
    let policy = told.apply(configuration::policy(config, args.profile)?)?;
    if policy.servers().next().is_none() {
        return Err(Failure::new(
            "which server? Say it as in `mcp-guard serve --upstream http://localhost:8000/mcp` or \
             `mcp-guard serve -- npx some-server`, or put servers into a configuration",
        )
        .with_code(2));
    }
    let audit = configuration::audit(&policy)?;
    let counters = configuration::counters(&policy, policy.servers())?;
    let file = configuration::file(config)?.map(std::path::absolute).transpose().map_err(Failure::new)?;
    let log = Arc::new(Log::default());
    log.set_level(policy.daemon().log_level);
    policy.notices().iter().for_each(|notice| log.warn(notice));
    exposure::warnings(&policy).iter().for_each(|warning| log.warn(warning));
    os::allow_open_files(policy.gateway().limits.max_connections as u64 + OPEN_BESIDE);
    let (reread, profile) = (config.clone(), args.profile);
    let start = Start {
        policy,
        config: file,
        loader: Box::new(move || told.apply(configuration::load(&reread, profile)?)),
        reaper: daemon::reaper()?,
        audit,
        counters,
        log: Arc::clone(&log),
    };
    let runtime = runtime().map_err(Failure::new)?;
    let served = runtime.block_on(gateway::run(start, announce));
    runtime.shutdown_timeout(Duration::from_secs(1));
    if let Some(log) = Arc::into_inner(log) {
        log.finish();
    }
    served.map_err(Failure::new)?;
    Ok(ExitCode::SUCCESS)
}

/// As many threads as half of the processors, or as `TOKIO_WORKER_THREADS` says. With each thread more, the work for one
/// call wanders more often from one to another, and waking that one costs more than most of the work; on the processors
/// left run clients, servers and the upkeep of the audit.
fn runtime() -> io::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if std::env::var_os("TOKIO_WORKER_THREADS").is_none() {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        builder.worker_threads(processors.div_ceil(2));
    }
    builder.enable_all().build()
}

/// Says where the gateway is, once it is there. Scripts read these lines.
fn announce(bound: &Bound) {
    let width = bound.servers.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    for at in &bound.at {
        anstream::eprintln!("listening on {at}");
        for name in &bound.servers {
            let path = path(name, bound.servers.len());
            match at.starts_with("unix:") {
                true => anstream::eprintln!("  {name:width$}  {path}"),
                false => anstream::eprintln!("  {name:width$}  {at}{path}"),
            }
        }
    }
}

/// Of several servers each has its path; the only one is at the shortest.
fn path(name: &str, servers: usize) -> String {
    if servers == 1 { "/mcp".to_owned() } else { format!("/mcp/{name}") }
}
