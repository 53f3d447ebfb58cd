//! Keys and words that other guards know and this version does not enforce. A file that relies on one is
//! refused: accepting it would promise a protection that is not there.

/// A key or word that is not enforced.
pub(crate) struct Unenforced {
    pub(crate) key: &'static str,
    /// One that stands beside it, to tell where it is meant.
    beside: &'static str,
    /// What the reader believes to be protected.
    pub(crate) promise: &'static str,
}

#[rustfmt::skip]
static KEYS: [Unenforced; 5] = [
    Unenforced { key: "interceptors", beside: "servers", promise: "inspection takes time linear in a message of bounded size, so there is nothing to time out" },
    Unenforced { key: "encryption", beside: "socket_path", promise: "the records are not encrypted" },
    Unenforced { key: "oauth", beside: "roles", promise: "callers are recognised by the operating system's user or by API keys alone" },
    Unenforced { key: "stdout", beside: "retention_days", promise: "records are not written to standard output" },
    Unenforced { key: "oauth", beside: "os", promise: "callers are recognised by the operating system's user (`os`) or by API keys (`api_key`) alone" },
];

/// The entry for a word that was found where `expected` are taken.
pub(crate) fn find(word: &str, expected: &[&str]) -> Option<&'static Unenforced> {
    KEYS.iter().find(|known| known.key == word && expected.contains(&known.beside))
}
