use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum PinsTask {
    /// Show what is approved
    List,
    /// Start servers and show how they differ from what was approved: exit status 1 if they do
    Diff {
        /// The server in the configuration; all of them if left out
        #[arg(value_name = "SERVER")]
        server: Option<String>,
    },
    /// Start a server, show how it differs, and approve what it is now
    Approve(ApproveArgs),
    /// Write what is approved to a lock file that can be reviewed and kept with the code
    Export(ExportArgs),
    /// Start servers and tell whether they are what was approved: exit status 1 if a difference would be stopped or a
    /// server is not approved
    Verify {
        /// The server in the configuration; all of them if left out
        #[arg(value_name = "SERVER")]
        server: Option<String>,
    },
    /// Start a server, and approve it if it is what a capability manifest of McpVanguard says
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// The server in the configuration
    #[arg(value_name = "SERVER")]
    pub(crate) server: String,
    /// Approve only this, as `pins diff` showed it
    #[arg(long, value_name = "sha256:…")]
    pub(crate) digest: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file
    #[arg(short, long, value_name = "FILE", default_value = "mcp-guard.lock")]
    pub(crate) output: PathBuf,
    /// Leave out what is only so on this machine: where programs lie, and the digests of interpreters
    #[arg(long)]
    pub(crate) portable: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The server in the configuration
    #[arg(value_name = "SERVER")]
    pub(crate) server: String,
    /// The manifest
    #[arg(value_name = "FILE")]
    pub(crate) manifest: PathBuf,
}
