//! A guard before the fake server, driven from outside.

use std::{
    ops::{Deref, DerefMut},
    path::PathBuf,
    process::Command,
};

use tempfile::TempDir;

use crate::common::client::Client;
pub(crate) use crate::common::{
    client::{PATIENCE, request, rule},
    processes::assert_gone,
};

pub(crate) struct Guard {
    client: Client,
    pub(crate) home: TempDir,
}

pub(crate) fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn audit_file(home: &TempDir) -> PathBuf {
    home.path().join("mcp-guard").join("audit.db")
}

/// `mcp-guard run` before the fake server.
pub(crate) fn command(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
    // A folder of its own, so that no configuration of the machine is found.
    command.current_dir(home.path()).env("XDG_STATE_HOME", home.path()).env("XDG_CONFIG_HOME", home.path());
    command.env_remove("MCP_GUARD_CONFIG");
    command.arg("run").arg("--").arg(std::env::current_exe().unwrap()).arg("serve");
    command
}

impl Guard {
    pub(crate) fn start() -> Self {
        let home = home();
        let command = command(&home);
        Self::spawn(command, home)
    }

    /// Starts a command whose output is read all the time.
    pub(crate) fn spawn(command: Command, home: TempDir) -> Self {
        Self { client: Client::spawn(command), home }
    }

    /// Starts a command whose output nobody reads yet.
    pub(crate) fn spawn_unread(command: Command, home: TempDir) -> (Self, std::process::ChildStdout) {
        let (client, output) = Client::spawn_unread(command);
        (Self { client, home }, output)
    }
}

impl Deref for Guard {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Guard {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
