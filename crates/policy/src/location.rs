use std::{fmt, sync::Arc};

use crate::Profile;

/// Where a rule was written, so that every verdict can point at its cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A place in a configuration file. Lines and columns count from 1; columns count characters.
    File {
        /// The file as the user named it.
        file: Arc<str>,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// Not from a file: the defaults of this profile.
    BuiltIn(Profile),
    /// Given on the command line by this option.
    CommandLine(&'static str),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Self::BuiltIn(profile) => write!(f, "built-in ({profile} profile)"),
            Self::CommandLine(option) => write!(f, "command line ({option})"),
        }
    }
}
