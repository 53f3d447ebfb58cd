//! A file of every client, as its documentation or its users show it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_clients as clients;
use mcp_guard_clients::{CLIENTS, Fate, Reach};
use support::Home;

/// Client, file in the home folder, text. Each has a server `files` that is a program with an environment.
#[rustfmt::skip]
const FILES: &[(&str, &str, &str)] = &[
    ("claude-desktop", ".config/Claude/claude_desktop_config.json", "{\n  \"mcpServers\": {\n    \"files\": {\n      \"command\": \"npx\",\n      \"args\": [\n        \"-y\",\n        \"server\"\n      ],\n      \"env\": {\n        \"MODE\": \"fast\"\n      }\n    }\n  }\n}\n"),
    ("claude-code", ".claude.json", r#"{"numStartups":3,"mcpServers":{"files":{"type":"stdio","command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}},"projects":{}}"#),
    ("cursor", ".cursor/mcp.json", "{\n  // servers\n  \"mcpServers\": {\n    \"files\": {\n      \"command\": \"npx\",\n      \"args\": [\"-y\", \"server\"], /* two */\n      \"env\": { \"MODE\": \"fast\" }, // gone\n    },\n  },\n}"),
    ("vscode", ".config/Code/User/mcp.json", "{\n\t\"inputs\": [],\n\t\"servers\": {\n\t\t\"files\": {\n\t\t\t\"type\": \"stdio\",\n\t\t\t\"env\": {\n\t\t\t\t\"MODE\": \"fast\"\n\t\t\t},\n\t\t\t\"command\": \"npx\",\n\t\t\t\"args\": [\"-y\", \"server\"]\n\t\t}\n\t}\n}\n"),
    ("vscode", ".config/Code/User/profiles/1a2b/mcp.json", r#"{"servers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}}}"#),
    ("vscode", ".config/Code/User/settings.json", "{\n  \"editor.fontSize\": 12,\n  \"mcp\": { \"servers\": { \"files\": { \"command\": \"npx\", \"args\": [\"-y\", \"server\"], \"env\": {\"MODE\": \"fast\"} } } },\n}\n"),
    ("vscode-insiders", ".config/Code - Insiders/User/mcp.json", r#"{"servers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}}}"#),
    ("copilot-cli", ".copilot/mcp-config.json", r#"{"mcpServers":{"files":{"type":"local","command":"npx","args":["-y","server"],"env":{"MODE":"fast"},"tools":["*"]}}}"#),
    ("copilot-jetbrains", ".config/github-copilot/intellij/mcp.json", r#"{"servers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}}}"#),
    ("windsurf", ".codeium/windsurf/mcp_config.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"},"disabledTools":["x"]}}}"#),
    ("zed", ".config/zed/settings.json", "// Zed settings\n{\n  \"theme\": \"One\",\n  \"context_servers\": {\n    \"files\": {\n      \"source\": \"custom\",\n      \"command\": {\n        \"path\": \"npx\",\n        \"args\": [\"-y\", \"server\"],\n        \"env\": { \"MODE\": \"fast\" }\n      },\n      \"settings\": {}\n    }\n  }\n}\n"),
    ("cline", ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"},"disabled":false,"autoApprove":[]}}}"#),
    ("gemini-cli", ".gemini/settings.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"},"trust":false,"timeout":600}}}"#),
    ("antigravity", ".gemini/antigravity/mcp_config.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}}}"#),
    ("codex", ".codex/config.toml", "model = \"o\"\n\n[mcp_servers.files]\ncommand = \"npx\" # from npm\nargs = [\n  \"-y\",\n  \"server\",\n]\nstartup_timeout_sec = 20\n\n[mcp_servers.files.env]\n# speed\nMODE = \"fast\"\n\n[tui]\nnotifications = true\n"),
    ("codex", ".codex/work.config.toml", "[mcp_servers]\nfiles = { command = \"npx\", args = [\"-y\", \"server\"], env = { MODE = \"fast\" } }\n"),
    ("goose", ".config/goose/config.yaml", "GOOSE_PROVIDER: x\nextensions:\n  developer:\n    type: builtin\n    enabled: true\n  files:\n    type: stdio\n    cmd: npx\n    args:\n    - -y\n    - server   # the server\n    envs:\n      MODE: fast\n    enabled: true\n    timeout: 300\n"),
    ("continue", ".continue/config.yaml", "name: mine\nmcpServers:\n  - name: other\n    uses: example/other\n  - name: files\n    command: npx\n    args:\n      - \"-y\"\n      - server\n    env:\n      MODE: fast\nmodels: []\n"),
    ("lm-studio", ".lmstudio/mcp.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}}}"#),
    ("amazon-q", ".aws/amazonq/cli-agents/mine.json", r#"{"name":"mine","mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"},"timeout":60}},"allowedTools":["@files"]}"#),
    ("kiro", ".kiro/settings/mcp.json", r#"{"powers":{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"},"disabledTools":[]}}}}"#),
    ("opencode", ".config/opencode/opencode.jsonc", "{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"mcp\": {\n    \"files\": {\n      \"type\": \"local\",\n      \"command\": [\"npx\", \"-y\", \"server\"],\n      \"environment\": { \"MODE\": \"fast\" },\n      \"enabled\": true\n    }\n  }\n}\n"),
    ("roo", ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"},"alwaysAllow":[]}}}"#),
    ("kilo", ".config/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}}}"#),
    ("junie", ".junie/mcp/mcp.json", r#"{"mcpServers":{"files":{"command":"npx","args":["-y","server"],"env":{"MODE":"fast"}}}}"#),
];

#[test]
fn every_client_is_found_guarded_and_put_back() {
    for client in CLIENTS {
        assert!(FILES.iter().any(|(name, ..)| *name == client.name), "no file of {}", client.name);
    }
    for (client, path, text) in FILES {
        let home = Home::with(path, text);
        let found = home.discover(&[]);
        assert_eq!(found.problems, [], "{client}");
        let [file] = found.files.as_slice() else { panic!("{client}: {:?}", found.files) };
        assert_eq!(file.client.name, *client);
        let plan = home.plan(&found);
        let at = file.entries.iter().position(|entry| entry.name == "files").unwrap();
        let Fate::Guard(server) = plan.fates[0][at] else { panic!("{client}: {:?}", plan.fates) };
        assert_eq!(plan.servers[server].summary(), "npx -y server", "{client}");
        assert!(clients::configuration(&plan, &found).contains("      MODE: \"fast\"\n"), "{client}");

        assert_eq!(home.apply(), (1, vec![]), "{client}");
        let new = home.read(path);
        for gone in ["npx", "server\"", "MODE", "fast"] {
            assert!(!new.contains(gone), "{client}: {gone:?} is still in:\n{new}");
        }
        let again = home.discover(&[]);
        assert_eq!(again.problems, [], "{client}");
        assert_eq!(again.files[0].entries[at].reach, Reach::Guarded, "{client}:\n{new}");
        assert_eq!(home.apply(), (0, vec![]), "{client}: the second time changes nothing");
        assert_eq!(home.read(path), new, "{client}");

        let undone = home.undo();
        assert!(undone.len() == 1 && undone[0].outcome.is_ok(), "{client}: {undone:?}");
        assert_eq!(home.read(path), *text, "{client}");
        assert_eq!(home.undo(), [], "{client}");
    }
}

#[test]
fn what_is_not_the_start_of_the_server_stays_byte_for_byte() {
    for (client, path, kept) in [
        ("cursor", FILES[2], &["  // servers\n", "/* two */\n", "// gone\n", "\n    },\n  },\n}"][..]),
        ("zed", FILES[10], &["// Zed settings\n", "\"source\": \"custom\"", "\"settings\": {}"]),
        (
            "codex",
            FILES[14],
            &["# from npm\n", "startup_timeout_sec = 20\n", "[tui]\nnotifications = true\n"],
        ),
        (
            "goose",
            FILES[16],
            &["    type: builtin\n", "   # the server\n    enabled: true\n    timeout: 300\n"],
        ),
        (
            "continue",
            FILES[17],
            &["  - name: files\n    command: \"/opt/bin/mcp-guard\"\n", "\nmodels: []\n"],
        ),
    ] {
        assert_eq!(client, path.0);
        let home = Home::with(path.1, path.2);
        home.apply();
        for kept in kept {
            assert!(home.read(path.1).contains(kept), "{client}: {kept:?} is not in:\n{}", home.read(path.1));
        }
    }
}

#[test]
fn servers_with_an_address_go_through_the_guard_with_what_is_sent_to_them() {
    let mut home = Home::new();
    home.env.insert("VARIABLE".to_owned(), "a-value".to_owned());
    let files = [
        (
            ".cursor/mcp.json",
            r#"{"mcpServers":{"a":{"url":"https://a.example/mcp","headers":{"X-Key":"SECRET-1","Accept":"text/event-stream"}}}}"#,
        ),
        (
            ".codeium/windsurf/mcp_config.json",
            r#"{"mcpServers":{"b":{"serverUrl":"https://a.example/mcp","headers":{"x-key":"SECRET-1"},"disabledTools":[]}}}"#,
        ),
        (
            ".gemini/settings.json",
            r#"{"mcpServers":{"c":{"httpUrl":"https://a.example/mcp","trust":true},"e":{"url":"https://e.example"}}}"#,
        ),
        (
            ".config/goose/config.yaml",
            "extensions:\n  d:\n    type: sse\n    uri: https://d.example/sse\n    headers:\n      X-Tenant: blue\n    timeout: 3\n",
        ),
        (
            ".codex/config.toml",
            "[mcp_servers.f]\nurl = \"https://f.example\"\nbearer_token_env_var = \"VARIABLE\"\n\n[mcp_servers.f.env_http_headers]\nX-Region = \"VARIABLE\"\n",
        ),
        (
            ".config/opencode/opencode.jsonc",
            "{\"mcp\": {\"g\": {\"type\": \"remote\", \"url\": \"http://localhost:7\", \"enabled\": true}}}",
        ),
        (
            ".config/Code/User/mcp.json",
            "{\"servers\": {\n  \"h\": {\n    \"type\": \"http\",\n    \"url\": \"http://127.0.0.1:8/mcp\"\n  }}}",
        ),
    ];
    for (path, text) in files {
        home.write(path, text);
    }
    let found = home.discover(&[]);
    let plan = home.plan(&found);
    let text = clients::configuration(&plan, &found);
    assert!(!text.contains("SECRET") && !text.contains("a-value"), "{text}");
    let known = |name: &str| home.env.get(name).or_else(|| plan.secrets.get(name)).cloned();
    let policy = policy::parse(&text, "x", &known).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let said = |name: &str| {
        let launch =
            policy.server(Some(name)).unwrap_or_else(|| panic!("{name}: {text}")).launch.clone().unwrap();
        (launch.transport.as_str(), launch.headers)
    };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(said("a"), ("streamable-http", vec![header("X-Key", "SECRET-1")]));
    assert_eq!(said("c"), ("streamable-http", vec![]), "other headers are another server");
    assert_eq!(said("d"), ("sse", vec![header("X-Tenant", "blue")]));
    assert_eq!(said("e").0, "sse");
    assert_eq!(said("f").1, [header("X-Region", "a-value"), header("Authorization", "Bearer a-value")]);
    assert_eq!(policy.servers().count(), 7, "the same address with the same headers is one server: {text}");

    assert_eq!(home.apply(), (6, vec![]));
    assert_eq!(home.read(files[2].0), files[2].1, "its client may have to sign in there");
    for (path, _) in files.into_iter().filter(|(path, _)| *path != files[2].0) {
        let new = home.read(path);
        for gone in ["example", "SECRET", "VARIABLE", "http", "sse", "remote", "localhost"] {
            assert!(!new.contains(gone), "{gone:?} is still in {path}:\n{new}");
        }
    }
    assert!(
        home.read(".config/goose/config.yaml")
            .contains("    type: \"stdio\"\n    cmd: \"/opt/bin/mcp-guard\"\n")
    );
    assert!(
        home.read(".config/opencode/opencode.jsonc")
            .contains(r#""type": "local", "command": ["/opt/bin/mcp-guard", "#)
    );
    assert_eq!(home.apply(), (0, vec![]));
    assert!(home.undo().iter().all(|undone| undone.outcome.is_ok()));
    for (path, text) in files {
        assert_eq!(home.read(path), text);
    }
}

#[test]
fn an_address_the_guard_could_not_call_is_told_of_and_left() {
    let home = Home::new();
    let text = r#"{"mcpServers":{"a":{"url":"https://u:p@a.example/"},"b":{"url":"ws://b.example"},"c":{"url":"https://c.example","headers":{"X":"a\nb"}},"d":{"url":"https://d.example","headers":["X"]}}}"#;
    home.write(".cursor/mcp.json", text);
    let found = home.discover(&[]);
    let plan = home.plan(&found);
    assert!(plan.fates.iter().flatten().all(|fate| matches!(fate, Fate::Listed(_))));
    assert!(plan.servers.iter().all(|server| server.obstacle.is_some()));
    policy::parse(&clients::configuration(&plan, &found), "x", &|name| plan.secrets.get(name).cloned())
        .unwrap();
    assert_eq!((home.apply(), home.read(".cursor/mcp.json").as_str()), ((0, vec![]), text));
}

#[test]
fn project_files_are_guarded_only_on_demand_and_start_where_they_are() {
    let mut home = Home::new();
    home.write("work/.mcp.json", r#"{"mcpServers":{"tool":{"command":"./tool"}}}"#);
    home.write("work/sub/.vscode/mcp.json", r#"{"servers":{"tool":{"command":"./tool"}}}"#);
    let (work, sub) = (home.path("work"), home.path("work/sub"));
    let found = home.discover(&[&sub, &work]);
    assert_eq!(found.files.len(), 2);
    assert!(home.plan(&found).servers.is_empty());
    home.project_files = true;
    let plan = home.plan(&found);
    let names: Vec<_> = plan.servers.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["tool", "tool-vscode"], "the same command in two folders is two servers");
    assert!(clients::configuration(&plan, &found).contains(&format!("cwd: \"{}\"", work.display())));
}

#[test]
fn a_broken_file_is_told_with_its_place_and_costs_no_other() {
    let home = Home::new();
    home.write(".cursor/mcp.json", "{\n  \"mcpServers\": {\n    broken\n  }\n}");
    home.write(".codex/config.toml", "ok = 1\n[mcp_servers.x\n");
    home.write(".config/goose/config.yaml", "a: 1\nb: [1\nc: 2\n");
    home.write(".gemini/settings.json", b"{\n\"a\": \"\xff\"}");
    home.write(".copilot/mcp-config.json", "x".repeat(clients::MAX_FILE_BYTES as usize + 1));
    home.write(".lmstudio/mcp.json", r#"{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}}}"#);
    home.write(".codeium/windsurf/mcp_config.json", "");
    home.write(".claude.json", r#"{"mcpServers":{"good":{"command":"x"}}}"#);
    let found = home.discover(&[]);
    let told: Vec<_> =
        found.problems.iter().map(|problem| (problem.client, problem.message.as_str())).collect();
    for (client, part) in [
        ("cursor", "line 3: "),
        ("codex", "line 2: "),
        ("goose", "line "),
        ("gemini-cli", "line 2: not UTF-8"),
        ("copilot-cli", "4194305 bytes"),
        ("lm-studio", "`a` is given twice"),
    ] {
        assert!(
            told.iter().any(|(name, said)| *name == client && said.contains(part)),
            "{client} {part}: {told:?}"
        );
    }
    assert_eq!(told.len(), 6, "an empty file is no mistake: {told:?}");
    assert_eq!(home.plan(&found).servers[0].name, "good");
}

#[test]
fn disabled_guarded_and_unasked_servers_are_recognised() {
    let text = r#"{"mcpServers":{
        "off": {"command": "x", "disabled": true},
        "off2": {"command": "x", "enabled": false},
        "done": {"command": "C:\\bin\\mcp-guard.exe", "args": ["connect", "-s", "x"]},
        "run": {"command": "/usr/bin/mcp-guard", "args": ["run", "--", "x"]},
        "free": {"command": "x", "autoApprove": ["read"], "trust": true, "alwaysAllow": []},
        "strange": {"command": 5},
        "input": {"command": "x", "args": ["${input:token}"]},
        "unset": {"command": "x", "env": {"A": "${env:NOT_SET}"}},
        "file": {"command": "x", "envFile": ".env"}
    }}"#;
    let home = Home::with(".cursor/mcp.json", text);
    let found = home.discover(&[]);
    let plan = home.plan(&found);
    let fate = |name: &str| {
        let at = found.files[0].entries.iter().position(|entry| entry.name == name).unwrap();
        (&found.files[0].entries[at], &plan.fates[0][at])
    };
    for name in ["off", "off2", "strange"] {
        assert!(matches!(fate(name).1, Fate::Left(_)), "{name}");
    }
    for name in ["done", "run"] {
        assert_eq!(fate(name).1, &Fate::Guarded, "{name}");
    }
    assert_eq!(fate("free").0.bypasses, ["autoApprove", "trust"]);
    let text = clients::configuration(&plan, &found);
    for name in ["input", "unset", "file"] {
        assert!(matches!(fate(name).1, Fate::Listed(_)), "{name}");
        assert!(text.contains(&format!("\n  #   {name}:\n")), "{name} is only a comment in:\n{text}");
    }
    assert_eq!(policy::parse(&text, "x", &|_| None).unwrap().servers().count(), 1, "{text}");
}

#[test]
fn names_are_kept_apart_and_the_same_server_is_one() {
    let mut home = Home::new();
    home.write(
        ".claude.json",
        r#"{"mcpServers":{"github":{"command":"a"}, "two words":{"command":"b"}, "-x":{"command":"-y"}},
        "projects":{"/p":{"mcpServers":{"github":{"command":"p"}}}}}"#,
    );
    home.write(".cursor/mcp.json", r#"{"mcpServers":{"github":{"command":"c"}, "same":{"command":"a"}}}"#);
    home.write(
        ".gemini/settings.json",
        format!(
            r#"{{"mcpServers":{{"{}":{{"command":"l"}},"github":{{"command":"a","env":{{"K":"1"}}}}}}}}"#,
            "é".repeat(60)
        ),
    );
    home.write(".lmstudio/mcp.json", r#"{"mcpServers":{"github":{"command":"a","env":{"K":"2"}}}}"#);
    let found = home.discover(&[]);
    let plan = home.plan(&found);
    let names: Vec<_> =
        plan.servers.iter().map(|server| (server.name.clone(), server.sources.len())).collect();
    let long = "é".repeat(32);
    let expected = [
        ("github", 2),
        ("two-words", 1),
        ("x", 1),
        ("github-claude-code", 1),
        ("github-cursor", 1),
        (&long, 1),
        ("github-gemini-cli", 1),
        ("github-lm-studio", 1),
    ];
    assert_eq!(names, expected.map(|(name, count)| (name.to_owned(), count)));
    policy::parse(&clients::configuration(&plan, &found), "x", &|_| None).unwrap();

    let start =
        clients::Start { transport: "stdio".to_owned(), command: "c".to_owned(), ..Default::default() };
    home.existing = vec![("mine".to_owned(), start), ("github".to_owned(), clients::Start::default())];
    let plan = home.plan(&found);
    assert_eq!(
        plan.servers[0].name, "github-claude-code",
        "a name of the configuration never changes its meaning"
    );
    let mine = plan.servers.iter().find(|server| server.name == "mine").unwrap();
    assert!(mine.exists && !clients::servers(&plan, &found).contains("mine"));
}

/// The table of `docs/init.md` is this one.
#[test]
fn the_documentation_lists_every_client_and_place() {
    let place = |place: &clients::Place| {
        let note = match place.scope {
            clients::Scope::User => "",
            clients::Scope::Project => " (project)",
            clients::Scope::Managed => " (managed)",
        };
        format!("`{}`{note}", place.path.replace('|', "\\|"))
    };
    let rows: String = CLIENTS
        .iter()
        .map(|client| {
            let places: Vec<_> = client.places.iter().map(place).collect();
            let known = match client.evidence {
                clients::Evidence::Documented => "its documentation",
                clients::Evidence::Reported => "other programs and reports",
                clients::Evidence::Unverified => "one mention",
            };
            format!("| {} `{}` | {} | {known} |\n", client.title, client.name, places.join("<br>"))
        })
        .collect();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/init.md")).unwrap();
    assert!(page.contains(&rows), "docs/init.md needs this table:\n{rows}");
}
