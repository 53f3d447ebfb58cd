use std::{
    env, fs,
    path::{Path, PathBuf},
};

use policy::{Launch, Policy, ServerPolicy, Transport};

use super::finding::Finding;
use crate::os;

const CHECK: &str = "server";

/// Whether each server could be started.
pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    findings.extend(policy.servers().filter_map(|server| Some(found(server, server.launch.as_ref()?))));
}

fn found(server: &ServerPolicy, launch: &Launch) -> Finding {
    let name = server.name.as_deref().unwrap_or_default();
    if launch.transport != Transport::Stdio {
        return match &launch.remote.ca_file {
            Some(file) if !file.is_file() => {
                let text = format!("{name} ({}): there is no file {}", server.at, file.display());
                Finding::fail(CHECK, text, format!("mend servers.{name}.ca_file"))
            }
            _ => Finding::ok(CHECK, format!("{name}: by URL")),
        };
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
            match has_folder(command) {
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

fn has_folder(command: &str) -> bool {
    command.contains(std::path::is_separator)
}

/// What the system would start: a name without an extension stands for one with that of programs, where they have one.
fn program(command: &str, launch: &Launch) -> Result<PathBuf, Missing> {
    let folder = launch.cwd.as_deref().unwrap_or(Path::new(""));
    let suffix = if Path::new(command).extension().is_none() { env::consts::EXE_SUFFIX } else { "" };
    let file = format!("{command}{suffix}");
    let candidates: Vec<PathBuf> = if has_folder(command) {
        vec![folder.join(file)]
    } else {
        let path = launch.env.get("PATH").map(Into::into).or_else(|| env::var_os("PATH")).unwrap_or_default();
        env::split_paths(&path).map(|place| folder.join(place).join(&file)).collect()
    };
    let mut refused = Missing::NotThere;
    for candidate in candidates {
        match fs::metadata(&candidate) {
            Ok(found) if found.is_file() && may_run(&found) => return Ok(candidate),
            Ok(_) => refused = Missing::NotExecutable(candidate),
            Err(_) => {}
        }
    }
    Err(refused)
}

fn may_run(found: &fs::Metadata) -> bool {
    os::access(found).is_none_or(|access| access.mode & 0o111 != 0)
}
