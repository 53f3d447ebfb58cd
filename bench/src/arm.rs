//! The arms of the comparison: one server, reached directly or through something.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

/// One way to reach the echo server.
pub(crate) struct Arm {
    pub(crate) name: String,
    program: PathBuf,
    args: Vec<OsString>,
    /// See [`at_home`].
    home: PathBuf,
}

impl Arm {
    /// The server itself.
    pub(crate) fn direct(bench: &Path, home: &Path) -> Self {
        Self::new("direct", bench, &["echo"], None, home)
    }

    /// The server behind the bare byte relay.
    pub(crate) fn relay(bench: &Path, home: &Path) -> Self {
        Self::new("relay", bench, &["relay", "--"], Some(bench), home)
    }

    /// The server behind two bare byte relays in a row.
    pub(crate) fn relays(bench: &Path, home: &Path) -> Self {
        let mut arm = Self::new("relays", bench, &["relay", "--"], None, home);
        arm.args.extend([bench.into(), "relay".into(), "--".into(), bench.into(), "echo".into()]);
        arm
    }

    /// The server `echo` of a running daemon.
    pub(crate) fn connected(guard: &Path, config: &Path, home: &Path) -> Self {
        let mut arm = Self::new("daemon", guard, &["connect", "-s", "echo", "-c"], None, home);
        arm.args.push(config.into());
        arm
    }

    /// The server behind mcp-guard with its defaults: audit on, every detector on.
    pub(crate) fn guarded(guard: &Path, bench: &Path, home: &Path) -> Self {
        Self::new("guarded", guard, &["run", "--"], Some(bench), home)
    }

    /// The server behind another program: `NAME=COMMAND ARGS…`, split at blanks, the server's command put at the end.
    ///
    /// # Errors
    /// A text without a name or a command.
    pub(crate) fn peer(text: &str, bench: &Path, home: &Path) -> anyhow::Result<Self> {
        let (name, command) = text
            .split_once('=')
            .with_context(|| format!("--peer {text:?} has no name: write it as NAME=COMMAND ARGS…"))?;
        let words: Vec<&str> = command.split_whitespace().collect();
        let (program, args) =
            words.split_first().with_context(|| format!("--peer {text:?} has no command"))?;
        Ok(Self::new(name, Path::new(program), args, Some(bench), home))
    }

    fn new(name: &str, program: &Path, args: &[&str], server: Option<&Path>, home: &Path) -> Self {
        let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
        if let Some(server) = server {
            args.extend([server.into(), "echo".into()]);
        }
        Self { name: name.into(), program: program.into(), args, home: home.join(name) }
    }

    /// The command to start this arm, with pipes on all but its standard error.
    ///
    /// # Errors
    /// The arm's folder cannot be made.
    pub(crate) fn command(&self) -> anyhow::Result<Command> {
        let mut command = Command::new(&self.program);
        at_home(command.args(&self.args), &self.home)?;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .with_context(|| format!("cannot write {}", self.log().display()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        Ok(command)
    }

    /// What a reader would type, for the report.
    pub(crate) fn shown(&self) -> String {
        let words = std::iter::once(self.program.as_os_str()).chain(self.args.iter().map(|arg| &**arg));
        let short = words.map(|word| {
            let path = Path::new(word);
            let name = if path.is_absolute() { path.file_name() } else { None };
            name.unwrap_or(word).to_string_lossy().into_owned()
        });
        short.collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Where the arm's standard error goes.
    pub(crate) fn log(&self) -> PathBuf {
        self.home.join("stderr.log")
    }
}

/// Makes `home` the place of everything the program might read or write: nothing of the user's takes part.
///
/// # Errors
/// The folder cannot be made.
pub(crate) fn at_home(command: &mut Command, home: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(home).with_context(|| format!("cannot make {}", home.display()))?;
    command.current_dir(home).env_remove("MCP_GUARD_CONFIG").env("HOME", home);
    for folder in ["STATE", "CONFIG", "DATA", "CACHE"] {
        command.env(format!("XDG_{folder}_HOME"), home.join(folder.to_lowercase()));
    }
    Ok(())
}
