use std::fs;

use super::*;

fn facts(folder: &Path, program: &str, args: &[&str]) -> Value {
    let surroundings = Surroundings {
        folder: Some(folder.to_owned()),
        path: Some(folder.join("bin").into()),
        home: Some(folder.to_owned()),
    };
    let args: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
    of_command(program, &args, ["TOKEN", "A"].into_iter(), &surroundings, |arg| {
        arg.replace("hunter2", "[secret]")
    })
}

#[test]
fn program_and_script_are_known_by_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("bin")).unwrap();
    fs::write(at.join("bin/node"), "the interpreter").unwrap();
    fs::write(at.join("server.js"), "one").unwrap();
    let args = ["--inspect", "server.js", "--key", "hunter2"];
    let before = facts(at, "node", &args);
    assert_eq!(before["command"], json!(["node", "--inspect", "server.js", "--key", "[secret]"]));
    assert_eq!(before["variables"], json!(["A", "TOKEN"]));
    assert_eq!(before["program"], json!(Digest::of("the interpreter").to_string()));
    assert_eq!(before["script"], json!(Digest::of("one").to_string()));
    assert_eq!(facts(at, "node", &args), before);

    // As long, and at the same time, and yet another.
    let time = fs::metadata(at.join("server.js")).unwrap().modified().unwrap();
    fs::write(at.join("server.js"), "two").unwrap();
    fs::File::options().append(true).open(at.join("server.js")).unwrap().set_modified(time).unwrap();
    let after = facts(at, "node", &args);
    assert_eq!(after["script"], json!(Digest::of("two").to_string()));
    assert_eq!(after["program"], before["program"]);
    assert_eq!(
        portable(&after).as_object().unwrap().keys().collect::<Vec<_>>(),
        ["command", "script", "variables"]
    );
    assert_eq!(facts(at, "python3", &["-m", "mcp"])["script"], json!("unresolved"));
    assert_eq!(facts(at, "gone", &[])["program"], json!("unresolved"));
}

#[test]
fn a_package_is_known_by_the_integrity_its_runner_noted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let fetched = |name: &str, version: &str, integrity: &str| {
        let modules = at.join(".npm/_npx").join(name).join("node_modules");
        fs::create_dir_all(&modules).unwrap();
        let notes = json!({"packages": {"node_modules/mail": {"version": version, "integrity": integrity}}});
        fs::write(modules.join(".package-lock.json"), notes.to_string()).unwrap();
    };
    assert_eq!(facts(at, "npx", &["-y", "mail@1.0.15"])["package_digest"], json!("unresolved"));
    fetched("a", "1.0.15", "sha512-a");
    assert_eq!(facts(at, "npx", &["-y", "mail"])["package_digest"], json!("1.0.15 sha512-a"));
    fetched("b", "1.0.16", "sha512-b");
    let found = facts(at, "npx", &["-y", "mail@1.0.15"]);
    assert_eq!(found["package"], json!("npm:mail@1.0.15"));
    assert_eq!(found["package_digest"], json!("1.0.15 sha512-a"));
    assert_eq!(facts(at, "npx", &["-y", "mail"])["package_digest"], json!("unresolved"), "which of both?");
}

#[test]
fn addresses_hold_no_secrets() {
    assert_eq!(
        of_url("https://me:hunter2@example.org:8443/mcp?key=hunter2#x", None),
        json!({"url": "https://example.org:8443/mcp", "tls": "not known"})
    );
    assert_eq!(of_url("http://localhost", Some("sha256:ab"))["tls"], "sha256:ab");
}
