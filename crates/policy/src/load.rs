use std::{fs, io, path::Path};

use crate::{
    ConfigError, DaemonSettings, Policy, Profile,
    build::{self, build},
    compose::{self, compose},
    effective::Ledger,
    file::{Report, read, schema},
};

/// Largest configuration file, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// What the command line says against the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--profile`: replaces the profile of the file and of every server in it.
    pub profile: Option<Profile>,
}

/// Reads the file at `path`, with variables from the environment of this process.
///
/// # Errors
/// When the file cannot be read, or with everything found wrong in it.
pub fn load(path: &Path) -> Result<Policy, ConfigError> {
    load_with(path, Overrides::default())
}

/// Reads the file at `path` as [`load`] does; `overrides` win over it.
///
/// # Errors
/// As [`load`].
pub fn load_with(path: &Path, overrides: Overrides) -> Result<Policy, ConfigError> {
    load_using(path, &|name| std::env::var(name).ok(), overrides)
}

/// Reads the file at `path` as [`load_with`] does; `env` looks variables up.
///
/// # Errors
/// As [`load`].
pub fn load_using(
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
    overrides: Overrides,
) -> Result<Policy, ConfigError> {
    let shown = path.display().to_string();
    parse_with(&text_of(path, &shown)?, &shown, env, overrides)
}

/// Reads nothing but the section `daemon` of the file at `path`: for processes that only have to find the daemon.
/// Mistakes elsewhere in the file are for the daemon to find, and `extends` is not followed.
///
/// # Errors
/// When the file cannot be read or is not YAML, or with what is wrong in that section.
pub fn load_daemon(path: &Path) -> Result<DaemonSettings, ConfigError> {
    let shown = path.display().to_string();
    let text = text_of(path, &shown)?;
    let text = without_mark(&text);
    let mut report = Report::new(&shown, text);
    let file: Option<schema::OnlyDaemon> = read(text, &mut report);
    let said = build::daemon(&file.unwrap_or_default(), &|name| std::env::var(name).ok(), &mut report);
    report.finish()?;
    Ok(compose::daemon(&mut Ledger::default(), &said))
}

/// The text of a file that is called `shown` in messages.
fn text_of(path: &Path, shown: &str) -> Result<String, ConfigError> {
    let failed = |error: io::Error| {
        let help = match error.kind() {
            io::ErrorKind::NotFound => "check the path, or leave it out to use the built-in balanced profile",
            _ => "the file must be readable by the user who runs mcp-guard",
        };
        ConfigError::plain(format!("cannot read configuration {shown}: {error}"), Some(help))
    };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > MAX_FILE_BYTES {
        let message = format!("configuration {shown} has {size} bytes, more than {MAX_FILE_BYTES}");
        return Err(ConfigError::plain(message, Some("check that this is the right file")));
    }
    let bytes = fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|b| **b == b'\n').count()
                + 1;
        ConfigError::plain(
            format!("configuration {shown} is not UTF-8 (line {line})"),
            Some("save it as UTF-8"),
        )
    })
}

/// Builds a policy from the text of a file that is called `file` in messages; `env` looks variables up.
///
/// # Errors
/// With everything found wrong in the text: all faulty values, or the first thing that is not in the
/// shape of a configuration.
pub fn parse(text: &str, file: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Policy, ConfigError> {
    parse_with(text, file, env, Overrides::default())
}

/// Builds a policy as [`parse`] does; `overrides` win over the text.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(
    text: &str,
    file: &str,
    env: &dyn Fn(&str) -> Option<String>,
    overrides: Overrides,
) -> Result<Policy, ConfigError> {
    let text = without_mark(text);
    let mut report = Report::new(file, text);
    let shape = read(text, &mut report).unwrap_or_default();
    let layer = build(&shape, env, &mut report);
    report.finish()?;
    compose(vec![layer], &overrides, Profile::default())
}

/// Without a byte order mark.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}
