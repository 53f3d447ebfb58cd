//! The section `rules`: overrides and exemptions.

#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking.

use inspect::Text;
use mcp_guard_policy as policy;
use policy::{Action, Flow, Policy};

fn parse(text: &str) -> Policy {
    policy::parse(text, "mcp-guard.yaml", &|_| None).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> String {
    match policy::parse(text, "mcp-guard.yaml", &|_| None) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

/// What follows a finding of the detector.
fn action(policy: &Policy, name: &str, flow: Flow) -> Action {
    let rules = &policy.server(None).unwrap().content;
    rules.scanner().id(name).map_or(Action::Allow, |id| rules.action(id, flow).0)
}

#[test]
fn an_override_speaks_for_a_family_and_the_last_one_holds() {
    let policy = parse(
        "rules:
  overrides:
    - {rule: 'secret.*', request: warn, response: review}
    - {rule: secret.npm_token, request: shadow-block}
pii: {actions: {pypi_token: {request: allow}}}",
    );
    assert_eq!(action(&policy, "jwt", Flow::Request), Action::Warn);
    assert_eq!(action(&policy, "jwt", Flow::Response), Action::Review);
    assert_eq!(action(&policy, "npm_token", Flow::Request), Action::ShadowBlock);
    assert_eq!(action(&policy, "npm_token", Flow::Response), Action::Review);
    assert_eq!(action(&policy, "pypi_token", Flow::Request), Action::Allow);
    assert_eq!(action(&policy, "ssn", Flow::Request), Action::Block, "another family");
}

#[test]
fn what_is_allowed_both_ways_is_not_looked_for() {
    let policy = parse("rules: {overrides: [{rule: '*', request: allow, response: allow}]}");
    let server = policy.server(None).unwrap();
    assert!(server.content.scanner().numbered().next().is_none());
    let mut hits = Vec::new();
    server.content.scan(Text::new("ann@example.org"), Flow::Request, &mut hits);
    assert!(hits.is_empty());
    assert!(
        server.content.masking().redact("AKIAQ2W5TZ7LKDPMBVCX").contains("REDACTED"),
        "records stay masked"
    );
}

#[test]
fn mistakes_are_named_with_their_place_and_a_remedy() {
    for (text, message, help) in [
        ("rules: {overrides: [{rule: secret.npm_tokn, request: warn}]}", "unknown rule", "secret.npm_token"),
        ("rules: {overrides: [{request: warn}]}", "`rule` is missing", "add `rule:`"),
        ("rules: {exemptions: [{server: a}]}", "`reason` is missing", "add `reason:`"),
        (
            "servers: {files: {command: x}}
rules: {exemptions: [{server: file, rule: secret.jwt, expires: 2027-01-31, reason: r}]}",
            "there is no server `file`",
            "did you mean `files`?",
        ),
        (
            "servers: {a: {command: x}}
rules: {exemptions: [{server: a, rule: secret.jwt, expires: 31.1.2027, reason: r}]}",
            "this is no date",
            "2027-01-31",
        ),
        (
            "servers: {a: {command: x}}
rules: {exemptions: [{server: a, rule: secret.jwt, pointer: params, expires: 2027-01-31, reason: r}]}",
            "no JSON Pointer",
            "/params/arguments/body",
        ),
        (
            "servers: {a: {command: x}}
rules: {exemptions: [{server: a, rule: 'secret.*', expires: 2027-01-31, reason: r}]}",
            "unknown rule `secret.*`",
            "did you mean",
        ),
    ] {
        let error = refused(text);
        assert!(error.contains(message) && error.contains(help), "{text}\n{error}");
        assert!(error.contains("mcp-guard.yaml:"), "{error}");
    }
}

#[test]
fn an_exemption_that_has_ended_is_told() {
    let policy = parse(
        "servers: {a: {command: x}}
rules: {exemptions: [{server: a, rule: secret.jwt, expires: 2020-01-31, reason: r}]}",
    );
    assert!(
        policy.notices().iter().any(|notice| notice.contains("ended with 2020-01-31")),
        "{:?}",
        policy.notices()
    );
}

#[test]
fn an_exemption_is_a_value_in_force_and_loosens() {
    let before = parse("servers: {a: {command: x}}");
    let after = parse(
        "servers: {a: {command: x}}
rules: {exemptions: [{server: a, rule: secret.jwt, expires: 2090-01-31, reason: r}]}",
    );
    let changes = policy::diff(&before, &after);
    assert!(
        changes
            .iter()
            .any(|change| change.path == "rules.exemptions" && change.effect == policy::Effect::Loosens),
        "{changes:?}"
    );
    assert_ne!(before.hash(), after.hash());
}
