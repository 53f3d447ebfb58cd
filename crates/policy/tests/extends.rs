//! A base and a file that extends it: what the file can restrict, and what it cannot change.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mcp_guard_policy::{
    Action, BigIntegers, Caller, ConfigError, Flow, Judgement, Overrides, Policy, Profile, ServerPolicy,
    Surface, parse_extending,
};

const EXTENDS: &str = "extends: {path: base.yaml}\n";

fn try_both(base: &str, overlay: &str, profile: Option<Profile>) -> Result<Policy, ConfigError> {
    let overlay = format!("{EXTENDS}{overlay}");
    let env = |name: &str| (name == "HOME").then(|| "/home/me".to_owned());
    parse_extending((base, "base.yaml"), (&overlay, "own.yaml"), &env, Overrides { profile })
}

#[track_caller]
fn both(base: &str, overlay: &str) -> Policy {
    try_both(base, overlay, None).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn refusal(base: &str, overlay: &str) -> String {
    try_both(base, overlay, None).expect_err("the files were accepted").to_string()
}

fn allows(server: &ServerPolicy, tool: &str) -> bool {
    server.permissions.judge(Surface::Tool, tool).is_allowed()
}

const SERVER: &str = "servers: {a: {command: x}}\n";

#[test]
fn permissions_meet_in_meaning() {
    let policy = both(
        "servers: {a: {command: x, policy: {permissions: {allowed_tools: [read_*, list_*], denied_tools: ['*_secret']}}}}",
        "servers: {a: {policy: {permissions: {allowed_tools: [read_file, read_secret, write], denied_tools: [list_x]}}}}",
    );
    let server = policy.server(Some("a")).unwrap();
    assert!(allows(server, "read_file"));
    for tool in ["read_other", "read_secret", "write", "list_x", "list_y"] {
        assert!(!allows(server, tool), "{tool}");
    }
    let Judgement::Denied(refusal) = server.permissions.judge(Surface::Tool, "write") else {
        panic!("allowed")
    };
    assert_eq!(refusal.at.to_string(), "base.yaml:1:65");
    let Judgement::Denied(refusal) = server.permissions.judge(Surface::Tool, "read_other") else {
        panic!("allowed")
    };
    assert_eq!(refusal.at.to_string(), "own.yaml:2:53");
    assert_eq!(refusal.path(), "servers.a.policy.permissions.allowed_tools");
}

#[test]
fn the_stricter_profile_stands() {
    for (base, own, wanted) in [
        ("balanced", "monitor", Profile::Balanced),
        ("balanced", "strict", Profile::Strict),
        ("strict", "balanced", Profile::Strict),
        ("monitor", "balanced", Profile::Balanced),
    ] {
        let policy = both(&format!("profile: {base}\n{SERVER}"), &format!("profile: {own}"));
        assert_eq!(policy.profile(), wanted, "{base} and {own}");
        assert_eq!(policy.server(Some("a")).unwrap().profile, wanted, "{base} and {own}");
    }
    let lax = "profile: strict\nservers: {a: {command: x, profile: monitor}}";
    assert_eq!(both(lax, "").server(Some("a")).unwrap().profile, Profile::Monitor);
    assert_eq!(both(lax, "profile: balanced").server(Some("a")).unwrap().profile, Profile::Balanced);
    let own = both(lax, "profile: balanced\nservers: {a: {profile: strict}}");
    let server = own.server(Some("a")).unwrap();
    assert_eq!(
        (server.profile, server.profile_at.to_string()),
        (Profile::Strict, "own.yaml:3:24".to_owned())
    );
    // A base that says nothing means the default, not whatever comes.
    assert_eq!(both(SERVER, "profile: monitor").profile(), Profile::Balanced);
}

#[test]
fn the_command_line_only_tightens_a_base() {
    let base = format!("profile: balanced\n{SERVER}");
    let error = try_both(&base, "profile: strict", Some(Profile::Monitor)).unwrap_err().to_string();
    assert!(error.contains("milder than `balanced`") && error.contains("base.yaml:1:10"), "{error}");
    let policy = try_both(&base, "", Some(Profile::Strict)).unwrap();
    assert_eq!(policy.server(Some("a")).unwrap().profile, Profile::Strict);
    let lax = "profile: monitor\nservers: {a: {command: x, profile: strict}}";
    let policy = try_both(lax, "", Some(Profile::Balanced)).unwrap();
    assert_eq!(policy.profile(), Profile::Balanced);
    assert_eq!(policy.server(Some("a")).unwrap().profile, Profile::Strict);
}

#[test]
fn actions_only_grow_stricter() {
    let policy = both(
        &format!(
            "{SERVER}pii: {{actions: {{email: {{request: redact, response: allow}}, jwt: {{request: allow, response: allow}}}}}}"
        ),
        "pii: {actions: {email: {request: warn, response: block}, phone: {request: allow}, ssn: {response: block}, jwt: {response: warn}}}",
    );
    let rules = &policy.server(Some("a")).unwrap().content;
    let cell = |name: &str, flow| rules.action(rules.scanner().id(name).unwrap(), flow);
    let at = |name: &str, flow| cell(name, flow).1.map(ToString::to_string).unwrap_or_default();
    assert_eq!(cell("email", Flow::Request).0, Action::Redact);
    assert!(at("email", Flow::Request).starts_with("base.yaml:2:"));
    assert_eq!(cell("email", Flow::Response).0, Action::Block);
    assert!(at("email", Flow::Response).starts_with("own.yaml:2:"));
    assert_eq!(cell("phone", Flow::Request).0, Action::Warn);
    assert_eq!(cell("ssn", Flow::Response).0, Action::Block);
    assert_eq!(cell("jwt", Flow::Response).0, Action::Warn);
    assert_eq!(cell("jwt", Flow::Request).0, Action::Allow);
}

#[test]
fn switches_go_towards_safety() {
    let base = format!(
        "{SERVER}pii: {{confidence_threshold: 0.7}}\naudit: {{path: /base.db, retention_days: 30}}\n\
         limits: {{max_depth: 64, big_integers: refuse}}\nreload: {{require_confirmation: true}}"
    );
    let policy = both(
        &base,
        "pii: {enabled: false, confidence_threshold: 0.9}\n\
         audit: {enabled: false, path: /own.db, retention_days: 7}\n\
         limits: {max_depth: 100, max_in_flight: 3, big_integers: allow}\n\
         reload: {require_confirmation: false}\n\
         servers: {a: {share: true, start_timeout: 900, request_timeout: 9, policy: {sampling: {max_tokens: 5, audit: verbose}, elicitation: {secrets: allow}}}}",
    );
    let server = policy.server(Some("a")).unwrap();
    assert!(server.content.scanner().numbered().next().is_some());
    assert_eq!(server.content.threshold().percent(), 70);
    assert!(policy.audit().enabled && policy.reload().require_confirmation);
    assert_eq!(policy.audit().path.as_deref().unwrap().to_str(), Some("/base.db"));
    assert_eq!(policy.audit().retention_days, 30);
    assert_eq!((policy.limits().max_depth, policy.limits().max_in_flight), (64, 3));
    assert_eq!(policy.limits().big_integers, BigIntegers::Refuse);
    assert!(!server.supervision.share);
    assert_eq!(server.supervision.start_timeout.as_secs(), 60);
    assert_eq!(server.supervision.request_timeout.unwrap().as_secs(), 9);
    assert_eq!(server.sampling.max_tokens.as_ref().unwrap().value, 5);
    assert_eq!(server.elicitation.secrets.value, Action::Block);
    let off = both(
        "servers: {a: {command: x, policy: {sampling: {enabled: false, rate_limit: 2}}}}",
        "servers: {a: {policy: {sampling: {enabled: true, rate_limit: 9}}}}",
    );
    let sampling = &off.server(Some("a")).unwrap().sampling;
    assert!(!sampling.enabled.value);
    assert_eq!(sampling.rate_limit.as_ref().unwrap().count, 2);
    let strict = both(
        "profile: strict\nservers: {a: {command: x}}",
        "servers: {a: {policy: {sampling: {enabled: true}}}}",
    );
    assert!(!strict.server(Some("a")).unwrap().sampling.enabled.value);
}

#[test]
fn types_of_both_files_are_looked_for() {
    let policy = both(
        &format!(
            "{SERVER}pii: {{custom_types: {{staff: {{patterns: [{{regex: 'E-\\d+'}}], actions: {{request: warn, response: block}}}}}}}}"
        ),
        "pii: {custom_types: {staff: {patterns: [{regex: 'F-\\d+'}], actions: {request: block, response: allow}}, mine: {patterns: [{regex: q}], actions: {request: warn}}}, actions: {staff: {request: redact}}}",
    );
    let rules = &policy.server(Some("a")).unwrap().content;
    let cell = |name: &str, flow| rules.action(rules.scanner().id(name).unwrap(), flow).0;
    assert_eq!(cell("staff", Flow::Request), Action::Redact);
    assert_eq!(cell("staff", Flow::Response), Action::Block);
    assert_eq!(cell("mine", Flow::Request), Action::Warn);
    for text in ["E-1", "F-1"] {
        let mut hits = Vec::new();
        rules.scanner().scan(inspect::Text::new(text), &mut hits);
        assert_eq!(hits.len(), 1, "{text}");
    }
}

#[test]
fn all_rate_limits_apply() {
    let policy = both(
        "rate_limit: {requests_per_minute: 50}\nservers: {a: {command: x, policy: {rate_limit: {requests_per_minute: 10, burst: 2}}}}",
        "rate_limit: {requests_per_minute: 90}\nservers: {a: {policy: {rate_limit: {requests_per_minute: 60}}}}",
    );
    let server = policy.server(Some("a")).unwrap();
    let said: Vec<_> = server.charges(None).map(|limit| (limit.bucket.as_str(), limit.count)).collect();
    assert_eq!(
        said,
        [
            ("base server a requests minute", 10),
            ("server a requests minute", 60),
            ("base all requests minute", 50),
            ("all requests minute", 90),
        ]
    );
}

#[test]
fn a_server_of_the_base_stays_the_program_it_is() {
    for key in ["transport: stdio", "command: y", "args: [z]", "env: {A: b}", "url: 'https://x'", "cwd: /"] {
        let error = refusal(SERVER, &format!("servers:\n  a:\n    {key}\n"));
        let name = key.split(':').next().unwrap();
        assert!(error.contains(&format!("`{name}` of a server of the base cannot be changed")), "{error}");
        assert!(error.contains("own.yaml:4:") && error.contains("base.yaml:1:11"), "{error}");
    }
}

#[test]
fn locked_servers_are_not_touched() {
    let base = "servers: {a: {command: x, policy: {locked: true}}}";
    let error = refusal(base, "servers:\n  a: {policy: {permissions: {denied_tools: [x]}}}\n");
    assert!(error.contains("the base locks the server `a` (base.yaml:1:44)"), "{error}");
    assert!(error.contains("own.yaml:3:3"), "{error}");
    both("servers: {a: {command: x, policy: {locked: false}}}", "servers: {a: {profile: strict}}");
}

#[test]
fn servers_are_added_only_where_the_base_says_so() {
    let error = refusal("servers: {files: {command: x}}", "servers:\n  fils: {command: y}\n");
    assert!(error.contains("did you mean `files`?") && error.contains("own.yaml:3:3"), "{error}");
    let error = refusal(SERVER, "servers: {mail: {command: y}}");
    assert!(error.contains("overlay: {new_servers: true}"), "{error}");
    let base = format!(
        "profile: strict\noverlay: {{new_servers: true}}\nrate_limit: {{requests_per_minute: 3}}\n{SERVER}"
    );
    let policy =
        both(&base, "servers: {b: {command: y, profile: monitor, policy: {sampling: {enabled: true}}}}");
    let new = policy.server(Some("b")).unwrap();
    assert_eq!(new.profile, Profile::Strict);
    assert!(new.sampling.enabled.value, "the base says nothing about this server");
    assert_eq!(new.charges(None).count(), 1);
    assert_eq!(new.launch.as_ref().unwrap().command.as_deref(), Some("y"));
}

#[test]
fn what_a_part_may_not_say() {
    let error = refusal("extends: {path: c}\nservers: {}", "");
    assert!(
        error.contains("a base cannot extend another file") && error.contains("base.yaml:1:10"),
        "{error}"
    );
    let error = refusal("daemon: {log_level: debug}", "");
    assert!(error.contains("a base cannot say where and how a daemon runs"), "{error}");
    let error = refusal("", "overlay: {new_servers: true}");
    assert!(error.contains("cannot be extended itself") && error.contains("own.yaml:2:10"), "{error}");
    assert!(refusal("servers: {a: {comand: x}}", "").contains("base.yaml:1:15"));
    assert_eq!(both("", "daemon: {shutdown_timeout: 5}").daemon().shutdown_timeout.as_secs(), 5);
}

fn caller(user: &str, groups: &[&str]) -> Caller {
    Caller { user: user.to_owned(), groups: groups.iter().map(|&group| group.to_owned()).collect() }
}

const ROLES: &str = r#"
auth:
  mode: os
  roles:
    default: {permissions: {allowed_tools: [read_*]}}
    ada: {}
    ops: {users: [bob], groups: [wheel], permissions: {denied_tools: [delete_*]}, rate_limit: {requests_per_minute: 5}}
    audit: {groups: [auditors], permissions: {allowed_tools: [read_*, list_*]}}
"#;

#[test]
fn every_role_that_applies_narrows() {
    let policy = mcp_guard_policy::parse(&format!("{SERVER}{ROLES}"), "f.yaml", &|_| None).unwrap();
    let server = policy.server(Some("a")).unwrap();
    let names = |caller: &Caller| policy.roles_of(caller).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&caller("eve", &["users"])), ["default"]);
    assert_eq!(names(&caller("ada", &[])), ["ada"]);
    assert_eq!(names(&caller("bob", &["auditors"])), ["ops", "audit"]);
    assert_eq!(names(&caller("root", &["wheel"])), ["ops"]);

    let eve = policy.for_caller(server, &caller("eve", &[]));
    assert!(allows(&eve, "read_x") && !allows(&eve, "list_x"));
    let Judgement::Denied(refusal) = eve.permissions.judge(Surface::Tool, "list_x") else {
        panic!("allowed")
    };
    assert_eq!(refusal.path(), "auth.roles.default.permissions.allowed_tools");
    assert_eq!(refusal.at.to_string(), "f.yaml:6:44");
    assert!(allows(&policy.for_caller(server, &caller("ada", &[])), "list_x"));
    let bob = policy.for_caller(server, &caller("bob", &["auditors"]));
    assert!(allows(&bob, "list_x") && !allows(&bob, "delete_x") && !allows(&bob, "write_x"));
    let limits: Vec<_> = bob.charges(None).map(|limit| (limit.bucket.as_str(), limit.count)).collect();
    assert_eq!(limits, [("server a role ops requests minute", 5)]);
    // One caller's roles are nothing to another.
    assert!(allows(server, "delete_x") && server.charges(None).next().is_none());
}

#[test]
fn without_roles_the_rules_are_the_same_ones() {
    let policy = mcp_guard_policy::parse(SERVER, "f.yaml", &|_| None).unwrap();
    let server = policy.server(Some("a")).unwrap();
    assert!(std::sync::Arc::ptr_eq(server, &policy.for_caller(server, &caller("eve", &["x"]))));
}

#[test]
fn an_overlay_cannot_shed_a_role_of_the_base() {
    let policy = both(
        &format!("{SERVER}{ROLES}"),
        "auth: {roles: {eve: {users: [eve]}, default: {permissions: {denied_tools: [read_me]}}}}",
    );
    let server = policy.server(Some("a")).unwrap();
    let eve = policy.for_caller(server, &caller("eve", &[]));
    assert!(allows(&eve, "read_me") && !allows(&eve, "write"));
    let bob = policy.for_caller(server, &caller("bob", &[]));
    assert!(!allows(&bob, "delete_x") && !allows(&bob, "read_me"));
}
