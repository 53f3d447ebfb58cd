//! Secrets that `init` took out of the files of clients: a file of lines `NAME=value` in the guard's home.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::os;

/// Values by the names of the variables that stand for them.
pub(crate) type Secrets = BTreeMap<String, String>;

/// Where they are kept.
pub(crate) fn file(home: &Path) -> PathBuf {
    home.join("secrets.env")
}

/// What `${name}` stands for: a variable of the environment, else a secret.
pub(crate) fn variable(kept: &Secrets, name: &str) -> Option<String> {
    std::env::var(name).ok().or_else(|| kept.get(name).cloned())
}

/// Reads what was kept; nothing if nothing was.
///
/// # Errors
/// When the file cannot be read, others can, or a line in it is no variable. No message shows a value.
pub(crate) fn read(home: &Path) -> Result<Secrets, String> {
    let path = file(home);
    let wrong = |problem: String| format!("the secrets in {}: {problem}", path.display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Secrets::new());
        }
        Err(error) => return Err(wrong(error.to_string())),
    };
    if open_to_others(&path).map_err(|error| wrong(error.to_string()))? {
        return Err(wrong("other users can read or change them; run `chmod 600` on the file".to_owned()));
    }
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(number, line)| {
            let said =
                line.split_once('=').and_then(|(name, value)| Some((name.trim(), value_of(value.trim())?)));
            let (name, value) =
                said.ok_or_else(|| wrong(format!("line {} is not NAME=\"value\"", number + 1)))?;
            Ok((name.to_owned(), value))
        })
        .collect()
}

/// Adds secrets to those that are kept.
///
/// # Errors
/// As [`read`], and when the file cannot be written.
pub(crate) fn keep(home: &Path, new: &Secrets) -> Result<(), String> {
    let mut all = read(home)?;
    all.extend(new.clone());
    let mut text = String::from(
        "# Kept by `mcp-guard init`: what ${NAME} stands for in its configuration if the environment has no such variable.\n",
    );
    for (name, value) in &all {
        text += &format!("{name}={}\n", serde_json::Value::from(value.as_str()));
    }
    let path = file(home);
    clients::write_private(&path, &text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// In quotes it is read like JSON, else as it stands.
fn value_of(text: &str) -> Option<String> {
    if text.starts_with('"') { serde_json::from_str(text).ok() } else { Some(text.to_owned()) }
}

fn open_to_others(path: &Path) -> io::Result<bool> {
    let found = fs::metadata(path)?;
    Ok(os::access(&found).is_some_and(|access| access.mode & 0o077 != 0))
}
