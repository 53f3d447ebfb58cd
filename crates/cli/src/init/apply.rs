//! `mcp-guard init --apply`: the clients start their servers through the guard.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use clients::{ClientFile, Discovery, Fate, Guard, Plan, Rewrite};
use serde_json::{Value, json};

use crate::{
    args::InitArgs,
    failure::Failure,
    paint::{BAD, FAINT, GOOD, STRONG, paint},
};

/// What was changed is remembered here, in the guard's home.
pub(super) fn journal(home: &Path) -> PathBuf {
    home.join("applied.json")
}

/// A file that has entries to change.
pub(super) struct Target<'t> {
    file: &'t ClientFile,
    rewrite: Rewrite,
}

/// What became of a file.
pub(super) struct Applied {
    client: &'static str,
    file: PathBuf,
    /// The copy of the old file and how many entries were changed, or why none was.
    pub(super) outcome: Result<(PathBuf, usize), String>,
    refused: Vec<(String, String)>,
}

/// The files to change, and how each will be.
pub(super) fn targets<'t>(
    found: &'t Discovery,
    plan: &Plan,
    output: &Path,
) -> Result<Vec<Target<'t>>, Failure> {
    let program = std::env::current_exe().map_err(Failure::new)?;
    let text = |path: &Path| {
        let named = path.to_str().map(str::to_owned);
        named.ok_or_else(|| {
            Failure::new(format!("{} is not UTF-8; clients could not start it", path.display()))
        })
    };
    let guard = Guard { program: text(&program)?, config: text(output)? };
    let mut targets = Vec::new();
    for (file, fates) in found.files.iter().zip(&plan.fates) {
        let server = |fate: &Fate| match fate {
            Fate::Guard(index) => plan.servers.get(*index).map(|server| server.name.as_str()),
            _ => None,
        };
        let entries: Vec<_> =
            fates.iter().enumerate().filter_map(|(index, fate)| Some((index, server(fate)?))).collect();
        if !entries.is_empty() {
            targets.push(Target { file, rewrite: clients::rewrite(file, &entries, &guard) });
        }
    }
    Ok(targets)
}

/// Shows what would change.
pub(super) fn preview(targets: &[Target<'_>]) {
    if targets.is_empty() {
        return;
    }
    anstream::println!("\nWith --apply these files would change:");
    for target in targets {
        anstream::println!("\n{}", clients::diff(target.file, &target.rewrite));
        tell_refused(&target.rewrite.refused);
    }
}

/// Whether there is somebody to ask.
pub(super) fn can_ask(json: bool) -> Result<(), Failure> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() && !json {
        return Ok(());
    }
    Err(Failure::new("--apply asks before it changes a client's file, and here is nobody to ask; add --yes"))
}

/// Changes the files, each after a yes.
pub(super) fn apply(targets: &[Target<'_>], home: &Path, args: &InitArgs) -> Result<Vec<Applied>, Failure> {
    let mut done = Vec::new();
    for Target { file, rewrite } in targets {
        let (client, path) = (file.client.name, file.path.clone());
        if rewrite.entries() > 0 && !args.yes {
            match ask(file, rewrite).map_err(Failure::new)? {
                Answer::Yes => {}
                Answer::No => continue,
                Answer::Quit => break,
            }
        }
        let outcome = match rewrite.entries() {
            0 => Err("no entry could be changed".to_owned()),
            entries => clients::apply(file, rewrite, &journal(home))
                .map(|backup| (backup, entries))
                .map_err(|error| error.to_string()),
        };
        let applied = Applied { client, file: path, outcome, refused: rewrite.refused.clone() };
        if !args.json {
            applied.print();
        }
        done.push(applied);
    }
    Ok(done)
}

enum Answer {
    Yes,
    No,
    Quit,
}

fn ask(file: &ClientFile, rewrite: &Rewrite) -> io::Result<Answer> {
    anstream::println!("\n{}", clients::diff(file, rewrite));
    loop {
        anstream::print!("Change {} of {}? [y/n/q] ", file.path.display(), paint(STRONG, file.client.title));
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(Answer::Quit);
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(Answer::Yes),
            "n" | "no" => return Ok(Answer::No),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => {}
        }
    }
}

fn tell_refused(refused: &[(String, String)]) {
    for (entry, why) in refused {
        anstream::println!("  {} {}: {why}", paint(BAD, "not changed"), super::report::shown(entry));
    }
}

impl Applied {
    fn print(&self) {
        let path = self.file.display();
        match &self.outcome {
            Ok((backup, entries)) => {
                let backup = format!("the old one, with its secrets, is {}", backup.display());
                anstream::println!(
                    "{} {path}: {entries} guarded; {}",
                    paint(GOOD, "changed"),
                    paint(FAINT, backup)
                );
            }
            Err(error) => anstream::println!("{} {path}: {error}", paint(BAD, "not changed")),
        }
        tell_refused(&self.refused);
    }

    pub(super) fn json(&self) -> Value {
        let refused: Vec<_> =
            self.refused.iter().map(|(entry, why)| json!({ "name": entry, "reason": why })).collect();
        json!({
            "client": self.client,
            "file": self.file,
            "entries": self.outcome.as_ref().map_or(0, |(_, entries)| *entries),
            "backup": self.outcome.as_ref().ok().map(|(backup, _)| backup),
            "error": self.outcome.as_ref().err(),
            "refused": refused,
        })
    }
}
