//! `mcp-guard pins`: what servers were approved to be.

mod live;
mod recorded;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    process::ExitCode,
    sync::Arc,
};

use policy::{DriftAction, Policy, ServerPolicy};
use trust::{Change, Class, Kind, Lock, LockFile, Pinned, Surface, differences, gravest};

use crate::{
    args::{ApproveArgs, ConfigArgs, ExportArgs, ImportArgs, PinsTask},
    configuration,
    failure::Failure,
    paint::{BAD, FAINT, GOOD, STRONG, paint},
};

pub(crate) fn pins(config: &ConfigArgs, task: &PinsTask) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, None)?;
    match task {
        PinsTask::List => list(&policy),
        PinsTask::Diff { server } => diff(&policy, server.as_deref()),
        PinsTask::Approve(args) => approve(&policy, args),
        PinsTask::Export(args) => export(&policy, args),
        PinsTask::Verify { server } => verify(&policy, server.as_deref()),
        PinsTask::Import(args) => import(&policy, args),
    }
}

/// Differences of a surface, by item.
type Differences = BTreeMap<(Kind, String), Vec<Change>>;

fn list(policy: &Policy) -> Result<ExitCode, Failure> {
    for (path, lock) in locks(policy)? {
        anstream::println!("{}", paint(FAINT, path));
        for (name, pinned) in &lock.servers {
            let tools = pinned.items.keys().filter(|(kind, _)| *kind == Kind::Tool).count();
            let how = match pinned.approval {
                trust::Approval::FirstUse => "on first use, by nobody",
                trust::Approval::Reviewed => "by a person",
            };
            let items = pinned.items.len();
            anstream::println!("{}  approved {how}, {items} items, {tools} tools", paint(STRONG, name));
            anstream::println!("    {}", paint(FAINT, pinned.digest()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Every lock that a server of the configuration is held to.
fn locks(policy: &Policy) -> Result<BTreeMap<String, Lock>, Failure> {
    let mut locks = BTreeMap::new();
    for server in policy.servers().chain([policy.fallback()]) {
        let file = files(policy, server).0;
        if let Entry::Vacant(slot) = locks.entry(file.path().display().to_string()) {
            slot.insert(file.read().map_err(Failure::new)?);
        }
    }
    Ok(locks)
}

fn diff(policy: &Policy, server: Option<&str>) -> Result<ExitCode, Failure> {
    let mut same = true;
    for (name, server) in chosen(policy, server)? {
        let surface = live::surface(name, server)?;
        let pinned = files(policy, server).0.read().map_err(Failure::new)?.servers.remove(name);
        same &= show(name, server, pinned.as_ref(), &surface);
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verify(policy: &Policy, server: Option<&str>) -> Result<ExitCode, Failure> {
    let mut right = true;
    for (name, server) in chosen(policy, server)? {
        let surface = live::surface(name, server)?;
        let pinned = files(policy, server).0.read().map_err(Failure::new)?.servers.remove(name);
        show(name, server, pinned.as_ref(), &surface);
        let on_drift = &server.pins.on_drift;
        let stops = |class| {
            let action = match class {
                Class::Cosmetic => &on_drift.cosmetic,
                Class::Compatible => &on_drift.compatible,
                Class::Breaking => &on_drift.breaking,
                Class::Meaning => &on_drift.meaning,
            };
            action.value >= DriftAction::Drop
        };
        right &= pinned.is_some_and(|pinned| {
            let found = differences(&pinned.items, &comparable(&pinned, &surface).items);
            !found.values().filter_map(|changes| gravest(changes)).any(stops)
        });
    }
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What of a surface the lock says anything of: an identity it leaves out is not compared.
fn comparable(pinned: &Pinned, surface: &Surface) -> Surface {
    let mut surface = surface.clone();
    surface.items.retain(|key, _| key.0.is_listed() || pinned.items.contains_key(key));
    surface
}

/// Shows how a server differs; whether it does not.
fn show(name: &str, server: &ServerPolicy, pinned: Option<&Pinned>, surface: &Surface) -> bool {
    let Some(pinned) = pinned else {
        anstream::println!("{}: {}", paint(STRONG, name), paint(BAD, "not approved"));
        anstream::println!("    now {}", surface.digest());
        return false;
    };
    let found: Differences = differences(&pinned.items, &comparable(pinned, surface).items);
    if found.is_empty() {
        anstream::println!("{}: {}", paint(STRONG, name), paint(GOOD, "as it was approved"));
        return true;
    }
    anstream::println!("{}:", paint(STRONG, name));
    for ((kind, item), changes) in &found {
        let item = if item.is_empty() { String::new() } else { format!(" {item:?}") };
        for change in changes {
            let text = server.content.masking().redact(&change.text);
            let style = if change.class >= Class::Breaking { BAD } else { FAINT };
            anstream::println!(
                "    {} {kind}{item}: {text}",
                paint(style, format_args!("{:<10}", change.class))
            );
        }
    }
    anstream::println!("    approved {}", pinned.digest());
    anstream::println!("    now      {}", surface.digest());
    false
}

fn approve(policy: &Policy, args: &ApproveArgs) -> Result<ExitCode, Failure> {
    let (name, server) = named(policy, &args.server)?;
    let surface = live::surface(name, server)?;
    let lock = files(policy, server).0;
    let pinned = lock.read().map_err(Failure::new)?.servers.remove(name);
    show(name, server, pinned.as_ref(), &surface);
    let now = surface.digest().to_string();
    if args.digest.as_ref().is_some_and(|digest| *digest != now) {
        return Err(Failure::new(format!(
            "the server is now {now}, which is not what you want to approve; look at `mcp-guard pins diff {name}`"
        )));
    }
    keep(policy, name, server, Pinned::reviewed(surface))
}

fn import(policy: &Policy, args: &ImportArgs) -> Result<ExitCode, Failure> {
    let (name, server) = named(policy, &args.server)?;
    let text = std::fs::read_to_string(&args.manifest).map_err(|error| unread(args, &error))?;
    let manifest = serde_json::from_str(&text).map_err(|error| unread(args, &error))?;
    let surface = live::surface(name, server)?;
    let pinned = trust::vanguard(&manifest, surface).map_err(Failure::new)?;
    keep(policy, name, server, pinned)
}

fn unread(args: &ImportArgs, error: &dyn std::error::Error) -> Failure {
    Failure::new(format!("cannot read {}: {error}", args.manifest.display()))
}

/// Records an approval, then makes it.
fn keep(policy: &Policy, name: &str, server: &ServerPolicy, pinned: Pinned) -> Result<ExitCode, Failure> {
    let digest = pinned.digest();
    recorded::approval(policy, name, server, &digest)?;
    let (lock, seen) = files(policy, server);
    lock.update(|lock| drop(lock.servers.insert(name.to_owned(), pinned))).map_err(Failure::new)?;
    seen.forget(name).map_err(Failure::new)?;
    anstream::println!(
        "{}: {} {digest} in {}",
        paint(STRONG, name),
        paint(GOOD, "approved"),
        lock.path().display()
    );
    Ok(ExitCode::SUCCESS)
}

fn export(policy: &Policy, args: &ExportArgs) -> Result<ExitCode, Failure> {
    let locks = locks(policy)?;
    let file = LockFile::at(&args.output);
    let change = |lock: &mut Lock| {
        for (name, mut pinned) in locks.into_values().flat_map(|lock| lock.servers) {
            let key = (Kind::Identity, String::new());
            if args.portable
                && let Some(identity) = pinned.items.remove(&key)
            {
                pinned.items.insert(key, trust::Item::new(trust::portable(identity.value())));
            }
            lock.servers.insert(name, pinned);
        }
    };
    let written = file.update(change).map_err(Failure::new)?;
    anstream::println!("{} servers in {}", written.servers.len(), args.output.display());
    Ok(ExitCode::SUCCESS)
}

fn files(policy: &Policy, server: &ServerPolicy) -> (LockFile, trust::SeenFile) {
    proxy::pins::files(server, proxy::pins::home(policy).as_ref())
}

fn named<'p>(policy: &'p Policy, name: &str) -> Result<(&'p str, &'p Arc<ServerPolicy>), Failure> {
    chosen(policy, Some(name))?.into_iter().next().ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Failure {
    Failure::new(format!("the configuration has no server `{name}`"))
}

fn chosen<'p>(
    policy: &'p Policy,
    name: Option<&str>,
) -> Result<Vec<(&'p str, &'p Arc<ServerPolicy>)>, Failure> {
    let servers = policy.servers().filter_map(|server| Some((server.name.as_deref()?, server)));
    let chosen: Vec<_> = servers.filter(|(known, _)| name.is_none_or(|name| name == *known)).collect();
    match (chosen.is_empty(), name) {
        (true, Some(name)) => Err(unknown(name)),
        (true, None) => Err(Failure::new("the configuration has no servers; add one")),
        _ => Ok(chosen),
    }
}
