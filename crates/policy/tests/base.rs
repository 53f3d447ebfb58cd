//! Where a base comes from: the network, the copy kept of it, a file; and that it is the one asked for.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{cell::RefCell, fs, path::PathBuf};

use mcp_guard_policy::{
    ConfigError, Fetch, FetchError, FetchLimits, Overrides, Policy, Profile, load_daemon, load_using,
};
use sha2::{Digest, Sha256};

const BASE: &str = "profile: strict\nservers: {a: {command: x}}\n";

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A network that gives this answer, and remembers what it was asked.
struct Net {
    answer: Result<&'static str, FetchError>,
    asked: RefCell<Vec<String>>,
}

impl Net {
    fn new(answer: Result<&'static str, FetchError>) -> Self {
        Self { answer, asked: RefCell::default() }
    }

    fn down() -> Self {
        Self::new(Err(FetchError::Failed("no route".to_owned())))
    }
}

impl Fetch for Net {
    fn fetch(&self, url: &str, limits: FetchLimits) -> Result<Vec<u8>, FetchError> {
        assert_eq!((limits.max_bytes, limits.timeout.as_secs()), (1 << 20, 10));
        self.asked.borrow_mut().push(url.to_owned());
        self.answer.clone().map(|text| text.as_bytes().to_vec())
    }
}

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn load(&self, extends: &str, net: &Net) -> Result<Policy, ConfigError> {
        let file = self.folder.path().join("own.yaml");
        let home = self.folder.path().join("home").display().to_string();
        fs::write(&file, format!("extends: {extends}\ndaemon: {{home: '{home}'}}\n")).unwrap();
        load_using(&file, &|_| None, Overrides::default(), net)
    }

    fn by_url(&self, net: &Net) -> Result<Policy, ConfigError> {
        self.load(&format!("{{url: 'https://example.org/b', sha256: '{}'}}", digest(BASE)), net)
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join("home/extends-cache").join(format!("{}.yaml", digest(BASE)))
    }
}

#[test]
fn a_base_is_fetched_and_kept() {
    let home = Home::new();
    let net = Net::new(Ok(BASE));
    let policy = home.by_url(&net).unwrap();
    assert_eq!(policy.profile(), Profile::Strict);
    assert!(policy.notices().is_empty());
    assert_eq!(net.asked.borrow().as_slice(), ["https://example.org/b"]);
    let server = policy.server(Some("a")).unwrap();
    assert_eq!(server.at.to_string(), "https://example.org/b:2:11");
    assert_eq!(fs::read_to_string(home.copy()).unwrap(), BASE);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(&home.copy()), mode(home.copy().parent().unwrap())), (0o600, 0o700));
    }
    assert_eq!(fs::read_dir(home.copy().parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn without_the_network_the_copy_serves() {
    let home = Home::new();
    home.by_url(&Net::new(Ok(BASE))).unwrap();
    let policy = home.by_url(&Net::down()).unwrap();
    assert_eq!(policy.profile(), Profile::Strict);
    assert!(policy.notices()[0].contains("no route"), "{:?}", policy.notices());
}

#[test]
fn without_a_copy_there_is_no_policy() {
    let error = Home::new().by_url(&Net::down()).unwrap_err().to_string();
    assert!(error.contains("no route") && error.contains("no copy was kept"), "{error}");
    assert!(error.contains("own.yaml:1:10"), "{error}");
}

#[test]
fn a_wrong_answer_never_falls_back() {
    let home = Home::new();
    home.by_url(&Net::new(Ok(BASE))).unwrap();
    let other = "profile: monitor\n";
    let error = home.by_url(&Net::new(Ok("profile: monitor\n"))).unwrap_err().to_string();
    assert!(error.contains("is not the one asked for") && error.contains(&digest(other)), "{error}");
    assert_eq!(fs::read_to_string(home.copy()).unwrap(), BASE);
}

#[test]
fn a_damaged_copy_does_not_serve() {
    let home = Home::new();
    home.by_url(&Net::new(Ok(BASE))).unwrap();
    fs::write(home.copy(), "profile: monitor\n").unwrap();
    let error = home.by_url(&Net::down()).unwrap_err().to_string();
    assert!(error.contains("is damaged"), "{error}");
    home.by_url(&Net::new(Ok(BASE))).unwrap();
    assert_eq!(fs::read_to_string(home.copy()).unwrap(), BASE);
}

#[test]
fn an_address_that_is_refused_never_falls_back() {
    let home = Home::new();
    home.by_url(&Net::new(Ok(BASE))).unwrap();
    let error = home.by_url(&Net::new(Err(FetchError::Refused("not that".to_owned())))).unwrap_err();
    assert!(error.to_string().contains("cannot be used: not that"), "{error}");
}

#[test]
fn a_base_can_be_a_file() {
    let home = Home::new();
    let net = Net::down();
    fs::write(home.folder.path().join("base.yaml"), BASE).unwrap();
    assert_eq!(home.load("{path: base.yaml}", &net).unwrap().profile(), Profile::Strict);
    let pinned = format!("{{path: base.yaml, sha256: {}}}", digest(BASE).to_uppercase());
    assert_eq!(home.load(&pinned, &net).unwrap().profile(), Profile::Strict);
    fs::write(home.folder.path().join("base.yaml"), "profile: monitor\n").unwrap();
    assert!(home.load(&pinned, &net).unwrap_err().to_string().contains("is not the one asked for"));
    let error = home.load("{path: none.yaml}", &net).unwrap_err().to_string();
    assert!(error.contains("cannot read the base"), "{error}");
    assert!(net.asked.borrow().is_empty());
}

#[test]
fn extends_says_which_base() {
    let home = Home::new();
    let net = Net::down();
    for (extends, wanted) in [
        ("{}", "add `url` and `sha256`, or `path`"),
        ("{url: 'https://x'}", "add `sha256`"),
        ("{url: 'https://x', path: y}", "there is one base"),
        ("{url: 'https://x', sha256: abc}", "64 hexadecimal digits"),
        ("{urll: 'https://x'}", "did you mean `url`?"),
    ] {
        let error = home.load(extends, &net).unwrap_err().to_string();
        assert!(error.contains(wanted) && error.contains("own.yaml:1:"), "{extends}: {error}");
    }
    assert!(net.asked.borrow().is_empty());
}

#[test]
fn the_bridge_follows_no_base() {
    let home = Home::new();
    home.by_url(&Net::down()).unwrap_err();
    load_daemon(&home.folder.path().join("own.yaml")).unwrap();
}
