use std::fs;
use std::path::{self, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::client::Client;
use crate::daemon::Daemon;
use crate::processes;
use crate::transcript::Transcript;

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers");
pub(crate) const GUARD: &str = env!("CARGO_BIN_EXE_mcp-guard");
const PATIENCE: Duration = Duration::from_secs(90);
pub(crate) const STATE: &str = "XDG_STATE_HOME";

/// How the client reaches the server.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Direct,
    /// By `mcp-guard run`.
    Guarded,
    /// By `mcp-guard connect` and the one daemon of all stages.
    Connected(&'a Daemon),
}

/// What one run left behind.
pub(crate) struct Played {
    pub(crate) transcript: Transcript,
    pub(crate) stderr: String,
}

/// One client, one server and the folder they work in, which every run finds as the first one did.
pub(crate) struct Stage {
    name: String,
    scenario: Value,
    client: Client,
    peers: PathBuf,
    folder: PathBuf,
}

impl Stage {
    pub(crate) fn new(name: &str, client: Client, peers: &path::Path, root: &path::Path) -> Self {
        let file = scenario_file(name);
        let text = fs::read_to_string(&file).unwrap();
        Self {
            name: name.to_owned(),
            scenario: serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display())),
            client,
            peers: peers.to_owned(),
            folder: root.join(format!("{name}-{}", client.name())),
        }
    }

    pub(crate) fn scenario(&self) -> &Value {
        &self.scenario
    }

    pub(crate) fn play(&self, path: Path<'_>) -> Played {
        self.set();
        let transcript = self.folder.join("transcript.json");
        let output = self.output_of(self.driver(&transcript, path));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "the client gave up ({}):\n{stderr}", output.status);
        let left = processes::left_over(STATE, self.state().as_os_str());
        assert!(left.is_empty(), "still running after the client has gone: {left:#?}");
        let transcript = Transcript::read(&transcript, &self.scenario);
        if !matches!(path, Path::Direct) {
            let (recorded, seen) = (self.recorded(path), transcript.frames());
            assert!(recorded >= seen, "the client saw {seen} messages, the guard recorded {recorded}");
        }
        Played { transcript, stderr }
    }

    /// How many messages from the server the guard has on record.
    fn recorded(&self, path: Path<'_>) -> usize {
        let mut logs = Command::new(GUARD);
        logs.args(["logs", "--json", "--limit", "1000000"]);
        if let Path::Connected(daemon) = path {
            logs.arg("--server").arg(self.server_name()).arg("--config").arg(daemon.config());
        }
        let output = logs
            .env(STATE, self.state())
            .env("XDG_CONFIG_HOME", self.config())
            .env_remove("MCP_GUARD_CONFIG")
            .current_dir(self.work())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let records = String::from_utf8(output.stdout).unwrap();
        records.lines().filter(|line| line.contains(r#""direction":"server-to-client""#)).count()
    }

    /// Servers print the paths they work on, so both runs get the same ones.
    fn set(&self) {
        for folder in [self.work(), self.state(), self.config()] {
            if folder.exists() {
                fs::remove_dir_all(&folder).unwrap();
            }
            fs::create_dir_all(&folder).unwrap();
        }
        let filled = Command::new("sh")
            .arg(path::Path::new(PEERS).join("fixture"))
            .args([self.name.as_ref(), self.work().as_os_str()])
            .status()
            .unwrap();
        assert!(filled.success());
    }

    fn driver(&self, transcript: &path::Path, path: Path<'_>) -> Command {
        let (mut command, options) = self.client.driver(path::Path::new(PEERS), &self.peers);
        command.arg(scenario_file(&self.name)).arg("--out").arg(transcript).args(options).arg("--");
        match path {
            Path::Direct => command.args(self.server()),
            Path::Guarded => command.args([GUARD, "run", "--"]).args(self.server()),
            Path::Connected(daemon) => {
                let server = self.server_name();
                command.args([GUARD, "connect", "-s", &server, "-c"]).arg(daemon.config())
            }
        };
        command
            .current_dir(self.work())
            .env("MCP_GUARD_PEERS", &self.peers)
            .env(STATE, self.state())
            .env("XDG_CONFIG_HOME", self.config())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("MCP_GUARD_CONFIG");
        command
    }

    fn output_of(&self, mut driver: Command) -> Output {
        let child =
            driver.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, ended) = mpsc::sync_channel(1);
        thread::spawn(move || sender.send(child.wait_with_output()));
        ended.recv_timeout(PATIENCE).map(Result::unwrap).unwrap_or_else(|_| {
            processes::kill(STATE, self.state().as_os_str());
            let stderr = ended.recv().unwrap().unwrap().stderr;
            panic!("not done after {PATIENCE:?}:\n{}", String::from_utf8_lossy(&stderr));
        })
    }

    /// What the daemon knows the server as.
    pub(crate) fn server_name(&self) -> String {
        format!("{}-{}", self.name, self.client.name())
    }

    pub(crate) fn server(&self) -> Vec<String> {
        let fill = |word: &Value| {
            let word = word.as_str().unwrap();
            word.replace("${peers}", self.peers.to_str().unwrap())
                .replace("${work}", self.work().to_str().unwrap())
        };
        self.scenario["server"].as_array().unwrap().iter().map(fill).collect()
    }

    fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn config(&self) -> PathBuf {
        self.folder.join("config")
    }
}

fn scenario_file(name: &str) -> PathBuf {
    path::Path::new(PEERS).join("scenarios").join(format!("{name}.json"))
}
