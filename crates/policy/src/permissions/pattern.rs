use std::{fmt, sync::Arc};

use crate::Location;

/// One entry of a permission list.
///
/// A pattern that begins with `^` is a regular expression, anchored at both ends. Any other is a
/// glob: `*` stands for any characters but `/`, `**` for any characters, `?` for one character but
/// `/`; everything else stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The text as written. Variables such as `${HOME}` are not replaced in it.
    pub text: Arc<str>,
    /// Where it was written.
    pub at: Location,
    pieces: Vec<Piece>,
}

/// Part of a pattern: written in the file, or the value of a variable, which is always literal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) literal: bool,
}

impl fmt::Debug for Piece {
    /// Leaves out the values of variables, which can be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.literal { "…" } else { &self.text })
    }
}

impl Pattern {
    /// A pattern without variables.
    pub fn new(text: &str, at: Location) -> Self {
        let pieces = vec![Piece { text: text.to_owned(), literal: false }];
        Self { text: text.into(), at, pieces }
    }

    /// A pattern with the values of its variables put in.
    pub(crate) fn expanded(text: &str, at: Location, pieces: Vec<Piece>) -> Self {
        Self { text: text.into(), at, pieces }
    }

    /// The regular expression, if the pattern is one.
    pub(crate) fn as_regex(&self) -> Option<String> {
        let is_regex = self.pieces.first().is_some_and(|piece| !piece.literal && piece.text.starts_with('^'));
        is_regex.then(|| {
            let escaped = |piece: &Piece| {
                if piece.literal { regex::escape(&piece.text) } else { piece.text.clone() }
            };
            self.pieces.iter().map(escaped).collect()
        })
    }

    /// Whether it stands for more than its text shows.
    pub(crate) fn has_variables(&self) -> bool {
        self.pieces.iter().any(|piece| piece.literal)
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// A pattern that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {list}: {reason}")]
pub struct PatternError {
    /// The key of the list.
    pub list: &'static str,
    /// The pattern; `None` when the list as a whole is at fault.
    pub pattern: Option<Pattern>,
    /// Where it was written.
    pub at: Location,
    /// What is wrong with it.
    pub reason: String,
}
