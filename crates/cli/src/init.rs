//! `mcp-guard init`: every server of every client on this machine, guarded.

mod apply;
mod report;
mod undo;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clients::{CLIENTS, Client, Discovery, Machine, Os, Plan, Settings, Start};
use policy::{Launch, Overrides, TokenSource};

use crate::{
    args::InitArgs,
    configuration,
    failure::Failure,
    init::report::Report,
    secrets::{self, Secrets},
};

pub(crate) fn init(args: &InitArgs) -> Result<ExitCode, Failure> {
    let wanted = chosen(&args.clients)?;
    let home = configuration::state_dir()?;
    if args.undo {
        return undo::undo(&wanted, &home, args.json);
    }
    let found = look(&wanted, &args.projects)?;
    let output = std::path::absolute(&args.output).map_err(Failure::new)?;
    let kept = secrets::read(&home).map_err(Failure::new)?;
    let known = |name: &str| secrets::variable(&kept, name);
    let user = user_home()?;
    let plan = clients::plan(
        &found,
        &Settings {
            machine: machine(&user),
            known: &known,
            existing: existing(&output)?,
            project_files: args.project_files,
        },
    );
    let report = Report { found: &found, plan: &plan, output: &output };
    let targets = apply::targets(&found, &plan, &output)?;
    if !args.json {
        report.print();
    }
    if args.dry_run {
        if args.json {
            anstream::println!("{:#}", report.json(&[]));
        } else {
            preview(&plan, &found, &output);
            apply::preview(&targets);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if args.apply && !args.yes {
        apply::can_ask(args.json)?;
    }
    write(&plan, &found, &output, &home, args.json)?;
    let done = if args.apply { apply::apply(&targets, &home, args)? } else { Vec::new() };
    if args.json {
        anstream::println!("{:#}", report.json(&done));
    } else if !args.apply && !targets.is_empty() {
        anstream::println!(
            "Run `mcp-guard init --apply` to let the clients start these servers through the guard."
        );
    }
    let failed = done.iter().any(|done| done.outcome.is_err());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The clients of that name; all of them if none is named.
fn chosen(names: &[String]) -> Result<Vec<&'static Client>, Failure> {
    let chosen = names.iter().map(|name| {
        clients::client(name).ok_or_else(|| {
            let known: Vec<_> = CLIENTS.iter().map(|client| client.name).collect();
            Failure::new(format!("there is no client `{name}`; known are: {}", known.join(", ")))
        })
    });
    chosen.collect()
}

fn user_home() -> Result<String, Failure> {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let home = home.and_then(|home| home.into_os_string().into_string().ok());
    home.ok_or_else(|| {
        Failure::new("there is no home folder to look in: set HOME to one whose name is UTF-8")
    })
}

fn machine(home: &str) -> Machine<'_> {
    Machine { os: Os::current(), home, env: &|name| std::env::var(name).ok() }
}

fn look(wanted: &[&'static Client], projects: &[PathBuf]) -> Result<Discovery, Failure> {
    let here = std::env::current_dir().map_err(Failure::new)?;
    let mut folders = clients::with_ancestors(&here);
    for project in projects {
        let failed = |error| Failure::new(format!("the project {}: {error}", project.display()));
        folders.push(project.canonicalize().map_err(failed)?);
    }
    Ok(clients::discover(&machine(&user_home()?), wanted, &folders))
}

/// The servers of the configuration if there is one already.
fn existing(output: &Path) -> Result<Vec<(String, Start)>, Failure> {
    if !output.try_exists().unwrap_or(true) {
        return Ok(Vec::new());
    }
    let policy = configuration::read(output, Overrides::default())?;
    let start = |launch: &Launch| Start {
        transport: launch.transport.as_str().to_owned(),
        command: launch.command.clone().unwrap_or_default(),
        args: launch.args.clone(),
        env: launch.env.clone(),
        cwd: launch.cwd.as_ref().map(|cwd| cwd.to_string_lossy().into_owned()),
        url: launch.url.clone(),
        headers: launch.headers.iter().cloned().chain(token(launch)).map(small).collect(),
    };
    Ok(policy
        .servers()
        .filter_map(|server| Some((server.name.as_deref()?.to_owned(), start(server.launch.as_ref()?))))
        .collect())
}

/// The header that says the token of the configuration.
fn token(launch: &Launch) -> Option<(String, String)> {
    match launch.token.as_ref()? {
        TokenSource::Given(token) => Some(("Authorization".to_owned(), format!("Bearer {token}"))),
        TokenSource::File(_) | TokenSource::Keyring(_) => None,
    }
}

fn small((name, value): (String, String)) -> (String, String) {
    (name.to_ascii_lowercase(), value)
}

/// Writes the configuration and the secrets it refers to.
fn write(plan: &Plan, found: &Discovery, output: &Path, home: &Path, json: bool) -> Result<(), Failure> {
    let new = plan.servers.iter().filter(|server| !server.exists && server.obstacle.is_none()).count();
    if new == 0 && (output.exists() || plan.servers.is_empty()) {
        return Ok(());
    }
    keep(&plan.secrets, home, json)?;
    if output.exists() {
        return Err(Failure::new(format!(
            "{} exists and is not overwritten. Add these servers to it and run init again:\n\n{}",
            output.display(),
            clients::servers(plan, found)
        )));
    }
    let text = clients::configuration(plan, found);
    let failed = |error| Failure::new(format!("cannot write {}: {error}", output.display()));
    clients::create(output, &text).map_err(failed)?;
    configuration::read(output, Overrides::default())?;
    if !json {
        anstream::println!("Wrote {}.", output.display());
    }
    Ok(())
}

/// What would be written to the configuration.
fn preview(plan: &Plan, found: &Discovery, output: &Path) {
    if plan.servers.iter().all(|server| server.exists) {
        return;
    }
    if output.exists() {
        anstream::println!("\n{} exists; these servers would have to be added to it:", output.display());
        anstream::println!("\n{}", clients::servers(plan, found));
    } else {
        anstream::println!("\n{} would be:\n\n{}", output.display(), clients::configuration(plan, found));
    }
}

fn keep(new: &Secrets, home: &Path, json: bool) -> Result<(), Failure> {
    if new.is_empty() {
        return Ok(());
    }
    secrets::keep(home, new).map_err(Failure::new)?;
    if !json {
        anstream::println!("Kept {} secrets in {}.", new.len(), secrets::file(home).display());
    }
    Ok(())
}
