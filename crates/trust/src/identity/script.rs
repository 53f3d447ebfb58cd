//! The script that an interpreter is given.

use std::path::{Path, PathBuf};

use super::{Surroundings, below, canonical_file, stem};

/// What an interpreter runs.
pub(super) struct Script<'a> {
    /// Arguments that may name it, in order.
    candidates: Vec<&'a str>,
}

/// What the first argument that names a file is a script to; a number may follow, as in `python3.12`.
const INTERPRETERS: [&str; 20] = [
    "node",
    "nodejs",
    "deno",
    "bun",
    "tsx",
    "ts-node",
    "python",
    "pythonw",
    "pypy",
    "uv",
    "ruby",
    "perl",
    "php",
    "java",
    "dotnet",
    "sh",
    "bash",
    "zsh",
    "pwsh",
    "powershell",
];

/// The script in a command line; `None` if the program is no interpreter, or is told its program in another way.
pub(super) fn named<'a>(program: &str, args: &'a [String]) -> Option<Script<'a>> {
    let stem = stem(program);
    let stem = stem.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
    if !INTERPRETERS.contains(&stem) {
        return None;
    }
    let candidates: Vec<_> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    (!args.is_empty()).then_some(Script { candidates })
}

impl Script<'_> {
    /// The first of the arguments that is a file. Options take values; those that are files are scripts, too, mostly.
    pub(super) fn file(&self, surroundings: &Surroundings) -> Option<PathBuf> {
        self.candidates.iter().find_map(|name| canonical_file(&below(surroundings, Path::new(name))))
    }
}
