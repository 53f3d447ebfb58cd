//! Files of `docs/` that are generated from the code.

use std::fs;

use anyhow::Context;
use clap::Args;

use crate::project;

#[derive(Args)]
pub(crate) struct Options {
    /// Write nothing: fail if a file is not what would be written.
    #[arg(long)]
    check: bool,
}

/// Writes the generated files, or with `--check` compares them; whether all is well.
///
/// # Errors
/// A file cannot be read or written.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    if options.check { check() } else { write() }
}

/// Whether each generated file is what would be written now; names the first line that differs.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check() -> anyhow::Result<bool> {
    let mut clean = true;
    for (path, wanted) in generated() {
        let found = fs::read_to_string(project::root()?.join(path)).unwrap_or_default();
        if let Some(difference) = difference(&found, &wanted) {
            clean = false;
            println!("{path} is stale; run `cargo xtask docs` and commit it\n{difference}");
        }
    }
    Ok(clean)
}

fn write() -> anyhow::Result<bool> {
    for (path, text) in generated() {
        let file = project::root()?.join(path);
        if fs::read_to_string(&file).is_ok_and(|found| found == text) {
            println!("{path} is up to date");
            continue;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        println!("{path} is written");
    }
    Ok(true)
}

fn generated() -> [(&'static str, String); 3] {
    [
        ("docs/mcp-guard.schema.json", policy::json_schema()),
        ("docs/rules.schema.json", policy::rules_schema()),
        ("docs/configuration.md", policy::reference_markdown()),
    ]
}

/// The first line in which two texts differ, as a diff would show it.
fn difference(found: &str, wanted: &str) -> Option<String> {
    if found == wanted {
        return None;
    }
    let (mut found, mut wanted) = (found.lines(), wanted.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (found.next(), wanted.next()) {
            (None, None) => return Some("only the line endings differ".into()),
            (old, new) if old == new => {}
            (old, new) => {
                let line =
                    |mark, text: Option<&str>| text.map(|text| format!("\n{mark}{text}")).unwrap_or_default();
                return Some(format!("line {number}:{}{}", line('-', old), line('+', new)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn equal_texts_do_not_differ() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    }

    #[test]
    fn the_first_differing_line_is_shown() {
        assert_eq!(difference("a\nb\nc", "a\nx\nc").unwrap(), "line 2:\n-b\n+x");
        assert_eq!(difference("a", "a\nb").unwrap(), "line 2:\n+b");
        assert_eq!(difference("a\nb", "a").unwrap(), "line 2:\n-b");
        assert_eq!(difference("a", "a\n").unwrap(), "only the line endings differ");
    }
}
