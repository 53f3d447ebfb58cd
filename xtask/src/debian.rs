//! Programs the tests need, and the Debian packages that bring them.

use std::process::Command;

use crate::command::{answers, succeeds};

/// A program, how to tell that it is there, and its package.
struct Need {
    program: &'static str,
    probe: &'static [&'static str],
    package: &'static str,
}

const NEEDS: [Need; 6] = [
    Need { program: "git", probe: &["--version"], package: "git" },
    Need { program: "node", probe: &["--version"], package: "nodejs" },
    Need { program: "npm", probe: &["--version"], package: "npm" },
    Need { program: "python3", probe: &["--version"], package: "python3" },
    Need { program: "python3", probe: &["-c", "import venv, ensurepip"], package: "python3-venv" },
    Need { program: "c++", probe: &["--version"], package: "g++" },
];

/// Installs what is missing. Says what it does; what still is missing shows when it is needed.
///
/// # Errors
/// `apt-get` cannot be started.
pub(crate) fn install_missing() -> anyhow::Result<()> {
    let missing = NEEDS.iter().filter(|need| !answers(need.program, need.probe));
    let missing: Vec<&str> = missing.map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !can_install() {
        println!("missing, and only root can install with apt-get: {}", missing.join(" "));
        return Ok(());
    }
    println!("apt-get install {}", missing.join(" "));
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        apt
    };
    if succeeds(apt().arg("update"))? {
        succeeds(apt().args(["install", "-y", "--no-install-recommends"]).args(&missing))?;
    }
    Ok(())
}

/// Whether packages can be installed here: Debian's tool, run as root.
fn can_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    root && answers("apt-get", &["--version"])
}
