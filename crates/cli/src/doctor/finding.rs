use std::fmt::Display;

use serde::Serialize;

/// What one look found. A stable form for other programs.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) check: &'static str,
    pub(super) state: State,
    pub(super) text: String,
    /// What to do.
    pub(super) remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    Warn,
    Fail,
}

impl Finding {
    pub(super) fn ok(check: &'static str, text: impl Display) -> Self {
        Self { check, state: State::Ok, text: text.to_string(), remedy: None }
    }

    pub(super) fn warn(check: &'static str, text: impl Display, remedy: impl Display) -> Self {
        Self { state: State::Warn, remedy: Some(remedy.to_string()), ..Self::ok(check, text) }
    }

    pub(super) fn fail(check: &'static str, text: impl Display, remedy: impl Display) -> Self {
        Self { state: State::Fail, ..Self::warn(check, text, remedy) }
    }

    /// Of an error that says what is wrong, and after a semicolon what helps.
    pub(super) fn error(check: &'static str, error: impl Display) -> Self {
        let error = error.to_string();
        match error.split_once("; ") {
            Some((text, remedy)) => Self::fail(check, text, remedy),
            None => Self { state: State::Fail, ..Self::ok(check, error) },
        }
    }
}
