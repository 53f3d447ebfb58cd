//! The ways from a client to a server. On each a call is made and everything the client sees is looked at.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use store::{AuditReader, Filter};

use crate::{
    common::client::Client,
    guard::{Gateway, before},
    mcp::{OneStream, Session, ask_modern, notification, response},
    server::{self, Era},
    upstream::Upstream,
    web::{Ask, Reply},
};

/// A transport, and the eras of the two sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    pub(crate) front: Front,
    pub(crate) client: Era,
    back: Back,
    server: Era,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Front {
    Run,
    Connect,
    Streamable,
    /// What came is not read; it is said again after the first event.
    Replay,
    OneStream,
    Rpc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    Process,
    Json,
    Events,
}

const fn channel(name: &'static str, front: Front, client: Era, back: Back, server: Era) -> Channel {
    Channel { name, front, client, back, server }
}

use Back::{Events, Json, Process};
use Era::{Legacy, Modern};

pub(crate) const CHANNELS: [Channel; 19] = [
    channel("run, legacy", Front::Run, Legacy, Process, Legacy),
    channel("run, modern", Front::Run, Modern, Process, Modern),
    channel("connect, legacy", Front::Connect, Legacy, Process, Legacy),
    channel("connect, modern", Front::Connect, Modern, Process, Modern),
    channel("connect to HTTP, legacy", Front::Connect, Legacy, Events, Legacy),
    channel("connect to HTTP, bridged", Front::Connect, Legacy, Json, Modern),
    channel("POST JSON, legacy", Front::Streamable, Legacy, Json, Legacy),
    channel("POST SSE, legacy", Front::Streamable, Legacy, Events, Legacy),
    channel("POST before a process, legacy", Front::Streamable, Legacy, Process, Legacy),
    channel("replay", Front::Replay, Legacy, Events, Legacy),
    channel("HTTP+SSE", Front::OneStream, Legacy, Events, Legacy),
    channel("rpc", Front::Rpc, Modern, Json, Modern),
    channel("POST JSON, modern", Front::Streamable, Modern, Json, Modern),
    channel("POST SSE, modern", Front::Streamable, Modern, Events, Modern),
    channel("POST before a process, modern", Front::Streamable, Modern, Process, Modern),
    channel("legacy client, modern server", Front::Streamable, Legacy, Json, Modern),
    channel("legacy client, modern process", Front::Streamable, Legacy, Process, Modern),
    channel("modern client, legacy server", Front::Streamable, Modern, Events, Legacy),
    channel("modern client, legacy process", Front::Streamable, Modern, Process, Legacy),
];

impl Channel {
    pub(crate) fn is_bridged(self) -> bool {
        self.client != self.server
    }

    /// Whether something can come before the answer.
    pub(crate) fn streams(self) -> bool {
        self.back != Json && self.front != Front::Rpc
    }

    /// Whether the server asks by requests of its own, and the client sees them as such.
    pub(crate) fn asks_by_request(self) -> bool {
        self.client == Legacy
    }
}

/// A channel in use.
pub(crate) struct Line {
    pub(crate) channel: Channel,
    guard: Guard,
    _upstream: Option<Upstream>,
    ids: u64,
    known: BTreeSet<String>,
}

enum Guard {
    Pipe { client: Client, home: tempfile::TempDir, daemon: bool },
    Gateway(Gateway),
}

/// What a client has seen of its request.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Before the answer.
    pub(crate) told: Vec<Value>,
    pub(crate) answer: Value,
}

const STATE: &str = "XDG_STATE_HOME";

impl Line {
    pub(crate) fn open(channel: Channel, rules: &Value) -> Self {
        let upstream = match channel.back {
            Process => None,
            Json => Some(server::over_http(channel.server, false)),
            Events => Some(server::over_http(channel.server, true)),
        };
        let exe = std::env::current_exe().unwrap();
        let mut served = match &upstream {
            Some(upstream) => upstream.as_server("streamable-http", channel.server.name()),
            None => {
                json!({"command": exe, "args": ["serve", channel.server.name()], "era": channel.server.name()})
            }
        };
        served["policy"] = rules["policy"].clone();
        let mut config = before(&served);
        config["pii"] = rules["pii"].clone();
        config["daemon"] = json!({"shutdown_timeout": 3, "dashboard_port": 0});
        let guard = match channel.front {
            Front::Run | Front::Connect => Guard::pipe(&config, channel.front),
            _ => Guard::Gateway(Gateway::start(&config)),
        };
        let mut line = Self { channel, guard, _upstream: upstream, ids: 10, known: BTreeSet::new() };
        if let (Guard::Pipe { .. }, Legacy) = (&line.guard, channel.client) {
            let answer =
                line.ask("initialize", crate::mcp::initialize("2025-11-25")["params"].clone()).answer;
            assert!(answer["result"].is_object(), "{answer}");
            line.pipe().say(&notification("notifications/initialized", json!({})).to_string());
        }
        line
    }

    pub(crate) fn call(&mut self, tool: &str, text: &str) -> Seen {
        self.ask("tools/call", json!({"name": tool, "arguments": {"text": text}}))
    }

    /// Makes a request in the client's era.
    pub(crate) fn ask(&mut self, method: &str, mut params: Value) -> Seen {
        self.ids += 1;
        if self.channel.client == Modern && self.channel.front != Front::Rpc {
            let meta = params["_meta"].take();
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
                "io.modelcontextprotocol/logLevel": "debug",
                "io.modelcontextprotocol/clientCapabilities":
                    {"sampling": {}, "elicitation": {"form": {}, "url": {}}, "extensions": {"io.modelcontextprotocol/tasks": {}}},
                "asks": meta["asks"],
            });
        }
        let message = crate::mcp::request(self.ids, method, params);
        let (id, front, client) = (json!(self.ids), self.channel.front, self.channel.client);
        match (&mut self.guard, front) {
            (Guard::Pipe { client, .. }, _) => {
                client.say(&message.to_string());
                until_answer(&id, || client.receive(), |_| {})
            }
            (Guard::Gateway(gateway), Front::Rpc) => {
                let answer = gateway.ask(&Ask::post("/rpc", &message)).answer();
                Seen { told: Vec::new(), answer }
            }
            (Guard::Gateway(gateway), Front::OneStream) => {
                let mut stream = OneStream::begin(gateway, None);
                assert_eq!(stream.post(&message).status, 202);
                until_answer(&id, || stream.stream.message().unwrap(), |_| {})
            }
            (Guard::Gateway(gateway), _) if client == Modern => {
                read(&id, gateway.ask(&ask_modern(&message)), |_| {})
            }
            (Guard::Gateway(gateway), front) => {
                let session = Session::begin(gateway, "2025-11-25");
                let mut reply = session.post(&message);
                if front == Front::Replay && reply.is_stream() {
                    let primed = reply.event().unwrap();
                    // All of it has come before it is asked for again.
                    while reply.event().is_some() {}
                    reply = session.resume(&primed.id);
                }
                read(&id, reply, |question| {
                    session.post(&response(&question["id"], json!({"action": "decline"})));
                })
            }
        }
    }

    /// What was found since the last time, but for capabilities that are not shown: verdict, rule and evidence.
    pub(crate) fn found(&mut self) -> Vec<String> {
        let home = match &self.guard {
            Guard::Pipe { home, .. } => home.path(),
            Guard::Gateway(gateway) => gateway.home(),
        };
        let file = home.join("mcp-guard/audit.db");
        if !file.exists() {
            return Vec::new();
        }
        let audit = AuditReader::open(&file).unwrap();
        let mut found = Vec::new();
        for entry in audit.query(&Filter::default()).unwrap() {
            if !self.known.insert(entry.id.to_string()) {
                continue;
            }
            let findings: Value = serde_json::from_str(entry.findings.as_deref().unwrap_or("[]")).unwrap();
            for finding in findings.as_array().unwrap().iter().filter(|one| one["stage"] != "capabilities") {
                let evidence =
                    finding["evidence"].as_str().map_or(String::new(), |evidence| format!(" {evidence}"));
                found.push(format!(
                    "{} {}{evidence}",
                    finding["verdict"].as_str().unwrap(),
                    finding["rule"].as_str().unwrap()
                ));
            }
        }
        found.sort();
        found
    }

    fn pipe(&mut self) -> &mut Client {
        match &mut self.guard {
            Guard::Pipe { client, .. } => client,
            Guard::Gateway(_) => panic!("no pipe"),
        }
    }
}

impl Guard {
    fn pipe(config: &Value, front: Front) -> Self {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("mcp-guard.yaml");
        fs::write(&file, config.to_string()).unwrap();
        let mut command = guard(&home);
        match front {
            Front::Connect => command.args(["connect", "-s", "s"]),
            _ => {
                let server = &config["servers"]["s"];
                let args = server["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap());
                command.args(["run", "-s", "s", "--", server["command"].as_str().unwrap()]).args(args)
            }
        };
        Self::Pipe { client: Client::spawn(command), home, daemon: front == Front::Connect }
    }
}

fn guard(home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    command.arg("--config").arg(home.path().join("mcp-guard.yaml")).current_dir(home.path());
    command.env(STATE, home.path()).env("XDG_CONFIG_HOME", home.path()).env("HOME", home.path());
    command.env_remove("MCP_GUARD_API_KEY").env_remove("MCP_GUARD_CONFIG");
    command
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Self::Pipe { client, home, daemon } = self {
            client.close();
            if *daemon {
                // One that has ended already needs no stop.
                let _ = guard(home).arg("stop").stdout(Stdio::null()).stderr(Stdio::null()).status();
            }
        }
    }
}

fn read(id: &Value, mut reply: Reply, answers: impl Fn(&Value)) -> Seen {
    if reply.is_stream() {
        return until_answer(id, || reply.message().expect("an answer in the stream"), answers);
    }
    Seen { told: Vec::new(), answer: reply.json() }
}

/// Reads until the answer; questions are handed to `answers`.
fn until_answer(id: &Value, mut next: impl FnMut() -> Value, answers: impl Fn(&Value)) -> Seen {
    let mut told = Vec::new();
    loop {
        let message = next();
        match (message.get("method"), message.get("id")) {
            (None, Some(answered)) if answered == id => return Seen { told, answer: message },
            (Some(_), Some(_)) => answers(&message),
            _ => {}
        }
        told.push(message);
    }
}
