use std::fs;
use std::path::{self, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;
use crate::processes;
use crate::transcript::Transcript;

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers");
const GUARD: &str = env!("CARGO_BIN_EXE_mcp-guard");
const PATIENCE: Duration = Duration::from_secs(90);
const STATE: &str = "XDG_STATE_HOME";

/// How the client reaches the server.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Path {
    Direct,
    Guarded,
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
    folder: TempDir,
}

impl Stage {
    pub(crate) fn new(name: &str, client: Client, peers: &path::Path) -> Self {
        let file = scenario_file(name);
        let text = fs::read_to_string(&file).unwrap();
        Self {
            name: name.to_owned(),
            scenario: serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display())),
            client,
            peers: peers.to_owned(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn scenario(&self) -> &Value {
        &self.scenario
    }

    pub(crate) fn play(&self, path: Path) -> Played {
        self.set();
        let transcript = self.folder.path().join("transcript.json");
        let output = self.output_of(self.driver(&transcript, path));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "the client gave up ({}):\n{stderr}", output.status);
        let left = processes::left_over(STATE, self.state().as_os_str());
        assert!(left.is_empty(), "still running after the client has gone: {left:#?}");
        let transcript = Transcript::read(&transcript, &self.scenario);
        if path == Path::Guarded {
            let (recorded, seen) = (self.recorded(), transcript.frames());
            assert!(recorded >= seen, "the client saw {seen} messages, the guard recorded {recorded}");
        }
        Played { transcript, stderr }
    }

    /// How many messages from the server the guard has on record.
    fn recorded(&self) -> usize {
        let output = Command::new(GUARD)
            .args(["logs", "--json", "--limit", "1000000"])
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
            fs::create_dir(&folder).unwrap();
        }
        let filled = Command::new("sh")
            .arg(path::Path::new(PEERS).join("fixture"))
            .args([self.name.as_ref(), self.work().as_os_str()])
            .status()
            .unwrap();
        assert!(filled.success());
    }

    fn driver(&self, transcript: &path::Path, path: Path) -> Command {
        let (mut command, options) = self.client.driver(path::Path::new(PEERS), &self.peers);
        command.arg(scenario_file(&self.name)).arg("--out").arg(transcript).args(options).arg("--");
        if path == Path::Guarded {
            command.args([GUARD, "run", "--"]);
        }
        command
            .args(self.server())
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

    fn server(&self) -> Vec<String> {
        let fill = |word: &Value| {
            let word = word.as_str().unwrap();
            word.replace("${peers}", self.peers.to_str().unwrap())
                .replace("${work}", self.work().to_str().unwrap())
        };
        self.scenario["server"].as_array().unwrap().iter().map(fill).collect()
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }
}

fn scenario_file(name: &str) -> PathBuf {
    path::Path::new(PEERS).join("scenarios").join(format!("{name}.json"))
}
