//! The official clients, servers and suites that `tests/peers/setup` installs.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

const DEFAULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers");
const REASON: &str = "the official MCP clients and servers are not installed; run `cargo xtask test`";

/// The folder of the installed `parts`. Without them the test named `test` is skipped aloud, except where
/// `CI=true` says that nothing may be missing.
pub(crate) fn folder(test: &str, parts: &[&str]) -> Option<PathBuf> {
    let folder = env::var_os("MCP_GUARD_PEERS").map_or_else(|| PathBuf::from(DEFAULT), PathBuf::from);
    if parts.iter().all(|part| folder.join(part).join(".installed").exists()) {
        return Some(folder.canonicalize().unwrap());
    }
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{REASON}");
    println!("SKIPPED: {REASON}");
    if let Some(skips) = env::var_os("MCP_GUARD_TEST_SKIPS") {
        record(Path::new(&skips), test);
    }
    None
}

fn record(skips: &Path, test: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(skips).unwrap();
    writeln!(file, "{test}: {REASON}").unwrap();
}
