use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::{GUARD, Harness, STATE};
use crate::processes;
use crate::report::Report;
use crate::running::Running;
use crate::suite::Suite;

/// Which revisions our server knows.
#[derive(Clone, Copy)]
pub(crate) enum Fixture {
    Both,
    Legacy,
    Modern,
}

impl Fixture {
    pub(crate) fn over_http(self, harness: &Harness) -> Running {
        let folder = tempfile::tempdir().unwrap();
        Running::start(harness, self.command(harness, "http"), folder)
    }

    fn command(self, harness: &Harness, transport: &str) -> Vec<String> {
        let era = match self {
            Self::Both => "both",
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        };
        let options = ["--transport", transport, "--era", era].map(str::to_owned);
        harness.script("server/main.mjs").into_iter().chain(options).collect()
    }
}

/// How the guard stands between the suite and our server.
#[derive(Clone, Copy)]
pub(crate) enum Setup {
    Http,
    Stdio,
    Daemon,
    ModernHttp,
    ModernStdio,
    LegacyHttp,
    LegacyStdio,
}

impl Setup {
    pub(crate) const ALL: [Self; 7] = [
        Self::Http,
        Self::Stdio,
        Self::Daemon,
        Self::ModernHttp,
        Self::ModernStdio,
        Self::LegacyHttp,
        Self::LegacyStdio,
    ];

    /// The name it has in tests and exceptions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Stdio => "stdio",
            Self::Daemon => "daemon",
            Self::ModernHttp => "modern-http",
            Self::ModernStdio => "modern-stdio",
            Self::LegacyHttp => "legacy-http",
            Self::LegacyStdio => "legacy-stdio",
        }
    }

    pub(crate) fn suites(self) -> &'static [Suite] {
        match self {
            Self::Http | Self::Stdio | Self::Daemon => &Suite::ALL,
            Self::ModernHttp | Self::ModernStdio => &Suite::LEGACY,
            Self::LegacyHttp | Self::LegacyStdio => &Suite::MODERN,
        }
    }

    fn fixture(self) -> Fixture {
        match self {
            Self::Http | Self::Stdio | Self::Daemon => Fixture::Both,
            Self::ModernHttp | Self::ModernStdio => Fixture::Modern,
            Self::LegacyHttp | Self::LegacyStdio => Fixture::Legacy,
        }
    }

    pub(crate) fn examine(self, suite: Suite, harness: &Harness) -> Report {
        match self {
            Self::Http | Self::ModernHttp | Self::LegacyHttp => {
                let fixture = self.fixture().over_http(harness);
                self.examine_before(&["--upstream".to_owned(), fixture.url()], suite, harness)
            }
            Self::Stdio | Self::ModernStdio | Self::LegacyStdio => {
                let server = self.fixture().command(harness, "stdio");
                self.examine_before(&[vec!["--".to_owned()], server].concat(), suite, harness)
            }
            Self::Daemon => {
                let fixture = self.fixture().over_http(harness);
                let daemon = Daemon::start(&fixture.url());
                let bridge = [vec!["--".to_owned()], daemon.bridge()].concat();
                let report = self.examine_before(&bridge, suite, harness);
                daemon.end();
                report
            }
        }
    }

    /// Lets the suite examine `mcp-guard serve` before `upstream`. Its scenario about DNS rebinding wants a `localhost`.
    fn examine_before(self, upstream: &[String], suite: Suite, harness: &Harness) -> Report {
        let serve = [GUARD, "serve", "--listen", "127.0.0.1:0"].map(str::to_owned);
        let guard = Running::start(harness, [&serve[..], upstream].concat(), tempfile::tempdir().unwrap());
        if matches!(self, Self::LegacyStdio) {
            warm_up(&guard.url());
        }
        let folder = tempfile::tempdir().unwrap();
        let report = harness.server(&guard.url().replace("127.0.0.1", "localhost"), suite, folder.path());
        guard.end();
        report
    }
}

/// A legacy server gets a process for each set of client capabilities. One scenario waits 600 ms for the first word of
/// a call with these: too short for a Node.js to start on a busy machine.
fn warm_up(url: &str) {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
    });
    let discover = json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}});
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let headers = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", "server/discover"),
    ];
    let post = headers.into_iter().fold(agent.post(url), |post, (name, value)| post.header(name, value));
    post.send(discover.to_string()).unwrap();
}

/// A daemon with our server at `url`, under the name `fixture`.
struct Daemon {
    folder: tempfile::TempDir,
}

impl Daemon {
    fn start(url: &str) -> Self {
        let daemon = Self { folder: tempfile::tempdir().unwrap() };
        let settings = json!({"home": daemon.path().join("home"), "dashboard_port": 0});
        let config = json!({"daemon": settings, "servers": {"fixture": {"url": url}}});
        fs::write(daemon.config(), config.to_string()).unwrap();
        daemon.run(&["start", "-d"]);
        daemon
    }

    fn bridge(&self) -> Vec<String> {
        let command = [GUARD, "connect", "-s", "fixture", "-c"].map(str::to_owned);
        [&command[..], &[self.config()]].concat()
    }

    /// Ends it; nothing may be left.
    fn end(self) {
        self.run(&["stop"]);
        let left = processes::left_over(STATE, self.path().as_os_str());
        assert!(left.is_empty(), "still running after the daemon has stopped: {left:#?}");
    }

    fn run(&self, args: &[&str]) {
        let mut command = Command::new(GUARD);
        command.args(args).args(["--config", &self.config()]).env(STATE, self.path());
        let ended = command.env_remove("MCP_GUARD_CONFIG").output().unwrap();
        assert!(ended.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }

    fn config(&self) -> String {
        self.path().join("mcp-guard.yaml").to_str().unwrap().to_owned()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}
