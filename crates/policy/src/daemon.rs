use std::{ffi::OsString, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{places::System, state_dir};

/// The background process, and where it keeps its files. The paths are as the file gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonSettings {
    /// The folder for its files; see [`DaemonSettings::home`] for the one in force.
    pub home: Option<PathBuf>,
    /// The socket; see [`DaemonSettings::socket`] for the one in force.
    pub socket_path: Option<PathBuf>,
    /// How long answers still in flight are waited for once a client has closed its end, or all is to end.
    pub shutdown_timeout: Duration,
    /// The least important lines that are logged.
    pub log_level: LogLevel,
    /// The dashboard's port on this machine; 0 lets the system choose.
    pub dashboard_port: u16,
}

impl Default for DaemonSettings {
    fn default() -> Self {
        Self {
            home: None,
            socket_path: None,
            shutdown_timeout: Duration::from_secs(30),
            log_level: LogLevel::default(),
            dashboard_port: 9777,
        }
    }
}

impl DaemonSettings {
    /// The folder in force: that of the file, else [`state_dir`]. `None` when there is neither.
    pub fn home(&self, env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        self.home.clone().or_else(|| state_dir(env))
    }

    /// The socket in force: that of the file, else `daemon.sock` in the folder; on Windows a named pipe.
    pub fn socket(&self, env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        self.socket_path.clone().or_else(|| Some(System::OURS.socket(&self.home(env)?)))
    }
}

/// How important a line of the log is. Ordered from the least to the most important.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What only helps to find a fault of ours.
    Debug,
    /// What happens in the ordinary course.
    #[default]
    Info,
    /// What should be looked at.
    Warn,
    /// What does not work.
    Error,
}

impl LogLevel {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}
