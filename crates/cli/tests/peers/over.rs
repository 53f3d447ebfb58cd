/// The transports of servers that are reached by URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Streamable HTTP, in either era.
    Http,
    /// HTTP+SSE.
    Sse,
}

impl Over {
    /// As drivers call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Sse => "sse",
        }
    }
}

/// Where a server is reached.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) over: Over,
    pub(crate) url: String,
}
