//! Starting the server of a session.

use std::{process::Stdio, sync::Arc};

use policy::{Launch, ServerPolicy};

use super::{Shared, events::News};
use crate::{Command, link, local::Surroundings, relay::Server, share::Shares, stderr};

/// Why a bridge is sent away.
pub(super) type Refusal = String;

/// The session's server, as the configuration now says: one of its own, or a part in one.
pub(super) fn begin(
    shared: &Shared,
    news: &News,
    surroundings: &Surroundings,
) -> Result<(Server, Arc<ServerPolicy>), String> {
    let rules = news.rules().ok_or("the server was taken out of the configuration")?;
    let policy = Arc::clone(&news.policy.borrow());
    let max_frame_bytes = policy.limits().max_frame_bytes;
    let Some(command) = command(&rules, surroundings)? else {
        let route =
            shared.routes.get(&policy, &news.server).ok_or("the server is not in the configuration")?;
        return Ok((link::over_route(route, &news.caller.user, max_frame_bytes), rules));
    };
    let server = if rules.supervision.share {
        let shares = Shares { server: Arc::clone(&news.server), user: news.caller.user.clone(), command };
        shared.pool.seat(&shares, max_frame_bytes, || start(shared, &shares.command, &rules))?
    } else {
        start(shared, &command, &rules)?
    };
    Ok((server, rules))
}

fn start(shared: &Shared, command: &Command, rules: &Arc<ServerPolicy>) -> Result<Server, String> {
    let mut server = Server::start(command, Stdio::piped()).map_err(|error| error.to_string())?;
    if let Err(error) = server.watch(&shared.reaper) {
        shared.log.warn(format_args!("should the daemon be killed, a server is left: {error}"));
    }
    if let Some(stderr) = server.stderr.take() {
        tokio::spawn(stderr::copy(stderr, Arc::clone(rules), Arc::clone(&shared.log)));
    }
    Ok(server)
}

/// How to start the server: as its client would have, unless several clients are to share it. `None` if it is reached by
/// URL.
pub(super) fn command(rules: &ServerPolicy, surroundings: &Surroundings) -> Result<Option<Command>, Refusal> {
    let (folder, base_env) = match rules.supervision.share {
        true => (None, None),
        false => (surroundings.folder.clone().filter(|folder| folder.is_dir()), surroundings.env.clone()),
    };
    let launch = launch(rules)?;
    let Some(program) = &launch.command else { return Ok(None) };
    Ok(Some(Command {
        program: program.clone(),
        args: launch.args.clone(),
        base_env,
        env: launch.env.clone(),
        folder: launch.cwd.clone().or(folder),
    }))
}

fn launch(rules: &ServerPolicy) -> Result<&Launch, Refusal> {
    let launch = rules.launch.as_ref().filter(|launch| launch.command.is_some() || launch.url.is_some());
    launch.ok_or_else(|| format!("the server at {} has neither a command nor a URL", rules.at))
}

/// How the server is reached, for records.
pub(crate) fn described(rules: &ServerPolicy) -> Result<String, Refusal> {
    let launch = launch(rules)?;
    let words = match &launch.url {
        // What comes after may be a key.
        Some(url) => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
        None => {
            let words = launch.command.iter().chain(&launch.args).map(String::as_str);
            words.collect::<Vec<_>>().join(" ")
        }
    };
    Ok(rules.content.masking().redact(&words).into_owned())
}

/// There is no such server; these there are.
pub(super) fn unknown(shared: &Shared, name: &str) -> Refusal {
    let policy = shared.rules.get();
    let known: Vec<_> = policy.servers().filter_map(|server| server.name.as_deref()).collect();
    match known.as_slice() {
        [] => format!(
            "the daemon's configuration has no server `{name}`, nor any other; add it, or let `mcp-guard init` write one"
        ),
        _ => format!("the daemon's configuration has no server `{name}`; it has: {}", known.join(", ")),
    }
}
