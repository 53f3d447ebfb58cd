use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::{definition::Definition, launchd, systemd};
use crate::{failure::Failure, os};

/// The unit's name.
const UNIT: &str = "mcp-guard.service";

/// What keeps a user's services.
#[derive(Clone, Copy)]
pub(super) enum Manager {
    Systemd,
    Launchd,
}

/// A command for the manager.
pub(super) struct Step(Vec<OsString>);

impl Manager {
    pub(super) fn of_this_system() -> Result<Self, Failure> {
        match std::env::consts::OS {
            "linux" => Ok(Self::Systemd),
            "macos" => Ok(Self::Launchd),
            other => Err(Failure::new(format!(
                "services are not supported on {other} by this version; start the daemon with `mcp-guard start -d`"
            ))),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Launchd => "launchd",
        }
    }

    /// When the daemon comes by itself.
    pub(super) fn when(self) -> &'static str {
        match self {
            Self::Systemd => {
                "when you log in (to keep it when you log out, and have it when the machine starts: \
                 `loginctl enable-linger`)"
            }
            Self::Launchd => "when you log in",
        }
    }

    pub(super) fn text(self, service: &Definition) -> Result<String, Failure> {
        match self {
            Self::Systemd => systemd::unit(service),
            Self::Launchd => Ok(launchd::plist(service)),
        }
    }

    /// Where its file belongs.
    pub(super) fn file(self, env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let set = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        match self {
            Self::Systemd => {
                let folder = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
                Some(folder.join("systemd/user").join(UNIT))
            }
            Self::Launchd => {
                Some(set("HOME")?.join(format!("Library/LaunchAgents/{}.plist", launchd::LABEL)))
            }
        }
    }

    /// What enables the service and starts it, or starts it `anew`.
    pub(super) fn start(self, file: &Path, anew: bool) -> Vec<Step> {
        match (self, anew) {
            (Self::Systemd, false) => vec![
                step("systemctl", ["--user", "daemon-reload"]),
                step("systemctl", ["--user", "enable", "--now", UNIT]),
            ],
            (Self::Systemd, true) => vec![
                step("systemctl", ["--user", "daemon-reload"]),
                step("systemctl", ["--user", "enable", UNIT]),
                step("systemctl", ["--user", "restart", UNIT]),
            ],
            (Self::Launchd, _) => {
                let load = step("launchctl", [OsStr::new("bootstrap"), gui().as_ref(), file.as_ref()]);
                if anew { vec![step("launchctl", ["bootout", &agent()]), load] } else { vec![load] }
            }
        }
    }

    /// What stops and disables it, before its file is removed and after.
    pub(super) fn stop(self, _file: &Path) -> (Vec<Step>, Vec<Step>) {
        match self {
            Self::Systemd => (
                vec![step("systemctl", ["--user", "disable", "--now", UNIT])],
                vec![step("systemctl", ["--user", "daemon-reload"])],
            ),
            Self::Launchd => (vec![step("launchctl", ["bootout", &agent()])], Vec::new()),
        }
    }

    /// What enabling leaves beside the file.
    pub(super) fn link(self, file: &Path) -> Option<PathBuf> {
        match self {
            Self::Systemd => Some(file.with_file_name("default.target.wants").join(UNIT)),
            Self::Launchd => None,
        }
    }

    /// What tells how it is.
    pub(super) fn look(self) -> Step {
        match self {
            Self::Systemd => step("systemctl", ["--user", "is-active", UNIT]),
            Self::Launchd => step("launchctl", ["print", &agent()]),
        }
    }
}

/// Runs the steps until one fails.
pub(super) fn run(steps: &[Step]) -> Result<(), String> {
    steps.iter().try_for_each(|step| {
        let output = output(step)?;
        if output.status.success() { Ok(()) } else { Err(format!("`{step}` failed: {}", said(&output))) }
    })
}

/// What a step answers, whatever its exit status: that only says whether the service is well.
pub(super) fn ask(step: &Step) -> Result<String, String> {
    let output = output(step)?;
    let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if answer.is_empty() { Err(said(&output)) } else { Ok(answer) }
}

fn output(step: &Step) -> Result<Output, String> {
    let (program, args) = step.0.split_first().ok_or("nothing to run")?;
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    output.map_err(|error| format!("`{step}` failed: {error}"))
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
    if text.is_empty() { output.status.to_string() } else { text }
}

fn step<W: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = W>) -> Step {
    let args = args.into_iter().map(|word| word.as_ref().to_owned());
    Step([program.into()].into_iter().chain(args).collect())
}

fn gui() -> String {
    format!("gui/{}", os::user_id())
}

fn agent() -> String {
    format!("{}/{}", gui(), launchd::LABEL)
}

impl fmt::Display for Step {
    /// As typed into a shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            let word = word.to_string_lossy();
            let space = if at > 0 { " " } else { "" };
            let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@".contains(&byte));
            match plain {
                true => write!(f, "{space}{word}")?,
                false => write!(f, "{space}'{}'", word.replace('\'', r"'\''"))?,
            }
        }
        Ok(())
    }
}
