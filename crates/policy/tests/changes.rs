//! What a change of the configuration means, and where values come from.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use Effect::{Loosens, NeedsRestart, Tightens};
use mcp_guard_policy::{Effect, Entry, Overrides, Policy, diff, parse, parse_extending};

fn policy(text: &str) -> Policy {
    let env = |name: &str| (name == "TOKEN").then(|| "sesame-4711".to_owned());
    parse(text, "f.yaml", &env).unwrap_or_else(|error| panic!("{error}"))
}

/// The effects of a change on one key, and no other key changes.
#[track_caller]
fn effects(old: &str, new: &str, path: &str) -> Vec<Effect> {
    let changes = diff(&policy(old), &policy(new));
    assert!(changes.iter().all(|change| change.path == path), "{changes:#?}");
    changes.iter().map(|change| change.effect).collect()
}

#[track_caller]
fn both_ways(milder: &str, stricter: &str, path: &str) {
    assert_eq!(effects(milder, stricter, path), [Tightens], "{path}");
    assert_eq!(effects(stricter, milder, path), [Loosens], "{path}");
}

fn server(rest: &str) -> String {
    format!("servers: {{a: {{command: x{rest}}}}}")
}

fn rules(rest: &str) -> String {
    server(&format!(", policy: {{{rest}}}"))
}

#[test]
fn nothing_changes_nothing() {
    assert_eq!(diff(&policy(&server("")), &policy(&format!("# moved\n\n{}", server("")))), []);
}

#[test]
fn each_rule_has_a_stricter_side() {
    let key = |key: &str| format!("servers.a.policy.{key}");
    for (milder, stricter, path) in [
        ("", "permissions: {denied_tools: [x]}", "permissions.denied_tools"),
        (
            "permissions: {denied_tools: [x]}",
            "permissions: {denied_tools: [y, x]}",
            "permissions.denied_tools",
        ),
        ("", "permissions: {allowed_tools: [x]}", "permissions.allowed_tools"),
        (
            "permissions: {allowed_tools: [x]}",
            "permissions: {allowed_tools: []}",
            "permissions.allowed_tools",
        ),
        (
            "permissions: {allowed_tools: [x, y]}",
            "permissions: {allowed_tools: [y]}",
            "permissions.allowed_tools",
        ),
        ("", "sampling: {enabled: false}", "sampling.enabled"),
        ("sampling: {max_tokens: 9}", "sampling: {max_tokens: 5}", "sampling.max_tokens"),
        ("", "sampling: {rate_limit: 5}", "sampling.rate_limit"),
        ("sampling: {audit: basic}", "sampling: {audit: verbose}", "sampling.audit"),
        ("elicitation: {secrets: allow}", "elicitation: {secrets: warn}", "elicitation.secrets"),
    ] {
        both_ways(&rules(milder), &rules(stricter), &key(path));
    }
    for (milder, stricter, path) in [
        ("pii: {enabled: false}", "", "pii.enabled"),
        ("pii: {confidence_threshold: 0.9}", "pii: {confidence_threshold: 0.8}", "pii.confidence_threshold"),
        ("", "pii: {actions: {email: {request: block}}}", "pii.actions.email.request"),
        ("limits: {max_depth: 64}", "limits: {max_depth: 9}", "limits.max_depth"),
        ("limits: {big_integers: allow}", "", "limits.big_integers"),
        ("audit: {enabled: false}", "", "audit.enabled"),
        ("", "reload: {require_confirmation: true}", "reload.require_confirmation"),
        ("", "auth: {roles: {r: {users: [u]}}}", "auth.roles.r"),
        ("", "auth: {roles: {default: {}}}", "auth.roles.default"),
    ] {
        both_ways(milder, stricter, path);
    }
}

#[test]
fn what_cannot_be_told_loosens() {
    let role = |users: &str| format!("auth: {{roles: {{r: {{users: [{users}]}}}}}}");
    assert_eq!(effects(&role("u"), &role("u, v"), "auth.roles.r.users"), [Loosens]);
    let list = |pattern: &str| rules(&format!("permissions: {{allowed_tools: ['{pattern}']}}"));
    assert_eq!(
        effects(&list("read_*"), &list("read_file"), "servers.a.policy.permissions.allowed_tools"),
        [Loosens]
    );
    // A role of one's own is a way out of `default`.
    let with = "auth: {roles: {default: {permissions: {allowed_tools: []}}, r: {users: [u]}}}";
    let without = "auth: {roles: {default: {permissions: {allowed_tools: []}}}}";
    assert_eq!(effects(without, with, "auth.roles.r"), [Loosens]);
}

#[test]
fn another_program_is_another_matter() {
    for (old, new, path) in [
        ("", ", args: [y]", "servers.a.args"),
        ("", ", cwd: /", "servers.a.cwd"),
        (", env: {A: b}", ", env: {A: c}", "servers.a.env.A"),
        (", env: {A: b}", "", "servers.a.env.A"),
    ] {
        assert_eq!(effects(&server(old), &server(new), path), [Loosens, NeedsRestart], "{path}");
    }
    assert_eq!(effects("", "daemon: {dashboard_port: 1}", "daemon.dashboard_port"), [NeedsRestart]);
    assert_eq!(effects("", "audit: {path: /x}", "audit.path"), [NeedsRestart]);
}

#[test]
fn servers_come_and_go() {
    let (one, two) = (server(""), "servers: {a: {command: x}, b: {command: y}, c: {command: z}}");
    let change = |old: &str, new: &str| {
        let changes = diff(&policy(old), &policy(new));
        changes.into_iter().map(|change| (change.path, change.effect)).collect::<Vec<_>>()
    };
    let both = |effect| vec![("servers.b".to_owned(), effect), ("servers.c".to_owned(), effect)];
    assert_eq!(change(&one, two), both(Loosens));
    // Those who name no server would get the rules of the one that is left.
    assert_eq!(change(two, &one), both(Loosens));
    let three = "servers: {a: {command: x}, b: {command: y}}";
    assert_eq!(change(two, three), [("servers.c".to_owned(), Tightens)]);
}

#[test]
fn a_variable_that_stands_for_something_else_is_a_change() {
    let text = rules("permissions: {denied_tools: ['${T}']}");
    let with = |value: &'static str| parse(&text, "f.yaml", &|_| Some(value.to_owned())).unwrap();
    let changes = diff(&with("a"), &with("b"));
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].effect, Loosens);
    assert_eq!(diff(&with("a"), &with("a")), []);
}

#[test]
fn secrets_are_not_in_the_list() {
    let policy = policy(
        "servers:\n  a: {command: x, args: ['${TOKEN}'], env: {A: '${TOKEN}', B: plain-secret}, policy: {permissions: {denied_tools: ['${TOKEN}']}}}\n  \
         b: {transport: sse, url: 'https://example.org/x?key=sesame-4711', headers: {X-Key: '${TOKEN}', X-Plain: hunter2}, upstream_auth_token: plain-token}\n\
         pii: {custom_types: {t: {patterns: [{regex: 'a${TOKEN}'}]}}}",
    );
    let shown: Vec<String> =
        policy.entries().iter().map(|entry| format!("{} {}", entry.path, entry.value)).collect();
    let shown = shown.join("\n");
    for secret in ["sesame", "plain-secret", "hunter2", "plain-token", "key="] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("https://example.org/x?********"), "{shown}");
}

#[test]
fn every_value_says_where_it_comes_from() {
    let policy = parse_extending(
        ("profile: balanced\nlimits: {max_depth: 20}\nservers: {a: {command: x}}", "base.yaml"),
        ("extends: {path: b}\nprofile: strict\nlimits: {max_depth: 30}\npii: {actions: {email: {request: allow}}}", "own.yaml"),
        &|_| None,
        Overrides::default(),
    )
    .unwrap();
    let of = |path: &str| -> &Entry { policy.entries().iter().find(|entry| entry.path == path).unwrap() };
    let profile = of("profile");
    assert_eq!(
        (profile.value.as_str(), profile.at[0].to_string()),
        (Some("strict"), "own.yaml:2:10".to_owned())
    );
    assert_eq!(profile.overruled[0].at.to_string(), "base.yaml:1:10");
    let depth = of("limits.max_depth");
    assert_eq!((depth.value.as_u64(), depth.at[0].to_string()), (Some(20), "base.yaml:2:21".to_owned()));
    assert_eq!(depth.overruled[0].value, 30);
    let email = of("pii.actions.email.request");
    assert_eq!(
        (email.value.as_str(), email.at[0].to_string()),
        (Some("warn"), "built-in (strict profile)".to_owned())
    );
    assert_eq!(email.overruled[0].value, "allow");
    assert_eq!(of("servers.a.command").at[0].to_string(), "base.yaml:3:24");
}
