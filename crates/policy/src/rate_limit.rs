use std::{fmt, sync::Arc, time::Duration};

use crate::{Location, Pattern, permissions::ToolPattern};

/// So many requests of one user in so much time, compiled. Counted with a token bucket: `burst` tokens
/// when full, refilled with `count` in each `period`.
#[derive(Clone, Debug)]
pub struct RateLimit {
    /// What is counted together for one user.
    pub bucket: BucketKey,
    /// Requests in each period, from 1.
    pub count: u32,
    /// A minute or an hour.
    pub period: Duration,
    /// Requests that may come at once, from 1.
    pub burst: u32,
    /// Where the limit was written.
    pub at: Location,
    /// The key that says so, such as `servers.files.policy.rate_limit.requests_per_minute`.
    pub path: Arc<str>,
    pub(crate) tool: Option<Arc<ToolPattern>>,
}

impl RateLimit {
    /// The tools whose calls are counted; `None` when every request is.
    pub fn tool(&self) -> Option<&Pattern> {
        self.tool.as_ref().map(|tool| tool.pattern())
    }

    /// Whether a request counts; `tool` is the name it calls, undecoded. Any reading of the name may match.
    pub fn counts(&self, tool: Option<&str>) -> bool {
        match (&self.tool, tool) {
            (None, _) => true,
            (Some(pattern), Some(name)) => pattern.matches(name),
            (Some(_), None) => false,
        }
    }

    /// The same limit, counted for one server.
    pub(crate) fn on(&self, server: Option<&str>) -> Self {
        Self { bucket: self.bucket.on(server), ..self.clone() }
    }

    /// What the limit says, for the hash of a policy.
    pub(crate) fn describe(&self) -> serde_json::Value {
        let pieces = self.tool.as_ref().map(|tool| tool.describe());
        serde_json::json!([self.bucket.as_str(), self.count, self.period.as_secs(), self.burst, pieces])
    }
}

/// The stable name of what is counted together: the same for every load of the same file, and different
/// for different scopes, servers, roles, tool patterns and periods. The user is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketKey(Arc<str>);

impl BucketKey {
    /// `scope` is made of words that cannot hold spaces, and a tool pattern comes last, so no two keys meet.
    pub(crate) fn new(scope: &str, period: &str, tool: Option<&str>) -> Self {
        Self(match tool {
            Some(tool) => format!("{scope} {period} tool {tool}").into(),
            None => format!("{scope} {period}").into(),
        })
    }

    fn on(&self, server: Option<&str>) -> Self {
        Self(format!("{} {}", server_scope(server), self.0).into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the keys of a server's buckets begin with.
pub(crate) fn server_scope(server: Option<&str>) -> String {
    server.map_or_else(|| "unnamed".to_owned(), |name| format!("server {name}"))
}
