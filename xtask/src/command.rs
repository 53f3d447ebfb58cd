//! Starting other programs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::project;

/// A command to be run at the top of the workspace.
///
/// # Errors
/// As [`project::root`].
pub(crate) fn at_root(program: impl AsRef<OsStr>, args: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    command.args(args).current_dir(project::root()?);
    Ok(command)
}

/// Runs to the end with our own output; whether it succeeded.
///
/// # Errors
/// The program cannot be started.
pub(crate) fn succeeds(command: &mut Command) -> anyhow::Result<bool> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    Ok(status.success())
}

/// Runs to the end unseen; whether it could be started and succeeded.
pub(crate) fn answers(program: &str, args: &[&str]) -> bool {
    let quiet = |command: &mut Command| {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    quiet(Command::new(program).args(args)).is_ok_and(|status| status.success())
}

/// Runs to the end, showing each line of its standard output and handing it to `see`; whether it succeeded.
///
/// # Errors
/// The program cannot be started or its output not be read.
pub(crate) fn watched(command: &mut Command, mut see: impl FnMut(&str)) -> anyhow::Result<bool> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let output = child.stdout.take().context("no pipe from the program")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        // Not `println!`: when our own reader has gone, the program should still run to its end.
        let _ = writeln!(std::io::stdout(), "{line}");
        see(&line);
    }
    Ok(child.wait()?.success())
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
