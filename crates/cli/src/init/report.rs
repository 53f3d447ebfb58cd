//! What `init` found and what becomes of it.

use std::path::Path;

use clients::{ClientFile, Discovery, Entry, Fate, Plan, Reach};
use serde_json::{Value, json};

use crate::{
    init::apply::Applied,
    paint::{BAD, CAREFUL, FAINT, GOOD, STRONG, paint},
};

pub(super) struct Report<'r> {
    pub(super) found: &'r Discovery,
    pub(super) plan: &'r Plan,
    pub(super) output: &'r Path,
}

/// Why a server with an address is left alone.
const SIGNS_IN: &str = "its client may have to sign in there (OAuth), which the guard cannot do for it; if not, change the entry by hand";

/// One entry of one file, with what becomes of it.
struct Line<'r> {
    file: &'r ClientFile,
    entry: &'r Entry,
    fate: &'r Fate,
}

impl Report<'_> {
    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.found.files.iter().zip(&self.plan.fates).flat_map(|(file, fates)| {
            file.entries.iter().zip(fates).map(move |(entry, fate)| Line { file, entry, fate })
        })
    }

    pub(super) fn print(&self) {
        if self.lines().next().is_none() {
            anstream::println!("No MCP server was found. These files were looked for:");
            for path in &self.found.looked_at {
                anstream::println!("  {}", path.display());
            }
        }
        for (file, fates) in self.found.files.iter().zip(&self.plan.fates) {
            if file.entries.is_empty() {
                continue;
            }
            anstream::println!("{}  {}", paint(STRONG, file.client.title), paint(FAINT, file.path.display()));
            for (entry, fate) in file.entries.iter().zip(fates) {
                self.print_entry(entry, fate);
            }
        }
        for problem in &self.found.problems {
            let path = problem.path.display();
            anstream::println!("{} {path}: {}", paint(BAD, "skipped"), problem.message);
        }
    }

    fn print_entry(&self, entry: &Entry, fate: &Fate) {
        let server = |index: &usize| self.plan.servers.get(*index);
        let (style, said) = match fate {
            Fate::Guard(index) => {
                let server = server(index);
                let name = server.map(|server| server.name.as_str()).unwrap_or_default();
                let summary = server.map(clients::Server::summary).unwrap_or_default();
                (GOOD, format!("→ {name}  {}", paint(FAINT, shown(&summary))))
            }
            Fate::Listed(index) => {
                let obstacle = server(index).and_then(|server| server.obstacle.as_deref());
                (CAREFUL, format!("not guarded: {}", obstacle.unwrap_or(SIGNS_IN)))
            }
            Fate::Guarded => (GOOD, "guarded already".to_owned()),
            Fate::Left(reason) => (FAINT, format!("left alone: {reason}")),
        };
        anstream::println!("  {} {said}", paint(style, shown(&entry.name)));
        if !entry.bypasses.is_empty() {
            let keys = entry.bypasses.join(", ");
            anstream::println!(
                "    {} its tools run without asking you ({keys})",
                paint(CAREFUL, "warning:")
            );
        }
    }

    pub(super) fn json(&self, applied: &[Applied]) -> Value {
        let entries = self.lines().map(|Line { file, entry, fate }| {
            let (status, reason, server) = match fate {
                Fate::Guard(index) => ("guard", None, self.plan.servers.get(*index)),
                Fate::Listed(index) => {
                    let server = self.plan.servers.get(*index);
                    ("listed", server.and_then(|server| server.obstacle.clone()), server)
                }
                Fate::Guarded => ("guarded", None, None),
                Fate::Left(reason) => ("left", Some(reason.clone()), None),
            };
            json!({
                "client": file.client.name,
                "file": file.path,
                "line": entry.line,
                "scope": file.place.scope.as_str(),
                "name": entry.name,
                "remote": matches!(entry.reach, Reach::Url(_)),
                "disabled": entry.disabled,
                "bypasses": entry.bypasses,
                "status": status,
                "reason": reason,
                "server": server.map(|server| &server.name),
                "start": server.map(clients::Server::summary),
            })
        });
        let problems = self.found.problems.iter().map(
            |problem| json!({ "client": problem.client, "file": problem.path, "message": problem.message }),
        );
        json!({
            "configuration": self.output,
            "entries": entries.collect::<Vec<_>>(),
            "applied": applied.iter().map(Applied::json).collect::<Vec<_>>(),
            "problems": problems.collect::<Vec<_>>(),
            "looked_at": self.found.looked_at,
        })
    }
}

/// Text of a file of others, without anything that would act on a terminal.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
