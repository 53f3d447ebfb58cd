use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::processes;
use crate::report::Report;
use crate::suite::Suite;

pub(crate) const GUARD: &str = env!("CARGO_BIN_EXE_mcp-guard");
pub(crate) const STATE: &str = "XDG_STATE_HOME";
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
const SUITE: &str = "conformance/node_modules/@modelcontextprotocol/conformance/dist/index.js";
const FOUND: &str = "found";
const PATIENCE: Duration = Duration::from_secs(120);

/// The installed suite, and the Node.js that it needs.
pub(crate) struct Harness {
    peers: PathBuf,
}

impl Harness {
    pub(crate) fn new(peers: &Path) -> Self {
        Self { peers: peers.to_owned() }
    }

    /// The command line that runs one of our scripts.
    pub(crate) fn script(&self, name: &str) -> Vec<String> {
        vec![self.node(), format!("{HERE}/{name}")]
    }

    /// Lets the suite examine the server at `url`; `folder` is its own.
    pub(crate) fn server(&self, url: &str, suite: Suite, folder: &Path) -> Report {
        let mut command = self.suite("server", folder);
        command.args(["--url", url]).args(suite.selection());
        Report::read(&folder.join(FOUND), "server-", &output_of(command, folder))
    }

    /// Lets the suite examine the client that `script` runs in one scenario; `folder` is its own.
    pub(crate) fn client(&self, script: &str, suite: Suite, scenario: &str, folder: &Path) -> Report {
        let mut command = self.suite("client", folder);
        command.args(["--command", &self.script(script).join(" ")]);
        command.args(["--scenario", scenario, "--spec-version", suite.revision()]);
        Report::read(&folder.join(FOUND), "", &output_of(command, folder))
    }

    /// For every process of a run: it finds the packages, and keeps what it keeps in `folder`.
    pub(crate) fn surround(&self, command: &mut Command, folder: &Path) {
        command
            .env("MCP_GUARD", GUARD)
            .env("MCP_GUARD_PEERS", &self.peers)
            .env(STATE, folder.join("state"))
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env_remove("MCP_GUARD_CONFIG")
            .current_dir(folder);
    }

    fn suite(&self, side: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.node());
        command.arg(self.peers.join(SUITE)).args([side, "-o", FOUND]);
        self.surround(&mut command, folder);
        command
    }

    fn node(&self) -> String {
        self.peers.join("conformance/node_modules/.bin/node").to_str().unwrap().to_owned()
    }
}

fn output_of(mut command: Command, folder: &Path) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (sender, ended) = mpsc::sync_channel(1);
    thread::spawn(move || sender.send(child.wait_with_output()));
    ended.recv_timeout(PATIENCE).map(Result::unwrap).unwrap_or_else(|_| {
        processes::kill(STATE, folder.join("state").as_os_str());
        let output = ended.recv().unwrap().unwrap();
        panic!("not done after {PATIENCE:?}:\n{}", String::from_utf8_lossy(&output.stdout));
    })
}
