//! `mcp-guard serve` as a process of its own, with a home of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use store::{AuditReader, Filter};
use tempfile::TempDir;

use crate::{
    common::{client::PATIENCE, processes},
    web::{Ask, Reply},
};

const STATE: &str = "XDG_STATE_HOME";

pub(crate) struct Gateway {
    child: Child,
    home: TempDir,
    pub(crate) port: u16,
    said: Arc<Mutex<String>>,
}

/// The configuration of a gateway before one server, called `s`.
pub(crate) fn before(server: &Value) -> Value {
    json!({
        "gateway": {"listen": ["127.0.0.1:0"], "limits": {}, "shutdown_timeout": 10},
        "servers": {"s": server},
    })
}

/// Callers with keys: `ada` has [`ADA`], `bob` has [`BOB`].
pub(crate) fn with_keys(mut config: Value) -> Value {
    config["auth"] = json!({"api_keys": {"ada": {"key": ADA}, "bob": {"key": BOB}}});
    config
}

pub(crate) const ADA: &str = "ada-0123456789abcdef";
pub(crate) const BOB: &str = "bob-0123456789abcdef";

impl Gateway {
    pub(crate) fn start(config: &Value) -> Self {
        Self::start_by(config, &[])
    }

    /// Started by another program, which is given the command line.
    pub(crate) fn start_by(config: &Value, starter: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("mcp-guard.yaml");
        fs::write(&file, config.to_string()).unwrap();
        let program = starter.iter().copied().chain([env!("CARGO_BIN_EXE_mcp-guard")]).collect::<Vec<_>>();
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).arg("serve").arg("--config").arg(&file).current_dir(home.path());
        command.env(STATE, home.path()).env("XDG_CONFIG_HOME", home.path()).env_remove("MCP_GUARD_API_KEY");
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, stderr) = (Arc::new(Mutex::new(String::new())), child.stderr.take().unwrap());
        let (tell, told) = mpsc::sync_channel(1);
        let log = Arc::clone(&said);
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some(port) = line.strip_prefix("listening on http://127.0.0.1:") {
                    // Only the first is waited for.
                    let _ = tell.try_send(port.parse().unwrap());
                }
                *log.lock().unwrap() += &(line + "\n");
            }
        });
        let mut gateway = Self { child, home, port: 0, said };
        gateway.port = told.recv_timeout(PATIENCE).expect("the gateway says where it listens");
        gateway
    }

    pub(crate) fn ask(&self, ask: &Ask) -> Reply {
        ask.to(self.port)
    }

    /// Where its audit is, in the folder `mcp-guard`.
    #[allow(dead_code, reason = "each program uses its part")]
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on standard error so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Whether a decision was recorded in which this rule had a say.
    pub(crate) fn recorded(&self, rule: &str) -> bool {
        let audit = AuditReader::open(&self.home.path().join("mcp-guard/audit.db")).unwrap();
        let entries = audit.query(&Filter::default()).unwrap();
        entries.iter().any(|entry| format!("{entry:?}").contains(rule))
    }

    /// Sums of requests that were refused: from where, by which rule, and in which words.
    #[cfg(target_os = "linux")]
    pub(crate) fn refusals(&self) -> Vec<(String, String, String)> {
        let audit = AuditReader::open(&self.home.path().join("mcp-guard/audit.db")).unwrap();
        let mut entries = audit.query(&Filter::default()).unwrap();
        entries.retain(|entry| entry.kind == store::Kind::RefusedRequest);
        let told = |entry: store::Entry| {
            let findings: Value = serde_json::from_str(entry.findings.as_deref().unwrap()).unwrap();
            let text = |key: &str| findings[0][key].as_str().unwrap().to_owned();
            (entry.target.unwrap_or_default(), text("rule"), text("reason"))
        };
        entries.into_iter().map(told).collect()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// What is left of the gateway and of the servers it has started, after it has ended.
    pub(crate) fn left_over(&self) -> Vec<String> {
        processes::left_over(STATE, self.home.path().as_os_str())
    }

    /// Processes of the gateway and of the servers it has started.
    pub(crate) fn processes(&self) -> Vec<String> {
        let all = processes::with_variable(STATE, self.home.path().as_os_str());
        all.into_iter().map(|process| process.command).collect()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            println!("the gateway said:\n{}", self.said());
        }
    }
}
