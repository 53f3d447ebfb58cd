//! Whether the program still compiles for the systems that the tests are not run on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{answers, at_root, shown, succeeds};
use crate::project;
use crate::steps::{Outcome, Steps};

/// A target triple, and what of the workspace is to compile for it.
struct Platform {
    target: &'static str,
    packages: &'static [&'static str],
}

const PLATFORMS: [Platform; 2] = [
    Platform { target: "aarch64-apple-darwin", packages: &["--workspace"] },
    Platform { target: "x86_64-pc-windows-gnu", packages: &["--package", "mcp-guard"] },
];

/// Stands in for a compiler: makes the file that is asked for, empty. Nothing is linked, so nobody reads it.
const COMPILER: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    if [ "$1" = -o ]; then : > "$2"; fi
    shift
done
"#;

/// Stands in for `ar`.
const ARCHIVER: &str = r#"#!/bin/sh
for file in "$@"; do
    case "$file" in *.a) : > "$file" ;; esac
done
"#;

/// The name of the step.
pub(crate) const STEP: &str = "other platforms";

/// Does that step alone; whether nothing is wrong.
pub(crate) fn run() -> bool {
    let mut steps = Steps::default();
    steps.step(STEP, check);
    steps.summary()
}

/// Lints each platform, after adding what the toolchain lacks for it.
///
/// # Errors
/// The stand-ins for a C compiler cannot be written, or cargo not be started.
pub(crate) fn check() -> anyhow::Result<Outcome> {
    let tools = Tools::write(&project::target()?.join("no-c-compiler"))?;
    let mut missing = Vec::new();
    let mut sound = true;
    for platform in &PLATFORMS {
        // The limit is for networks that swallow packets in place of refusing them.
        if !answers("timeout", &["120", "rustup", "target", "add", platform.target]) {
            missing.push(platform.target);
            continue;
        }
        let mut clippy = at_root(project::cargo(), &["clippy", "--target", platform.target])?;
        clippy.args(platform.packages).args(["--", "-D", "warnings"]);
        println!("{}", shown(&clippy));
        sound &= succeeds(tools.give(&mut clippy, platform.target))?;
    }
    Ok(match missing.as_slice() {
        _ if !sound => Outcome::Failed,
        [] => Outcome::Passed,
        missing => Outcome::Skipped(format!("rustup cannot add {}", missing.join(", "))),
    })
}

/// Stand-ins for the tools that crates with C in them call: no cross compiler is needed to check Rust.
struct Tools {
    compiler: PathBuf,
    archiver: PathBuf,
}

impl Tools {
    fn write(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let tool = |name: &str, text: &str| -> anyhow::Result<PathBuf> {
            let path = folder.join(name);
            fs::write(&path, text)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
            Ok(path)
        };
        Ok(Self { compiler: tool("cc", COMPILER)?, archiver: tool("ar", ARCHIVER)? })
    }

    /// Has what `command` builds for `target` use them, by the names that the crate `cc` looks for.
    fn give<'c>(&self, command: &'c mut Command, target: &str) -> &'c mut Command {
        let target = target.replace('-', "_");
        command.env(format!("CC_{target}"), &self.compiler).env(format!("AR_{target}"), &self.archiver);
        // Else the kit of macOS is asked for, and its tools are not here.
        command.env(format!("RANLIB_{target}"), "true").env("SDKROOT", "/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_ins_make_the_files_that_are_asked_for() {
        let folder = std::env::temp_dir().join(format!("no-c-compiler-{}", std::process::id()));
        let tools = Tools::write(&folder).unwrap();
        let made = |tool: &Path, args: &[&str], file: &str| {
            let done = Command::new(tool).args(args).current_dir(&folder).status().unwrap();
            done.success() && fs::metadata(folder.join(file)).is_ok_and(|found| found.len() == 0)
        };
        assert!(made(&tools.compiler, &["-O2", "-o", "some.o", "-c", "some.c"], "some.o"));
        assert!(made(&tools.archiver, &["cq", "some.a", "some.o"], "some.a"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
