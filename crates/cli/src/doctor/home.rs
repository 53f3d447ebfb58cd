use std::{fs, io::ErrorKind, path::Path};

use proxy::local::Place;

use super::finding::Finding;
use crate::{args::ConfigArgs, configuration, os};

const CHECK: &str = "home";

/// Says nothing that others must not know.
const PUBLIC: &str = "dashboard.port";

/// Whether what the daemon keeps is for its user alone.
pub(super) fn check(config: &ConfigArgs, findings: &mut Vec<Finding>) -> Option<Place> {
    let place = match configuration::place(config) {
        Ok(place) => place,
        // A faulty configuration has been reported; without one there is no place either.
        Err(_) if configuration::daemon(config).is_err() => return None,
        Err(failure) => {
            findings.push(Finding::error(CHECK, failure));
            return None;
        }
    };
    let home = place.home();
    let before = findings.len();
    match fs::metadata(home) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            findings.push(Finding::ok(CHECK, format!("{} is made when it is needed", home.display())));
            return Some(place);
        }
        Err(error) => findings.push(Finding::fail(
            CHECK,
            format!("cannot look at {}: {error}", home.display()),
            "make it readable for you, or choose another with daemon.home",
        )),
        Ok(found) if !found.is_dir() => findings.push(Finding::fail(
            CHECK,
            format!("{} is no folder", home.display()),
            "move it away, or choose another with daemon.home",
        )),
        Ok(found) if os::access(&found).is_none() => {
            let text =
                format!("{} is there; who else may use it this version cannot tell here", home.display());
            findings.push(Finding::ok(CHECK, text));
        }
        Ok(found) => {
            findings.extend(exposed(home, &found, 0o022, "700"));
            findings.extend(contents(home));
        }
    }
    if findings.len() == before {
        findings.push(Finding::ok(CHECK, format!("{} and what is in it are yours alone", home.display())));
    }
    Some(place)
}

fn contents(home: &Path) -> Vec<Finding> {
    let entries = match fs::read_dir(home) {
        Ok(entries) => entries,
        Err(error) => {
            let text = format!("cannot list {}: {error}", home.display());
            return vec![Finding::fail(CHECK, text, format!("chmod 700 {}", home.display()))];
        }
    };
    let look = |entry: fs::DirEntry| {
        let found = fs::symlink_metadata(entry.path()).ok()?;
        let (mask, wanted) = match (found.is_dir(), entry.file_name() == PUBLIC) {
            (true, _) => (0o022, "700"),
            (false, true) => (0o022, "644"),
            (false, false) => (0o077, "600"),
        };
        if found.is_symlink() { None } else { exposed(&entry.path(), &found, mask, wanted) }
    };
    entries.flatten().filter_map(look).collect()
}

fn exposed(path: &Path, found: &fs::Metadata, mask: u32, wanted: &str) -> Option<Finding> {
    let access = os::access(found)?;
    let mode = access.mode & 0o777;
    if !access.ours {
        let text = format!("{} belongs to user {}, not to you", path.display(), access.owner);
        return Some(Finding::fail(CHECK, text, "choose another place with daemon.home, or take it over"));
    }
    if mode & mask == 0 {
        return None;
    }
    let what = if mode & mask & 0o022 == 0 { "others may read" } else { "others may change" };
    let text = format!("{what} {} (mode {mode:03o})", path.display());
    Some(Finding::fail(CHECK, text, format!("chmod {wanted} {}", path.display())))
}
