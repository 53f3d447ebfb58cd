//! `mcp-guard service`: the daemon as a service of its user's, kept alive by systemd or launchd.

mod definition;
mod launchd;
mod manager;
mod systemd;

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::Path,
    process::ExitCode,
};

use proxy::local::running;

use self::{
    definition::Definition,
    manager::{Manager, Step},
};
use crate::{
    args::{ConfigArgs, ServiceTask},
    configuration,
    failure::Failure,
};

/// Stands in every file we write, and in no other.
const MARK: &str = "Written by `mcp-guard service install`; `mcp-guard service uninstall` removes it.";

/// What is at the place where our file belongs.
#[derive(PartialEq, Eq)]
enum Found {
    Nothing,
    Ours(String),
    NotOurs,
}

pub(crate) fn service(config: &ConfigArgs, task: &ServiceTask) -> Result<ExitCode, Failure> {
    let manager = Manager::of_this_system()?;
    let file = manager.file(&|name| std::env::var_os(name)).ok_or_else(|| {
        Failure::new("there is no place for a service: set HOME, for it lies in a folder of its user's")
    })?;
    match task {
        ServiceTask::Install { dry_run: true } => {
            anstream::println!("# {}\n{}", file.display(), manager.text(&Definition::new(config)?)?);
            print_steps(&manager.start(&file, false));
            Ok(ExitCode::SUCCESS)
        }
        ServiceTask::Install { dry_run: false } => install(config, manager, &file),
        ServiceTask::Uninstall { dry_run } => uninstall(manager, &file, *dry_run),
        ServiceTask::Status => status(config, manager, &file),
    }
}

fn install(config: &ConfigArgs, manager: Manager, file: &Path) -> Result<ExitCode, Failure> {
    let text = manager.text(&Definition::new(config)?)?;
    let before = found(file)?;
    if before == Found::NotOurs {
        return Err(not_ours(file));
    }
    if before == Found::Nothing
        && let Some(pid) = running(&configuration::place(config)?)?
    {
        let which = format!("a daemon that is no service runs already (process {pid})");
        return Err(Failure::new(format!("{which}; stop it first: `mcp-guard stop`")));
    }
    write(file, &text).map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display())))?;
    anstream::println!("wrote {}", file.display());
    let steps = manager.start(file, before != Found::Nothing);
    if let Err(why) = manager::run(&steps) {
        anstream::println!("The service is written but not started: {why}");
        anstream::println!("Where {} runs for your user, type:", manager.name());
        print_steps(&steps);
        return Ok(ExitCode::FAILURE);
    }
    anstream::println!("The daemon runs, and is started again {}.", manager.when());
    Ok(ExitCode::SUCCESS)
}

fn uninstall(manager: Manager, file: &Path, dry_run: bool) -> Result<ExitCode, Failure> {
    match found(file)? {
        Found::Nothing => {
            anstream::println!("there is no service: {} does not exist", file.display());
            return Ok(ExitCode::SUCCESS);
        }
        Found::NotOurs => return Err(not_ours(file)),
        Found::Ours(_) => {}
    }
    let (before, after) = manager.stop(file);
    if dry_run {
        print_steps(&before);
        anstream::println!("rm {}", file.display());
        print_steps(&after);
        return Ok(ExitCode::SUCCESS);
    }
    let stopped = manager::run(&before);
    for file in [file.to_owned()].iter().chain(&manager.link(file)) {
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::new(format!("cannot remove {}: {error}", file.display())));
            }
            Err(_) => {}
            Ok(()) => anstream::println!("removed {}", file.display()),
        }
    }
    if let Err(why) = stopped.and_then(|()| manager::run(&after)) {
        anstream::println!("{} was not told: {why}", manager.name());
        anstream::println!("Should the daemon run, `mcp-guard stop` ends it.");
    }
    Ok(ExitCode::SUCCESS)
}

fn status(config: &ConfigArgs, manager: Manager, file: &Path) -> Result<ExitCode, Failure> {
    let what = match found(file)? {
        Found::Nothing => "does not exist; `mcp-guard service install` writes it",
        Found::NotOurs => "was not written by us",
        Found::Ours(text) if text == manager.text(&Definition::new(config)?)? => "is ours and up to date",
        Found::Ours(_) => "is ours, and `mcp-guard service install` would now write another",
    };
    anstream::println!("file     {} {what}", file.display());
    let state = manager::ask(&manager.look()).unwrap_or_else(|why| format!("not known: {why}"));
    anstream::println!("{:<8} {state}", manager.name());
    Ok(ExitCode::SUCCESS)
}

fn print_steps(steps: &[Step]) {
    steps.iter().for_each(|step| anstream::println!("{step}"));
}

fn found(file: &Path) -> Result<Found, Failure> {
    match fs::read(file) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) if text.contains(MARK) => Ok(Found::Ours(text)),
            _ => Ok(Found::NotOurs),
        },
        // A link that leads nowhere is somebody's, too.
        Err(error) if error.kind() == ErrorKind::NotFound && file.symlink_metadata().is_err() => {
            Ok(Found::Nothing)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::NotOurs),
        Err(error) => Err(Failure::new(format!("cannot read {}: {error}", file.display()))),
    }
}

fn not_ours(file: &Path) -> Failure {
    Failure::new(format!("{} was not written by us and is left as it is; move it away first", file.display()))
}

/// Whole or not at all: the manager may be reading.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().ok_or(ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft.as_file().sync_all()?;
    draft.persist(file)?;
    Ok(())
}
