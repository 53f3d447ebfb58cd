//! Packs of the operator's own rules, named by the configuration.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::{fs, path::Path};

use inspect::Text;
use mcp_guard_policy::{Action, Effect, Flow, Policy, Profile, diff, load, parse};

const PACK: &str = "\
pack: own
version: 1
actions:
  balanced: { request: warn, response: redact }
  strict: { request: block, response: block }
rules:
  - id: secret.acme_token
    title: Acme token
    confidence: 95
    find:
      - token: { prefix: [acme_], chars: 'a-z0-9', length: [8, 12] }
    match: [\"acme_~0a1b2c3d4e\"]
";

fn folder(pack: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("own.yaml"), pack).unwrap();
    fs::write(folder.path().join("mcp-guard.yaml"), "rules:\n  packs: [own.yaml]\n").unwrap();
    folder
}

fn loaded(folder: &Path) -> Policy {
    load(&folder.join("mcp-guard.yaml")).unwrap()
}

/// What is wrong with a pack, as a person reads it.
fn refused(pack: &str) -> String {
    load(&folder(pack).path().join("mcp-guard.yaml")).unwrap_err().to_string()
}

fn found(policy: &Policy, text: &str) -> Vec<(String, Action)> {
    let rules = &policy.fallback().content;
    let mut hits = Vec::new();
    rules.scan(Text::new(text), Flow::Response, &mut hits);
    hits.iter()
        .map(|hit| {
            let detector = rules.scanner().detector(hit.detector).unwrap();
            (detector.id(), rules.action(hit.detector, Flow::Response).0)
        })
        .collect()
}

#[test]
fn a_rule_of_a_pack_is_in_force_with_the_action_it_names() {
    let folder = folder(PACK);
    let policy = loaded(folder.path());
    let token = [("secret.acme_token".to_owned(), Action::Redact)];
    assert_eq!(found(&policy, "it is acme_0a1b2c3d4e."), token);
    assert_eq!(found(&Policy::builtin(Profile::Balanced).unwrap(), "it is acme_0a1b2c3d4e."), []);
    let masked = policy.fallback().content.masking().redact("acme_0a1b2c3d4e").into_owned();
    assert_eq!(masked, "[REDACTED:acme_token]");
}

#[test]
fn the_configuration_can_change_what_a_rule_of_a_pack_does() {
    let folder = folder(PACK);
    let text = "rules: { packs: [own.yaml] }\npii:\n  actions:\n    acme_token: { response: block }\n";
    fs::write(folder.path().join("mcp-guard.yaml"), text).unwrap();
    let token = [("secret.acme_token".to_owned(), Action::Block)];
    assert_eq!(found(&loaded(folder.path()), "acme_0a1b2c3d4e"), token);
}

#[test]
fn what_is_wrong_with_a_pack_is_told_with_its_file_and_line() {
    let unknown_key = PACK.replace("    title:", "    tytle:");
    let bad_rule = PACK.replace("'a-z0-9'", "'z-a'");
    let bad_family = PACK.replace("secret.acme", "magic.acme");
    let ours = PACK.replace("acme_token", "email");
    let twice = format!("{PACK}{}", PACK.split_once("rules:\n").unwrap().1);
    for (pack, line, why) in [
        (unknown_key.as_str(), 8, "unknown key `tytle`"),
        (&bad_rule, 7, "no set of characters"),
        (&bad_family, 7, "the families are secret"),
        (&ours, 7, "there already is a rule called `email`"),
        (&twice, 13, "there already is a rule called `acme_token`"),
    ] {
        let error = refused(pack);
        assert!(error.contains(why), "{error}");
        assert!(error.contains(&format!("own.yaml:{line}:")), "{error}");
    }
}

#[test]
fn a_pack_that_is_not_there_is_told_in_the_configuration() {
    let folder = folder(PACK);
    fs::remove_file(folder.path().join("own.yaml")).unwrap();
    let error = load(&folder.path().join("mcp-guard.yaml")).unwrap_err().to_string();
    assert!(error.contains("cannot read the pack"), "{error}");
    assert!(error.contains("mcp-guard.yaml:2:"), "{error}");
    let error = parse("rules: { packs: [own.yaml] }", "text", &|_| None).unwrap_err().to_string();
    assert!(error.contains("can name no files"), "{error}");
}

#[test]
fn a_pack_that_changes_changes_the_policy() {
    let folder = folder(PACK);
    let before = loaded(folder.path());
    fs::write(folder.path().join("own.yaml"), PACK.replace("[8, 12]", "[9, 12]")).unwrap();
    let after = loaded(folder.path());
    assert_ne!(before.hash(), after.hash());
    let changes = diff(&before, &after);
    assert_eq!(changes[0].path, "rules.packs");
    assert_eq!(changes[0].effect, Effect::Loosens);
}

#[test]
fn our_own_packs_are_in_the_form_that_is_asked_of_others() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../inspect/rules");
    for entry in fs::read_dir(rules).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            // Everything but their names, which are taken, and what is written in Rust.
            let error = refused(&fs::read_to_string(&path).unwrap());
            let form = error.split("error: ").skip(1).find(|problem| {
                !problem.starts_with("there already is a rule called") && !problem.contains("`native`")
            });
            assert_eq!(form, None, "{}", path.display());
        }
    }
}
