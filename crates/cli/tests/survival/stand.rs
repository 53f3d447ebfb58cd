//! A gateway with servers behind it, which leaves nothing behind.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{gateway::Gateway, processes};

const STATE: &str = "XDG_STATE_HOME";

/// See the module.
pub(crate) struct Stand {
    folder: TempDir,
    gateway: Option<Gateway>,
}

impl Stand {
    /// With this configuration, but for what every test wants.
    pub(crate) fn new(config: impl FnOnce(&Stand) -> Value) -> Self {
        let mut stand = Self { folder: tempfile::tempdir().unwrap(), gateway: None };
        let mut config = config(&stand);
        if config["gateway"].get("listen").is_none() {
            config["gateway"]["listen"] = json!(["127.0.0.1:0"]);
        }
        fs::write(stand.config(), config.to_string()).unwrap();
        stand.gateway = Some(Gateway::start(stand.command(&["serve"])));
        stand
    }

    /// A server on standard streams, as the configuration has it. It notes what it hears.
    pub(crate) fn process(&self, name: &str) -> Value {
        let log = self.path(&format!("{name}.log"));
        json!({"command": std::env::current_exe().unwrap(), "args": ["serve", "--log", log]})
    }

    /// What that server has noted: `start` and its process, and every line it heard.
    pub(crate) fn heard(&self, name: &str) -> Vec<String> {
        let log = fs::read_to_string(self.path(&format!("{name}.log"))).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Waits until that server hears of this.
    pub(crate) fn until_heard(&self, name: &str, what: &str) {
        until(what, || self.heard(name).iter().any(|line| line.contains(what)));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("mcp-guard.yaml")
    }

    /// Changes the configuration in place.
    pub(crate) fn reconfigure(&self, change: impl FnOnce(&mut Value)) {
        let mut config = serde_json::from_str(&fs::read_to_string(self.config()).unwrap()).unwrap();
        change(&mut config);
        let draft = self.path("draft.yaml");
        fs::write(&draft, config.to_string()).unwrap();
        fs::rename(draft, self.config()).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
        command.arg("--config").arg(self.config()).args(args).current_dir(self.folder.path());
        command.env("HOME", self.folder.path()).env("XDG_CONFIG_HOME", self.path("config"));
        command.env(STATE, self.path("state")).env_remove("MCP_GUARD_CONFIG").env_remove("MCP_GUARD_API_KEY");
        command
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        self.gateway.as_ref().unwrap()
    }

    pub(crate) fn gateway_mut(&mut self) -> &mut Gateway {
        self.gateway.as_mut().unwrap()
    }

    /// The beginning of its URLs.
    pub(crate) fn at(&self) -> &str {
        self.gateway().at()
    }

    /// Tells it to stop; everything it has said. Nothing may be left.
    pub(crate) fn end(mut self) -> String {
        let told = self.gateway.take().unwrap().end();
        self.assert_alone();
        told
    }

    /// That nothing runs any more that belongs to the gateway.
    pub(crate) fn assert_alone(&self) {
        let left = processes::left_over(STATE, self.path("state").as_os_str());
        assert!(left.is_empty(), "still running: {left:#?}");
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        drop(self.gateway.take());
        if !thread::panicking() {
            self.assert_alone();
        }
        processes::kill(STATE, self.path("state").as_os_str());
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "not after {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
