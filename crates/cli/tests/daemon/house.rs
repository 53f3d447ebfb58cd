//! A home with a configuration and perhaps a daemon, which leaves nothing behind.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use store::{AuditReader, Entry, Filter};
use tempfile::TempDir;

use crate::common::{
    client::{Client, PATIENCE},
    processes,
};

const STATE: &str = "XDG_STATE_HOME";

pub(crate) struct House {
    folder: TempDir,
}

impl House {
    /// With these servers, each by its name and how it serves.
    pub(crate) fn new(servers: &[(&str, &[&str])]) -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(house.state()).unwrap();
        fs::write(house.config(), house.yaml(servers)).unwrap();
        house
    }

    /// The text of a configuration (JSON is YAML) with these servers.
    pub(crate) fn yaml(&self, servers: &[(&str, &[&str])]) -> String {
        let exe = std::env::current_exe().unwrap();
        let server = |(name, ways): &(&str, &[&str])| {
            let log = self.path(&format!("{name}.log"));
            let mut args = vec!["serve".to_owned(), "--log".to_owned(), log.to_str().unwrap().to_owned()];
            args.extend(ways.iter().map(|&way| way.to_owned()));
            ((*name).to_owned(), json!({"command": exe, "args": args}))
        };
        let servers: serde_json::Map<_, _> = servers.iter().map(server).collect();
        json!({"daemon": {"shutdown_timeout": 3, "dashboard_port": 0}, "servers": servers}).to_string()
    }

    /// Changes the configuration in place, as `change` says.
    pub(crate) fn reconfigure(&self, change: impl FnOnce(&mut Value)) {
        let mut config = serde_json::from_str(&fs::read_to_string(self.config()).unwrap()).unwrap();
        change(&mut config);
        fs::write(self.config(), config.to_string()).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("mcp-guard.yaml")
    }

    fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// Where the daemon lives.
    pub(crate) fn home(&self) -> PathBuf {
        self.state().join("mcp-guard")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
        command.arg("--config").arg(self.config()).args(args);
        self.at_home(&mut command);
        command
    }

    /// Lets a command see this home only.
    pub(crate) fn at_home(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env_remove("MCP_GUARD_CONFIG");
        command.env(STATE, self.state()).env("XDG_CONFIG_HOME", self.path("config"));
        command.env("HOME", self.folder.path());
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Starts the daemon in the background; gives its process.
    pub(crate) fn start(&self) -> u32 {
        let ran = self.run(&["start", "-d"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        self.pid()
    }

    pub(crate) fn connect(&self, server: &str) -> Client {
        Client::spawn(self.command(&["connect", "-s", server]))
    }

    pub(crate) fn status(&self) -> Value {
        let ran = self.run(&["status", "--json"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        serde_json::from_str(&ran.stdout).unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        let status = self.status();
        status["pid"].as_u64().unwrap_or_else(|| panic!("no daemon: {status}")).try_into().unwrap()
    }

    /// Waits until the status is as wanted.
    pub(crate) fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let status = self.status();
            if wanted(&status) {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "{status:#}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn stop(&self) {
        let ran = self.run(&["stop"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    /// Daemons that run in this home.
    pub(crate) fn daemons(&self) -> Vec<u32> {
        let is_daemon = |process: &processes::Process| process.command.contains(" start --background");
        let all = processes::with_variable(STATE, self.state().as_os_str());
        all.iter().filter(|process| is_daemon(process)).map(|process| process.id.cast_unsigned()).collect()
    }

    /// What a server noted: its starts and every line it heard.
    pub(crate) fn heard(&self, server: &str) -> Vec<String> {
        lines(&self.path(&format!("{server}.log")))
    }

    /// How often a server was started.
    pub(crate) fn starts(&self, server: &str) -> usize {
        self.heard(server).iter().filter(|line| line.starts_with("start ")).count()
    }

    pub(crate) fn audit_file(&self) -> PathBuf {
        self.home().join("audit.db")
    }

    pub(crate) fn audit(&self) -> Vec<Entry> {
        AuditReader::open(&self.audit_file()).unwrap().query(&Filter::default()).unwrap()
    }

    pub(crate) fn daemon_log(&self) -> String {
        lines(&self.home().join("daemon.log")).join("\n")
    }

    /// Stops the daemon, if one runs; nothing may be left.
    pub(crate) fn leave(&self) {
        self.stop();
        let left = processes::left_over(STATE, self.state().as_os_str());
        assert!(left.is_empty(), "still running: {left:#?}");
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the daemon's log:\n{}", self.daemon_log());
        } else {
            self.leave();
        }
        processes::kill(STATE, self.state().as_os_str());
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}

pub(crate) fn kill(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    // It may have ended by itself meanwhile.
    let _ = rustix::process::kill_process(pid, signal);
}

/// Tells the threads beside a test that it is over, even if it failed: they would be waited for.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
