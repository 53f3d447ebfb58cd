//! Other people's proxies, from PyPI: the versions in `bench/peers`, each in a virtual environment of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::arm::Arm;
use super::call::Era;

struct Peer {
    name: &'static str,
    /// What pip is to install, with the hashes of all of it.
    lock: &'static str,
    /// Where it has its server: over HTTP where it can, else on its standard streams.
    command: fn(&Path, &Servers, u16) -> Command,
}

/// What there is to be proxied.
pub(crate) struct Servers {
    pub(crate) http: SocketAddr,
    /// This program, which is also the server over standard streams.
    pub(crate) bench: PathBuf,
}

const PEERS: [Peer; 3] = [
    Peer {
        name: "mcp-proxy",
        lock: include_str!("../../peers/mcp-proxy.txt"),
        // Over HTTP it serves what it reaches over standard streams, and nothing else.
        command: |programs, servers, port| {
            let mut command = Command::new(programs.join("mcp-proxy"));
            command.args(["--port", &port.to_string(), "--log-level", "ERROR", "--"]);
            command.arg(&servers.bench).arg("echo");
            command
        },
    },
    Peer {
        name: "mcpguard-proxy",
        lock: include_str!("../../peers/mcpguard-proxy.txt"),
        command: |programs, servers, port| {
            let mut command = Command::new(programs.join("mcpguard"));
            command.args(["proxy", "--target", &format!("http://{}", servers.http)]);
            command.args(["--port", &port.to_string(), "--sse-path", "/mcp", "--messages-path", "/mcp"]);
            // Its limits would be measured in place of it.
            command.args(["--rate-limit", "1000000000"]);
            command
        },
    },
    Peer {
        name: "mcp-vanguard",
        lock: include_str!("../../peers/mcp-vanguard.txt"),
        command: |programs, servers, port| {
            let mut command = Command::new(programs.join("vanguard"));
            command.args(["sse", "--port", &port.to_string()]);
            // The layer that watches behaviour refuses a session that makes some thirty calls in a second.
            command.args(["--no-semantic", "--no-behavioral", "--server"]);
            command.arg(format!("{} echo", servers.bench.display()));
            // Its limits would be measured in place of it; its heartbeat ends sessions after 15 s.
            for limit in [
                "MAX_CONCURRENT_SSE",
                "MAX_GLOBAL_CONNECTIONS",
                "MAX_STREAMABLE_SESSIONS",
                "SSE_RATE_LIMIT",
                "SSE_HEARTBEAT_SECS",
            ] {
                command.env(format!("VANGUARD_{limit}"), "1000000000");
            }
            command
        },
    },
];

/// Installs and starts all of them; in place of an arm stands why there is none.
pub(crate) fn start(cache: &Path, servers: &Servers, home: &Path) -> Vec<Result<Arm, String>> {
    let start = |peer: &Peer| {
        let programs = peer.install(&cache.join(peer.name))?.join("bin");
        Arm::told(peer.name, &[Era::Legacy], "/mcp", home, |port| (peer.command)(&programs, servers, port))
    };
    PEERS.iter().map(|peer| start(peer).map_err(|error| format!("{}: {error:#}", peer.name))).collect()
}

impl Peer {
    /// Makes the environment in `folder` if it is not there, or of another lock.
    fn install(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        let installed = folder.join("lock.txt");
        if fs::read_to_string(&installed).is_ok_and(|lock| lock == self.lock) {
            return Ok(folder.to_owned());
        }
        eprintln!("installing {}", self.name);
        succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        let wanted = folder.join("wanted.txt");
        fs::write(&wanted, self.lock)?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
        succeed(pip.args(["--only-binary", ":all:", "-r"]).arg(&wanted))?;
        fs::rename(&wanted, &installed)?;
        Ok(folder.to_owned())
    }
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
