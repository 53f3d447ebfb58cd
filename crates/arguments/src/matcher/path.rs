use std::{borrow::Cow, fmt};

use super::MatcherError;

/// A folder that paths have to lie in, judged by their text alone and component by component: `/srv/data` holds
/// `/srv/data/a` and not `/srv/database`. `.` and `..` are resolved first; paths that are relative are relative to the
/// working directory the zone was made with.
///
/// A path lies in a zone if it does in every way a server may read it: as it stands, with `%2e` and the like decoded, and
/// with backslashes for slashes. A `file:` URL counts as its path. A path with `~` at its beginning, with control
/// characters or with spaces at its ends lies in none. Links and mounts only the file system knows: for those, see
/// [`Matcher::zones`](super::Matcher::zones).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    written: String,
    /// The components of the folder, from the root.
    folder: Vec<String>,
    /// Those that relative paths begin with; `None` where that is not known.
    working: Option<Vec<String>>,
    /// Names differ by more than their case.
    cased: bool,
}

impl Zone {
    /// The zone of a folder, which may itself be relative to the working directory.
    ///
    /// # Errors
    /// If it is relative and there is no working directory, or leads out of it at the top.
    pub fn new(folder: &str, working: Option<&str>) -> Result<Self, MatcherError> {
        let usable = |path: &str| plain(path) && !path.is_empty();
        if !usable(folder) || working.is_some_and(|path| !usable(path) || !is_absolute(path)) {
            return Err(MatcherError("this is no path of a folder".to_owned()));
        }
        let cased = !(is_drive(folder) || working.is_some_and(is_drive));
        let mut zone = Self { written: folder.to_owned(), folder: Vec::new(), working: None, cased };
        zone.working = match working {
            Some(path) => Some(
                zone.components(path, path.contains('\\'))
                    .ok_or_else(|| MatcherError("the working directory leads above its top".to_owned()))?,
            ),
            None => None,
        };
        zone.folder = zone.components(folder, folder.contains('\\')).ok_or_else(|| {
            MatcherError("a relative folder needs a working directory to be relative to".to_owned())
        })?;
        Ok(zone)
    }

    /// The folder as it was written.
    pub fn folder(&self) -> &str {
        &self.written
    }

    /// Whether a path lies in it in every reading.
    pub fn contains(&self, path: &str) -> bool {
        if path.is_empty() || !plain(path) {
            return false;
        }
        let path = match file_url(path) {
            Some(Some(path)) => path,
            Some(None) => return false,
            None => path,
        };
        let decoded = decode(path);
        let readings = [Some(path), decoded.as_deref()];
        readings.into_iter().flatten().all(|reading| {
            plain(reading)
                && self.holds(reading, !self.cased)
                && (!reading.contains('\\') || self.holds(reading, true))
        })
    }

    fn holds(&self, path: &str, backslashes: bool) -> bool {
        self.components(path, backslashes).is_some_and(|path| {
            path.len() >= self.folder.len() && self.folder.iter().zip(&path).all(|(zone, path)| zone == path)
        })
    }

    /// The components of a path from the root; `None` if it is relative to what is not known.
    fn components(&self, path: &str, backslashes: bool) -> Option<Vec<String>> {
        let separator = |c: char| c == '/' || (backslashes && c == '\\');
        let mut found = if is_absolute(path) { Vec::new() } else { self.working.clone()? };
        if path.starts_with(separator)
            && self.working.as_ref().is_some_and(|working| is_drive_name(working.first()))
        {
            // The root of the current drive.
            found.extend(self.working.as_ref().and_then(|working| working.first()).cloned());
        }
        for component in path.split(separator) {
            match component {
                "" | "." => {}
                // Above the root there is the root.
                ".." => {
                    found.pop();
                }
                name if self.cased => found.push(name.to_owned()),
                name => found.push(name.trim_end_matches(['.', ' ']).to_lowercase()),
            }
        }
        Some(found)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Whether a text is a path to everyone who reads it.
fn plain(path: &str) -> bool {
    !path.starts_with('~') && path.trim() == path && !path.chars().any(char::is_control)
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.starts_with('\\') || is_drive(path)
}

/// `C:/` or `C:\`
fn is_drive(path: &str) -> bool {
    let mut characters = path.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.next() == Some(':')
        && matches!(characters.next(), Some('/' | '\\'))
}

fn is_drive_name(component: Option<&String>) -> bool {
    component.is_some_and(|name| name.len() == 2 && name.ends_with(':'))
}

/// The path of a `file:` URL on this machine: `Some(None)` for one on another or of another form.
fn file_url(text: &str) -> Option<Option<&str>> {
    let scheme = text.get(..5)?;
    if !scheme.eq_ignore_ascii_case("file:") {
        return None;
    }
    let rest = text.get(5..)?.strip_prefix("//")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    Some(path.starts_with('/').then_some(path))
}

/// With its percent escapes resolved (RFC 3986 §2.1); `None` if it has none.
fn decode(path: &str) -> Option<String> {
    if !path.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, more @ ..] = rest {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let escaped = match (first, more) {
            (b'%', [high, low, after @ ..]) => {
                digit(high).zip(digit(low)).map(|(high, low)| (high << 4 | low, after))
            }
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, more));
        bytes.push(byte);
        rest = after;
    }
    Some(Cow::into_owned(String::from_utf8_lossy(&bytes)))
}
