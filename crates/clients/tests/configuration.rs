//! What is written for the guard says what the clients' files said, without their secrets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use std::collections::BTreeMap;

use mcp_guard_clients as clients;
use proptest::prelude::*;
use support::Home;

/// Text with everything that YAML and the guard's variables could read in another way.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_filter("no NUL", |c| *c != '\0').prop_map(String::from),
        prop::sample::select(vec![
            "$",
            "${",
            "${A}",
            "$${A}",
            "}",
            "{env:A}",
            "\"",
            "\\",
            "'",
            ": ",
            " #",
            "\n",
            "\t",
            "yes",
            "null",
            "1",
            "--token",
            "=",
            "\u{FEFF}",
            "\u{2028}",
            "\u{85}",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            "postgres://u:p@h/d",
            "API_KEY=",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Z_]{1,8}", Just("GITHUB_TOKEN".to_owned()), Just("no".to_owned()), Just("é.-".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_guard_starts_what_the_client_started(
        name in text(),
        command in text().prop_map(|text| format!("x{text}")),
        args in prop::collection::vec(text(), 0..4),
        env in prop::collection::btree_map(key(), text(), 0..4),
        cwd in prop::option::of(text().prop_map(|text| format!("/{text}"))),
    ) {
        // Claude Desktop replaces nothing, so every `$` is just that.
        let server = serde_json::json!({ "command": command, "args": args, "env": env, "cwd": cwd });
        let file = serde_json::json!({ "mcpServers": { name: server } }).to_string();
        let home = Home::with(".config/Claude/claude_desktop_config.json", &file);
        let found = home.discover(&[]);
        prop_assert_eq!(&found.problems, &[]);
        let plan = home.plan(&found);
        let text = clients::configuration(&plan, &found);
        let policy = policy::parse(&text, "x", &|name| plan.secrets.get(name).cloned());
        let policy = policy.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let server = policy.servers().next().unwrap();
        let launch = server.launch.as_ref().unwrap();
        prop_assert_eq!(launch.command.as_deref(), Some(command.as_str()));
        prop_assert_eq!(&launch.args, &args);
        prop_assert_eq!(&launch.env, &env);
        prop_assert_eq!(launch.cwd.as_ref().and_then(|cwd| cwd.to_str()), cwd.as_deref());
    }
}

#[test]
fn no_secret_is_written_or_shown() {
    let file = r#"{
  "token": "SECRET-0",
  "mcpServers": {
    "a": {
      "command": "npx",
      "args": ["--api-key", "SECRET-1", "--token=SECRET-2", "Authorization: Bearer SECRET-3", "https://u:SECRET-4@h/?access_token=SECRET-5", "-e", "DB_PASSWORD=SECRET-6"],
      "env": {"GITHUB_TOKEN": "SECRET-7", "A": "postgres://u:SECRET-8@h/d", "PLAIN": "yes"}
    },
    "b": {"url": "https://h.example/mcp?key=SECRET-9", "headers": {"Authorization": "Bearer SECRET-10"}},
    "c": {"command": "x", "args": ["--password", "${input:pw}", "--token", "SECRET-11"]}
  }
}"#;
    let home = Home::with(".cursor/mcp.json", file);
    let found = home.discover(&[]);
    let plan = home.plan(&found);
    let text = clients::configuration(&plan, &found);
    assert!(!text.contains("SECRET-"), "{text}");
    assert!(text.contains("PLAIN: \"yes\""), "{text}");
    policy::parse(&text, "x", &|name| plan.secrets.get(name).cloned()).unwrap();
    for server in &plan.servers {
        assert!(!server.summary().contains("SECRET-"), "{}", server.summary());
    }
    let rewrite = clients::rewrite(&found.files[0], &[(0, "a"), (1, "b")], &support::guard());
    assert_eq!(rewrite.entries(), 2);
    let diff = clients::diff(&found.files[0], &rewrite);
    assert!(
        diff.contains("-      \"command\": \"npx\"")
            && diff.contains("+      \"command\": \"/opt/bin/mcp-guard\""),
        "{diff}"
    );
    assert!(!diff.contains("SECRET-"), "{diff}");
    for debug in [format!("{found:?}"), format!("{rewrite:?}")] {
        assert!(!debug.contains("SECRET-"), "{debug}");
    }
}

#[test]
fn references_are_translated() {
    let file = r#"{"mcpServers":{"a":{"command":"${HOME_BIN}/x","args":["${env:REGION}","${NOT_SET:-default}","${userHome}","$REGION","${REGION:-x}"],
        "env":{"TOKEN":"${REGION}","API_KEY":"Bearer ${REGION}"}}}}"#;
    let mut home = Home::with(".cursor/mcp.json", file);
    home.env =
        BTreeMap::from([("HOME_BIN", "/b"), ("REGION", "eu")].map(|(k, v)| (k.to_owned(), v.to_owned())));
    let found = home.discover(&[]);
    let plan = home.plan(&found);
    let text = clients::configuration(&plan, &found);
    let policy =
        policy::parse(&text, "x", &|name| home.env.get(name).or_else(|| plan.secrets.get(name)).cloned());
    let policy = policy.unwrap();
    let launch = policy.servers().next().unwrap().launch.clone().unwrap();
    let user = home.path("").to_str().unwrap().trim_end_matches('/').to_owned();
    assert_eq!(launch.command.as_deref(), Some("/b/x"));
    assert_eq!(launch.args, ["eu", "default", &user, "$REGION", "eu"]);
    assert_eq!((launch.env["TOKEN"].as_str(), launch.env["API_KEY"].as_str()), ("eu", "Bearer eu"));
    assert!(text.contains("TOKEN: \"${REGION}\""), "a reference stays one: {text}");
    assert!(!text.contains("\"eu"), "{text}");
}

#[test]
fn each_client_has_its_own_references() {
    let mut home = Home::new();
    home.env = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
    home.write(".gemini/settings.json", r#"{"mcpServers":{"a":{"command":"g","args":["$A ${A} $"]}}}"#);
    home.write(
        ".opencode/opencode.json",
        r#"{"mcp":{"a":{"type":"local","command":["o","{env:A} ${A} {x}"]}}}"#,
    );
    home.write(".codex/config.toml", "[mcp_servers.a]\ncommand = \"c\"\nargs = [\"$A ${A}\"]\n");
    let found = home.discover(&[]);
    let plan = home.plan(&found);
    let policy =
        policy::parse(&clients::configuration(&plan, &found), "x", &|name| home.env.get(name).cloned());
    let args: BTreeMap<_, _> = policy
        .unwrap()
        .servers()
        .map(|server| server.launch.clone().unwrap())
        .map(|launch| (launch.command.unwrap(), launch.args[0].clone()))
        .collect();
    assert_eq!(
        (args["g"].as_str(), args["o"].as_str(), args["c"].as_str()),
        ("1 1 $", "1 ${A} {x}", "$A ${A}")
    );
}
