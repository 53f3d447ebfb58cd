use std::{
    path::PathBuf,
    process::{ExitCode, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use console::Console;
use proxy::{
    Log, background,
    daemon::{self, Claim, Handle, Start},
    local::{Ask, Place, Secret, dial},
};

use super::{reaper, wait_for};
use crate::{
    args::{ConfigArgs, StartArgs},
    configuration,
    failure::Failure,
};

/// How long a daemon may take to be ready: it reads its configuration and opens the audit.
const PATIENCE: Duration = Duration::from_secs(15);

/// Between two looks at whether it is ready.
const LOOK: Duration = Duration::from_millis(5);

pub(crate) fn start(config: &ConfigArgs, args: &StartArgs) -> Result<ExitCode, Failure> {
    if args.daemon {
        let place = configuration::place(config)?;
        let pid = in_the_background(config, &place)?;
        anstream::println!("the daemon runs (process {pid}); its log is {}", place.log().display());
        return Ok(ExitCode::SUCCESS);
    }
    run(config, args.background)
}

/// Serves until told to stop.
fn run(config: &ConfigArgs, background: bool) -> Result<ExitCode, Failure> {
    let place = configuration::place(config)?;
    if background {
        background::settle();
    }
    let claim = Claim::stake(&place)?;
    let policy = configuration::policy(config, None)?;
    let audit = configuration::audit(&policy)?;
    let counters = configuration::counters(&policy, policy.servers())?;
    let log = Arc::new(if background { Log::to_file(place.log()) } else { Log::default() });
    log.set_level(policy.daemon().log_level);
    policy.notices().iter().for_each(|notice| log.warn(notice));
    let file = configuration::file(config)?.map(std::path::absolute).transpose().map_err(Failure::new)?;
    let reread = config.clone();
    let start = Start {
        policy,
        config: file,
        loader: Box::new(move || configuration::load(&reread, None)),
        reaper: reaper()?,
        audit,
        counters,
        log: Arc::clone(&log),
    };
    let port = start.policy.daemon().dashboard_port;
    let names: Vec<_> = start.policy.servers().filter_map(|server| server.name.clone()).collect();
    log.info(format_args!("serving {} servers at {}", names.len(), place.socket().display()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::new)?;
    let token = place.make_dashboard_token()?;
    let watched = place.clone();
    let beside = |handle| watch(handle, watched, token, port);
    let served = runtime.block_on(daemon::run(claim, start, beside));
    let _ = place.note_dashboard_port(None);
    runtime.shutdown_timeout(Duration::from_secs(1));
    log.info("stopped");
    if let Some(log) = Arc::into_inner(log) {
        log.finish();
    }
    served?;
    Ok(ExitCode::SUCCESS)
}

/// Lets the daemon be watched at a port. It does its work without one.
async fn watch(daemon: Handle, place: Place, token: Secret, port: u16) {
    let console = match Console::listen(port, token).await {
        Ok(console) => console,
        Err(error) => {
            let help = "choose another with daemon.dashboard_port";
            return daemon.log().warn(format_args!("no dashboard at port {port}: {error}; {help}"));
        }
    };
    if let Err(error) = console.port().and_then(|port| place.note_dashboard_port(Some(port))) {
        daemon.log().warn(format_args!("the dashboard's port could not be noted: {error}"));
    }
    console.serve(daemon).await;
}

/// Starts a daemon that outlives us; returns when it serves.
fn in_the_background(config: &ConfigArgs, place: &Place) -> Result<u32, Failure> {
    let mut command = std::process::Command::new(std::env::current_exe().map_err(Failure::new)?);
    command.arg("start").arg("--background");
    if let Some(file) = configuration::file(config)? {
        command.arg("--config").arg(std::path::absolute(file).map_err(Failure::new)?);
    }
    background::prepare(&mut command);
    place.prepare()?;
    let (said, log) = log(place)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .current_dir("/")
        .spawn()
        .map_err(Failure::new)?;
    let since = Instant::now();
    loop {
        match wait_for(dial(place, Ask::Status))? {
            // Another may have been started at the same time; then ours is about to say so.
            Ok(dialled) if dialled.answer.get("pid") == Some(&child.id().into()) => return Ok(child.id()),
            Err(error) if !error.is_absence() => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error.into());
            }
            Ok(_) | Err(_) => {}
        }
        if let Some(status) = child.try_wait().map_err(Failure::new)? {
            let text = std::fs::read(&said).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).trim().to_owned();
            return Err(Failure::new(if text.is_empty() {
                format!("the daemon ended at once ({status})")
            } else {
                text
            }));
        }
        if since.elapsed() > PATIENCE {
            let _ = child.kill();
            return Err(Failure::new(format!(
                "the daemon was not ready within {} s; see {}",
                PATIENCE.as_secs(),
                place.log().display()
            )));
        }
        wait_for(async { tokio::time::sleep(LOOK).await })?;
    }
}

/// Where what a daemon says that cannot start is found, and a panic of one that could.
fn log(place: &Place) -> Result<(PathBuf, Stdio), Failure> {
    let path = place.home().join("daemon.stderr");
    let file = proxy::only_ours().write(true).create(true).truncate(true).open(&path);
    Ok((
        path.clone(),
        file.map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?.into(),
    ))
}
