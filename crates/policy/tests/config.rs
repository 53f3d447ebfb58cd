//! What a configuration file means, and what is refused.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{ffi::OsString, fs, path::Path};

use mcp_guard_policy::{
    Action, BigIntegers, DaemonSettings, Flow, Location, LogLevel, Overrides, Policy, Profile, Surface,
    Transport, load, locate, parse, parse_with, state_dir,
};

fn env(name: &str) -> Option<String> {
    match name {
        "HOME" => Some("/home/me".to_owned()),
        "TOKEN" => Some("sesame-4711".to_owned()),
        "NASTY" => Some("x\", evil: true # ${TOKEN} **".to_owned()),
        "DOTS" => Some("a.c".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

#[track_caller]
fn policy(text: &str) -> Policy {
    parse(text, "mcp-guard.yaml", &env).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn refusal(text: &str) -> String {
    parse(text, "mcp-guard.yaml", &env).expect_err("the file was accepted").to_string()
}

fn action(policy: &Policy, detector: &str, flow: Flow) -> (Action, Option<String>) {
    let rules = &policy.server(None).unwrap().content;
    let (action, at) = rules.action(rules.scanner().id(detector).unwrap(), flow);
    (action, at.map(Location::to_string))
}

#[test]
fn an_empty_file_is_the_built_in_policy() {
    for text in ["", "# nothing\n", "\n\n"] {
        let policy = policy(text);
        assert_eq!(policy.hash(), Policy::builtin(Profile::Balanced).unwrap().hash());
        assert_eq!(policy.profile(), Profile::Balanced);
        assert_eq!(policy.limits().max_frame_bytes, 16_777_216);
        assert_eq!(policy.audit().retention_days, 90);
        assert_eq!(policy.daemon(), &DaemonSettings::default());
        assert_eq!(policy.daemon().shutdown_timeout.as_secs(), 30);
        assert_eq!(policy.daemon().dashboard_port, 9777);
        assert_eq!(policy.server(None).unwrap().profile_at.to_string(), "built-in (balanced profile)");
    }
}

#[test]
fn every_key_arrives() {
    let policy = policy(
        r#"
profile: strict
servers:
  files:
    command: npx
    args: ["-y", "@scope/server", "${HOME}/docs", "$${HOME}", "cost: $5", "a$$b"]
    env: {TOKEN: "Bearer ${TOKEN}", PORT: "8080", EMPTY: "${EMPTY}"}
    profile: balanced
    policy:
      permissions:
        allowed_tools: ["*"]
        denied_tools: [delete_*]
        denied_resources: ["file://${HOME}/.ssh/**"]
        allowed_prompts: []
      sampling: {enabled: false}
  web: {transport: streamable-http, url: "https://example.org/mcp"}
pii:
  confidence_threshold: 0.85
  actions:
    email: {request: allow, response: redact}
    jwt: {request: block}
  custom_types:
    employee: {label: employee number, patterns: [{regex: 'E-\d{6}'}], actions: {request: warn}}
audit: {enabled: false, path: "${HOME}/audit.db", retention_days: 7}
limits: {max_frame_bytes: 2048, max_depth: 16, max_in_flight: 4, big_integers: allow}
daemon: {home: "${HOME}/guard", shutdown_timeout: 5, log_level: debug, dashboard_port: 0}
reload: {require_confirmation: true}
"#,
    );
    let files = policy.server(Some("files")).unwrap();
    assert_eq!(files.at.to_string(), "mcp-guard.yaml:4:3");
    assert_eq!(
        (files.profile, files.profile_at.to_string()),
        (Profile::Balanced, "mcp-guard.yaml:8:14".to_owned())
    );
    let launch = files.launch.as_ref().unwrap();
    assert_eq!(launch.transport, Transport::Stdio);
    assert_eq!(launch.command.as_deref(), Some("npx"));
    assert_eq!(launch.args, ["-y", "@scope/server", "/home/me/docs", "${HOME}", "cost: $5", "a$$b"]);
    assert_eq!(launch.env["TOKEN"], "Bearer sesame-4711");
    assert_eq!(launch.env["EMPTY"], "");
    assert!(!files.sampling.enabled.value);
    assert_eq!(files.sampling.enabled.at.to_string(), "mcp-guard.yaml:15:27");
    assert!(files.permissions.judge(Surface::Tool, "read").is_allowed());
    assert!(!files.permissions.judge(Surface::Tool, "delete_x").is_allowed());
    assert!(!files.permissions.judge(Surface::Resource, "file:///home/me/.ssh/id").is_allowed());
    assert!(!files.permissions.judge(Surface::Prompt, "any").is_allowed());
    let web = policy.server(Some("web")).unwrap();
    assert_eq!(web.profile, Profile::Strict);
    assert_eq!(web.launch.as_ref().unwrap().url.as_deref(), Some("https://example.org/mcp"));
    let rules = &web.content;
    assert_eq!(rules.threshold().percent(), 85);
    let cell = |name, flow| rules.action(rules.scanner().id(name).unwrap(), flow);
    assert_eq!(cell("email", Flow::Request).0, Action::Allow);
    assert_eq!(cell("email", Flow::Response).1.unwrap().to_string(), "mcp-guard.yaml:20:39");
    assert_eq!(cell("jwt", Flow::Request).0, Action::Block);
    assert_eq!(cell("jwt", Flow::Response), (Action::Redact, None));
    assert_eq!(cell("employee", Flow::Request).0, Action::Warn);
    assert_eq!(cell("employee", Flow::Response), (Action::Redact, None));
    assert_eq!(policy.audit().path.as_deref(), Some(Path::new("/home/me/audit.db")));
    assert_eq!((policy.audit().enabled, policy.audit().retention_days), (false, 7));
    let limits = policy.limits();
    assert_eq!((limits.max_frame_bytes, limits.max_depth, limits.max_in_flight), (2048, 16, 4));
    assert_eq!(limits.big_integers, BigIntegers::Allow);
    let daemon = policy.daemon();
    assert_eq!((daemon.shutdown_timeout.as_secs(), daemon.dashboard_port), (5, 0));
    assert_eq!(daemon.log_level, LogLevel::Debug);
    assert_eq!(daemon.socket(&|_| None).unwrap(), Path::new("/home/me/guard/daemon.sock"));
    assert!(policy.reload().require_confirmation);
}

#[test]
fn a_server_is_never_guessed() {
    let one = policy("servers: {a: {command: x}}");
    assert_eq!(one.server(None).unwrap().name.as_deref(), Some("a"));
    assert!(one.server(Some("b")).is_none());
    assert!(one.fallback().name.is_none());
    let two = policy("servers: {a: {command: x}, b: {command: y}}");
    assert!(two.server(None).is_none());
    assert_eq!(two.servers().count(), 2);
}

#[test]
fn the_built_in_table_holds() {
    let balanced = Policy::builtin(Profile::Balanced).unwrap();
    let strict = Policy::builtin(Profile::Strict).unwrap();
    let monitor = Policy::builtin(Profile::Monitor).unwrap();
    for (name, mild, hard) in [
        ("email", [Action::Warn, Action::Warn], [Action::Warn, Action::Redact]),
        ("phone", [Action::Warn, Action::Warn], [Action::Warn, Action::Redact]),
        ("ssn", [Action::Block, Action::Redact], [Action::Block, Action::Redact]),
        ("credit_card", [Action::Block, Action::Redact], [Action::Block, Action::Redact]),
        ("jwt", [Action::Warn, Action::Redact], [Action::Block, Action::Redact]),
        ("github_token", [Action::Block, Action::Redact], [Action::Block, Action::Redact]),
        ("private_key", [Action::Block, Action::Redact], [Action::Block, Action::Block]),
        ("aws_secret_key", [Action::Block, Action::Redact], [Action::Block, Action::Block]),
        ("database_url", [Action::Block, Action::Redact], [Action::Block, Action::Block]),
    ] {
        let cells =
            |policy: &Policy| [Flow::Request, Flow::Response].map(|flow| action(policy, name, flow).0);
        assert_eq!((cells(&balanced), cells(&monitor), cells(&strict)), (mild, mild, hard), "{name}");
    }
}

#[test]
fn the_command_line_wins_over_every_profile() {
    let text = "profile: monitor\nservers: {a: {command: x, profile: balanced}}";
    let overrides = Overrides { profile: Some(Profile::Strict) };
    let policy = parse_with(text, "f.yaml", &env, overrides).unwrap();
    let server = policy.server(Some("a")).unwrap();
    assert_eq!((server.profile, policy.profile()), (Profile::Strict, Profile::Strict));
    assert_eq!(server.profile_at.to_string(), "command line (--profile)");
    assert_eq!(
        server.content.action(server.content.scanner().id("email").unwrap(), Flow::Response).0,
        Action::Redact
    );
}

#[test]
fn content_can_be_left_alone() {
    let policy = policy("pii: {enabled: false}");
    assert!(policy.server(None).unwrap().content.scanner().numbered().next().is_none());
}

#[test]
fn a_type_that_is_allowed_both_ways_is_not_looked_for() {
    let policy = policy("pii: {actions: {phone: {request: allow, response: allow}}}");
    assert!(policy.server(None).unwrap().content.scanner().id("phone").is_none());
    assert!(policy.server(None).unwrap().content.scanner().id("email").is_some());
}

#[test]
fn the_value_of_a_variable_is_only_text() {
    let policy = policy(
        "servers: {a: {command: x, args: [\"${NASTY}\"], policy: {permissions: {allowed_tools: [\"${NASTY}\"]}}}}",
    );
    let server = policy.server(None).unwrap();
    assert_eq!(server.launch.as_ref().unwrap().args, ["x\", evil: true # ${TOKEN} **"]);
    assert!(!server.permissions.judge(Surface::Tool, "x\", evil: true # ${TOKEN} anything").is_allowed());
    assert!(server.permissions.judge(Surface::Tool, "x\", evil: true # ${TOKEN} **").is_allowed());
    let mcp_guard_policy::Judgement::Denied(refusal) = server.permissions.judge(Surface::Tool, "y") else {
        panic!("allowed");
    };
    assert_eq!(refusal.list, "allowed_tools");
}

#[test]
fn the_value_of_a_variable_is_literal_in_a_regex() {
    let policy =
        policy("servers: {a: {command: x, policy: {permissions: {allowed_tools: ['^${DOTS}[0-9]']}}}}");
    let permissions = &policy.server(None).unwrap().permissions;
    assert!(permissions.judge(Surface::Tool, "a.c1").is_allowed());
    assert!(!permissions.judge(Surface::Tool, "abc1").is_allowed());
}

#[test]
fn variables_in_comments_and_keys_are_left_alone() {
    let policy = policy("# ${UNSET}\nservers: {\"${UNSET}\": {command: x}} # ${UNSET}\n");
    assert!(policy.server(Some("${UNSET}")).is_some());
}

#[test]
fn values_of_variables_are_never_shown() {
    let text = "servers: {a: {command: x, policy: {permissions: {denied_tools: ['^(${TOKEN}', '^a${TOKEN}(?=x)']}}}}\n\
                pii: {custom_types: {t: {patterns: [{regex: '(${TOKEN}'}]}}}\n\
                limits: {max_depth: 1}";
    let error = parse(text, "f.yaml", &env).unwrap_err();
    assert_eq!(error.problems().len(), 4, "{error}");
    assert!(!format!("{error}\n{error:?}").contains("sesame"), "{error:?}");
    let text = "servers: {a: {command: '${TOKEN}', env: {A: '${TOKEN}'}, policy: {permissions: {denied_tools: \
                ['${TOKEN}*', '^${TOKEN}']}}}}";
    assert!(!format!("{:?}", policy(text)).contains("sesame"));
}

#[test]
fn secrets_in_the_file_are_masked_in_excerpts() {
    let token = format!("ghp_{}", "0123456789abcdefghijABCDEFGHIJ012345");
    let error = refusal(&format!("servers: {{a: {{command: x, env: {{T: {token}, U: \"${{NOPE}}\"}}}}}}"));
    assert!(error.contains("`NOPE` is not set") && error.contains("T: ****"), "{error}");
    assert!(!error.contains("ghp_"), "{error}");
}

#[test]
fn the_hash_follows_the_rules_and_not_the_spelling() {
    let hash = |text: &str| policy(text).hash().to_owned();
    let base = hash("servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}}}}");
    assert_eq!(base.len(), 64);
    assert_eq!(
        base,
        hash("# moved\n\nservers:\n  a:\n    policy: {permissions: {denied_tools: ['d']}}\n    command: y")
    );
    for other in [
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [e]}}}}",
        "servers: {a: {command: x, policy: {permissions: {allowed_tools: [d]}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, sampling: {enabled: false}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, sampling: {max_tokens: 9}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, sampling: {rate_limit: 9}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, sampling: {audit: verbose}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, elicitation: {enabled: false}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, elicitation: {rate_limit: 9}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, elicitation: {secrets: warn}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}, rate_limit: {requests_per_hour: 9}}}}",
        "servers: {a: {command: x, request_timeout: 9, policy: {permissions: {denied_tools: [d]}}}}",
        "servers: {a: {command: x, start_timeout: 9, policy: {permissions: {denied_tools: [d]}}}}",
        "servers: {a: {command: x, share: true, policy: {permissions: {denied_tools: [d]}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}}}}\nauth: {roles: {r: {users: [u]}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}}}}\nrate_limit: {requests_per_minute: 1}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}}}}\nreload: {require_confirmation: true}",
        "servers: {a: {command: x, profile: strict, policy: {permissions: {denied_tools: [d]}}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}}}}\npii: {actions: {email: {request: block}}}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}}}}\nlimits: {max_depth: 9}",
        "servers: {a: {command: x, policy: {permissions: {denied_tools: [d]}}}}\npii: {custom_types: {t: {patterns: [{regex: q}]}}}",
    ] {
        assert_ne!(base, hash(other), "{other}");
    }
}

#[test]
fn keys_that_are_not_enforced_are_refused_by_name() {
    for (text, key) in [
        ("daemon: {encryption: {enabled: true}}", "encryption"),
        ("auth: {mode: oauth}", "oauth"),
        ("auth: {oauth: {issuer: x}}", "oauth"),
        ("interceptors: {timeout: 1}", "interceptors"),
        ("audit: {stdout: true}", "stdout"),
    ] {
        let error = refusal(text);
        assert!(error.contains(&format!("`{key}` is not in this version")), "{error}");
    }
}

#[test]
fn files_are_found_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mcp-guard/mcp-guard.yaml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "profile: strict\n").unwrap();
    let home = |name: &str| (name == "XDG_CONFIG_HOME").then(|| folder.path().as_os_str().to_owned());
    assert_eq!(locate(None, &home).unwrap(), Some(file.clone()));
    assert_eq!(load(&file).unwrap().profile(), Profile::Strict);
    assert_eq!(locate(None, &|_| None).unwrap(), None);
    assert_eq!(locate(Some(&file), &|_| None).unwrap(), Some(file.clone()));
    let by_variable = |name: &str| (name == "MCP_GUARD_CONFIG").then(|| file.as_os_str().to_owned());
    assert_eq!(locate(None, &by_variable).unwrap(), Some(file.clone()));
    for missing in [
        locate(Some(Path::new("/nonexistent/x")), &|_| None),
        locate(None, &|name| (name == "MCP_GUARD_CONFIG").then(|| OsString::from("/nonexistent/x"))),
    ] {
        assert!(missing.unwrap_err().to_string().contains("there is no configuration file"));
    }
    let env = |name: &str| (name == "HOME").then(|| OsString::from("/home/me"));
    assert_eq!(state_dir(&env).unwrap(), Path::new("/home/me/.local/state/mcp-guard"));
    let env = |name: &str| (name == "XDG_STATE_HOME").then(|| OsString::from("/state"));
    assert_eq!(state_dir(&env).unwrap(), Path::new("/state/mcp-guard"));
    assert_eq!(state_dir(&|_| None), None);
}

#[test]
fn unreadable_files_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.yaml");
    fs::write(&file, b"profile: strict\n\xff\n").unwrap();
    assert!(load(&file).unwrap_err().to_string().contains("is not UTF-8 (line 2)"));
    assert!(load(&folder.path().join("none")).unwrap_err().to_string().contains("cannot read configuration"));
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    fs::write(folder.path().join("over.yaml"), "extends: {path: pipe}\n").unwrap();
    for path in [pipe, "/dev/zero".into(), folder.path().join("over.yaml")] {
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("it is no plain file"), "{error}");
    }
}

#[test]
fn generated_pages_are_stable_and_complete() {
    let schema: serde_json::Value = serde_json::from_str(&mcp_guard_policy::json_schema()).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(mcp_guard_policy::json_schema(), mcp_guard_policy::json_schema());
    let page = mcp_guard_policy::reference_markdown();
    assert_eq!(page, mcp_guard_policy::reference_markdown());
    for definition in schema["$defs"].as_object().unwrap().values() {
        for key in definition["properties"].as_object().into_iter().flat_map(|keys| keys.keys()) {
            assert!(page.contains(&format!("| `{key}` |")), "{key} is not on the page");
        }
    }
    for detector in inspect::catalogue() {
        assert!(page.contains(&format!("| `{}` |", detector.name)));
    }
}
