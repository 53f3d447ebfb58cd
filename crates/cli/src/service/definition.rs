use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::{args::ConfigArgs, configuration, failure::Failure};

/// Beyond the time for draining: the daemon ends its servers, first gently.
const BEYOND_DRAINING: Duration = Duration::from_secs(15);

/// Variables that decide where the daemon finds its files and its servers.
const VARIABLES: [&str; 3] = ["PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME"];

/// What a service manager has to know.
pub(super) struct Definition {
    /// This program, absolute.
    pub(super) program: String,
    /// The configuration, absolute; `None` if there is none.
    pub(super) config: Option<String>,
    /// Variables the manager would not set by itself.
    pub(super) environment: BTreeMap<&'static str, String>,
    /// How long the daemon may take to stop.
    pub(super) stop: Duration,
    /// For managers without a journal.
    pub(super) log: String,
}

impl Definition {
    /// The daemon as it would be started here and now.
    pub(super) fn new(config: &ConfigArgs) -> Result<Self, Failure> {
        let file = configuration::file(config)?.map(std::path::absolute).transpose().map_err(Failure::new)?;
        let set = |name: &'static str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
            Some(text(value.into()).map(|value| (name, value)))
        };
        Ok(Self {
            program: text(std::env::current_exe().map_err(Failure::new)?)?,
            config: file.map(text).transpose()?,
            environment: VARIABLES.into_iter().filter_map(set).collect::<Result<_, _>>()?,
            stop: configuration::daemon(config)?.shutdown_timeout + BEYOND_DRAINING,
            log: text(configuration::place(config)?.log())?,
        })
    }

    /// What runs in the foreground.
    pub(super) fn start(&self) -> Vec<&str> {
        self.command("start")
    }

    /// What makes it read its configuration anew.
    pub(super) fn reload(&self) -> Vec<&str> {
        self.command("reload")
    }

    fn command<'a>(&'a self, task: &'a str) -> Vec<&'a str> {
        let config = self.config.iter().flat_map(|file| ["--config", file.as_str()]);
        [self.program.as_str(), task].into_iter().chain(config).collect()
    }
}

fn text(path: PathBuf) -> Result<String, Failure> {
    let refused = |path: &dyn std::fmt::Debug| {
        Failure::new(format!("{path:?} cannot be written into a service: it holds more than printable text"))
    };
    let text = path.into_os_string().into_string().map_err(|path| refused(&path))?;
    if text.chars().any(char::is_control) { Err(refused(&text)) } else { Ok(text) }
}
