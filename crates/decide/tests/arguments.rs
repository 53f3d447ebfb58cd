//! What the arguments of calls may be, through the core: judged, changed, and told in lists.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_decide::{Core, Decision, Outcome, Verdict};
use serde_json::{Value, json};
use support::*;
use wire::Method;

fn guarded(arguments: &str) -> Core {
    let indented = arguments.replace('\n', "\n        ");
    core(&format!(
        "servers:\n  s:\n    command: x\n    cwd: /srv/app\n    policy:\n      arguments:\n        {indented}\n"
    ))
}

fn refused(decision: &Decision, rule: &str) {
    assert!(matches!(decision.outcome, Outcome::Refuse(..)), "{rule}: {:?}", decision.findings);
    assert!(rules(decision).contains(&rule), "{:?}", decision.findings);
}

fn passes(core: &mut Core, tool: &str, arguments: Value) -> bool {
    matches!(call(core, tool, arguments).outcome, Outcome::Forward(_))
}

#[test]
fn a_violation_names_the_rule_its_line_and_what_would_pass_but_not_the_value() {
    let mut core = guarded(
        "- tools: ['write_*']\n  rules:\n    - at: /path\n      path_within: [data]\n      required: true",
    );
    assert!(passes(&mut core, "write_file", json!({"path": "data/x"})));
    assert!(passes(&mut core, "read_file", json!({"path": "/elsewhere"})));
    let decision = call(&mut core, "write_file", json!({"path": "data/../../hunter2"}));
    refused(&decision, "argument.path_within");
    let finding = &decision.findings[0];
    assert_eq!(finding.pointer.as_deref(), Some("/params/arguments/path"));
    assert!(finding.source.starts_with("mcp-guard.yaml:9:"), "{}", finding.source);
    assert!(finding.remedy.contains("within data"), "{}", finding.remedy);
    assert!(!format!("{finding:?}").contains("hunter2"));
    refused(&call(&mut core, "write_file", json!({})), "argument.required");
    // Another spelling of the tool is no way around it.
    refused(&call(&mut core, "Write_File", json!({"path": "/etc/x"})), "argument.path_within");
    // Nor is another spelling of the argument, which some servers would take for it.
    refused(&call(&mut core, "write_file", json!({"path": "data/x", "PATH": "/etc/x"})), "argument.unknown");
}

#[test]
fn each_way_of_asking_has_its_finding() {
    let mut core = guarded(
        "- unknown: refuse\n  rules:\n    - {at: /n, range: {min: 0, below: 10}}\n    - {at: /to/*, glob: ['*@example.org']}\n  \
         schema: {properties: {s: {maxLength: 2}}}\n  when: ['!has(arguments.n) || arguments.n != 3']",
    );
    assert!(passes(&mut core, "t", json!({"n": 9.5, "to": ["a@example.org"], "s": "ab"})));
    for (arguments, rule) in [
        (json!({"n": 10}), "argument.range"),
        (json!({"to": ["a@example.org", "b@evil.com"]}), "argument.glob"),
        (json!({"s": "abc"}), "argument.schema"),
        (json!({"n": 3}), "argument.when"),
        (json!({"x": 1}), "argument.unknown"),
        (json!([1]), "argument.schema"),
        (json!(null), "argument.schema"),
    ] {
        refused(&call(&mut core, "t", arguments), rule);
    }
    let decision = request(&mut core, "tools/call", json!({"name": "t"}));
    assert!(matches!(decision.outcome, Outcome::Forward(_)));
}

#[test]
fn arguments_are_set_forced_and_stripped_on_the_way() {
    let mut core = guarded("- set: {limit: 10}\n  force: {dry_run: true}\n  strip: [debug]");
    for (given, expected) in [
        (json!({"a": 1}), json!({"a": 1, "dry_run": true, "limit": 10})),
        (json!({"debug": 1, "a": 1}), json!({"a": 1, "dry_run": true, "limit": 10})),
        (json!({"a": 1, "debug": 1, "limit": 5}), json!({"a": 1, "dry_run": true, "limit": 5})),
        (json!({"dry_run": false, "limit": 1}), json!({"dry_run": true, "limit": 1})),
        (json!({"debug": 1}), json!({"dry_run": true, "limit": 10})),
        (json!({}), json!({"dry_run": true, "limit": 10})),
    ] {
        let decision = call(&mut core, "t", given.clone());
        assert_eq!(decision.verdict, Verdict::Redact);
        assert_eq!(sent(&decision)["params"]["arguments"], expected, "{given}");
    }
    let decision = request(&mut core, "tools/call", json!({"name": "t"}));
    assert_eq!(sent(&decision)["params"]["arguments"], json!({"dry_run": true, "limit": 10}));
    // What is redacted is redacted in what stays.
    let decision = call(
        &mut core,
        "t",
        json!({"debug": 1, "note": format!("mail {}", "someone@corp-mail.com"), "z": KEY}),
    );
    if let Outcome::Forward(_) = decision.outcome {
        assert!(!sent(&decision).to_string().contains(KEY));
    }
}

fn listed(core: &mut Core, schema: Value) -> Value {
    let tools = json!({"tools": [{"name": "t", "description": "d", "inputSchema": schema}]});
    sent(&answer(core, Method::ToolsList, tools))["result"]["tools"][0]["inputSchema"].clone()
}

#[test]
fn lists_tell_the_limits() {
    let mut core = guarded(
        "- tools: [t]\n  unknown: refuse\n  rules:\n    - {at: /mode, enum: [read, list], required: true}\n    - {at: /path, path_within: [/srv/data]}\n  force: {confirm: false}",
    );
    let schema = json!({"type": "object", "properties": {"mode": {"type": "string", "enum": ["read", "write", "list"]}, "path": {"type": "string"},
        "confirm": {"type": "boolean"}, "other": {}}, "required": ["confirm"]});
    let narrowed = listed(&mut core, schema);
    assert_eq!(narrowed["properties"]["mode"]["enum"], json!(["read", "list"]));
    assert_eq!(narrowed["required"], json!(["mode"]));
    assert_eq!(narrowed["additionalProperties"], json!(false));
    assert!(narrowed["properties"].get("confirm").is_none() && narrowed["properties"].get("other").is_none());
    assert!(narrowed["properties"]["path"]["description"].as_str().unwrap().contains("/srv/data"));
    let untouched = json!({"type": "object"});
    let mut other = guarded("- tools: [other]\n  unknown: refuse");
    assert_eq!(listed(&mut other, untouched.clone()), untouched);
    let mut warned = guarded("- unknown: refuse\n  action: warn");
    assert_eq!(listed(&mut warned, untouched.clone()), untouched);
    let decision = call(&mut warned, "t", json!({"x": 1}));
    assert_eq!((decision.verdict, rules(&decision)), (Verdict::Warn, vec!["argument.unknown"]));
}

#[test]
fn secrets_in_a_schema_stay_hidden_when_it_is_narrowed() {
    let mut core = guarded("- rules: [{at: /a, length: {max: 3}}]");
    let narrowed = listed(
        &mut core,
        json!({"type": "object", "properties": {"a": {"type": "string", "description": format!("use {KEY}")}}}),
    );
    assert_eq!(narrowed["properties"]["a"]["maxLength"], json!(3));
    assert!(!narrowed.to_string().contains(KEY), "{narrowed}");
}

#[test]
fn under_monitor_nothing_is_stopped_or_changed() {
    let mut core = core(
        "profile: monitor\nservers: {s: {command: x, policy: {arguments: [{unknown: refuse, force: {a: 1}}]}}}",
    );
    let decision = call(&mut core, "t", json!({"x": 1}));
    assert_eq!((decision.verdict, decision.would), (Verdict::ShadowBlock, Verdict::Block));
    assert_eq!(sent(&decision)["params"]["arguments"], json!({"x": 1}));
}
