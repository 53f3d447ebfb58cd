use std::env;

use clients::{ClientFile, Entry, Machine, Os, Reach};

use super::finding::Finding;

const CHECK: &str = "client";

/// Which servers of the clients on this machine go through the guard, and which do not.
pub(super) fn check(findings: &mut Vec<Finding>) {
    let Some(home) = env::home_dir().and_then(|home| home.into_os_string().into_string().ok()) else {
        return;
    };
    let machine = Machine { os: Os::current(), home: &home, env: &|name| env::var(name).ok() };
    let folders = env::current_dir().map(|here| clients::with_ancestors(&here)).unwrap_or_default();
    let found = clients::discover(&machine, &[], &folders);
    for problem in &found.problems {
        let text = format!("{}: {}: {}", problem.client, problem.path.display(), problem.message);
        findings.push(Finding::warn(CHECK, text, "mend the file; its servers are not known to us"));
    }
    let used: Vec<_> =
        found.files.iter().filter(|file| file.entries.iter().any(|entry| !entry.disabled)).collect();
    if used.is_empty() && found.problems.is_empty() {
        findings.push(Finding::ok(CHECK, "no client here has servers"));
    }
    findings.extend(used.into_iter().map(judge));
}

fn judge(file: &ClientFile) -> Finding {
    let used = || file.entries.iter().filter(|entry| !entry.disabled);
    let names = |guarded: bool| {
        let named = used().filter(|entry| is_guarded(entry) == guarded);
        named.map(|entry| format!("{} (line {})", entry.name, entry.line)).collect::<Vec<_>>().join(", ")
    };
    let place = format!("{}, {}", file.client.title, file.path.display());
    match names(false) {
        open if open.is_empty() => {
            Finding::ok(CHECK, format!("{place}: all {} go through the guard", used().count()))
        }
        open => Finding::warn(
            CHECK,
            format!("{place}: not guarded: {open}"),
            "`mcp-guard init --dry-run` shows what would be changed, `mcp-guard init --apply` changes it",
        ),
    }
}

fn is_guarded(entry: &Entry) -> bool {
    matches!(entry.reach, Reach::Guarded)
}
