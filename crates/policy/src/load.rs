use std::{io, path::Path};

use crate::{
    ConfigError, DaemonSettings, Policy, Profile,
    build::{self, Outside, build},
    compose::{self, compose},
    effective::Ledger,
    extends::{self, Base, Fetch, Offline, Sources, Wanted},
    file::{Lookup, Report, read, schema},
    layer::{Layer, Part},
};

/// Largest configuration file, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// What the command line says against the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--profile`: replaces the profile of the file and of every server in it.
    pub profile: Option<Profile>,
}

/// Reads the file at `path` and its base, with variables from the environment of this process. A base with an address
/// is not fetched: only the copy of it that was kept serves.
///
/// # Errors
/// When a file cannot be read, or with everything found wrong in it.
pub fn load(path: &Path) -> Result<Policy, ConfigError> {
    load_with(path, Overrides::default())
}

/// Reads the file at `path` as [`load`] does; `overrides` win over it.
///
/// # Errors
/// As [`load`].
pub fn load_with(path: &Path, overrides: Overrides) -> Result<Policy, ConfigError> {
    load_using(path, &|name| std::env::var(name).ok(), overrides, &Offline)
}

/// Reads the file at `path` as [`load_with`] does; `env` looks variables up, and `fetch` gets a base that has an
/// address.
///
/// # Errors
/// As [`load`].
pub fn load_using(
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
    overrides: Overrides,
    fetch: &dyn Fetch,
) -> Result<Policy, ConfigError> {
    let shown = path.display().to_string();
    let text = text_of(path, &shown)?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let home = |daemon: DaemonSettings| daemon.home(&|name| std::env::var_os(name));
    let base = |wanted: &Wanted, daemon: DaemonSettings| {
        let cache = home(daemon).map(|home| home.join("extends-cache"));
        Sources { fetch, folder: folder.clone(), cache }.find(wanted)
    };
    assemble((&text, &shown), Some(&folder), env, overrides, &base)
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
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidInput => "check that this is the right file",
            _ => "the file must be readable by the user who runs mcp-guard",
        };
        ConfigError::plain(format!("cannot read configuration {shown}: {error}"), Some(help))
    };
    let bytes = extends::read(path, MAX_FILE_BYTES).map_err(failed)?;
    utf8(bytes, shown)
}

/// The text of a file that is called `shown` in messages.
fn utf8(bytes: Vec<u8>, shown: &str) -> Result<String, ConfigError> {
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
    let none = |_: &Wanted, _: DaemonSettings| {
        Err(("a text alone has no base".to_owned(), "load it from a file".to_owned()))
    };
    assemble((text, file), None, env, overrides, &none)
}

/// Builds a policy as [`parse_with`] does, from the texts of a base and of a file that extends it, each with what it is
/// called in messages. What the file says about where its base is does not matter, but it has to say it.
///
/// # Errors
/// As [`parse`].
pub fn parse_extending(
    (base_text, base): (&str, &str),
    (text, file): (&str, &str),
    env: &dyn Fn(&str) -> Option<String>,
    overrides: Overrides,
) -> Result<Policy, ConfigError> {
    let given = |_: &Wanted, _: DaemonSettings| {
        Ok(Base { name: base.to_owned(), text: base_text.as_bytes().to_vec(), folder: None, notice: None })
    };
    assemble((text, file), None, env, overrides, &given)
}

/// Finds the base that a file wants, whose section `daemon` is given; or says what is wrong and what helps.
type FindBase<'f> = &'f dyn Fn(&Wanted, DaemonSettings) -> Result<Base, (String, String)>;

/// Builds a policy from a text and what it is called in messages; files it names are looked for from `folder`.
fn assemble(
    (text, file): (&str, &str),
    folder: Option<&Path>,
    env: Lookup<'_>,
    overrides: Overrides,
    find: FindBase<'_>,
) -> Result<Policy, ConfigError> {
    let text = without_mark(text);
    let mut report = Report::new(file, text);
    let shape: schema::ConfigFile = read(text, &mut report).unwrap_or_default();
    let Some(extends) = &shape.extends.0 else {
        let layer = build(&shape, Part::Alone, Outside { env, folder }, &mut report);
        report.finish()?;
        return compose(vec![layer], &overrides, Profile::default());
    };
    let wanted = extends::wanted(extends, env, &mut report);
    // What is wrong in this section is reported with the rest of the file.
    let only = schema::OnlyDaemon { daemon: shape.daemon.clone() };
    let daemon = build::daemon(&only, env, &mut Report::new(file, text));
    let found = wanted.map(|wanted| find(&wanted, compose::daemon(&mut Ledger::default(), &daemon)));
    let found = match found {
        Some(Ok(found)) => found,
        Some(Err((message, help))) => {
            report.add(extends.place, message, "", Some(help));
            return Err(report.into_error());
        }
        None => return Err(report.into_error()),
    };
    let base = base_layer(found.text, &found.name, Outside { env, folder: found.folder.as_deref() })?;
    let layer = build(&shape, Part::Overlay(&base), Outside { env, folder }, &mut report);
    report.finish()?;
    let mut policy = compose(vec![base, layer], &overrides, Profile::default())?;
    policy.notices.extend(found.notice);
    Ok(policy)
}

fn base_layer(bytes: Vec<u8>, name: &str, outside: Outside<'_>) -> Result<Layer, ConfigError> {
    let text = utf8(bytes, name)?;
    let text = without_mark(&text);
    let mut report = Report::new(name, text);
    let shape: schema::ConfigFile = read(text, &mut report).unwrap_or_default();
    let layer = build(&shape, Part::Base, outside, &mut report);
    report.finish()?;
    Ok(layer)
}

/// Without a byte order mark.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}
