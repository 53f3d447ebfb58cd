use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::processes;
use crate::stage::{GUARD, STATE};

/// The one daemon of all stages, started when it is first needed.
pub(crate) struct Daemon {
    folder: PathBuf,
    started: OnceLock<()>,
}

impl Daemon {
    pub(crate) fn new(root: &Path) -> Self {
        Self { folder: root.join("daemon"), started: OnceLock::new() }
    }

    /// Serves these servers, by their names and what the configuration says of them, from now on.
    pub(crate) fn serve(&self, servers: impl Iterator<Item = (String, Value)>) {
        self.started.get_or_init(|| {
            fs::create_dir(&self.folder).unwrap();
            let servers: Map<String, Value> = servers.collect();
            let daemon = json!({"home": self.folder.join("home"), "dashboard_port": 0});
            fs::write(self.config(), json!({"daemon": daemon, "servers": servers}).to_string()).unwrap();
            self.run(&["start", "-d"]);
        });
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("mcp-guard.yaml")
    }

    /// Ends it, if it was started; nothing may be left.
    pub(crate) fn end(&self) {
        if self.started.get().is_none() {
            return;
        }
        self.run(&["stop"]);
        let left = processes::left_over(STATE, self.folder.as_os_str());
        assert!(left.is_empty(), "still running after the daemon has stopped: {left:#?}");
    }

    fn run(&self, args: &[&str]) {
        let mut command = Command::new(GUARD);
        command.args(args).arg("--config").arg(self.config()).env(STATE, &self.folder);
        let ended = command.env_remove("MCP_GUARD_CONFIG").output().unwrap();
        assert!(ended.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}
