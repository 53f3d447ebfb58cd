mod content;
mod pins;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use policy::Profile;
use store::{DecisionId, Verdict};

pub(crate) use self::content::{
    BenchArgs, BenchFormat, Direction, RulesListArgs, RulesShowArgs, RulesTask, ScanTextArgs, TextFormat,
};
pub(crate) use self::pins::{ApproveArgs, ExportArgs, ImportArgs, PinsTask};
use crate::span::Span;

/// A security gateway for MCP servers: put `mcp-guard run --` before a server's command, and everything it and
/// its client say to each other is checked, recorded and only then passed on.
#[derive(Debug, Parser)]
#[command(name = "mcp-guard", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct ConfigArgs {
    /// Configuration file [default: $MCP_GUARD_CONFIG, ./mcp-guard.yaml, or mcp-guard/mcp-guard.yaml in the
    /// user's configuration folder; without any, the built-in balanced profile]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Guard a local stdio MCP server: name this in the client's configuration instead of the server
    Run(RunArgs),
    /// Be a gateway: HTTP in front, servers of any kind behind, everything between checked and recorded
    Serve(ServeArgs),
    /// Make a key for a caller of the gateway
    ApiKey {
        /// The caller's name in the configuration
        #[arg(value_name = "NAME", default_value = "NAME")]
        name: String,
    },
    /// Start the daemon, which owns the servers, the policy and the audit
    Start(StartArgs),
    /// Stop the daemon once the answers still in flight have arrived
    Stop,
    /// Show the daemon's servers and sessions
    Status(StatusArgs),
    /// Tell whether the daemon does its work: exit status 0 only if it does in every respect
    Health,
    /// Print the token that /api/status on the dashboard's port asks for
    DashboardToken,
    /// Let the daemon take up the configuration anew; it does so by itself when the file changes
    Reload(ReloadArgs),
    /// Connect a client to a server through the daemon: name this in the client's configuration
    Connect(ConnectArgs),
    /// Find the servers of every MCP client on this machine and guard them
    Init(InitArgs),
    /// Keep the daemon running as a service of yours (systemd, launchd)
    Service {
        #[command(subcommand)]
        task: ServiceTask,
    },
    /// Check the installation and say what is wrong with it and how to mend it: exit status 1 if something is
    Doctor(DoctorArgs),
    /// See it work: plays a client session against a small sample server, unguarded and guarded
    Demo,
    /// Check the configuration and say what is wrong with it, where, and how to mend it
    Validate,
    /// Approve what servers are, and see how they differ from what was approved
    Pins {
        #[command(subcommand)]
        task: PinsTask,
    },
    /// Look at the rules in force
    Policy {
        #[command(subcommand)]
        task: PolicyTask,
    },
    /// Show what was recorded, newest last
    Logs(LogsArgs),
    /// Tell why a decision was taken and what would have let the message pass
    Explain(ExplainArgs),
    /// Look for what the rules know in text: exit status 1 if something is found, 2 if it cannot be done
    ScanText(ScanTextArgs),
    /// Look at the rules for content, and try them
    Rules {
        #[command(subcommand)]
        task: RulesTask,
    },
    /// Measure what is found and what is not, and what it costs: on samples of our own, or on corpora
    Bench(BenchArgs),
    /// Print a script that completes our commands and options in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write manual pages
    Man {
        /// The folder for them
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Started by the daemon: ends its servers should it be killed
    #[command(hide = true)]
    Reap,
    /// The server the demo guards: offers the files of a folder, far too trustingly
    #[command(hide = true)]
    SampleServer {
        /// The folder
        folder: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// The server in the configuration whose rules apply; its command too, if none is given
    #[arg(short, long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// How strict to be, whatever the configuration says
    #[arg(long, value_name = "monitor|balanced|strict")]
    pub(crate) profile: Option<Profile>,
    /// The server's command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// Where to listen: an IP address and a port, or `unix:` and a path; may be given several times. Port 0 lets the
    /// system choose [default: as the configuration says, else 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Vec<String>,
    /// Serve the MCP server at this address
    #[arg(long, value_name = "URL", conflicts_with = "command")]
    pub(crate) upstream: Option<String>,
    /// Serve only this server of the configuration; may be given several times. With --upstream or a command, the
    /// server whose rules apply
    #[arg(short, long = "server", value_name = "NAME")]
    pub(crate) servers: Vec<String>,
    /// The certificate, in PEM; with it, callers come by HTTPS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Let in only who shows this key or another one that is given; better in MCP_GUARD_API_KEY or, as a hash, in the
    /// configuration, for others on this machine can see a command line. `mcp-guard api-key` makes one
    #[arg(long = "api-key", value_name = "KEY")]
    pub(crate) api_keys: Vec<String>,
    /// A name by which callers may call the gateway, beside those of this machine; may be given several times
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(crate) allow_hosts: Vec<String>,
    /// A web page that may call it, such as `https://app.example.org`; may be given several times
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub(crate) allow_origins: Vec<String>,
    /// The name in --upstream may lead to private networks and this machine
    #[arg(long, requires = "upstream")]
    pub(crate) allow_private: bool,
    /// Refuse clients and servers that speak an older revision of MCP than this
    #[arg(long, value_name = "REVISION")]
    pub(crate) min_protocol_version: Option<String>,
    /// How strict to be, whatever the configuration says
    #[arg(long, value_name = "monitor|balanced|strict")]
    pub(crate) profile: Option<Profile>,
    /// A header sent with every request to --upstream; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE", requires = "upstream")]
    pub(crate) headers: Vec<String>,
    /// Serve this server: its command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StartArgs {
    /// In the background: returns when the daemon is ready
    #[arg(short, long)]
    pub(crate) daemon: bool,
    /// We are the one in the background
    #[arg(long, hide = true)]
    pub(crate) background: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StatusArgs {
    /// As one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReloadArgs {
    /// Even if it loosens the policy
    #[arg(long)]
    pub(crate) confirm: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConnectArgs {
    /// The server in the configuration
    #[arg(short, long, value_name = "NAME")]
    pub(crate) server: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServiceTask {
    /// Write the service, enable it and start it
    Install {
        /// Only show what would be written and run
        #[arg(long)]
        dry_run: bool,
    },
    /// Stop the service and remove it
    Uninstall {
        /// Only show what would be run and removed
        #[arg(long)]
        dry_run: bool,
    },
    /// Show whether it is written, and how it is
    Status,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    /// As one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Start each server, shake hands and list its tools
    #[arg(long)]
    pub(crate) probe: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// The configuration to write; one that exists is never overwritten
    #[arg(short, long, value_name = "FILE", default_value = "mcp-guard.yaml")]
    pub(crate) output: PathBuf,
    /// Only this client; may be given several times
    #[arg(long = "client", value_name = "NAME")]
    pub(crate) clients: Vec<String>,
    /// Look for project files in this folder, too; the current one and all it is in are always looked at
    #[arg(long = "project", value_name = "DIR")]
    pub(crate) projects: Vec<PathBuf>,
    /// Guard the servers of project files as well; such files are often shared with others
    #[arg(long)]
    pub(crate) project_files: bool,
    /// Show what would be written and changed, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Rewrite the clients' files, so that they start their servers through the guard
    #[arg(long, conflicts_with = "undo")]
    pub(crate) apply: bool,
    /// Put back what --apply changed
    #[arg(long)]
    pub(crate) undo: bool,
    /// Do not ask before each client
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// As one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LogsArgs {
    /// Only this server; `*` stands for any characters
    #[arg(short, long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// Only this user; `*` stands for any characters
    #[arg(short, long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Only this method, such as `tools/call`; `*` stands for any characters
    #[arg(short, long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// Only this verdict; may be given several times
    #[arg(short = 't', long = "type", value_name = "allow|warn|review|redact|shadow-block|block")]
    pub(crate) verdicts: Vec<Verdict>,
    /// Only the last while: a number and s, m, h, d or w, such as 15m
    #[arg(long, value_name = "SPAN")]
    pub(crate) last: Option<Span>,
    /// At most this many, the newest
    #[arg(short, long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// Go on showing records as they are written
    #[arg(short, long)]
    pub(crate) follow: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// As shown by `logs` and in the error the client saw
    #[arg(value_name = "DECISION_ID")]
    pub(crate) decision: DecisionId,
    /// As one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyTask {
    /// Print what the configuration says, with its base and the command line taken into account
    Show(PolicyShowArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyShowArgs {
    /// Also what no file says and is built in
    #[arg(long)]
    pub(crate) effective: bool,
    /// Only this server, and what applies to all
    #[arg(short, long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// Only this role, and what applies to all
    #[arg(short, long, value_name = "NAME")]
    pub(crate) role: Option<String>,
    /// After each value, where it comes from, and which other it won against
    #[arg(long)]
    pub(crate) explain: bool,
    /// As one JSON list
    #[arg(long)]
    pub(crate) json: bool,
}
