use std::{fs, path::Path};

use policy::{ConfigError, Policy};

use super::finding::Finding;
use crate::{args::ConfigArgs, configuration, os};

const CHECK: &str = "configuration";

/// Whether the configuration is found and loads.
pub(super) fn check(config: &ConfigArgs, findings: &mut Vec<Finding>) -> Option<Policy> {
    let env = |name: &str| std::env::var_os(name);
    let file = match policy::locate(config.config.as_deref(), &env) {
        Ok(file) => file,
        Err(error) => {
            report(&error, findings);
            return None;
        }
    };
    match configuration::load(config, None) {
        Ok(policy) => {
            match &file {
                Some(file) => {
                    let servers = policy.servers().count();
                    let noun = if servers == 1 { "server" } else { "servers" };
                    let what = format!(
                        "{} is valid: {servers} {noun}, {} profile",
                        file.display(),
                        policy.profile()
                    );
                    findings.push(Finding::ok(CHECK, what));
                    findings.extend(open_to_others(file));
                }
                None => findings
                    .push(Finding::ok(CHECK, "there is no file; the built-in balanced profile applies")),
            }
            Some(policy)
        }
        Err(error) => {
            report(&error, findings);
            None
        }
    }
}

fn report(error: &ConfigError, findings: &mut Vec<Finding>) {
    for problem in error.problems() {
        let place = problem.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
        let help = problem.help.as_deref().unwrap_or("`mcp-guard validate` shows the place");
        findings.push(Finding::fail(CHECK, format!("{place}{}", problem.message), help));
    }
}

/// Whoever may change the file decides which programs we start.
fn open_to_others(file: &Path) -> Option<Finding> {
    let real = fs::canonicalize(file).ok()?;
    let folder = real.parent()?;
    for (path, what) in [(real.as_path(), "file"), (folder, "folder")] {
        let found = fs::metadata(path).ok()?;
        let access = os::access(&found)?;
        // In a folder with the sticky bit others cannot replace what is ours.
        let sticky = found.is_dir() && access.mode & 0o1000 != 0;
        if access.mode & 0o022 != 0 && !sticky {
            let text =
                format!("others may change the {what} {} (mode {:03o})", path.display(), access.mode & 0o777);
            return Some(Finding::fail(CHECK, text, format!("chmod go-w {}", path.display())));
        }
        if !access.ours && access.owner != 0 {
            let text = format!("the {what} {} belongs to user {}", path.display(), access.owner);
            return Some(Finding::warn(CHECK, text, "keep the configuration in a folder of your own"));
        }
    }
    None
}
