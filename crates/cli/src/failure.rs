use std::fmt::Display;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    /// Exit status.
    pub(crate) code: u8,
}

impl Failure {
    /// A failure with the usual exit status.
    pub(crate) fn new(message: impl Display) -> Self {
        Self { message: message.to_string(), code: 1 }
    }

    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn print(&self) {
        let prefix = if self.message.starts_with("error") { "" } else { "error: " };
        anstream::eprintln!("{prefix}{}", self.message.trim_end());
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<policy::ConfigError> for Failure {
    fn from(error: policy::ConfigError) -> Self {
        Self::new(error)
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        Self::new(error)
    }
}

impl From<proxy::stdio::RunError> for Failure {
    fn from(error: proxy::stdio::RunError) -> Self {
        let code = match &error {
            proxy::stdio::RunError::Spawn(spawn) => spawn.exit_code(),
            proxy::stdio::RunError::Watch { .. } => 1,
        };
        Self::new(error).with_code(code)
    }
}

impl From<proxy::local::LocalError> for Failure {
    fn from(error: proxy::local::LocalError) -> Self {
        Self::new(error)
    }
}
