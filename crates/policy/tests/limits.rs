//! What a configuration says about counting requests, about what servers may ask, and about the daemon.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fs, time::Duration};

use mcp_guard_policy::{Action, LogLevel, Policy, Profile, RateLimit, SamplingAudit, load_daemon, parse};

fn policy(text: &str) -> Policy {
    parse(text, "f.yaml", &|_| None).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(text: &str) -> String {
    parse(text, "f.yaml", &|_| None).expect_err("the file was accepted").to_string()
}

fn said(limit: &RateLimit) -> (&str, u32, u64, u32) {
    (limit.bucket.as_str(), limit.count, limit.period.as_secs(), limit.burst)
}

#[test]
fn every_limit_has_its_bucket() {
    let policy = policy(
        r#"
rate_limit: {requests_per_hour: 1000, burst: 7}
servers:
  files:
    command: x
    policy:
      rate_limit:
        requests_per_minute: 60
        requests_per_hour: 600
        burst: 5
        tool_limits:
          delete_*: {requests_per_minute: 2}
          "^write.*": {requests_per_hour: 3, burst: 1}
"#,
    );
    let files = policy.server(Some("files")).unwrap();
    let all: Vec<_> = files.rate_limits.iter().map(said).collect();
    assert_eq!(
        all,
        [
            ("server files requests minute", 60, 60, 5),
            ("server files requests hour", 600, 3600, 600),
            ("server files requests minute tool delete_*", 2, 60, 2),
            ("server files requests hour tool ^write.*", 3, 3600, 1),
            ("all requests hour", 1000, 3600, 7),
        ]
    );
    let minute = &files.rate_limits[0];
    assert_eq!(&*minute.path, "servers.files.policy.rate_limit.requests_per_minute");
    assert_eq!(minute.at.to_string(), "f.yaml:8:30");
    assert_eq!(
        &*files.rate_limits[2].path,
        "servers.files.policy.rate_limit.tool_limits.delete_*.requests_per_minute"
    );
    let unnamed: Vec<_> = policy.fallback().rate_limits.iter().map(said).collect();
    assert_eq!(unnamed, [("all requests hour", 1000, 3600, 7)]);
}

#[test]
fn a_tool_cannot_be_spelt_around_its_limit() {
    let policy = policy(
        "servers: {a: {command: x, policy: {rate_limit: {tool_limits: {delete_file: {requests_per_minute: 1}}}}}}",
    );
    let server = policy.server(None).unwrap();
    for name in ["delete_file", "Delete_File", "delete\u{200b}_file", "DELETE-FILE", "ｄelete_file"] {
        assert_eq!(server.charges(Some(name)).count(), 1, "{name:?}");
    }
    assert_eq!(server.charges(Some("read_file")).count(), 0);
    assert_eq!(server.charges(None).count(), 0);
}

#[test]
fn limits_that_limit_nothing_are_refused() {
    for (limits, place, wanted) in [
        ("{}", "f.yaml:1:13", "this limits nothing"),
        ("{burst: 3}", "f.yaml:1:21", "`burst` alone limits nothing"),
        ("{requests_per_minute: 0}", "f.yaml:1:35", "outside of 1 to"),
        ("{requests_per_minute: -1}", "f.yaml:1:35", "not a whole number"),
        ("{requests_per_minut: 1}", "f.yaml:1:14", "did you mean `requests_per_minute`?"),
        ("{tool_limits: {a: {}}}", "f.yaml:1:31", "this limits nothing"),
        ("{tool_limits: {'^(': {requests_per_minute: 1}}}", "f.yaml:1:28", "bad pattern in `tool_limits`"),
        ("{tool_limits: {a: {requests_per_hours: 1}}}", "f.yaml:1:32", "did you mean `requests_per_hour`?"),
    ] {
        let error = refusal(&format!("rate_limit: {limits}"));
        assert!(error.contains(wanted), "{limits}: {error}");
        assert!(error.contains(place), "{limits}: {error}");
    }
}

#[test]
fn what_a_server_may_ask_depends_on_the_profile() {
    for (profile, sampling) in [(Profile::Monitor, true), (Profile::Balanced, true), (Profile::Strict, false)]
    {
        let policy = policy(&format!("profile: {profile}\nservers: {{a: {{command: x}}}}"));
        let server = policy.server(None).unwrap();
        assert_eq!(server.sampling.enabled.value, sampling, "{profile}");
        assert_eq!(server.sampling.enabled.at.to_string(), format!("built-in ({profile} profile)"));
        assert!(server.elicitation.enabled.value);
        assert_eq!(server.elicitation.secrets.value, Action::Block);
    }
}

#[test]
fn what_a_server_may_ask_can_be_said() {
    let policy = policy(
        r#"
profile: strict
servers:
  a:
    command: x
    cwd: /srv
    share: true
    start_timeout: 5
    request_timeout: 90
    policy:
      sampling: {enabled: true, max_tokens: 500, rate_limit: 3, audit: verbose}
      elicitation: {enabled: false, rate_limit: 2, secrets: warn}
"#,
    );
    let server = policy.server(None).unwrap();
    assert!(server.sampling.enabled.value);
    let tokens = server.sampling.max_tokens.as_ref().unwrap();
    assert_eq!((tokens.value, tokens.at.to_string()), (500, "f.yaml:11:45".to_owned()));
    assert_eq!(said(server.sampling.rate_limit.as_ref().unwrap()), ("server a sampling minute", 3, 60, 3));
    assert_eq!(server.sampling.audit.value, SamplingAudit::Verbose);
    let asked = &server.elicitation;
    assert_eq!((asked.enabled.value, asked.secrets.value), (false, Action::Warn));
    assert_eq!(&*asked.rate_limit.as_ref().unwrap().path, "servers.a.policy.elicitation.rate_limit");
    assert_eq!(server.launch.as_ref().unwrap().cwd.as_deref().unwrap().to_str(), Some("/srv"));
    assert!(server.supervision.share);
    assert_eq!(server.supervision.start_timeout, Duration::from_secs(5));
    assert_eq!(server.supervision.request_timeout, Some(Duration::from_secs(90)));
    assert!(
        refusal("servers: {a: {command: x, policy: {elicitation: {secrets: redact}}}}").contains("`block`")
    );
    let web = "servers: {a: {transport: sse, url: 'http://x', cwd: /}}";
    assert!(refusal(web).contains("`cwd` is only used with transport `stdio`"));
}

#[test]
fn the_daemon_is_found_without_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.yaml");
    fs::write(&file, "daemon: {socket_path: /run/s, log_level: warn}\nextends: {}\nwhatever: [1, {a: b}]\n")
        .unwrap();
    let daemon = load_daemon(&file).unwrap();
    assert_eq!(daemon.socket(&|_| None).unwrap().to_str(), Some("/run/s"));
    assert_eq!(daemon.log_level, LogLevel::Warn);
    fs::write(&file, "# nothing\n").unwrap();
    assert_eq!(load_daemon(&file).unwrap().dashboard_port, 9777);
    fs::write(&file, "daemon: {dashboard_port: 70000}\n").unwrap();
    assert!(load_daemon(&file).unwrap_err().to_string().contains("outside of 0 to 65535"));
    fs::write(&file, "daemon: {socket: /x}\n").unwrap();
    assert!(load_daemon(&file).unwrap_err().to_string().contains("did you mean `socket_path`?"));
}
