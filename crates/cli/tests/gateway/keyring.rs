//! Tokens for servers from the system's keyring, which is asked by the system's own program: here by one of ours, by that
//! name.

use std::{env, fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use serde_json::json;

use crate::{
    gate::until,
    guard::{Gateway, before},
    mcp::{Session, call, call_modern, code},
    upstream::Upstream,
    web::Ask,
};

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("keyring::the_token_it_has", the_token_it_has),
    ("keyring::what_is_no_token", what_is_no_token),
    ("keyring::without_its_program", without_its_program),
];

const TOKEN: &str = "token-of-the-keyring-0123456789";

const PROGRAM: &str = if cfg!(target_os = "macos") { "security" } else { "secret-tool" };

/// What the program is asked.
const ASKED: &str = match cfg!(target_os = "macos") {
    true => "find-generic-password -s mcp; rm -rf / -a ada's -w",
    false => "lookup service mcp; rm -rf / account ada's",
};

/// A gateway whose keyring does as this script says.
fn gateway(upstream: &Upstream, folder: &Path, script: Option<&str>, era: &str) -> Gateway {
    let program = folder.join(PROGRAM);
    if let Some(script) = script {
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut config = before(&upstream.as_server("streamable-http", era));
    config["servers"]["s"]["token_keyring"] = json!({"service": "mcp; rm -rf /", "account": "ada's"});
    // Without a script there is nothing on the path at all.
    let path = match script {
        Some(_) => format!("PATH={}:{}", folder.display(), env::var("PATH").unwrap()),
        None => format!("PATH={}", folder.display()),
    };
    Gateway::start_by(&config, &["env", &path])
}

pub(crate) fn the_token_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    let script = format!("echo \"$*\" >> '{}'\nprintf '{TOKEN}\\n'", asked.display());
    for era in ["legacy", "modern", "auto"] {
        let upstream = Upstream::legacy(|_, _| false);
        fs::write(&asked, "").unwrap();
        let gateway = gateway(&upstream, folder.path(), Some(&script), era);
        assert_eq!(fs::read_to_string(&asked).unwrap(), "", "not before it is needed");
        for id in 0..3 {
            assert!(gateway.ask(&call_modern(id, "t")).answer()["result"].is_object());
        }
        if era != "modern" {
            let session = Session::begin(&gateway, "2025-11-25");
            assert!(session.post(&call(1, "t")).answer()["result"].is_object());
        }
        assert_eq!(fs::read_to_string(&asked).unwrap(), format!("{ASKED}\n"), "once, and by no shell");
        let authorization = format!("Bearer {TOKEN}");
        assert!(upstream.seen().iter().all(|seen| seen.header("authorization") == Some(&authorization)));
        assert!(!gateway.said().contains(TOKEN) && !gateway.recorded(TOKEN));
    }
}

/// What it has printed is never repeated: it might be a secret.
pub(crate) fn what_is_no_token() {
    let upstream = Upstream::legacy(|_, _| false);
    for (script, why) in [
        (format!("echo {TOKEN}; echo {TOKEN} >&2; exit 1"), "no such entry"),
        (format!("echo {TOKEN}; echo {TOKEN}"), "no line of text"),
        (format!("printf '{TOKEN}\\0'"), "no line of text"),
        ("true".to_owned(), "it is empty"),
        (format!("while :; do echo {TOKEN}; done"), "longer than"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let gateway = gateway(&upstream, folder.path(), Some(&script), "legacy");
        let begun = std::time::Instant::now();
        let refused = gateway.ask(&call_modern(1, "t")).answer();
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert!(code(&refused) > 0 && refused.to_string().contains("token cannot be had"), "{refused}");
        until(|| gateway.said().contains(why));
        assert!(!gateway.said().contains(TOKEN) && !refused.to_string().contains(TOKEN));
    }
    assert!(upstream.seen().is_empty(), "without the token nothing is asked of the server");
}

pub(crate) fn without_its_program() {
    let upstream = Upstream::legacy(|_, _| false);
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway(&upstream, folder.path(), None, "legacy");
    let refused = gateway.ask(&Ask::post("/rpc", &call(1, "t"))).answer();
    assert!(refused["error"].is_object(), "{refused}");
    let why = format!("`{PROGRAM}` is not installed; on most systems the package");
    until(|| gateway.said().contains(&why));
}
