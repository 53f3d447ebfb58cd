use schemars::JsonSchema;
use serde::Deserialize;

use super::{Given, PORT, SECONDS};
use crate::{DaemonSettings, LogLevel};

/// The background process.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Daemon")]
pub(crate) struct DaemonFile {
    /// The folder for its files; if left out, the state folder.
    pub(crate) home: Given<String>,
    /// The socket it listens on; if left out, `daemon.sock` in its folder. On Windows a named pipe, `\\.\pipe\NAME`.
    pub(crate) socket_path: Given<String>,
    /// Seconds that answers still in flight are waited for once a client has closed its end, or the daemon is told to stop.
    #[schemars(range(min = SECONDS.min, max = SECONDS.max), extend("default" = DaemonSettings::default().shutdown_timeout.as_secs()))]
    pub(crate) shutdown_timeout: Given<u64>,
    /// The least important lines that are logged.
    #[schemars(extend("default" = LogLevel::default()))]
    pub(crate) log_level: Given<LogLevel>,
    /// The port of the dashboard on this machine; 0 lets the system choose.
    #[schemars(range(min = PORT.min, max = PORT.max), extend("default" = DaemonSettings::default().dashboard_port))]
    pub(crate) dashboard_port: Given<u64>,
}

/// A file of which nothing but this section is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OnlyDaemon {
    pub(crate) daemon: Given<DaemonFile>,
}
