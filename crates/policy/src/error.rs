use std::fmt;

use crate::Location;

/// A configuration that is refused, with everything found wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, if it is about a place in a file.
    pub at: Option<Location>,
    /// What is wrong.
    pub message: String,
    /// How to put it right.
    pub help: Option<String>,
    /// Message, excerpt of the file and help as text for people.
    pub rendered: String,
}

impl ConfigError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// A single problem that is not about a place in a file.
    pub fn plain(message: impl Into<String>, help: Option<&str>) -> Self {
        let message = message.into();
        let help = help.map(str::to_owned);
        let rendered = match &help {
            Some(help) => format!("error: {message}\n  = help: {help}"),
            None => format!("error: {message}"),
        };
        Self::new(vec![Problem { at: None, message, help, rendered }])
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Everything that is wrong, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n\n")?;
            }
            f.write_str(problem.rendered.trim_end())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
