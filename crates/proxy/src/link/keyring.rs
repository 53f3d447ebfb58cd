//! Asks the system's keyring for a secret, by the program that the system has for it: `secret-tool` of libsecret, or
//! `security` of macOS.

use std::{io, process::Stdio, time::Duration};

use policy::KeyringEntry;
use tokio::{io::AsyncReadExt, process::Command, time::timeout};

/// Why there is no secret. None of these says what the program printed: it might be the secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyringError {
    #[error("`{0}` is not installed; on most systems the package `{1}` has it")]
    NoProgram(&'static str, &'static str),
    #[error("`{0}` cannot be started: {1}")]
    Start(&'static str, io::Error),
    #[error(
        "the keyring has not answered within {} s; it may be locked, and wait for somebody to open it",
        PATIENCE.as_secs()
    )]
    Slow,
    #[error("the keyring has no such entry, or is locked; see what `{0}` says")]
    NoEntry(String),
    #[error(
        "what the keyring has there is no token: it is empty, longer than {MOST} bytes, or no line of text"
    )]
    NoToken,
}

/// How long it may take: somebody may have to type a password.
const PATIENCE: Duration = Duration::from_secs(30);

/// Largest secret, in bytes.
const MOST: usize = 16 * 1024;

#[cfg(target_os = "macos")]
const PROGRAM: (&str, &str) = ("security", "macOS itself");
#[cfg(not(target_os = "macos"))]
const PROGRAM: (&str, &str) = ("secret-tool", "libsecret-tools");

/// What it is asked.
fn question(entry: &KeyringEntry) -> Vec<&str> {
    let KeyringEntry { service, account } = entry;
    match cfg!(target_os = "macos") {
        true => vec!["find-generic-password", "-s", service, "-a", account, "-w"],
        false => vec!["lookup", "service", service, "account", account],
    }
}

/// The secret of an entry.
pub(super) async fn look_up(entry: &KeyringEntry) -> Result<String, KeyringError> {
    let (program, package) = PROGRAM;
    let question = question(entry);
    let mut command = Command::new(program);
    command
        .args(&question)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KeyringError::NoProgram(program, package),
        _ => KeyringError::Start(program, error),
    })?;
    let asked = async {
        let mut said = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(MOST as u64 + 1).read_to_end(&mut said).await?;
        }
        if said.len() > MOST {
            // It would wait for ever to be read.
            child.start_kill()?;
        }
        Ok((child.wait().await?, said))
    };
    let (status, said) = match timeout(PATIENCE, asked).await {
        Ok(done) => done.map_err(|error: io::Error| KeyringError::Start(program, error))?,
        Err(_) => return Err(KeyringError::Slow),
    };
    if said.len() > MOST {
        return Err(KeyringError::NoToken);
    }
    if !status.success() {
        let typed: Vec<_> = [program].into_iter().chain(question).collect();
        return Err(KeyringError::NoEntry(typed.join(" ")));
    }
    let text = String::from_utf8(said).map_err(|_| KeyringError::NoToken)?;
    let token = text.trim_end_matches(['\r', '\n']);
    let is_token = !token.is_empty() && token.chars().all(|c| !c.is_control());
    is_token.then(|| token.to_owned()).ok_or(KeyringError::NoToken)
}
