use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use policy::{Launch, Policy, ServerPolicy, Transport};

use super::finding::Finding;

const CHECK: &str = "server";

/// Whether each server could be started.
pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    findings.extend(policy.servers().filter_map(|server| Some(found(server, server.launch.as_ref()?))));
}

fn found(server: &ServerPolicy, launch: &Launch) -> Finding {
    let name = server.name.as_deref().unwrap_or_default();
    if launch.transport != Transport::Stdio {
        let text = format!("{name} ({}) is reached by URL: not reached by this version", server.at);
        return Finding::warn(CHECK, text, "start it by a command, or take it out");
    }
    if let Some(folder) = launch.cwd.as_deref().filter(|folder| !folder.is_dir()) {
        let text = format!("{name} ({}): there is no folder {}", server.at, folder.display());
        return Finding::fail(CHECK, text, format!("make it, or mend servers.{name}.cwd"));
    }
    let command = launch.command.as_deref().unwrap_or_default();
    match program(command, launch) {
        Ok(program) => Finding::ok(CHECK, format!("{name}: {}", program.display())),
        Err(Missing::NotThere) => Finding::fail(
            CHECK,
            format!("{name} ({}): there is no program {command}", server.at),
            match command.contains('/') {
                true => format!("install it, or mend servers.{name}.command"),
                false => format!(
                    "install it, add its folder to PATH, or write servers.{name}.command with its path"
                ),
            },
        ),
        Err(Missing::NotExecutable(path)) => Finding::fail(
            CHECK,
            format!("{name} ({}): {} may not be run", server.at, path.display()),
            format!("chmod +x {}, or name the program that runs it", path.display()),
        ),
    }
}

enum Missing {
    NotThere,
    NotExecutable(PathBuf),
}

/// What `execvp` would start.
fn program(command: &str, launch: &Launch) -> Result<PathBuf, Missing> {
    let folder = launch.cwd.as_deref().unwrap_or(Path::new(""));
    let candidates: Vec<PathBuf> = if command.contains('/') {
        vec![folder.join(command)]
    } else {
        let path = launch.env.get("PATH").map(Into::into).or_else(|| env::var_os("PATH")).unwrap_or_default();
        env::split_paths(&path).map(|place| folder.join(place).join(command)).collect()
    };
    let mut refused = Missing::NotThere;
    for candidate in candidates {
        match fs::metadata(&candidate) {
            Ok(found) if found.is_file() && found.permissions().mode() & 0o111 != 0 => return Ok(candidate),
            Ok(_) => refused = Missing::NotExecutable(candidate),
            Err(_) => {}
        }
    }
    Err(refused)
}
