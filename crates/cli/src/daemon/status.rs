use std::process::ExitCode;

use proxy::{
    daemon::Status,
    local::{Ask, dial, running},
};
use serde_json::json;

use super::wait_for;
use crate::{
    args::{ConfigArgs, StatusArgs},
    configuration,
    failure::Failure,
};

pub(crate) fn status(config: &ConfigArgs, args: &StatusArgs) -> Result<ExitCode, Failure> {
    let place = configuration::place_now(config)?;
    let Some(pid) = running(&place)? else {
        match args.json {
            true => anstream::println!("{}", json!({ "running": false })),
            false => anstream::println!("the daemon is not running; start it with `mcp-guard start -d`"),
        }
        return Ok(ExitCode::SUCCESS);
    };
    let mut answer = match wait_for(dial(&place, Ask::Status))? {
        Err(error) if error.is_absence() => {
            match args.json {
                true => anstream::println!("{}", json!({ "running": true, "pid": pid, "listening": false })),
                false => anstream::println!("the daemon (process {pid}) is just starting or stopping"),
            }
            return Ok(ExitCode::SUCCESS);
        }
        dialled => dialled?.answer,
    };
    if args.json {
        if let Some(status) = answer.as_object_mut() {
            status.insert("running".to_owned(), true.into());
        }
        anstream::println!("{answer:#}");
        return Ok(ExitCode::SUCCESS);
    }
    print(&serde_json::from_value(answer).map_err(Failure::new)?);
    Ok(ExitCode::SUCCESS)
}

fn print(status: &Status) {
    let config = status.config.as_ref().map_or("none".to_owned(), |path| path.display().to_string());
    anstream::println!("daemon   running, process {}, version {}", status.pid, status.version);
    anstream::println!("up       {}", span(status.uptime_seconds));
    anstream::println!("config   {config}");
    anstream::println!("policy   {}", status.policy_hash);
    if let Some(pending) = &status.pending {
        anstream::println!("pending  {pending}");
    }
    for server in &status.servers {
        anstream::println!();
        let restarts =
            if server.restarts > 0 { format!(", {} restarts", server.restarts) } else { String::new() };
        anstream::println!(
            "{}  {} ({}{restarts}), {} profile",
            server.name,
            server.state,
            clients(server.sessions),
            server.profile
        );
        for session in status.sessions.iter().filter(|session| session.server == server.name) {
            let era = session.era.as_deref().unwrap_or("no handshake yet");
            let age = span(session.age_seconds);
            anstream::println!("  {} for {age}, {era}, {} in flight", session.user, session.in_flight);
            if let Some(trouble) = &session.trouble {
                anstream::println!("    {trouble}");
            }
        }
    }
}

fn clients(count: usize) -> String {
    match count {
        0 => "no clients".to_owned(),
        1 => "1 client".to_owned(),
        count => format!("{count} clients"),
    }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}
