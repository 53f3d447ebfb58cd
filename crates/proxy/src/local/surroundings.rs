use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Where and in which environment a client has started its bridge: a server of that client's own is started in the
/// same, as if there were no daemon between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// The folder.
    pub folder: Option<PathBuf>,
    /// The environment; `None` for the daemon's own.
    pub env: Option<BTreeMap<String, String>>,
}

/// An environment larger than this is not passed on, in bytes. Linux itself allows 2 MiB.
const MOST: usize = 128 * 1024;

impl Surroundings {
    /// Those of this process.
    pub(crate) fn ours() -> Self {
        // What is not UTF-8 cannot be put into a message.
        let env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let size: usize = env.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        Self { folder: std::env::current_dir().ok(), env: (size <= MOST).then_some(env) }
    }
}
