//! The arms: one upstream, reached directly or through something, each a process of its own.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::json;

use super::call::{Endpoint, Era};
use crate::arm::at_home;

/// How long a program may take until it listens: the slowest peers import for seconds.
const START: Duration = Duration::from_secs(30);
/// The name of the arm that all this is about.
pub(crate) const GUARD: &str = "guard";
const BOTH: &[Era] = &[Era::Legacy, Era::Modern];

/// One way to reach the upstream.
pub(crate) struct Arm {
    pub(crate) name: String,
    /// What a reader would type.
    pub(crate) shown: String,
    pub(crate) endpoint: Endpoint,
    pub(crate) eras: &'static [Era],
    /// What is in between, and ends with the arm.
    process: Option<Process>,
}

impl Arm {
    /// The upstream itself.
    pub(crate) fn direct(upstream: SocketAddr) -> Self {
        Self {
            name: "direct".into(),
            shown: "bench upstream".into(),
            endpoint: mcp(upstream),
            eras: BOTH,
            process: None,
        }
    }

    /// The upstream behind the bare reverse proxy.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn bare(bench: &Path, upstream: SocketAddr, home: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(bench);
        command.args(["http", "reverse-proxy"]).arg(upstream.to_string());
        let shown = shown(&command);
        let (process, address) = Process::that_says_where(command, &home.join("bare"))?;
        Ok(Self { name: "bare".into(), shown, endpoint: mcp(address), eras: BOTH, process: Some(process) })
    }

    /// The upstream behind mcp-guard with its defaults: audit on, every detector on. With `crowded` it is told to take
    /// more clients from one place than it would.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn guard(
        guard: &Path,
        upstream: SocketAddr,
        home: &Path,
        crowded: bool,
    ) -> anyhow::Result<Self> {
        let limits =
            ["connections", "connections_per_address", "sessions", "sessions_per_principal", "streams"];
        let limits: serde_json::Map<_, _> =
            limits.iter().map(|limit| (format!("max_{limit}"), json!(65_536))).collect();
        let config = home.join("crowded.yaml");
        std::fs::write(&config, json!({"gateway": {"limits": limits}}).to_string())?;
        Self::told(GUARD, BOTH, "/mcp", home, |port| {
            let mut command = Command::new(guard);
            command.args(["serve", "--upstream", &format!("http://{upstream}/mcp")]);
            command.args(["--listen", &format!("{}:{port}", Ipv4Addr::LOCALHOST)]);
            if crowded {
                command.arg("-c").arg(&config);
            }
            command
        })
    }

    /// The upstream behind another program: `NAME=COMMAND ARGS…`, split at blanks.
    ///
    /// # Errors
    /// A text without a name or a command, or it does not start.
    pub(crate) fn peer(text: &str, upstream: SocketAddr, home: &Path) -> anyhow::Result<Self> {
        let (name, command) = text
            .split_once('=')
            .with_context(|| format!("--peer {text:?} has no name: write it as NAME=COMMAND ARGS…"))?;
        Self::told(name, BOTH, "/mcp", home, |port| {
            let command = command.replace("{port}", &port.to_string());
            let command = command.replace("{upstream}", &upstream.to_string());
            let mut words = command.split_whitespace();
            let mut program = Command::new(words.next().unwrap_or_default());
            program.args(words);
            program
        })
    }

    /// A program that is told on which port to listen.
    ///
    /// # Errors
    /// It does not start, or nobody listens there in time; the message quotes the end of what it said.
    pub(crate) fn told(
        name: &str,
        eras: &'static [Era],
        path: &str,
        home: &Path,
        command: impl FnOnce(u16) -> Command,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let command = command(port);
        let shown = shown(&command);
        let process = Process::listening(command, &home.join(name), port).with_context(|| shown.clone())?;
        let endpoint = Endpoint { address: (Ipv4Addr::LOCALHOST, port).into(), path: path.into() };
        Ok(Self { name: name.into(), shown, endpoint, eras, process: Some(process) })
    }

    /// The process in between.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.child.id())
    }

    /// What the process in between has taken of the processors.
    ///
    /// # Errors
    /// It is gone.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        let Some(pid) = self.pid() else { return Ok(Duration::ZERO) };
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            // A thread that ends meanwhile takes its time with it.
            let times = std::fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            nanoseconds +=
                times.split(' ').next().and_then(|time| time.parse::<u64>().ok()).unwrap_or_default();
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The end of what the program has said, for who has to tell why it failed.
    pub(crate) fn last_words(&self) -> String {
        let said = self.process.as_ref().map(Process::last_words).unwrap_or_default();
        format!("{} said: {said}", self.name)
    }
}

/// A program of this run, ended and awaited when it is dropped.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// The upstream, and where it listens.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn upstream(bench: &Path, home: &Path) -> anyhow::Result<(Self, SocketAddr)> {
        let mut command = Command::new(bench);
        command.args(["http", "upstream"]);
        Self::that_says_where(command, &home.join("upstream"))
    }

    fn that_says_where(command: Command, home: &Path) -> anyhow::Result<(Self, SocketAddr)> {
        let mut process = Self::start(command, home, Stdio::piped())?;
        let mut line = String::new();
        let output = process.child.stdout.take().context("no pipe")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().with_context(|| format!("no address: {}", process.last_words()))?;
        Ok((process, address))
    }

    fn listening(command: Command, home: &Path, port: u16) -> anyhow::Result<Self> {
        let mut process = Self::start(command, home, Stdio::null())?;
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = process.child.try_wait()? {
                bail!("ended with {status}: {}", process.last_words());
            }
            ensure!(started.elapsed() < START, "does not listen: {}", process.last_words());
            #[expect(
                clippy::disallowed_methods,
                reason = "the client has one thread and nothing else to do"
            )]
            thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    fn start(mut command: Command, home: &Path, output: Stdio) -> anyhow::Result<Self> {
        at_home(&mut command, home)?;
        let log = home.join("stderr.log");
        let child = command.stdin(Stdio::null()).stdout(output).stderr(File::create(&log)?).spawn();
        let child = child.with_context(|| format!("{} does not start", command.get_program().display()))?;
        Ok(Self { child, log })
    }

    fn last_words(&self) -> String {
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<&str> = said.lines().rev().take(5).collect();
        last.join(" / ")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn mcp(address: SocketAddr) -> Endpoint {
    Endpoint { address, path: "/mcp".into() }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let short = words.map(|word| {
        let path = Path::new(word);
        let name = if path.is_absolute() { path.file_name() } else { None };
        OsString::from(name.unwrap_or(word)).to_string_lossy().into_owned()
    });
    short.collect::<Vec<_>>().join(" ")
}
