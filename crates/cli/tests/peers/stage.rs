use std::fs;
use std::path::{self, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::daemon::Daemon;
use crate::gateway::Gateway;
use crate::over::{Address, Over};
use crate::processes;
use crate::remote::Remote;
use crate::transcript::Transcript;

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers");
const CONFORMANCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
pub(crate) const GUARD: &str = env!("CARGO_BIN_EXE_mcp-guard");
const PATIENCE: Duration = Duration::from_secs(90);
pub(crate) const STATE: &str = "XDG_STATE_HOME";

/// What SDKs let a server know of their own environment.
const INHERITED: [&str; 6] = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"];

/// How the client reaches the server.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Direct,
    /// By `mcp-guard run`.
    Guarded,
    /// By `mcp-guard connect` and the one daemon of all stages.
    Connected(&'a Daemon),
    /// Directly, by URL.
    At(&'a Address),
    /// By URL, through the bridge `mcp-remote`.
    Bridged(&'a Address),
    /// By `mcp-guard serve`, before this.
    Served {
        reached: Reached,
        upstream: &'a Upstream,
    },
}

/// How the client reaches the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    By(Over),
    /// Through `mcp-remote`, a bridge that the client starts as a server.
    ByBridge,
    /// By `mcp-guard connect`: no gateway, but a daemon.
    ByDaemon,
}

/// What the gateway guards.
#[derive(Debug, Clone)]
pub(crate) enum Upstream {
    /// The scenario's server, on the command line.
    Command,
    /// The scenario's server, as one of several in a configuration.
    Configured,
    /// A server reached by URL.
    At(Address),
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
    /// A folder of `root` is the stage's own.
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
        let gateway = match path {
            Path::Served { upstream, .. } => Some(self.gateway(upstream)),
            _ => None,
        };
        let output = self.output_of(self.driver(&transcript, path, gateway.as_ref()));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "the client gave up ({}):\n{stderr}", output.status);
        if let Some(gateway) = gateway {
            gateway.end();
        }
        let left = processes::left_over(STATE, self.state().as_os_str());
        assert!(left.is_empty(), "still running after the client has gone: {left:#?}");
        let transcript = Transcript::read(&transcript, &self.scenario);
        if !matches!(path, Path::Direct | Path::At(_) | Path::Bridged(_)) {
            let (recorded, seen) = (self.recorded(path), transcript.frames());
            assert!(recorded >= seen, "the client saw {seen} messages, the guard recorded {recorded}");
        }
        Played { transcript, stderr }
    }

    /// How many messages from the server the guard has on record, and of the client's that it has answered itself.
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
        let answered = |line: &str| {
            line.contains(r#""direction":"server-to-client""#) || line.contains(r#""verdict":"block""#)
        };
        records.lines().filter(|line| answered(line)).count()
    }

    /// Servers print the paths they work on, so both runs get the same ones.
    pub(crate) fn set(&self) {
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

    fn driver(&self, transcript: &path::Path, path: Path<'_>, gateway: Option<&Gateway>) -> Command {
        let (mut command, options) = self.client.driver(path::Path::new(PEERS), &self.peers);
        command.arg(scenario_file(&self.name)).arg("--out").arg(transcript).args(options);
        match path {
            Path::Direct => command.arg("--").args(self.server()),
            Path::Guarded => command.args(["--", GUARD, "run", "--"]).args(self.server()),
            Path::Connected(daemon) => {
                let server = self.server_name();
                command.args(["--", GUARD, "connect", "-s", &server, "-c"]).arg(daemon.config())
            }
            Path::At(address) => command.args(["--over", address.over.name(), "--", &address.url]),
            Path::Bridged(address) => command.arg("--").args(self.bridge(&address.url)),
            Path::Served { reached, upstream } => {
                let url = |over| self.url(gateway.unwrap(), upstream, over);
                match reached {
                    Reached::By(over) => command.args(["--over", over.name(), "--", &url(over)]),
                    Reached::ByBridge => command.arg("--").args(self.bridge(&url(Over::Http))),
                    Reached::ByDaemon => panic!("the daemon is no gateway"),
                }
            }
        };
        self.surround(&mut command).env("MCP_GUARD_PEERS", &self.peers);
        command
    }

    /// In the stage's folder, with what the guard keeps in it.
    pub(crate) fn surround<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(self.work())
            .env(STATE, self.state())
            .env("XDG_CONFIG_HOME", self.config())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("MCP_GUARD_CONFIG")
    }

    /// The scenario's server, reached by URL. It stays while the stage is set anew.
    pub(crate) fn by_url(&self, over: Over) -> Remote {
        let server = self.server();
        let mut command = self.as_server(Command::new(&server[0]));
        command.args(&server[1..]).current_dir(PEERS).env(STATE, self.folder.join("elsewhere"));
        command.env("MCP_GUARD_PEERS", &self.peers);
        Remote::start(command, over)
    }

    /// With the environment alone that an SDK gives to a server which it starts in this scenario.
    fn as_server(&self, mut command: Command) -> Command {
        command.env_clear().envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        self.surround(&mut command).env_remove("PYTHONDONTWRITEBYTECODE");
        for (name, value) in self.scenario["environment"].as_object().into_iter().flatten() {
            command.env(name, self.filled(value));
        }
        command
    }

    pub(crate) fn gateway(&self, upstream: &Upstream) -> Gateway {
        let mut command = self.as_server(Command::new(GUARD));
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        match upstream {
            Upstream::Command => command.arg("--").args(self.server()),
            Upstream::At(address) => command.args(["--upstream", &address.url]),
            Upstream::Configured => {
                let servers = json!({(&self.name): self.configured(), "neighbour": {"command": "true"}});
                let servers = json!({ "servers": servers });
                let config = self.folder.join("mcp-guard.yaml");
                fs::write(&config, servers.to_string()).unwrap();
                command.arg("--config").arg(config)
            }
        };
        Gateway::start(command)
    }

    pub(crate) fn url(&self, gateway: &Gateway, upstream: &Upstream, over: Over) -> String {
        let place = match over {
            Over::Http => "mcp",
            Over::Sse => "sse",
        };
        match upstream {
            Upstream::Configured => format!("{}/{place}/{}", gateway.at(), self.name),
            Upstream::Command | Upstream::At(_) => format!("{}/{place}", gateway.at()),
        }
    }

    /// The command of a program that needs a newer Node.js than we ask for.
    pub(crate) fn tool(&self, script: &str) -> [String; 2] {
        let node = self.peers.join("conformance/node_modules/.bin/node");
        let script = self.peers.join("tools/node_modules").join(script);
        [node, script].map(|path| path.to_str().unwrap().to_owned())
    }

    /// The command of a bridge to this URL.
    fn bridge(&self, url: &str) -> [String; 5] {
        let [node, bridge] = self.tool("mcp-remote/dist/proxy.js");
        [node, bridge, url.to_owned(), "--transport".to_owned(), "http-only".to_owned()]
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
        self.scenario["server"].as_array().unwrap().iter().map(|word| self.filled(word)).collect()
    }

    /// What a configuration says of it.
    pub(crate) fn configured(&self) -> Value {
        let server = self.server();
        json!({"command": server[0], "args": server[1..]})
    }

    fn filled(&self, text: &Value) -> String {
        let text = text.as_str().unwrap();
        text.replace("${peers}", self.peers.to_str().unwrap())
            .replace("${conformance}", CONFORMANCE)
            .replace("${work}", self.work().to_str().unwrap())
    }

    pub(crate) fn work(&self) -> PathBuf {
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
