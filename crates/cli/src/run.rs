//! `mcp-guard run`.

use std::{path::Path, process::ExitCode, sync::Arc};

use policy::{Policy, ServerPolicy, Transport};
use proxy::{
    Clock, Command, Log, Meter, Session,
    pins::{Pinning, Whom},
    stdio,
};
use store::{AuditOptions, Ids, SessionId, SessionStart, SqliteAudit};

use crate::{
    args::{ConfigArgs, RunArgs},
    configuration,
    failure::Failure,
};

pub(crate) fn run(config: &ConfigArgs, args: &RunArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, args.profile)?;
    let server = server_policy(&policy, args)?;
    let command = command(&server, args)?;
    let (audit, id, ids) = audit(&policy, &server, &command)?;

    let counters = configuration::counters(&policy, [&server].into_iter())?;
    let meter = counters.map(|counters| Meter::new(counters, &proxy::ourselves().user));

    let log = Arc::new(Log::default());
    log.set_level(policy.daemon().log_level);
    policy.notices().iter().for_each(|notice| log.warn(notice));
    let name = pinned_name(&server, &command);
    let pinning = Pinning::new(&policy, &server, &name, Whom::started_by(&command));
    let mut session = Session::new(server, policy.limits(), audit, id, ids, Arc::clone(&log), meter);
    session.hold_to(Some(pinning));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
    let (ended, audit) = runtime.block_on(stdio::run(
        &command,
        session,
        policy.limits().max_frame_bytes,
        policy.daemon().shutdown_timeout,
        &log,
    ));
    // A thread may still wait for the client's next byte; it must not keep us.
    runtime.shutdown_background();
    if let Some(mut audit) = audit
        && let Err(error) = audit.end_session(id, Clock::now().wall_ms)
    {
        log.error(error);
    }
    if let Some(log) = Arc::into_inner(log) {
        log.finish();
    }
    Ok(ExitCode::from(ended?.code()))
}

fn server_policy(policy: &Policy, args: &RunArgs) -> Result<Arc<ServerPolicy>, Failure> {
    if let Some(found) = policy.server(args.server.as_deref()) {
        return Ok(policy.for_caller(found, &proxy::ourselves()));
    }
    let known: Vec<_> = policy.servers().filter_map(|server| server.name.as_deref()).collect();
    let known = known.join(", ");
    Err(match &args.server {
        Some(name) if known.is_empty() => Failure::new(format!(
            "the configuration has no server `{name}`, nor any other; add it, or leave out --server"
        )),
        Some(name) => Failure::new(format!("the configuration has no server `{name}`; it has: {known}")),
        None => {
            Failure::new(format!("the configuration has several servers; say which with --server: {known}"))
        }
    })
}

fn command(server: &ServerPolicy, args: &RunArgs) -> Result<Command, Failure> {
    let launch = server.launch.as_ref();
    let env = launch.map(|launch| launch.env.clone()).unwrap_or_default();
    let folder = launch.and_then(|launch| launch.cwd.clone());
    if let [program, rest @ ..] = args.command.as_slice() {
        return Ok(Command { program: program.clone(), args: rest.to_vec(), base_env: None, env, folder });
    }
    let Some(launch) = launch else {
        return Err(Failure::new(
            "which server? Say it after `--`, as in `mcp-guard run -- npx some-server`, or name one of the \
             configuration with --server",
        )
        .with_code(2));
    };
    match (&launch.transport, &launch.command) {
        (Transport::Stdio, Some(program)) => {
            Ok(Command { program: program.clone(), args: launch.args.clone(), base_env: None, env, folder })
        }
        _ => Err(Failure::new(format!(
            "the server at {} is reached by URL; `run` guards servers that are started by a command",
            server.at
        ))),
    }
}

type Audit = (Option<SqliteAudit>, SessionId, Ids);

fn audit(policy: &Policy, server: &ServerPolicy, command: &Command) -> Result<Audit, Failure> {
    if !policy.audit().enabled {
        return Ok((None, SessionId::from_row(0), Ids::random()));
    }
    let path = configuration::audit_file(policy)?;
    let options =
        AuditOptions { retention_days: Some(policy.audit().retention_days), ..AuditOptions::default() };
    let mut audit = SqliteAudit::open(&path, options)?;
    let line = line(command);
    let id = audit.start_session(&SessionStart {
        started_ms: Clock::now().wall_ms,
        principal: &proxy::ourselves().user,
        server: &server_name(server, command),
        command: &server.content.masking().redact(&line),
        policy_hash: policy.hash(),
        profile: server.profile.as_str(),
        pid: std::process::id(),
    })?;
    Ok((Some(audit), id, Ids::for_session(id)))
}

/// The name in the configuration, or else the whole command line: one program starts many servers.
fn pinned_name(server: &ServerPolicy, command: &Command) -> String {
    match &server.name {
        Some(name) => name.to_string(),
        None => server.content.masking().redact(&line(command)).into_owned(),
    }
}

fn line(command: &Command) -> String {
    let line = [&command.program].into_iter().chain(&command.args).map(String::as_str);
    line.collect::<Vec<_>>().join(" ")
}

/// The name in the configuration, or else the program's.
fn server_name(server: &ServerPolicy, command: &Command) -> String {
    match &server.name {
        Some(name) => name.to_string(),
        None => Path::new(&command.program).file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}
