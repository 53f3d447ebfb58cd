//! Values of client files as the guard's configuration will have them.

use crate::{machine::Machine, table::Expands};

/// A part of a value.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As it stands.
    Plain(String),
    /// A variable of the environment.
    Variable(String),
    /// Text that is kept elsewhere, under this name.
    Secret(String),
}

/// What a client replaces in the values of one server.
pub(crate) struct References<'m> {
    pub(crate) machine: &'m Machine<'m>,
    pub(crate) expands: Expands,
    /// The project, which `${workspaceFolder}` stands for.
    pub(crate) folder: Option<&'m str>,
}

impl References<'_> {
    /// Splits `text` into what is written and what is referred to.
    ///
    /// # Errors
    /// With the reason why a reference cannot be followed outside the client.
    pub(crate) fn pieces(&self, text: &str) -> Result<Vec<Piece>, String> {
        let mut pieces = Pieces::default();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '{']) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            pieces.plain(before);
            rest = match self.reference(from)? {
                Some((piece, rest)) => {
                    pieces.push(piece)?;
                    rest
                }
                None => {
                    let mut chars = from.chars();
                    pieces.plain(chars.next().map(String::from).as_deref().unwrap_or_default());
                    chars.as_str()
                }
            };
        }
        pieces.plain(rest);
        Ok(pieces.0)
    }

    /// The reference that `from` begins with, and what follows it.
    fn reference<'t>(&self, from: &'t str) -> Result<Option<(Piece, &'t str)>, String> {
        let (opening, bare) = match self.expands {
            Expands::Nothing => return Ok(None),
            Expands::Braces => ("${", false),
            Expands::Dollars => ("${", true),
            Expands::Colons => ("{", false),
        };
        if let Some((inside, rest)) = from.strip_prefix(opening).and_then(|from| from.split_once('}')) {
            if self.expands == Expands::Colons && !inside.starts_with("env:") && !inside.starts_with("file:")
            {
                return Ok(None);
            }
            return Ok(Some((self.meaning(inside)?, rest)));
        }
        let name = from.strip_prefix('$').filter(|_| bare).unwrap_or_default();
        let end = name.find(|c: char| !is_letter(c)).unwrap_or(name.len());
        match name.split_at_checked(end) {
            Some((name, rest)) if is_name(name) => Ok(Some((self.variable(name)?, rest))),
            _ => Ok(None),
        }
    }

    fn meaning(&self, inside: &str) -> Result<Piece, String> {
        let plain = |text: &str| Ok(Piece::Plain(text.to_owned()));
        if let Some((name, default)) = inside.split_once(":-") {
            return self.variable(name).or_else(|_| plain(default));
        }
        match (inside, self.folder) {
            ("userHome", _) => plain(self.machine.home),
            ("pathSeparator" | "/", _) => plain(std::path::MAIN_SEPARATOR_STR),
            ("workspaceFolder" | "workspaceRoot", Some(folder)) => plain(folder),
            _ => self.variable(inside.strip_prefix("env:").unwrap_or(inside)),
        }
    }

    fn variable(&self, name: &str) -> Result<Piece, String> {
        if !is_name(name) {
            return Err(format!(
                "only the client knows what `{name}` stands for; write the value in its place"
            ));
        }
        match self.machine.set(name) {
            Some(_) => Ok(Piece::Variable(name.to_owned())),
            None => Err(format!("the variable {name} is not set here; set it and run init again")),
        }
    }
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn plain(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Plain(before)) => before.push_str(text),
            _ => self.0.push(Piece::Plain(text.to_owned())),
        }
    }

    fn push(&mut self, piece: Piece) -> Result<(), String> {
        match (piece, self.0.last()) {
            (Piece::Plain(text), _) => self.plain(&text),
            (_, Some(Piece::Plain(before))) if before.ends_with('$') => {
                return Err(
                    "a `$` before a variable cannot be written in the guard's configuration".to_owned()
                );
            }
            (piece, _) => self.0.push(piece),
        }
        Ok(())
    }
}

/// Whether the guard's configuration takes `name` as that of a variable.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_letter) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The value, with what variables stand for now; `None` if one is not set.
pub(crate) fn value(pieces: &[Piece], variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Plain(text) => Some(text.clone()),
            Piece::Variable(name) | Piece::Secret(name) => variable(name),
        })
        .collect()
}

/// The value as it is written in the guard's configuration, without quotes.
pub(crate) fn written(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.replace("${", "$${"),
            Piece::Variable(name) | Piece::Secret(name) => format!("${{{name}}}"),
        })
        .collect()
}
