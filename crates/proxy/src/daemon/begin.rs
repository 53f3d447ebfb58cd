//! Starting the server of a session.

use std::{process::Stdio, sync::Arc};

use policy::{ServerPolicy, Transport};

use super::{Shared, events::News, stderr};
use crate::{Command, local::Surroundings, relay::Server, share::Shares};

/// Why a bridge is sent away.
pub(super) type Refusal = String;

/// The session's server, as the configuration now says: one of its own, or a part in one.
pub(super) fn begin(
    shared: &Shared,
    news: &News,
    surroundings: &Surroundings,
) -> Result<(Server, Arc<ServerPolicy>), String> {
    let rules = news.rules().ok_or("the server was taken out of the configuration")?;
    let command = command(&rules, surroundings)?;
    let server = if rules.supervision.share {
        let max_frame_bytes = news.policy.borrow().limits().max_frame_bytes;
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

/// How to start the server: as its client would have, unless several clients are to share it.
pub(super) fn command(rules: &ServerPolicy, surroundings: &Surroundings) -> Result<Command, Refusal> {
    let (folder, base_env) = match rules.supervision.share {
        true => (None, None),
        false => (surroundings.folder.clone().filter(|folder| folder.is_dir()), surroundings.env.clone()),
    };
    match &rules.launch {
        Some(launch) if launch.transport == Transport::Stdio => Ok(Command {
            program: launch.command.clone().unwrap_or_default(),
            args: launch.args.clone(),
            base_env,
            env: launch.env.clone(),
            folder: launch.cwd.clone().or(folder),
        }),
        _ => Err(format!(
            "the server at {} is reached by URL; the daemon serves servers that are started by a command",
            rules.at
        )),
    }
}

/// There is no such server; these there are.
pub(super) fn unknown(shared: &Shared, name: &str) -> Refusal {
    let policy = Arc::clone(&shared.policy.borrow());
    let known: Vec<_> = policy.servers().filter_map(|server| server.name.as_deref()).collect();
    match known.as_slice() {
        [] => format!(
            "the daemon's configuration has no server `{name}`, nor any other; add it, or let `mcp-guard init` write one"
        ),
        _ => format!("the daemon's configuration has no server `{name}`; it has: {}", known.join(", ")),
    }
}
