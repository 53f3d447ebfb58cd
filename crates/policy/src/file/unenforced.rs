//! Keys that other guards know and this version does not enforce. A file that relies on one is
//! refused: accepting it would promise a protection that is not there.

/// A key that is not enforced yet.
pub(crate) struct Unenforced {
    pub(crate) key: &'static str,
    /// A key that stands beside it, to tell where it is meant.
    beside: &'static str,
    /// What the reader believes to be protected.
    pub(crate) promise: &'static str,
}

/// The mapping under `sampling`, which has a single key of its own.
const SAMPLING: &str = "sampling";

#[rustfmt::skip]
static KEYS: [Unenforced; 11] = [
    Unenforced { key: "extends", beside: "servers", promise: "no base configuration is fetched or merged" },
    Unenforced { key: "daemon", beside: "servers", promise: "there is no daemon" },
    Unenforced { key: "auth", beside: "servers", promise: "callers are not authenticated and have no roles" },
    Unenforced { key: "interceptors", beside: "servers", promise: "there are no interceptors with a timeout" },
    Unenforced { key: "upstream_auth_token", beside: "command", promise: "no token is sent to the server" },
    Unenforced { key: "rate_limit", beside: "permissions", promise: "requests are not counted" },
    Unenforced { key: "locked", beside: "permissions", promise: "there is no base configuration to lock against" },
    Unenforced { key: "max_tokens", beside: SAMPLING, promise: "the size of sampling requests is not limited" },
    Unenforced { key: "rate_limit", beside: SAMPLING, promise: "sampling requests are not counted" },
    Unenforced { key: "audit", beside: SAMPLING, promise: "sampling requests are recorded like all messages, without levels of detail" },
    Unenforced { key: "stdout", beside: "retention_days", promise: "records are not written to standard output" },
];

/// The entry for a key that was found in a mapping which takes the keys `expected`.
pub(crate) fn find(key: &str, expected: &[&str]) -> Option<&'static Unenforced> {
    let here = |known: &&Unenforced| match known.beside {
        SAMPLING => expected == ["enabled"],
        beside => expected.contains(&beside),
    };
    KEYS.iter().find(|known| known.key == key && here(known))
}
