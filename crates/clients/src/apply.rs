//! Writes changed files, and puts entries back as they were.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    discover::{self, ClientFile},
    entry::find,
    file::{back_up, replace},
    journal::{self, Change},
    rewrite::Rewrite,
    tree,
};

/// Writes a changed file: first a copy of the old one beside it, then the journal, then the file.
///
/// Returns the copy. Whenever this is interrupted, the file is the old one or the new one, and [`undo`] knows of it.
///
/// # Errors
/// When the file was changed by somebody else since it was read, is read-only, or something cannot be written. It is
/// then as it was.
pub fn apply(file: &ClientFile, rewrite: &Rewrite, journal: &Path) -> io::Result<PathBuf> {
    let before = journal::read(journal)?;
    if fs::read(&file.path)? != file.text.as_bytes() {
        return Err(io::Error::other("it was changed by another program at this moment; run this again"));
    }
    let stamp = jiff::Zoned::now().strftime("%Y%m%dT%H%M%S").to_string();
    let backup = back_up(&file.path, &file.text, &stamp)?;
    let changes =
        rewrite.changes.iter().map(|change| Change { backup: Some(backup.clone()), ..change.clone() });
    let done = journal::write(journal, before.iter().cloned().chain(changes).collect())
        .and_then(|()| replace(&file.path, &file.text, &rewrite.text));
    if let Err(error) = done {
        // What is left of the attempt is in nobody's way.
        let _ = fs::remove_file(&backup);
        let _ = journal::write(journal, before);
        return Err(error);
    }
    Ok(backup)
}

/// What became of one changed entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Whose it is.
    pub client: String,
    /// Where it is.
    pub file: PathBuf,
    /// What the client calls it.
    pub entry: String,
    /// Whether it is as it was; if not, why.
    pub outcome: Result<(), String>,
}

/// Puts back the entries of `clients`, or all if there are none, and leaves everything else in their files as it is.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn undo(journal: &Path, clients: &[&str]) -> io::Result<Vec<Undone>> {
    let changes = journal::read(journal)?;
    let wanted = |change: &Change| clients.is_empty() || clients.contains(&change.client.as_str());
    let (wanted, mut left): (Vec<_>, Vec<_>) = changes.into_iter().partition(wanted);
    let mut files: Vec<PathBuf> = wanted.iter().map(|change| change.file.clone()).collect();
    files.dedup();
    files.sort();
    files.dedup();
    let mut told = Vec::new();
    let mut copies = Vec::new();
    for file in files {
        let here: Vec<_> = wanted.iter().filter(|change| change.file == file).collect();
        let outcomes = put_back(&file, &here);
        for (change, outcome) in here.into_iter().zip(outcomes) {
            match &outcome {
                Outcome::Kept(_) => left.push(change.clone()),
                Outcome::Restored | Outcome::Gone(_) => copies.extend(change.backup.clone()),
            }
            told.push(Undone {
                client: change.client.clone(),
                file: change.file.clone(),
                entry: change.entry.last().cloned().unwrap_or_default(),
                outcome: match outcome {
                    Outcome::Restored => Ok(()),
                    Outcome::Gone(why) | Outcome::Kept(why) => Err(why),
                },
            });
        }
        forget_copies(&file, &mut copies, &left);
    }
    if !told.is_empty() {
        journal::write(journal, left)?;
    }
    Ok(told)
}

#[derive(Clone)]
enum Outcome {
    Restored,
    /// There is nothing to put back any more.
    Gone(String),
    /// It can be tried again.
    Kept(String),
}

/// Puts the entries of one file back, the last change first; the outcomes are in the order of `changes`.
fn put_back(file: &Path, changes: &[&Change]) -> Vec<Outcome> {
    let all = |outcome: Outcome| vec![outcome; changes.len()];
    let old = match discover::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return all(Outcome::Gone("the file is no longer there".to_owned()));
        }
        Err(error) => return all(Outcome::Kept(error.to_string())),
    };
    let mut text = old.clone();
    let mut outcomes: Vec<_> = changes
        .iter()
        .rev()
        .map(|change| {
            let (new, outcome) = restored(&text, change);
            text = new.unwrap_or_else(|| std::mem::take(&mut text));
            outcome
        })
        .collect();
    outcomes.reverse();
    if text != old
        && let Err(error) = replace(file, &old, &text)
    {
        return all(Outcome::Kept(error.to_string()));
    }
    outcomes
}

/// The text with one entry as it was, if it is still as we left it.
fn restored(text: &str, change: &Change) -> (Option<String>, Outcome) {
    let kept = |why: &str| (None, Outcome::Kept(why.to_owned()));
    let Ok(root) = tree::parse(change.format, text) else {
        return kept("the file can no longer be read; mend it, or use the backup");
    };
    let Some(entry) = find(&root, &change.entry) else {
        return (None, Outcome::Gone("the entry is no longer there".to_owned()));
    };
    let (before, from) = text.split_at_checked(entry.span.start).unwrap_or((text, ""));
    if let Some(after) = from.strip_prefix(change.now.as_str()) {
        let new = [before, &change.was, after].concat();
        return match tree::parse(change.format, &new) {
            Ok(_) => (Some(new), Outcome::Restored),
            Err(_) => kept("the entry was changed since; the old one is in the backup"),
        };
    }
    match from.starts_with(&change.was) {
        true => (None, Outcome::Restored),
        false => kept("the entry was changed since; the old one is in the backup"),
    }
}

/// Removes copies that hold what the file holds again.
fn forget_copies(file: &Path, copies: &mut Vec<PathBuf>, left: &[Change]) {
    for copy in copies.drain(..) {
        let needed = left.iter().any(|change| change.backup.as_ref() == Some(&copy));
        let same = fs::read(&copy).ok().zip(fs::read(file).ok()).is_some_and(|(copy, file)| copy == file);
        if same && !needed {
            // If it stays, it is merely one file too many.
            let _ = fs::remove_file(&copy);
        }
    }
}
